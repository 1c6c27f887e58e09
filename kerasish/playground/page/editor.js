/** The small window in which weights are read and changed. */
import { app, change, on } from "./app.js";
import { byId, make, written } from "./dom.js";
import { featureName } from "./features.js";
import { hasUnits } from "./geometry.js";

const window_ = byId("editor");
const body = byId("editor-body");
/** @type {{input: HTMLInputElement, value: () => number | undefined}[]} */
let rows = [];

export function startEditor() {
    on("frame", () => {
        for (const { input, value } of rows) if (document.activeElement !== input) input.value = short(value());
    });
}

/** @param {number | undefined} value */
const short = (value) => (value === undefined ? "" : String(Number(value.toPrecision(5))));

/** @param {number} layer */
function info(layer) {
    return app.state?.layers[layer];
}

/** A weight array of a layer as the last frame has it. @param {number} layer @param {string} name */
export function weightArray(layer, name) {
    const index = info(layer)?.weights.findIndex((weight) => weight.name === name) ?? -1;
    return index < 0 ? null : (app.frame?.arrays.get(`weights/${layer}/${index}`) ?? null);
}

/** @param {number} layer @param {number} unit */
export function unitName(layer, unit) {
    const found = info(layer);
    if (found?.is_output) return found.units > 1 ? `output ${unit + 1}` : "the output";
    return `${found?.name ?? "layer"}, unit ${unit + 1}`;
}

/**
 * What the inputs of a layer are called: features, or the units of the layer before.
 *
 * @param {number} layer
 */
function inputNames(layer) {
    for (let i = layer - 1; i >= 0; i -= 1) {
        const before = info(i);
        if (before && hasUnits(before)) return Array.from({ length: before.units }, (_, unit) => unitName(i, unit));
    }
    return (app.state?.inputs ?? []).map(featureName);
}

/**
 * A number of a weight, to read and to change.
 *
 * @param {number} layer
 * @param {string} name
 * @param {number[]} index
 * @param {string} label
 */
function row(layer, name, index, label) {
    const weight = info(layer)?.weights.findIndex((one) => one.name === name) ?? -1;
    const at = () => {
        const array = weightArray(layer, name);
        return array?.values[index.length === 1 ? index[0] : index[0] * array.shape[1] + index[1]];
    };
    const input = make("input", { type: "number", step: "0.1", value: short(at()), "aria-label": label });
    input.oninput = () => {
        const value = input.valueAsNumber;
        if (Number.isFinite(value)) app.send({ type: "edit", layer, weight, index, value });
    };
    rows.push({ input, value: at });
    return make("label", { className: "rows" }, make("span", { textContent: label }), input);
}

/**
 * @param {string} title
 * @param {HTMLElement[]} parts
 * @param {HTMLElement | null} beside
 * @param {MouseEvent} [event]
 */
function open(title, parts, beside, event) {
    byId("editor-title").textContent = title;
    body.replaceChildren(...parts);
    window_.showPopover();
    const box = beside?.getBoundingClientRect();
    const [x, y] = box ? [box.right + 8, box.top] : [(event?.clientX ?? 0) + 8, event?.clientY ?? 0];
    window_.style.inset = "auto";
    window_.style.margin = "0";
    window_.style.left = `${Math.max(4, Math.min(x, window.innerWidth - window_.offsetWidth - 8))}px`;
    window_.style.top = `${Math.max(4, Math.min(y, window.innerHeight - window_.offsetHeight - 8))}px`;
    /** @type {HTMLElement | null} */ (body.querySelector("input, button"))?.focus();
}

/**
 * @param {number} layer
 * @param {string} name
 * @param {number[]} index
 * @param {HTMLElement | null} beside
 * @param {MouseEvent} [event]
 */
export function editWeight(layer, name, index, beside, event) {
    rows = [];
    const unit = index[index.length - 1];
    const label = name === "bias" ? "Bias" : `Weight of ${inputNames(layer)[index[0]] ?? index[0] + 1}`;
    open(unitName(layer, unit), [row(layer, name, index, label)], beside, event);
}

/**
 * All weights of a unit, or the settings of a layer without units.
 *
 * @param {number} layer
 * @param {number} unit
 * @param {HTMLElement} beside
 */
export function editUnit(layer, unit, beside) {
    rows = [];
    const found = info(layer);
    if (!found) return;
    if (!hasUnits(found)) return open(found.name, settingRows(layer), beside);
    const parts = inputNames(layer).map((label, i) => row(layer, "kernel", [i, unit], `Weight of ${label}`));
    if (found.weights.some((weight) => weight.name === "bias")) parts.unshift(row(layer, "bias", [unit], "Bias"));
    open(unitName(layer, unit), parts, beside);
}

/** Rate, place and end of a layer of dropout or batch normalization. @param {number} layer */
function settingRows(layer) {
    const place = info(layer)?.setting ?? null;
    const settings = app.state?.settings.layers ?? [];
    /** @type {HTMLElement[]} */
    const parts = [];
    if (place === null || !settings[place]) return [make("p", { textContent: app.state?.fixed ?? "" })];
    if (settings[place].kind === "dropout") {
        const input = make("input", {
            type: "number",
            min: "0",
            max: "0.9",
            step: "0.05",
            value: String(settings[place].rate ?? 0.2),
        });
        input.oninput = () => {
            const rate = input.valueAsNumber;
            if (rate >= 0 && rate < 1)
                change({ layers: settings.map((one, i) => (i === place ? { ...one, rate } : one)) });
        };
        parts.push(make("label", { className: "rows" }, make("span", { textContent: "Rate" }), input));
    }
    const act = (/** @type {string} */ label, /** @type {import("./types.js").LayerSettings[]} */ layers) =>
        make("button", { textContent: label, onclick: () => (window_.hidePopover(), change({ layers })) });
    const swapped = (/** @type {number} */ a, /** @type {number} */ b) => {
        const next = [...settings];
        [next[a], next[b]] = [next[b], next[a]];
        return next;
    };
    const buttons = make("div", { className: "walk" });
    if (place > 0) buttons.append(act("◀ Earlier", swapped(place, place - 1)));
    if (place < settings.length - 1) buttons.append(act("Later ▶", swapped(place, place + 1)));
    buttons.append(
        act(
            "Remove",
            settings.filter((_, i) => i !== place),
        ),
    );
    for (const { name, shape } of info(layer)?.weights ?? []) {
        const values = Array.from(weightArray(layer, name)?.values.slice(0, shape[0]) ?? [], written);
        parts.push(make("p", { className: "hint", textContent: `${name}: ${values.join("  ")}` }));
    }
    return [...parts, buttons];
}
