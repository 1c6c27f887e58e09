/**
 * The settings as a link says them: `#data=spiral&layers=8relu-dropout0.2-8relu`; what is not said is as at first.
 *
 * @import {LayerSettings, Settings} from "./types.js"
 */

const NUMBERS = [
    "classes",
    "noise",
    "samples",
    "train_share",
    "data_seed",
    "learning_rate",
    "momentum",
    "regularization_rate",
    "batch_size",
    "seed",
];
const WORDS = ["problem", "data", "output_activation", "initializer", "loss", "optimizer", "regularization"];

/** @param {LayerSettings} layer */
function writeLayer(layer) {
    if (layer.kind === "dropout") return `dropout${layer.rate}`;
    if (layer.kind === "batch_normalization") return "norm";
    return `${layer.units}${layer.activation}`;
}

/** @param {string} text @returns {LayerSettings | null} */
function readLayer(text) {
    if (text === "norm") return { kind: "batch_normalization" };
    const rate = /^dropout([\d.]+)$/.exec(text);
    if (rate) return { kind: "dropout", rate: Number(rate[1]) };
    const dense = /^(\d+)([a-z]\w*)$/.exec(text);
    return dense ? { kind: "dense", units: Number(dense[1]), activation: dense[2] } : null;
}

/** @param {Settings} settings @param {Settings} defaults */
export function toHash(settings, defaults) {
    const parts = new URLSearchParams();
    const differs = (/** @type {keyof Settings} */ name) =>
        JSON.stringify(settings[name]) !== JSON.stringify(defaults[name]);
    for (const name of /** @type {(keyof Settings)[]} */ ([...WORDS, ...NUMBERS])) {
        if (differs(name)) parts.set(name, String(settings[name]));
    }
    if (differs("features")) parts.set("features", settings.features.join(","));
    if (differs("layers")) parts.set("layers", settings.layers.map(writeLayer).join("-"));
    if (differs("optimizer_options")) parts.set("options", JSON.stringify(settings.optimizer_options));
    if (settings.data === "own") parts.set("points", settings.points.map((point) => point.join(",")).join(" "));
    return parts.toString().replaceAll("%2C", ",").replaceAll("%2A", "*").replaceAll("%28", "(").replaceAll("%29", ")");
}

/** What a link says; what it says wrong is left out. @param {string} hash @returns {Partial<Settings>} */
export function fromHash(hash) {
    const parts = new URLSearchParams(hash.replace(/^#/, ""));
    /** @type {Record<string, any>} */
    const found = {};
    for (const name of WORDS) if (parts.has(name)) found[name] = parts.get(name);
    for (const name of NUMBERS) {
        const text = parts.get(name);
        if (text !== null && text !== "" && Number.isFinite(Number(text))) found[name] = Number(text);
    }
    // A plus sign is a space in a query; the separators here are never part of a name.
    const features = parts.get("features");
    if (features) found.features = features.split(/[ ,;]/).filter(Boolean);
    const layers = parts.get("layers");
    if (layers !== null)
        found.layers = layers
            .split("-")
            .map(readLayer)
            .filter((layer) => layer !== null);
    const points = parts.get("points");
    if (points)
        found.points = points
            .split(" ")
            .map((point) => point.split(",").map(Number))
            .filter((p) => p.length === 3 && p.every(Number.isFinite));
    try {
        if (parts.has("options")) found.optimizer_options = JSON.parse(parts.get("options") ?? "{}");
    } catch {
        // A link that was cut off: the optimizer keeps its options.
    }
    return found;
}
