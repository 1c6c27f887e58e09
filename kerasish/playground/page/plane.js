/** The plane on the right: a unit's map, the points on it, and a cross that keys or the pointer move. */
import { app, change, classCount, emit, on, setLook } from "./app.js";
import { cells, paint, paintClasses, pointColor, spread, table, valueReach } from "./colors.js";
import { byId, css, make, sharp, written } from "./dom.js";
import { FEATURES, HALF_WIDTH, featureMap, featureName } from "./features.js";

const canvas = /** @type {HTMLCanvasElement} */ (byId("map"));
const KEY_STEP = 0.25;
const NEAR = 0.35;
const LARGE = 560;
const square = cells(/** @type {HTMLCanvasElement} */ (byId("cells")));
/** @type {number[] | null} */
let cross = null;

export function startPlane() {
    for (const event of /** @type {const} */ (["frame", "look", "state"])) on(event, drawCells);
    for (const event of /** @type {const} */ (["data", "look", "state"])) on(event, draw);
    on("state", legend);
    on("data", legend);
    new ResizeObserver(() => {
        resolve();
        draw();
    }).observe(canvas);
    on("state", resolve);
    canvas.addEventListener("click", (event) => act(toPlane(event), event.shiftKey));
    canvas.addEventListener("pointermove", (event) => moveCross(toPlane(event)));
    canvas.addEventListener("pointerleave", () => moveCross(null));
    canvas.addEventListener("keydown", key);
    const tests = /** @type {HTMLInputElement} */ (byId("show-test"));
    const discrete = /** @type {HTMLInputElement} */ (byId("discrete"));
    tests.onchange = () => setLook({ showTest: tests.checked });
    discrete.onchange = () => setLook({ discrete: discrete.checked });
    on("look", () => {
        tests.checked = app.look.showTest;
        discrete.checked = app.look.discrete;
    });
}

/** Ask for as many cells as can be seen. */
function resolve() {
    const view = app.state?.view;
    const resolution = canvas.clientWidth * window.devicePixelRatio > LARGE ? 100 : 60;
    if (!view || view.resolution === resolution) return;
    Object.assign(view, { resolution, neuron_resolution: 20 });
    app.send({ type: "view", view: { resolution, neuron_resolution: 20 } });
}

/** @param {MouseEvent} event @returns {number[]} */
function toPlane(event) {
    const box = canvas.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const down = (event.clientY - box.top) / box.height;
    return [(2 * across - 1) * HALF_WIDTH, (1 - 2 * down) * HALF_WIDTH];
}

/** @param {KeyboardEvent} event */
function key(event) {
    const moves = /** @type {Record<string, number[]>} */ ({
        ArrowLeft: [-1, 0],
        ArrowRight: [1, 0],
        ArrowUp: [0, 1],
        ArrowDown: [0, -1],
    });
    const move = moves[event.key];
    if (move) {
        const step = event.shiftKey ? 4 * KEY_STEP : KEY_STEP;
        const within = (/** @type {number} */ v) => Math.max(-HALF_WIDTH, Math.min(HALF_WIDTH, v));
        const from = cross ?? [0, 0];
        moveCross([within(from[0] + move[0] * step), within(from[1] + move[1] * step)]);
    } else if (event.key === "Enter") act(cross ?? [0, 0], false);
    else if (event.key === "Delete" || event.key === "Backspace") act(cross ?? [0, 0], true);
    else return;
    event.preventDefault();
    event.stopPropagation();
}

/**
 * A click: choose a point for the walk, or draw or take away one of the reader's own.
 *
 * @param {number[]} point
 * @param {boolean} away
 */
function act(point, away) {
    const rounded = point.map((v) => Math.round(v * 100) / 100);
    if (app.look.choosing) {
        setLook({ choosing: false, point: { point: rounded, label: labelNear(rounded) } });
        return emit("look");
    }
    if (!app.state || app.state.settings.data !== "own") return;
    const points = app.state.settings.points;
    const near = points.findIndex(([x, y]) => Math.hypot(x - rounded[0], y - rounded[1]) < NEAR);
    if (!away) change({ points: [...points, [...rounded, app.look.drawLabel]] });
    else if (near >= 0) change({ points: points.filter((_, i) => i !== near) });
    draw();
}

/** The label of the nearest training point. @param {number[]} point */
function labelNear([x, y]) {
    const xs = app.data?.arrays.get("train_x")?.values ?? new Float32Array();
    const ys = app.data?.arrays.get("train_y")?.values ?? new Float32Array();
    let [best, distance] = [0, Infinity];
    for (let i = 0; i < ys.length; i += 1) {
        const d = Math.hypot(xs[2 * i] - x, xs[2 * i + 1] - y);
        if (d < distance) [best, distance] = [ys[i], d];
    }
    return best;
}

/** @param {number[] | null} point */
function moveCross(point) {
    cross = point;
    draw();
    const values = point ? valuesAt(point) : null;
    if (point && values) {
        const text = `x₁ ${point[0].toFixed(2)}, x₂ ${point[1].toFixed(2)}: ${values.map(written).join("  ")}`;
        byId("output-name").textContent = text;
        canvas.setAttribute("aria-description", text);
    } else name();
}

/** The map that is shown: the output, or the unit that the reader points at. */
function shownMap() {
    const shown = app.look.shown;
    const state = app.state;
    if (!state) return null;
    if (shown && shown.layer < 0) {
        const feature = state.inputs[shown.unit];
        if (!(feature in FEATURES)) return null;
        return { values: featureMap(feature, 50), side: 50, from: 0, activation: "", name: featureName(feature) };
    }
    const layer = shown ? state.layers[shown.layer] : null;
    const map = shown ? app.frame?.arrays.get(`maps/${shown.layer}`) : app.frame?.arrays.get("output");
    if (!map) return null;
    const side = map.shape[1];
    const from = (shown?.unit ?? 0) * side * side;
    if (from >= map.values.length) return null;
    const output = state.layers.find((one) => one.is_output);
    return {
        values: map.values,
        side,
        from,
        activation: (layer ?? output)?.activation ?? "",
        name: shown && layer ? `${layer.name}, unit ${shown.unit + 1}` : "",
    };
}

/** @param {number[]} point */
function valuesAt([x, y]) {
    const map = shownMap();
    if (!map) return null;
    const cell = (/** @type {number} */ v) =>
        Math.max(0, Math.min(map.side - 1, Math.floor(((v / HALF_WIDTH + 1) / 2) * map.side)));
    const at = cell(-y) * map.side + cell(x);
    const count = app.look.shown ? 1 : Math.max(1, app.state?.outputs ?? 1);
    return Array.from({ length: count }, (_, k) => map.values[map.from + k * map.side * map.side + at]);
}

function name() {
    byId("output-name").textContent = shownMap()?.name ?? "";
}

/** The points, and the cross: what stays where it is from frame to frame. */
function draw() {
    const { context, width } = sharp(canvas);
    drawPoints(context, width);
    if (cross && (document.activeElement === canvas || app.look.choosing || app.state?.settings.data === "own")) {
        drawCross(context, width, cross);
    }
}

/** The map that is shown. */
function drawCells() {
    const map = shownMap();
    if (!map) return;
    square.canvas.parentElement?.classList.toggle("discrete", app.look.discrete);
    const pixels = square.pixels(map.side);
    const classes = classCount();
    if (classes > 2 && !app.look.shown && map.values.length >= classes * map.side ** 2) {
        paintClasses(pixels, map.values, classes, app.look.discrete);
    } else {
        const [low, high] = app.state?.range ?? [-1, 1];
        const ofOutput = /** @type {[number, number]} */ ([2 / (high - low), -(high + low) / (high - low)]);
        const line = app.look.shown ? spread(map.activation) : ofOutput;
        const edge = app.look.shown ? 0 : (app.state?.threshold ?? 0) * line[0] + line[1];
        paint(pixels, map.values, map.from, line, app.look.discrete ? edge : null);
    }
    square.show();
    if (!cross) name();
}

/** @param {CanvasRenderingContext2D} context @param {number} width */
function drawPoints(context, width) {
    const classes = classCount();
    const radius = Math.max(2.6, width / 105);
    const sets = app.look.showTest ? ["test", "train"] : ["train"];
    for (const set of sets) {
        const xs = app.data?.arrays.get(`${set}_x`)?.values ?? new Float32Array();
        const ys = app.data?.arrays.get(`${set}_y`)?.values ?? new Float32Array();
        context.lineWidth = set === "test" ? 1.6 : 1.1;
        for (let i = 0; i < ys.length; i += 1) {
            mark(
                context,
                ((xs[2 * i] / HALF_WIDTH + 1) / 2) * width,
                ((1 - xs[2 * i + 1] / HALF_WIDTH) / 2) * width,
                radius,
                ys[i],
                classes,
                set === "test",
            );
        }
    }
    const walked = app.look.point?.point;
    if (walked && app.look.panel === "point") {
        context.strokeStyle = css("ink");
        context.lineWidth = 2.5;
        context.beginPath();
        context.arc(
            ((walked[0] / HALF_WIDTH + 1) / 2) * width,
            ((1 - walked[1] / HALF_WIDTH) / 2) * width,
            radius * 2.2,
            0,
            7,
        );
        context.stroke();
    }
}

/**
 * One point: its class is its colour and its shape.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {number} value
 * @param {number} classes
 * @param {boolean} hollow
 */
export function mark(context, x, y, radius, value, classes, hollow) {
    const corners = classes > 1 ? [0, 4, 3, 5, -4, 6, -3, -5][Math.abs(Math.round(value)) % 8] : 0;
    context.beginPath();
    if (corners === 0) context.arc(x, y, radius, 0, 7);
    else {
        const turn = corners === 4 ? Math.PI / 4 : corners > 0 ? -Math.PI / 2 : Math.PI / 2;
        for (let k = 0; k < Math.abs(corners); k += 1) {
            const angle = turn + (2 * Math.PI * k) / Math.abs(corners);
            context.lineTo(x + 1.25 * radius * Math.cos(angle), y + 1.25 * radius * Math.sin(angle));
        }
        context.closePath();
    }
    context.fillStyle = pointColor(value, classes);
    context.strokeStyle = hollow ? "#111" : "#fff";
    context.fill();
    context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {number} width @param {number[]} point */
function drawCross(context, width, [x, y]) {
    const [across, down] = [((x / HALF_WIDTH + 1) / 2) * width, ((1 - y / HALF_WIDTH) / 2) * width];
    context.strokeStyle = css("ink");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(across, 0);
    context.lineTo(across, width);
    context.moveTo(0, down);
    context.lineTo(width, down);
    context.stroke();
}

let legendOf = "";

/** What the colours mean. */
function legend() {
    const classes = classCount();
    const header = app.data?.header;
    const kind = `${classes} ${app.state?.settings.data} ${header?.low} ${document.documentElement.dataset.theme}`;
    if (kind === legendOf) return;
    legendOf = kind;
    const parent = byId("legend");
    if (classes > 0) {
        const entries = Array.from({ length: classes }, (_, label) => {
            const shape = make("canvas", { "aria-hidden": "true" });
            shape.style.width = shape.style.height = "1rem";
            requestAnimationFrame(() => {
                const { context, width } = sharp(shape);
                mark(context, width / 2, width / 2, width * 0.32, label, classes, false);
            });
            return make("span", {}, shape, `class ${label}`);
        });
        parent.replaceChildren(...entries);
        return;
    }
    const reach = valueReach();
    const bar = make("canvas", { width: 256, height: 1, "aria-hidden": "true" });
    const context = /** @type {CanvasRenderingContext2D} */ (bar.getContext("2d"));
    const image = context.createImageData(256, 1);
    new Uint32Array(image.data.buffer).set(table());
    context.putImageData(image, 0, 0);
    parent.replaceChildren(
        make(
            "div",
            { className: "scale" },
            make("span", {}, (-reach).toFixed(1)),
            bar,
            make("span", {}, reach.toFixed(1)),
        ),
    );
}

on("look", () => {
    legendOf = "";
    legend();
});
