/**
 * Colours: orange to blue for numbers, which people who do not tell red from green see apart, and eight for classes
 * (Okabe and Ito, 2008, "Color universal design"), which are drawn with eight shapes as well.
 */
import { app } from "./app.js";

/** @typedef {[number, number, number]} Color */

/** @type {Record<"light" | "dark", [Color, Color, Color]>} */
const SCALES = {
    light: [
        [245, 147, 34],
        [240, 243, 245],
        [8, 119, 189],
    ],
    dark: [
        [255, 148, 40],
        [34, 41, 48],
        [64, 170, 240],
    ],
};
/** @type {Color[]} */
const CLASSES = [
    [230, 159, 0],
    [0, 114, 178],
    [0, 158, 115],
    [204, 121, 167],
    [86, 180, 233],
    [213, 94, 0],
    [240, 228, 66],
    [110, 110, 110],
];
const STEPS = 256;

const isDark = () => document.documentElement.dataset.theme === "dark";

/** @type {Map<string, Uint32Array>} */
const tables = new Map();

/** 256 colours from -1 to 1, as little-endian pixels. */
export function table() {
    const name = isDark() ? "dark" : "light";
    let found = tables.get(name);
    if (!found) {
        found = new Uint32Array(STEPS);
        for (let i = 0; i < STEPS; i += 1) {
            const [r, g, b] = mix(SCALES[name], (2 * i) / (STEPS - 1) - 1);
            found[i] = (255 << 24) | (b << 16) | (g << 8) | r;
        }
        tables.set(name, found);
    }
    return found;
}

/** @param {[Color, Color, Color]} scale @param {number} value from -1 to 1 @returns {Color} */
function mix(scale, value) {
    const from = scale[1];
    const to = value < 0 ? scale[0] : scale[2];
    const share = Math.min(1, Math.abs(value));
    return /** @type {Color} */ (from.map((c, i) => Math.round(c + (to[i] - c) * share)));
}

/**
 * The place of a value from -1 to 1 in the table; what is not a number lies in the middle.
 *
 * @param {number} value
 */
export const place = (value) => (value >= 1 ? STEPS - 1 : value <= -1 ? 0 : (value * 127.5 + 127.5) | 0);

/** @param {number} value from -1 to 1 */
export function color(value) {
    return `rgb(${mix(SCALES[isDark() ? "dark" : "light"], Number.isFinite(value) ? value : 0).join(" ")})`;
}

/** The colour of a line for a weight: never as pale as the paper. @param {number} value */
export function lineColor(value) {
    const far = Math.sign(value) * (0.25 + 0.75 * Math.min(1, Math.abs(value)));
    return color(far);
}

/**
 * The colour of a class. For a moment, a new problem's points are still the old ones, with any values.
 *
 * @param {number} label
 */
function classColor(label) {
    return CLASSES[Math.abs(Math.round(label)) % CLASSES.length];
}

/**
 * The fill of a point: of its class, or of its value between the data's lowest and highest.
 *
 * @param {number} value
 * @param {number} classes
 */
export function pointColor(value, classes) {
    if (classes > 2) return `rgb(${classColor(value).join(" ")})`;
    if (classes === 2) return color(value > 0.5 ? 1 : -1);
    const reach = valueReach();
    return color(value / reach);
}

/** The largest size of a value of a regression. */
export function valueReach() {
    const header = app.data?.header;
    return Math.max(Math.abs(header?.low ?? 1), Math.abs(header?.high ?? 1), 1e-6);
}

/**
 * A value of a unit as a number from -1 to 1: what lies from 0 to 1 is spread over the whole scale.
 *
 * @param {string} activation
 * @returns {[number, number]} slope and offset
 */
export function spread(activation) {
    return ["sigmoid", "hard_sigmoid", "softmax"].includes(activation) ? [2, -1] : [1, 0];
}

/**
 * A map of numbers into pixels.
 *
 * @param {Uint32Array} pixels
 * @param {Float32Array} values
 * @param {number} from
 * @param {[number, number]} line slope and
 *   offset of the values @param {number | null} edge what lies above it is one colour, the rest the other
 */
export function paint(pixels, values, from, [slope, offset], edge) {
    const colors = table();
    for (let i = 0; i < pixels.length; i += 1) {
        const value = values[from + i] * slope + offset;
        pixels[i] = colors[edge === null ? place(value) : value >= edge ? STEPS - 1 : 0];
    }
}

/**
 * Probabilities of several classes into pixels: their colours, mixed.
 *
 * @param {Uint32Array} pixels
 * @param {Float32Array} values
 * @param {number} count
 * @param {boolean} discrete
 */
export function paintClasses(pixels, values, count, discrete) {
    const size = pixels.length;
    for (let i = 0; i < size; i += 1) {
        let [r, g, b, sum, best] = [0, 0, 0, 1e-9, 0];
        for (let k = 1; k < count; k += 1) if (values[k * size + i] > values[best * size + i]) best = k;
        for (let k = discrete ? best : 0; k < (discrete ? best + 1 : count); k += 1) {
            const share = discrete ? 1 : Math.max(0, values[k * size + i]);
            const c = classColor(k);
            r += c[0] * share;
            g += c[1] * share;
            b += c[2] * share;
            sum += share;
        }
        pixels[i] = (255 << 24) | ((b / sum) << 16) | ((g / sum) << 8) | (r / sum);
    }
}

/**
 * A square picture of numbers: one pixel for each, which the browser spreads over the room that there is.
 *
 * @param {HTMLCanvasElement} canvas
 */
export function cells(canvas) {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    let image = context.createImageData(1, 1);
    return {
        canvas,
        /**
         * The pixels of a picture with so many on each side.
         *
         * @param {number} side
         */
        pixels(side) {
            if (image.width !== side) {
                canvas.width = canvas.height = side;
                image = context.createImageData(side, side);
            }
            return new Uint32Array(image.data.buffer);
        },
        show: () => context.putImageData(image, 0, 0),
    };
}
