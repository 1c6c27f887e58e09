/** The bar of settings: optimizer, loss, initializer, regularization and the rest that is not data or network. */
import { app, change, on } from "./app.js";
import { byId, choose, fill, make, menu } from "./dom.js";

const RATES = ["0.00001", "0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"];
const STRENGTHS = ["0", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"];
const MOMENTA = ["0", "0.5", "0.9", "0.95", "0.99"];
const SIZES = ["1", "2", "5", "10", "20", "30", "50", "100", "200"];
/** Epochs a second at most, and how many of them one frame holds. @type {Record<string, [number, number]>} */
const SPEEDS = { "1 a second": [1, 1], "5 a second": [5, 1], "60 a second": [60, 1], "5 a frame": [60, 5], "50 a frame": [60, 50] };

export function startSettings() {
  const form = /** @type {HTMLFormElement} */ (byId("settings"));
  form.onsubmit = (event) => event.preventDefault();
  const problem = menu("Problem", [], chooseProblem);
  const rate = menu("Learning rate", RATES, (value) => change({ learning_rate: Number(value) }));
  const activation = menu("Activation", [], everyActivation);
  const optimizer = menu("Optimizer", [], chooseOptimizer);
  const momentum = menu("Momentum", MOMENTA, (value) => change({ momentum: Number(value) }));
  const loss = menu("Loss", [], (value) => change({ loss: value }));
  const initializer = menu("Initializer", [], (value) => change({ initializer: value }));
  const kind = menu("Regularization", [], (value) => change({ regularization: value }));
  const strength = menu("Reg. rate", STRENGTHS, (value) => change({ regularization_rate: Number(value) }));
  const size = menu("Batch size", SIZES, (value) => change({ batch_size: Number(value) }));
  const speed = menu("Epochs", Object.keys(SPEEDS), chooseSpeed);
  const seed = make("input", { type: "number", min: "0", step: "1", id: "seed" });
  seed.onchange = () => Number.isInteger(seed.valueAsNumber) && seed.valueAsNumber >= 0 && change({ seed: seed.valueAsNumber });
  const seedField = make("label", { className: "field", title: "Another number, other first weights (N)" }, make("span", { textContent: "Seed of weights" }), seed);
  for (const [name, { select }] of Object.entries({ problem, rate, activation, optimizer, momentum, loss, initializer, kind, strength, size, speed })) select.id = `set-${name}`;
  form.append(...[problem, rate, activation, optimizer, momentum, loss, initializer, kind, strength, size, speed].map((one) => one.field), seedField);

  on("catalogue", () => {
    const catalogue = app.catalogue;
    if (!catalogue) return;
    fill(problem.select, Object.keys(catalogue.problems));
    fill(activation.select, ["", ...catalogue.activations], (name) => name || "(mixed)");
    fill(optimizer.select, Object.keys(catalogue.optimizers));
    fill(initializer.select, catalogue.initializers);
    fill(kind.select, catalogue.regularizations);
  });
  on("state", () => {
    const settings = app.state?.settings;
    const catalogue = app.catalogue;
    if (!settings || !catalogue) return;
    const many = settings.problem === "classification" && (app.state?.outputs ?? 1) > 2;
    fill(loss.select, ["auto", ...(catalogue.losses[many ? "classes" : settings.problem] ?? []).filter((name) => name !== "auto")]);
    const automatic = [...loss.select.options].find((option) => option.value === "auto");
    if (automatic) automatic.textContent = `auto (${app.state?.loss})`;
    const kinds = new Set(settings.layers.filter((layer) => layer.kind === "dense").map((layer) => layer.activation ?? "linear"));
    choose(problem.select, settings.problem);
    choose(rate.select, String(Number(settings.learning_rate.toPrecision(6))));
    choose(activation.select, kinds.size === 1 ? [...kinds][0] : "");
    choose(optimizer.select, settings.optimizer);
    choose(momentum.select, String(settings.momentum));
    choose(loss.select, settings.loss);
    choose(initializer.select, settings.initializer);
    choose(kind.select, settings.regularization);
    choose(strength.select, String(settings.regularization_rate));
    choose(size.select, String(settings.batch_size));
    const { frames_per_second: frames, epochs_per_frame: epochs } = /** @type {import("./types.js").State} */ (app.state).view;
    const known = Object.entries(SPEEDS).find(([, [f, e]]) => f === frames && e === epochs)?.[0];
    choose(speed.select, known ?? `${epochs} × ${frames}`);
    if (document.activeElement !== seed) seed.value = String(settings.seed);
    const fixed = Boolean(app.state?.fixed);
    for (const one of [problem, optimizer, loss, initializer, kind]) one.select.disabled = false;
    momentum.select.disabled = catalogue.optimizers[settings.optimizer]?.momentum === null;
    momentum.field.title = momentum.select.disabled ? `${settings.optimizer} has no momentum to set` : "";
    strength.select.disabled = settings.regularization === "none";
    activation.select.disabled = kinds.size === 0;
    // A script's own model keeps what the script says, except how fast it goes on.
    if (fixed) for (const one of [problem, activation, optimizer, momentum, loss, initializer, kind, strength]) one.select.disabled = true;
    seed.disabled = fixed;
  });
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
  change({ layers: (app.state?.settings.layers ?? []).map((layer) => (layer.kind === "dense" ? { ...layer, activation } : layer)) });
}
