/**
 * The page's beginning: the parts are started, the socket is opened, and what comes is handed to whom it concerns.
 *
 * @import {Binary, Settings} from "./types.js"
 */
import { answered, app, change, emit, forget, newest, on, setLook } from "./app.js";
import { startColumns } from "./columns.js";
import { startCurves } from "./curves.js";
import { startData } from "./data.js";
import { byId, make } from "./dom.js";
import { startEditor } from "./editor.js";
import { startExports } from "./exports.js";
import { startGradients } from "./gradients.js";
import { fromHash, toHash } from "./hash.js";
import { startKeys } from "./keys.js";
import { LESSONS } from "./lessons.js";
import { startNetwork } from "./network.js";
import { startPlane } from "./plane.js";
import { startPoint } from "./point.js";
import { copyText, startScript } from "./script.js";
import { startSettings } from "./settings.js";
import { startSurface } from "./surface.js";
import { Wire } from "./wire.js";

const VERSION = 1;
const TOKEN = "kerasish-playground-token";
const PANELS = /** @type {[string, string][]} */ ([
    ["script", "Script"],
    ["gradients", "Gradients"],
    ["surface", "Loss surface"],
    ["point", "One point"],
]);
const NAMES = {
    connecting: "Connecting",
    connected: "Connected",
    lost: "The server is gone; trying again",
    refused: "Unknown address",
};
const LONG_ENOUGH = 6000;

let toastTimer = 0;
/** @param {string} text */
function toast(text) {
    byId("toast").textContent = text;
    window.clearTimeout(toastTimer);
    toastTimer = window.setTimeout(() => (byId("toast").textContent = ""), LONG_ENOUGH);
}

/** The token of the address, or the last one that was seen: a link of the course does not know it. */
function token() {
    const given = new URLSearchParams(location.search).get("token");
    if (given) localStorage.setItem(TOKEN, given);
    return given ?? localStorage.getItem(TOKEN) ?? "";
}

/** The first message: the settings of the link, or after a pause everything that the page still knows. */
function hello() {
    const { state, frame } = app;
    forget();
    if (!state) return { type: "hello", version: VERSION, settings: fromHash(location.hash) };
    const message = {
        type: "hello",
        version: VERSION,
        settings: state.settings,
        view: state.view,
        playing: state.playing,
    };
    if (!frame || frame.header.revision !== state.revision) return message;
    // What is not a number cannot be said in JSON, and is not worth going on with.
    const all = [...frame.arrays].filter(([name]) => name.startsWith("weights/"));
    if (!all.every(([, { values }]) => values.every(Number.isFinite))) return message;
    const weights = state.layers.map((layer) =>
        layer.weights.map((_, i) => nested(frame, `weights/${layer.index}/${i}`)),
    );
    return { ...message, epoch: frame.header.epoch, weights };
}

/** @param {Binary} frame @param {string} name @returns {any} */
function nested(frame, name) {
    const { shape, values } = /** @type {import("./types.js").Numbers} */ (frame.arrays.get(name));
    if (shape.length !== 2) return Array.from(values);
    return Array.from({ length: shape[0] }, (_, i) => Array.from(values.subarray(i * shape[1], (i + 1) * shape[1])));
}

/** @type {Binary | null} */
let undrawn = null;
/** @type {Settings | null} The settings as the engine has them. */
let confirmed = null;

const wire = new Wire({
    token,
    hello,
    message(message) {
        if (message.type === "catalogue") app.catalogue = /** @type {any} */ (message);
        if (message.type === "state") {
            answered(message.reply_to);
            confirmed = message.settings;
            app.state = /** @type {any} */ ({
                ...message,
                inputs: message.settings.features,
                settings: newest(message.settings),
            });
            remember();
        }
        if (message.type === "error") {
            answered(message.reply_to);
            toast(message.message);
            // What was refused is not so: the controls go back to what is.
            if (app.state && confirmed) {
                app.state.settings = newest(confirmed);
                emit("state");
            }
        }
        emit(message.type, message);
    },
    binary(found) {
        if (found.header.type === "frame") {
            // Frames that a newer one has overtaken are done with when that one is drawn. A page that nobody sees
            // draws none, and so the training waits.
            if (!undrawn) requestAnimationFrame(drawFrame);
            undrawn = found;
            return;
        }
        if (found.header.type === "data") app.data = found;
        emit(found.header.type, found);
    },
    changed(state) {
        app.connection = state;
        const status = byId("status");
        status.dataset.state = state;
        status.textContent = NAMES[state];
        if (state === "refused")
            toast("This address is not known to the server. Open the one that `kerasish playground` has printed.");
        emit("connection");
    },
});

function drawFrame() {
    const frame = undrawn;
    undrawn = null;
    if (!frame) return;
    // A frame of a network that is no longer there would not fit the drawing.
    if (!app.state || frame.header.revision === app.state.revision) {
        app.frame = frame;
        emit("frame");
    }
    wire.send({ type: "drawn", frame: frame.header.number });
}

/** The address says the settings. */
function remember() {
    if (!app.state || !app.catalogue) return;
    const hash = app.state.fixed ? "" : toHash(app.state.settings, app.catalogue.defaults);
    if (hash !== location.hash.slice(1))
        history.replaceState(null, "", `${location.pathname}${location.search}#${hash}`);
}

/** @param {string} hash */
function open(hash) {
    if (!app.catalogue) return;
    const settings = /** @type {Settings} */ ({ ...app.catalogue.defaults, ...fromHash(hash) });
    if (!("problem" in fromHash(hash)))
        settings.problem =
            Object.entries(app.catalogue.problems).find(([, sets]) => sets.includes(settings.data))?.[0] ??
            settings.problem;
    change(settings);
}

function startButtons() {
    const play = byId("play");
    play.onclick = () => app.send({ type: app.state?.playing ? "pause" : "play" });
    byId("step").onclick = () => app.send({ type: "step" });
    byId("reset").onclick = () => app.send({ type: "reset" });
    on("state", () => {
        const playing = app.state?.playing ?? false;
        play.setAttribute("aria-pressed", String(playing));
        play.setAttribute("aria-label", playing ? "Pause" : "Play");
        byId("notes").textContent = [app.state?.fixed, ...(app.state?.notes ?? [])].filter(Boolean).join(" ");
    });
    byId("link").onclick = async () => {
        await copyText(`${location.origin}/${location.hash}`);
        toast("The link of these settings is copied. It opens where this server runs.");
    };
    const lesson = /** @type {HTMLSelectElement} */ (byId("lesson"));
    lesson.append(
        make("option", { value: "", textContent: "–" }),
        ...LESSONS.map(({ name, hash }) => make("option", { value: hash, textContent: name })),
    );
    on("state", () => {
        const defaults = app.catalogue?.defaults;
        const now = location.hash.slice(1);
        lesson.disabled = Boolean(app.state?.fixed);
        lesson.value =
            LESSONS.find(({ hash }) => defaults && toHash({ ...defaults, ...fromHash(hash) }, defaults) === now)
                ?.hash ?? "";
    });
    lesson.onchange = () => lesson.value && open(lesson.value);
    window.addEventListener("hashchange", () => open(location.hash));
}

function startTheme() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
        document.documentElement.dataset.theme =
            localStorage.getItem("kerasish-theme") ?? (dark.matches ? "dark" : "light");
        setLook({});
    };
    dark.addEventListener("change", apply);
    byId("theme").onclick = () => {
        localStorage.setItem("kerasish-theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
        apply();
    };
    apply();
}

function startTabs() {
    const tabs = PANELS.map(([name, label]) =>
        make("button", {
            role: "tab",
            textContent: label,
            id: `tab-${name}`,
            "aria-controls": `panel-${name}`,
            onclick: () => setLook({ panel: name }),
        }),
    );
    byId("tabs").append(...tabs);
    byId("tabs").onkeydown = (event) => {
        const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!move) return;
        const next =
            tabs[
                (tabs.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) + move + tabs.length) %
                    tabs.length
            ];
        next.focus();
        next.click();
    };
    const show = () => {
        PANELS.forEach(([name], i) => {
            tabs[i].setAttribute("aria-selected", String(app.look.panel === name));
            tabs[i].tabIndex = app.look.panel === name ? 0 : -1;
            byId(`panel-${name}`).hidden = app.look.panel !== name;
        });
    };
    on("look", show);
    // On a wide screen the script stands beside the other panels.
    if (window.matchMedia("(min-width: 60rem)").matches) app.look.panel = "gradients";
    show();
}

/** A screen of a phone shows the network first. */
function startNarrow() {
    const box = /** @type {HTMLDetailsElement} */ (byId("settings-box"));
    const narrow = window.matchMedia("(max-width: 38rem)");
    const apply = () => (box.open = !narrow.matches);
    narrow.addEventListener("change", apply);
    apply();
}

app.send = (message) => wire.send(message);
startNarrow();
startButtons();
startTabs();
for (const start of [startSettings, startData, startColumns, startNetwork, startPlane, startCurves, startEditor])
    start();
for (const start of [startScript, startGradients, startSurface, startPoint, startExports, startKeys]) start();
startTheme();
wire.open();
// A server that was started anew has another token, which the page that it opened has left here.
window.addEventListener("storage", (event) => {
    if (event.key === TOKEN && event.newValue && app.connection !== "connected") {
        history.replaceState(null, "", `?token=${encodeURIComponent(event.newValue)}${location.hash}`);
        wire.open();
    }
});
