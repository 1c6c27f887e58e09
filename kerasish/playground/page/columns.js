/** What stands above each column of the network, and the buttons that add and take away layers. */
import { app, change, on } from "./app.js";
import { byId, choose, fill, make } from "./dom.js";

const MOST_LAYERS = 12;
const MOST_UNITS = 16;
const NEW_UNITS = 4;

/** @param {string} name @param {number} otherwise */
const most = (name, otherwise) => app.catalogue?.limits[name]?.[1] ?? otherwise;

/** @typedef {import("./types.js").LayerSettings} LayerSettings */

export function startColumns() {
    const parent = byId("layer-count");
    const fewer = make("button", { className: "mini", textContent: "−", "aria-label": "One hidden layer less" });
    const more = make("button", { className: "mini", textContent: "+", "aria-label": "One hidden layer more" });
    const count = make("output", { "aria-live": "polite" });
    const dropout = make("button", { textContent: "+ Dropout" });
    const normalization = make("button", { textContent: "+ BatchNorm" });
    fewer.onclick = () => {
        const last = layers().findLastIndex((layer) => layer.kind === "dense");
        change({ layers: layers().slice(0, last) });
    };
    more.onclick = () => {
        const before = layers().findLast((layer) => layer.kind === "dense");
        add({
            kind: "dense",
            units: Math.min(before?.units ?? NEW_UNITS, NEW_UNITS),
            activation: before?.activation ?? "tanh",
        });
    };
    dropout.onclick = () => add({ kind: "dropout", rate: 0.2 });
    normalization.onclick = () => add({ kind: "batch_normalization" });
    parent.append(fewer, more, count, dropout, normalization);
    on("state", () => {
        const dense = layers().filter((layer) => layer.kind === "dense").length;
        const fixed = Boolean(app.state?.fixed);
        parent.hidden = fixed;
        count.textContent = `${dense} hidden layer${dense === 1 ? "" : "s"}`;
        fewer.disabled = dense === 0;
        for (const button of [more, dropout, normalization])
            button.disabled = layers().length >= most("layers", MOST_LAYERS);
    });
}

function layers() {
    return app.state?.settings.layers ?? [];
}

/** @param {LayerSettings} layer */
function add(layer) {
    change({ layers: [...layers(), layer] });
}

/** @param {number} place @param {Partial<LayerSettings>} settings */
function alter(place, settings) {
    change({ layers: layers().map((layer, i) => (i === place ? { ...layer, ...settings } : layer)) });
}

/**
 * The head of a column: its name, and for a hidden layer the number of units and the activation.
 *
 * @param {number} index of the layer; -1 for the features
 */
export function columnHead(index) {
    const element = make("div", { className: "column-head" });
    const layer = app.state?.layers[index];
    const place = layer?.setting ?? null;
    if (!layer || place === null || layer.is_output || layers()[place]?.kind !== "dense") {
        const title = index < 0 ? "Features" : layer?.is_output ? "Output" : layer && place === null ? layer.kind : "";
        const below = layer?.is_output || (layer && place === null) ? layer.activation : "";
        element.append(
            make("span", { className: "title", textContent: title }),
            make("span", { className: "hint", textContent: below }),
        );
        return { element, set: () => undefined };
    }
    return { element, ...hiddenHead(element, place, layer.name) };
}

/** @param {HTMLElement} element @param {number} place @param {string} name */
function hiddenHead(element, place, name) {
    const units = () => layers()[place]?.units ?? 0;
    const fewer = make("button", {
        className: "mini",
        textContent: "−",
        "aria-label": `One unit less in ${name}`,
        "data-key": `fewer/${place}`,
    });
    const more = make("button", {
        className: "mini",
        textContent: "+",
        "aria-label": `One unit more in ${name}`,
        "data-key": `more/${place}`,
    });
    const count = make("b");
    fewer.onclick = () => units() > 1 && alter(place, { units: units() - 1 });
    more.onclick = () => units() < most("units", MOST_UNITS) && alter(place, { units: units() + 1 });
    const activation = make("select", { "aria-label": `Activation of ${name}`, "data-key": `activation/${place}` });
    fill(activation, app.catalogue?.activations ?? []);
    activation.onchange = () => alter(place, { activation: activation.value });
    element.append(make("div", { className: "units" }, fewer, count, more), activation);
    return {
        set() {
            count.textContent = String(units());
            fewer.disabled = units() <= 1;
            more.disabled = units() >= most("units", MOST_UNITS);
            choose(activation, layers()[place]?.activation ?? "linear");
        },
    };
}
