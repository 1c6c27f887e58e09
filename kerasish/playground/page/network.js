/** The network: features, layers and the lines between them, with each unit's own map. */
import { app, change, on, setLook } from "./app.js";
import { cells, color, lineColor, paint, spread } from "./colors.js";
import { columnHead } from "./columns.js";
import { byId, make, written } from "./dom.js";
import { editUnit, editWeight, unitName, weightArray } from "./editor.js";
import { featureMap, featureName } from "./features.js";
import { layOut } from "./geometry.js";

const svg = document.getElementById("links");
const nodes = byId("nodes");
const stage = byId("stage");
const MOST_HITS = 900;
const FEATURE_SIDE = 24;

/** @type {import("./geometry.js").Geometry | null} */
export let geometry = null;
/** @type {{line: SVGPathElement, width: number, color: string}[]} */
let lines = [];
/** @type {Map<string, HTMLButtonElement>} */
let units = new Map();
/** @type {Map<string, HTMLButtonElement>} */
let biases = new Map();
/** @type {Map<number, {set: () => void}>} */
let heads = new Map();
let built = "";
let focused = "-1/0";
/** @type {Map<string, ReturnType<typeof cells>>} */
let pictures = new Map();

export function startNetwork() {
    on("state", refresh);
    on("frame", drawFrame);
    on("look", () => {
        drawMaps();
        showSelected();
    });
    new ResizeObserver(() => refresh()).observe(byId("scroller"));
    svg?.addEventListener("pointerover", (event) => pointAt(event.target));
    svg?.addEventListener("click", (event) => clickLink(event));
    nodes.addEventListener("keydown", moveFocus);
}

/** The features that are drawn: all of them, or those of a script's own model. */
export function drawnFeatures() {
    const known = Object.keys(app.catalogue?.features ?? {});
    const inputs = app.state?.inputs ?? [];
    return app.state?.fixed ? inputs : known;
}

function refresh() {
    const state = app.state;
    if (!state) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const room = byId("scroller").clientWidth;
    const key = JSON.stringify([
        state.inputs,
        state.layers.map((l) => [l.kind, l.units, l.name, l.activation]),
        room,
        rem,
        state.fixed,
    ]);
    if (key !== built) {
        built = key;
        geometry = layOut(state, drawnFeatures(), room, rem);
        build();
    }
    for (const head of heads.values()) head.set();
    drawFrame();
}

function build() {
    const state = app.state;
    if (!state || !geometry || !svg) return;
    const { width, height, links } = geometry;
    const hadFocus = nodes.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
    stage.style.width = `${width}px`;
    stage.style.height = `${height}px`;
    svg.style.width = `${width}px`;
    svg.style.height = `${height}px`;
    lines = [];
    const hits = links.length <= MOST_HITS;
    const drawn = links.flatMap((link, index) => {
        const line = path(link.path, "line");
        lines.push({ line, width: -1, color: "" });
        if (!hits) return [line];
        const hit = path(link.path, "hit");
        hit.dataset.link = String(index);
        return [hit, line];
    });
    svg.replaceChildren(...drawn);
    units = new Map();
    biases = new Map();
    pictures = new Map();
    heads = new Map();
    nodes.replaceChildren(...geometry.columns.flatMap(columnElements));
    if (!units.has(focused)) focused = "-1/0";
    const stop = units.get(focused);
    if (stop) stop.tabIndex = 0;
    if (hadFocus) /** @type {HTMLElement | null} */ (nodes.querySelector(`[data-key="${hadFocus}"]`))?.focus();
    showSelected();
}

/** @param {string} d @param {string} name */
function path(d, name) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", "path");
    element.setAttribute("d", d);
    element.setAttribute("class", name);
    return element;
}

/** @param {import("./geometry.js").Column} column @returns {HTMLElement[]} */
function columnElements(column) {
    const state = app.state;
    if (!state || !geometry) return [];
    const head = columnHead(column.layer);
    head.element.style.left = `${column.x - column.width / 2 + 3}px`;
    head.element.style.width = `${column.width - 6}px`;
    head.element.style.top = "0";
    heads.set(column.layer, head);
    if (!column.units) return [head.element, pill(column)];
    const layer = state.layers[column.layer];
    const biased = layer?.weights.some((weight) => weight.name === "bias");
    return [
        head.element,
        ...column.ys.flatMap((y, unit) => [node(column, y, unit), ...(biased ? [bias(column, y, unit)] : [])]),
    ];
}

/** @param {import("./geometry.js").Column} column */
function pill(column) {
    const layer = app.state?.layers[column.layer];
    const tall = (geometry?.height ?? 0) - (geometry?.top ?? 0);
    const rate = layer?.setting !== null && layer ? app.state?.settings.layers[layer.setting]?.rate : undefined;
    const kind = layer?.kind.replace("_", " ") ?? "";
    const element = make("button", {
        className: "pill",
        textContent: rate === undefined ? kind : `${kind} ${rate}`,
        "data-key": `pill/${column.layer}`,
    });
    element.onclick = () => layer && editUnit(layer.index, 0, element);
    place(element, column.x, (geometry?.top ?? 0) + tall / 2, 26, tall * 0.92);
    return element;
}

/** @param {import("./geometry.js").Column} column @param {number} y @param {number} unit */
function node(column, y, unit) {
    const size = geometry?.size ?? 0;
    const key = `${column.layer}/${unit}`;
    const picture = make("canvas", { "aria-hidden": "true" });
    const element = make("button", { className: "node", tabIndex: -1, "data-key": key }, picture);
    pictures.set(key, cells(picture));
    place(element, column.x, y, size, size);
    if (column.layer < 0) {
        const feature = drawnFeatures()[unit];
        const used = app.state?.inputs.includes(feature) ?? false;
        element.classList.toggle("off", !used);
        element.setAttribute("aria-pressed", String(used));
        element.setAttribute("aria-label", `Feature ${featureName(feature)}`);
        element.append(make("span", { className: "label", textContent: featureName(feature) }));
        element.onclick = () => toggle(feature);
    } else {
        element.setAttribute("aria-label", unitName(column.layer, unit));
        element.onclick = () => editUnit(column.layer, unit, element);
    }
    const show = () => setLook({ shown: { layer: column.layer, unit } });
    element.onpointerenter = (event) => event.pointerType === "mouse" && show();
    element.onpointerleave = () => setLook({ shown: null });
    element.onfocus = () => {
        const before = units.get(focused);
        if (before) before.tabIndex = -1;
        element.tabIndex = 0;
        focused = key;
        if (element.matches(":focus-visible")) show();
    };
    element.onblur = () => setLook({ shown: null });
    units.set(key, element);
    return element;
}

/** @param {import("./geometry.js").Column} column @param {number} y @param {number} unit */
function bias(column, y, unit) {
    const size = geometry?.size ?? 0;
    const side = Math.max(8, size * 0.24);
    const element = make("button", {
        className: "bias",
        tabIndex: -1,
        "aria-label": `Bias of ${unitName(column.layer, unit)}`,
    });
    place(element, column.x - size / 2 - side * 0.25, y + size / 2 - side * 0.25, side, side);
    element.onpointerenter = () => {
        byId("hover").textContent =
            `Bias of ${unitName(column.layer, unit)}: ${written(weightArray(column.layer, "bias")?.values[unit])}`;
    };
    element.onclick = () => editWeight(column.layer, "bias", [unit], element);
    biases.set(`${column.layer}/${unit}`, element);
    return element;
}

/**
 * @param {HTMLElement} element
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
function place(element, x, y, width, height) {
    element.style.left = `${x - width / 2}px`;
    element.style.top = `${y - height / 2}px`;
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
}

/** @param {string} feature */
function toggle(feature) {
    const state = app.state;
    if (!state || state.fixed) return;
    const used = state.settings.features;
    const next = used.includes(feature) ? used.filter((name) => name !== feature) : [...used, feature];
    if (next.length > 0) change({ features: drawnFeatures().filter((name) => next.includes(name)) });
}

function drawFrame() {
    if (!geometry || !app.frame || !app.state) return;
    drawLines();
    drawMaps();
    for (const [key, element] of biases) {
        const [layer, unit] = key.split("/").map(Number);
        const value = weightArray(layer, "bias")?.values[unit] ?? 0;
        const shade = color(value);
        if (element.dataset.shade !== shade) {
            element.dataset.shade = shade;
            element.style.background = shade;
        }
    }
}

function drawLines() {
    const widest = (geometry?.size ?? 40) * 0.22;
    let layer = -2;
    /** @type {import("./types.js").Numbers | null} */
    let kernel = null;
    geometry?.links.forEach((link, index) => {
        if (link.layer !== layer) {
            layer = link.layer;
            kernel = weightArray(layer, "kernel");
        }
        const value = kernel?.values[link.from * kernel.shape[1] + link.to] ?? 0;
        const width = Math.round(4 * Math.min(widest, 0.8 + Math.abs(value) * widest * 0.3)) / 4;
        const shade = lineColor(Math.round(Math.max(-1, Math.min(1, value)) * 12) / 12);
        const known = lines[index];
        if (known.width !== width) known.line.setAttribute("stroke-width", String((known.width = width)));
        if (known.color !== shade) known.line.setAttribute("stroke", (known.color = shade));
    });
}

function drawMaps() {
    nodes.classList.toggle("discrete", app.look.discrete);
    for (const [key, picture] of pictures) {
        const [layer, unit] = key.split("/").map(Number);
        if (layer < 0) drawFeature(picture, drawnFeatures()[unit]);
        else drawUnit(picture, layer, unit);
    }
}

/**
 * The map of a feature stays the same until the colours do not.
 *
 * @param {ReturnType<typeof cells>} picture
 * @param {string} feature
 */
function drawFeature(picture, feature) {
    const key = `${feature} ${app.look.discrete} ${document.documentElement.dataset.theme}`;
    if (picture.canvas.dataset.drawn === key) return;
    picture.canvas.dataset.drawn = key;
    const values = featureMap(feature, FEATURE_SIDE);
    paint(picture.pixels(FEATURE_SIDE), values, 0, [1, 0], app.look.discrete ? 0 : null);
    picture.show();
}

/**
 * @param {ReturnType<typeof cells>} picture
 * @param {number} layer
 * @param {number} unit
 */
function drawUnit(picture, layer, unit) {
    const map = app.frame?.arrays.get(`maps/${layer}`);
    const activation = app.state?.layers[layer]?.activation;
    if (!map || activation === undefined || unit >= map.shape[0]) return;
    const side = map.shape[1];
    paint(picture.pixels(side), map.values, unit * side * side, spread(activation), app.look.discrete ? 0 : null);
    picture.show();
}

function showSelected() {
    const shown = app.look.shown;
    for (const [key, element] of units)
        element.classList.toggle("selected", shown !== null && key === `${shown.layer}/${shown.unit}`);
}

/** @param {EventTarget | null} target */
function linkAt(target) {
    const index = target instanceof SVGElement ? target.dataset.link : undefined;
    return index === undefined ? null : (geometry?.links[Number(index)] ?? null);
}

/** @param {EventTarget | null} target */
function pointAt(target) {
    const link = linkAt(target);
    if (!link) return;
    const kernel = weightArray(link.layer, "kernel");
    byId("hover").textContent =
        `Weight ${link.from + 1} of ${unitName(link.layer, link.to)}: ${written(kernel?.values[link.from * kernel.shape[1] + link.to])}`;
}

/** @param {MouseEvent} event */
function clickLink(event) {
    const link = linkAt(event.target);
    if (link) editWeight(link.layer, "kernel", [link.from, link.to], null, event);
}

/** Arrows go from unit to unit. @param {KeyboardEvent} event */
function moveFocus(event) {
    const key = /** @type {HTMLElement} */ (event.target).dataset.key;
    if (!geometry || !key || key.startsWith("pill")) return;
    const [layer, unit] = key.split("/").map(Number);
    const columns = geometry.columns.filter((column) => column.units);
    const at = columns.findIndex((column) => column.layer === layer);
    const aside = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const along = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
    if (!aside && !along) return;
    event.preventDefault();
    const column = columns[at + aside];
    const next = column && units.get(`${column.layer}/${Math.max(0, Math.min(column.ys.length - 1, unit + along))}`);
    next?.focus();
}

/** The maps of the units, and where they stand. */
export function unitPictures() {
    return (geometry?.columns ?? []).flatMap((column) =>
        column.ys.flatMap((y, unit) => {
            const canvas = pictures.get(`${column.layer}/${unit}`)?.canvas;
            const off = units.get(`${column.layer}/${unit}`)?.classList.contains("off") ?? false;
            return canvas ? [{ canvas, x: column.x, y, off }] : [];
        }),
    );
}

/**
 * Light the lines into a layer, the others faded; null for all alike.
 *
 * @param {number | null} layer
 */
export function lightLines(layer) {
    geometry?.links.forEach((link, index) => {
        lines[index].line.style.opacity = layer === null || link.layer === layer ? "" : "0.15";
    });
}

/**
 * Numbers beside units.
 *
 * @param {{layer: number, unit: number, text: string}[]} numbers
 */
export function showNumbers(numbers) {
    for (const old of nodes.querySelectorAll(".number")) old.remove();
    for (const { layer, unit, text } of numbers) {
        const column = geometry?.columns.find((one) => one.layer === layer && one.units);
        if (!column || !geometry || !(unit in column.ys)) continue;
        const element = make("span", { className: "number", textContent: text });
        element.style.left = `${column.x}px`;
        element.style.top = `${column.ys[unit] + geometry.size * 0.28}px`;
        nodes.append(element);
    }
}
