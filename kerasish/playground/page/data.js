/** The left side: data sets, their sliders, and the reader's own points. */
import { app, change, on, setLook } from "./app.js";
import { pointColor } from "./colors.js";
import { byId, make, sharp, slider } from "./dom.js";
import { HALF_WIDTH } from "./features.js";
import { mark } from "./plane.js";

const NAMES = /** @type {Record<string, string>} */ ({
    gauss: "Gauss",
    regression_plane: "plane",
    regression_gauss: "hills",
    own: "own points",
    script: "script's",
});
const LARGEST_FILE = 200_000;

export function startData() {
    on("catalogue", pictures);
    on("state", () => {
        pictures();
        chosen();
    });
    on("look", repaint);
    sliders();
    ownPoints();
    window.addEventListener("dragover", (event) => event.preventDefault());
    window.addEventListener("drop", (event) => {
        event.preventDefault();
        const file = event.dataTransfer?.files[0];
        if (file) void readTable(file);
    });
    window.addEventListener("paste", (event) => {
        const inside = event.target instanceof HTMLElement && event.target.closest("input, textarea");
        const text = event.clipboardData?.getData("text") ?? "";
        if (!inside && /\d[,;\t ]/.test(text)) app.send({ type: "csv", text });
    });
}

/** @param {File} file */
async function readTable(file) {
    if (file.size > LARGEST_FILE)
        return void (byId("toast").textContent = `${file.name} is larger than ${LARGEST_FILE / 1000} kB`);
    app.send({ type: "csv", text: await file.text() });
}

let shownSets = "";

function pictures() {
    const settings = app.state?.settings;
    const catalogue = app.catalogue;
    if (!settings || !catalogue) return;
    const names = catalogue.problems[settings.problem] ?? [];
    const key = `${names} ${settings.problem}`;
    if (key === shownSets) return;
    shownSets = key;
    const buttons = names.map((name) => {
        const button = make("button", {
            role: "radio",
            value: name,
            title: NAMES[name] ?? name,
            "aria-label": NAMES[name] ?? name.replace("_", " "),
        });
        button.append(
            make("canvas", { "aria-hidden": "true" }),
            make("span", { textContent: NAMES[name] ?? name.replace("_", " ") }),
        );
        button.onclick = () => change({ data: name });
        return button;
    });
    byId("datasets").replaceChildren(...buttons);
    byId("datasets").onkeydown = (event) => {
        const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!move) return;
        event.preventDefault();
        const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
        const next = buttons[(at + move + buttons.length) % buttons.length];
        next.focus();
        next.click();
    };
    repaint();
}

function repaint() {
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (byId("datasets").querySelectorAll("button"))) {
        const canvas = button.querySelector("canvas");
        if (canvas) drawPreview(canvas, button.value);
    }
}

/** @param {HTMLCanvasElement} canvas @param {string} name */
function drawPreview(canvas, name) {
    const { context, width } = sharp(canvas);
    const points = app.catalogue?.previews[name] ?? [];
    const labels = new Set(points.map((point) => point[2]));
    const regression = app.catalogue?.problems.regression.includes(name);
    const classes = regression ? 0 : Math.max(2, labels.size);
    if (points.length === 0) {
        context.font = `${width * 0.5}px system-ui, sans-serif`;
        context.textAlign = "center";
        context.textBaseline = "middle";
        context.fillStyle = pointColor(1, 2);
        context.fillText(name === "script" ? "{ }" : "✎", width / 2, width / 2);
    }
    for (const [x, y, value] of points) {
        context.fillStyle = pointColor(value, classes);
        context.beginPath();
        context.arc(((x / HALF_WIDTH + 1) / 2) * width, ((1 - y / HALF_WIDTH) / 2) * width, width / 32, 0, 7);
        context.fill();
    }
}

function chosen() {
    const data = app.state?.settings.data;
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (byId("datasets").querySelectorAll("button"))) {
        const on = button.value === data;
        button.setAttribute("aria-checked", String(on));
        button.tabIndex = on ? 0 : -1;
    }
}

function sliders() {
    const share = slider(
        "Training share",
        [10, 90, 10],
        (value) => change({ train_share: value / 100 }),
        (value) => `${value} %`,
    );
    const noise = slider(
        "Noise",
        [0, 2, 0.05],
        (value) => change({ noise: value }),
        (value) => value.toFixed(2),
    );
    const samples = slider("Points", [20, 1000, 20], (value) => change({ samples: value }));
    const classes = slider("Classes", [2, 8, 1], (value) => change({ classes: value }));
    classes.input.id = "classes";
    const again = make("button", { textContent: "New points", title: "Draw other points of the same kind" });
    again.onclick = () => change({ data_seed: (app.state?.settings.data_seed ?? 0) + 1 });
    share.input.id = "share";
    noise.input.id = "noise";
    samples.input.id = "samples";
    byId("data-sliders").append(share.field, noise.field, samples.field, classes.field, again);
    on("state", () => {
        const settings = app.state?.settings;
        if (!settings) return;
        share.set(Math.round(settings.train_share * 100));
        noise.set(settings.noise);
        samples.set(settings.samples);
        classes.input.max = String(app.catalogue?.limits.classes?.[1] ?? 8);
        classes.set(settings.classes);
        classes.field.hidden =
            settings.problem !== "classification" ||
            !app.catalogue?.many_classes.includes(settings.data) ||
            Boolean(app.state?.fixed);
        const made = settings.data !== "own" && settings.data !== "script";
        const fixed = Boolean(app.state?.fixed);
        for (const element of [noise.field, samples.field, again]) element.hidden = !made || fixed;
        share.field.hidden = byId("datasets").hidden = fixed;
        byId("script-data").hidden = !fixed;
    });
}

function ownPoints() {
    const parent = byId("own-points");
    const classes = make("div", { className: "classes", role: "radiogroup", "aria-label": "What a click draws" });
    const value = make("input", {
        type: "number",
        step: "0.1",
        min: "-1",
        max: "1",
        value: "1",
        "aria-label": "Value that a click draws",
    });
    value.oninput = () => Number.isFinite(value.valueAsNumber) && setLook({ drawLabel: value.valueAsNumber });
    const table = make("textarea", {
        placeholder: "x1, x2, label\n1.5, 2, 0\n-2, 1, 1",
        "aria-label": "Table of two columns and a label",
        spellcheck: false,
        id: "csv",
    });
    const take = make("button", {
        textContent: "Use this table",
        id: "csv-use",
        onclick: () => app.send({ type: "csv", text: table.value }),
    });
    const file = make("input", { type: "file", "aria-label": "A table", accept: ".csv,.txt,.tsv", hidden: true });
    file.onchange = () => file.files?.[0] && void readTable(file.files[0]);
    const browse = make("button", { textContent: "Open a file", onclick: () => file.click() });
    const clear = make("button", { textContent: "Clear", onclick: () => change({ points: [] }) });
    const hint = make("p", {
        className: "hint",
        textContent: "Click into the output to draw; Shift and click takes away. Or paste or drop a table.",
    });
    parent.append(hint, classes, value, table, make("div", { className: "walk" }, take, browse, clear), file);
    on("state", () => showOwn(parent, classes, value));
    on("look", () => showOwn(parent, classes, value));
}

/** @param {HTMLElement} parent @param {HTMLElement} classes @param {HTMLInputElement} value */
function showOwn(parent, classes, value) {
    const settings = app.state?.settings;
    parent.hidden = settings?.data !== "own";
    if (!settings || parent.hidden) return;
    const regression = settings.problem === "regression";
    classes.hidden = regression;
    value.hidden = !regression;
    const known = Math.max(2, app.state?.outputs ?? 2, settings.classes);
    const most = app.catalogue?.limits.classes?.[1] ?? 8;
    const labels = Array.from({ length: Math.min(known, most) }, (_, label) => {
        const button = make("button", {
            role: "radio",
            "aria-checked": String(app.look.drawLabel === label),
            "aria-pressed": String(app.look.drawLabel === label),
            "aria-label": `Class ${label}`,
        });
        const dot = make("canvas");
        dot.style.width = dot.style.height = "1.1rem";
        requestAnimationFrame(() => {
            const { context, width } = sharp(dot);
            mark(context, width / 2, width / 2, width * 0.32, label, known, false);
        });
        button.append(dot, String(label));
        button.onclick = () => setLook({ drawLabel: label });
        return button;
    });
    if (known < most) {
        labels.push(
            make("button", {
                textContent: "+",
                "aria-label": "One class more",
                onclick: () => (setLook({ drawLabel: known }), change({ classes: known + 1 })),
            }),
        );
    }
    classes.replaceChildren(...labels);
}
