/** The loss around the weights, in two directions, with the path of the steps to come. */
import { app, on } from "./app.js";
import { cells } from "./colors.js";
import { byId, css, make, sharp, written } from "./dom.js";

/** @type {import("./types.js").Binary | null} */
let surface = null;

export function startSurface() {
    const canvas = make("canvas", { id: "surface-map", role: "img", "aria-label": "No loss surface yet" });
    const directions = make(
        "select",
        { "aria-label": "Directions" },
        make("option", { value: "descent", textContent: "where descent goes" }),
        make("option", { value: "random", textContent: "random directions" }),
    );
    const ask = make("button", { textContent: "Show", id: "surface-ask" });
    const said = make("p", {
        className: "hint",
        id: "surface-said",
        textContent: "The network trains on its way; the loss is measured on a grid of weights around it.",
    });
    ask.onclick = () => {
        ask.disabled = true;
        said.textContent = "Measuring …";
        app.send({ type: "surface", directions: directions.value, resolution: 25, steps: 40 });
    };
    byId("panel-surface").append(
        make("div", { className: "heading" }, make("h2", { textContent: "Loss surface" }), directions, ask),
        canvas,
        said,
    );
    on("surface", (found) => {
        surface = found;
        ask.disabled = false;
        const { low, high, share, labels } = found.header;
        said.textContent =
            `Loss from ${written(low)} (dark) to ${written(high)} (light). Across: ${labels[0]}; up: ${labels[1]}. ` +
            `${Math.round(100 * (share ?? 1))} % of the path lies in this plane.`;
        canvas.setAttribute("aria-label", said.textContent);
        draw(canvas);
    });
    on("error", () => (ask.disabled = false));
    on("connection", () => (ask.disabled = false));
    on("look", () => draw(canvas));
    new ResizeObserver(() => draw(canvas)).observe(canvas);
}

/** @param {HTMLCanvasElement} canvas */
function draw(canvas) {
    const { context, width, height } = sharp(canvas);
    const losses = surface?.arrays.get("losses");
    const path = surface?.arrays.get("path");
    const [a, b] = [surface?.arrays.get("a")?.values, surface?.arrays.get("b")?.values];
    if (!losses || !path || !a || !b || width === 0) {
        context.strokeStyle = css("line");
        context.strokeRect(0.5, 0.5, width - 1, height - 1);
        return;
    }
    const [rows, columns] = losses.shape;
    context.imageSmoothingQuality = "high";
    context.save();
    // Rows go up with b, pictures go down.
    context.translate(0, height);
    context.scale(width / columns, -height / rows);
    context.drawImage(heights(losses.values, rows, columns), 0, 0);
    context.restore();
    const x = (/** @type {number} */ v) =>
        ((((v - a[0]) / (a[columns - 1] - a[0])) * (columns - 1) + 0.5) / columns) * width;
    const y = (/** @type {number} */ v) =>
        height - ((((v - b[0]) / (b[rows - 1] - b[0])) * (rows - 1) + 0.5) / rows) * height;
    context.strokeStyle = "#fff";
    context.lineWidth = 2;
    context.beginPath();
    for (let i = 0; i < path.shape[0]; i += 1) context.lineTo(x(path.values[2 * i]), y(path.values[2 * i + 1]));
    context.stroke();
    for (const [i, fill] of /** @type {[number, string][]} */ ([
        [0, "#fff"],
        [path.shape[0] - 1, "#f59322"],
    ])) {
        context.beginPath();
        context.arc(x(path.values[2 * i]), y(path.values[2 * i + 1]), 5, 0, 7);
        context.fillStyle = fill;
        context.strokeStyle = "#000";
        context.lineWidth = 1;
        context.fill();
        context.stroke();
    }
}

/**
 * Losses as brightness: their logarithms, so that a valley is seen beside a steep wall.
 *
 * @param {Float32Array} values
 * @param {number} rows
 * @param {number} columns
 */
function heights(values, rows, columns) {
    const side = Math.max(rows, columns);
    const picture = cells(make("canvas"));
    const pixels = picture.pixels(side);
    const logs = Array.from(values, (v) => Math.log(Math.max(v, 1e-12)));
    const finite = logs.filter(Number.isFinite);
    const [low, high] = [Math.min(...finite), Math.max(...finite)];
    for (let r = 0; r < rows; r += 1) {
        for (let c = 0; c < columns; c += 1) {
            const share = Number.isFinite(logs[r * columns + c])
                ? (logs[r * columns + c] - low) / Math.max(high - low, 1e-9)
                : 1;
            pixels[r * side + c] = viridis(share);
        }
    }
    picture.show();
    return picture.canvas;
}

/**
 * From dark blue over green to yellow, evenly in lightness: five of viridis's colours.
 *
 * @param {number} share
 */
function viridis(share) {
    const stops = [
        [68, 1, 84],
        [59, 82, 139],
        [33, 145, 140],
        [94, 201, 98],
        [253, 231, 37],
    ];
    const at = Math.min(3.999, Math.max(0, share) * 4);
    const [from, to, part] = [stops[Math.floor(at)], stops[Math.floor(at) + 1], at % 1];
    const [r, g, b] = from.map((v, i) => Math.round(v + (to[i] - v) * part));
    return (255 << 24) | (b << 16) | (g << 8) | r;
}
