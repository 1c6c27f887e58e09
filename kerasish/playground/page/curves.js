/** The losses: three numbers and two curves. */
import { app, on } from "./app.js";
import { byId, css, sharp, written } from "./dom.js";

const canvas = /** @type {HTMLCanvasElement} */ (byId("curves"));
const LONGEST = 700;
let told = 0;

export function startCurves() {
    on("frame", () => {
        remember();
        numbers();
        draw();
    });
    on("look", draw);
    on("state", () => {
        if (app.state?.epoch === 0) app.history = [];
    });
    new ResizeObserver(draw).observe(canvas);
}

function remember() {
    const { epoch, loss, test_loss } = /** @type {any} */ (app.frame?.header);
    const last = app.history.at(-1);
    if (last && epoch < last[0]) app.history = [];
    if (last && epoch === last[0]) app.history.pop();
    app.history.push([epoch, loss ?? NaN, test_loss ?? NaN]);
    if (app.history.length > LONGEST) app.history = app.history.filter((_, i) => i % 2 === 0 || i > LONGEST - 200);
}

function numbers() {
    const header = /** @type {any} */ (app.frame?.header);
    byId("epoch").textContent = String(header.epoch)
        .padStart(6, "0")
        .replace(/(\d{3})$/, ",$1");
    byId("test-loss").textContent = written(header.test_loss);
    byId("train-loss").textContent = written(header.loss);
    const accuracy = header.test_accuracy;
    byId("accuracy-field").hidden = accuracy === null || accuracy === undefined;
    byId("accuracy").textContent =
        accuracy === null || accuracy === undefined ? "–" : `${Math.round(100 * accuracy)} %`;
    // A reader of the screen hears the losses now and then, not thirty times a second.
    if (Date.now() - told > 5000) {
        told = Date.now();
        canvas.setAttribute(
            "aria-label",
            `Loss over ${header.epoch} epochs: training ${written(header.loss)}, test ${written(header.test_loss)}`,
        );
    }
}

function draw() {
    const { context, width, height } = sharp(canvas);
    const points = app.history;
    const values = points.flatMap(([, a, b]) => [a, b]).filter(Number.isFinite);
    context.strokeStyle = css("line");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, height - 0.5);
    context.lineTo(width, height - 0.5);
    context.stroke();
    if (values.length < 2 || points.length < 2) return;
    const most = Math.max(...values, 1e-9);
    const from = points[0][0];
    const across = Math.max(1, (points.at(-1)?.[0] ?? 1) - from);
    for (const [index, name, thickness] of /** @type {[1 | 2, string, number][]} */ ([
        [1, "soft", 1.5],
        [2, "ink", 1.8],
    ])) {
        context.strokeStyle = css(name);
        context.globalAlpha = index === 1 ? 0.7 : 1;
        context.lineWidth = thickness;
        context.beginPath();
        for (const point of points) {
            context.lineTo(((point[0] - from) / across) * width, height - 2 - (point[index] / most) * (height - 4));
        }
        context.stroke();
    }
    context.globalAlpha = 1;
}
