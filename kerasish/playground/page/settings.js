/**
 * The bar of settings: optimizer, loss, initializer, regularization and the rest that is not data or network.
 *
 * @import {Catalogue, Settings, State} from "./types.js"
 */
import { app, change, on } from "./app.js";
import { byId, choose, fill, make, menu } from "./dom.js";

const RATES = ["0.00001", "0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"];
const STRENGTHS = ["0", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"];
const MOMENTA = ["0", "0.5", "0.9", "0.95", "0.99"];
const SIZES = ["1", "2", "5", "10", "20", "30", "50", "100", "200"];
/** Epochs a second at most, and how many of them one frame holds. @type {Record<string, [number, number]>} */
const SPEEDS = {
    "1 a second": [1, 1],
    "5 a second": [5, 1],
    "60 a second": [60, 1],
    "5 a frame": [60, 5],
    "50 a frame": [60, 50],
};

const menus = {
    problem: menu("Problem", [], chooseProblem),
    rate: menu("Learning rate", RATES, (value) => change({ learning_rate: Number(value) })),
    activation: menu("Activation", [], everyActivation),
    optimizer: menu("Optimizer", [], chooseOptimizer),
    momentum: menu("Momentum", MOMENTA, (value) => change({ momentum: Number(value) })),
    loss: menu("Loss", [], (value) => change({ loss: value })),
    initializer: menu("Initializer", [], (value) => change({ initializer: value })),
    kind: menu("Regularization", [], (value) => change({ regularization: value })),
    strength: menu("Reg. rate", STRENGTHS, (value) => change({ regularization_rate: Number(value) })),
    size: menu("Batch size", SIZES, (value) => change({ batch_size: Number(value) })),
    speed: menu("Epochs", Object.keys(SPEEDS), chooseSpeed),
};
// What stays free where the network is a script's own.
const FREE = ["rate", "size", "speed"];
const seed = make("input", { type: "number", min: "0", step: "1", id: "seed" });

export function startSettings() {
    const form = /** @type {HTMLFormElement} */ (byId("settings"));
    form.onsubmit = (event) => event.preventDefault();
    seed.onchange = () => {
        const value = seed.valueAsNumber;
        if (Number.isInteger(value) && value >= 0) change({ seed: value });
    };
    for (const [name, { field, select }] of Object.entries(menus)) {
        select.id = `set-${name}`;
        form.append(field);
    }
    const title = "Another number, other first weights (N)";
    form.append(make("label", { className: "field", title }, make("span", { textContent: "Seed of weights" }), seed));
    on("catalogue", fillMenus);
    on("state", () => {
        if (!app.state || !app.catalogue) return;
        fillLosses(app.state, app.catalogue);
        showChoices(app.state);
        disable(app.state, app.catalogue);
    });
}

function fillMenus() {
    const catalogue = app.catalogue;
    if (!catalogue) return;
    fill(menus.problem.select, Object.keys(catalogue.problems));
    fill(menus.activation.select, ["", ...catalogue.activations], (name) => name || "(mixed)");
    fill(menus.optimizer.select, Object.keys(catalogue.optimizers));
    fill(menus.initializer.select, catalogue.initializers);
    fill(menus.kind.select, catalogue.regularizations);
}

/**
 * The losses that fit the problem.
 *
 * @param {State} state
 * @param {Catalogue} catalogue
 */
function fillLosses({ settings, outputs, loss }, catalogue) {
    const many = settings.problem === "classification" && outputs > 2;
    const names = catalogue.losses[many ? "classes" : settings.problem] ?? [];
    fill(menus.loss.select, ["auto", ...names]);
    const automatic = [...menus.loss.select.options].find((option) => option.value === "auto");
    if (automatic) automatic.textContent = `auto (${loss})`;
}

/** @param {Settings} settings */
function activations(settings) {
    const dense = settings.layers.filter((layer) => layer.kind === "dense");
    return new Set(dense.map((layer) => layer.activation ?? "linear"));
}

/** @param {State} state */
function showChoices({ settings, view, fixed }) {
    const kinds = activations(settings);
    const speed = Object.entries(SPEEDS).find(
        ([, [frames, epochs]]) => frames === view.frames_per_second && epochs === view.epochs_per_frame,
    )?.[0];
    const values = {
        problem: settings.problem,
        rate: Number(settings.learning_rate.toPrecision(6)),
        activation: kinds.size === 1 ? [...kinds][0] : "",
        optimizer: settings.optimizer,
        momentum: settings.momentum,
        loss: settings.loss,
        initializer: settings.initializer,
        kind: settings.regularization,
        strength: settings.regularization_rate,
        size: settings.batch_size,
        speed: speed ?? `${view.epochs_per_frame} × ${view.frames_per_second}`,
    };
    for (const [name, { select }] of Object.entries(menus)) {
        const isScripts = fixed !== "" && !FREE.includes(name);
        choose(select, isScripts ? "as in the script" : String(values[/** @type {keyof typeof values} */ (name)]));
    }
    if (document.activeElement !== seed) seed.value = String(settings.seed);
}

/**
 * Menus that say nothing now cannot be chosen from.
 *
 * @param {State} state
 * @param {Catalogue} catalogue
 */
function disable({ settings, fixed }, catalogue) {
    for (const [name, { select }] of Object.entries(menus)) select.disabled = fixed !== "" && !FREE.includes(name);
    seed.disabled = fixed !== "";
    const { momentum, strength, activation } = menus;
    const without = catalogue.optimizers[settings.optimizer]?.momentum === null;
    momentum.select.disabled ||= without;
    momentum.field.title = without ? `${settings.optimizer} has no momentum to set` : "";
    strength.select.disabled ||= settings.regularization === "none";
    activation.select.disabled ||= activations(settings).size === 0;
}

/** The first data set of the problem, and the loss that it needs. @param {string} problem */
function chooseProblem(problem) {
    change({ problem, data: app.catalogue?.problems[problem][0] ?? "", loss: "auto", output_activation: "auto" });
}

/** @param {string} name */
function chooseSpeed(name) {
    const [frames_per_second, epochs_per_frame] = SPEEDS[name] ?? SPEEDS["60 a second"];
    if (app.state) Object.assign(app.state.view, { frames_per_second, epochs_per_frame });
    app.send({ type: "view", view: { frames_per_second, epochs_per_frame } });
}

/** @param {string} name */
function chooseOptimizer(name) {
    const found = app.catalogue?.optimizers[name];
    change({ optimizer: name, optimizer_options: {}, ...(found ? { learning_rate: found.learning_rate } : {}) });
}

/** @param {string} activation */
function everyActivation(activation) {
    if (!activation) return;
    change({
        layers: (app.state?.settings.layers ?? []).map((layer) =>
            layer.kind === "dense" ? { ...layer, activation } : layer,
        ),
    });
}
