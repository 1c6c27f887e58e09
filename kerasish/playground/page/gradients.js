/**
 * How large the gradient of each layer's weights is: bars of powers of ten, so that a vanishing one is seen.
 */
import { app, on } from "./app.js";
import { byId, make } from "./dom.js";

const LEAST = -10;
const MOST = 2;
/** @type {{fill: HTMLElement, value: HTMLElement, index: number}[]} */
let rows = [];
let built = "";

export function startGradients() {
    const rowsBox = make("div", { className: "gradients", id: "gradient-rows" });
    const verdict = make("p", { className: "hint", id: "gradient-verdict" });
    byId("panel-gradients").append(
        make("div", { className: "heading" }, make("h2", { textContent: "Gradient of each layer" })),
        rowsBox,
        verdict,
        make("p", {
            className: "hint",
            textContent:
                "The norm of the loss’s gradient by a layer’s weights, on a scale of powers of ten from 10⁻¹⁰ to 100.",
        }),
    );
    on("state", () => build(rowsBox));
    on("frame", () => show(verdict));
    on("look", () => {
        const wanted = byId("panel-gradients").offsetParent !== null;
        if (app.state && wanted !== app.state.view.gradients) {
            app.state.view.gradients = wanted;
            app.send({ type: "view", view: { gradients: wanted } });
        }
        show(verdict);
    });
}

/** @param {HTMLElement} box */
function build(box) {
    const layers = (app.state?.layers ?? []).filter((layer) => layer.weights.some((weight) => weight.trainable));
    const key = layers.map((layer) => layer.name).join();
    if (key === built) return;
    built = key;
    rows = layers.map((layer) => ({
        fill: make("div", { className: "fill" }),
        value: make("span", { className: "value" }),
        index: layer.index,
    }));
    box.replaceChildren(
        ...rows.flatMap((row, i) => [
            make("span", { textContent: layers[i].name }),
            make("div", { className: "track" }, row.fill),
            row.value,
        ]),
    );
}

/** @param {HTMLElement} verdict */
function show(verdict) {
    const norms = app.frame?.arrays.get("gradients")?.values;
    if (!norms || byId("panel-gradients").offsetParent === null) return;
    const seen = rows.map((row) => norms[row.index]);
    rows.forEach((row, i) => {
        const norm = seen[i];
        const share = norm > 0 ? (Math.log10(norm) - LEAST) / (MOST - LEAST) : 0;
        row.fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
        row.value.textContent = Number.isFinite(norm) ? norm.toExponential(1) : "–";
    });
    const [first, last] = [seen[0], seen[seen.length - 1]];
    if (seen.length < 2 || !(first >= 0) || !(last > 0)) verdict.textContent = "";
    else if (first < last / 1000)
        verdict.textContent = `The first layer's gradient is ${rounded(last / Math.max(first, 1e-38))} times smaller than the last one's: it hardly learns.`;
    else verdict.textContent = `First layer's gradient divided by the last one's: ${(first / last).toPrecision(2)}.`;
}

/** One digit and zeros, or a power of ten where there are too many. @param {number} value */
function rounded(value) {
    return value < 1e7
        ? Number(value.toPrecision(1)).toLocaleString("en")
        : value.toExponential(0).replace("e+", "·10^");
}
