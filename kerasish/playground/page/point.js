/** The panel in which one point is walked forward and back through the drawn network, at reading speed. */
import { app, classCount, on, setLook } from "./app.js";
import { byId, calm, make } from "./dom.js";
import { lightLines, showNumbers } from "./network.js";
import { moments } from "./walk.js";

const LEAST_TIME = 2200;
const TIME_PER_LINE = 450;
const MOST_TIME = 7000;

const button = (
    /** @type {string} */ id,
    /** @type {string} */ textContent,
    /** @type {string} */ name = textContent,
) => make("button", { id, textContent, "aria-label": name });

const pick = button("point-pick", "Choose a point");
const any = button("point-any", "Any point");
const label = make("input", {
    type: "number",
    step: "1",
    value: "0",
    "aria-label": "Label of the point",
    id: "point-label",
    size: 4,
});
const previous = button("walk-previous", "◀", "Previous step");
const play = button("walk-play", "Play");
const next = button("walk-next", "▶", "Next step");
const end = button("walk-end", "✕", "Take the numbers off the network");
const bar = make("progress", { "aria-label": "Steps" });
const title = make("p", { className: "step-title", id: "walk-title", "aria-live": "polite" });
const formula = make("div", {
    className: "formula",
    id: "walk-formula",
    tabIndex: 0,
    role: "region",
    "aria-label": "Numbers of this step",
});
const walk = make("div", { className: "walk" }, previous, play, next, bar, end);
const hint = make("p", {
    className: "hint",
    textContent:
        "One point, forward through the network and back: each number of backpropagation, on the drawing and here.",
});

/** @type {import("./walk.js").Moment[]} */
let list = [];
let place = 0;
let timer = 0;
/** The point that was asked about last. */
let asked = "null";
/** Whether the answer to come is about the same point as the one before. */
let again = false;
/** The network that the numbers belong to. */
let network = "";

export function startPoint() {
    pick.title = "Then click into the output, or move the cross with the arrow keys and press Enter";
    const chooser = make(
        "div",
        { className: "walk pick" },
        pick,
        any,
        make("label", { className: "walk" }, "Label", label),
    );
    const heading = make("div", { className: "heading" }, make("h2", { textContent: "One point, step by step" }));
    byId("panel-point").append(heading, chooser, hint, walk, title, formula);
    previous.onclick = () => step(place - 1);
    next.onclick = () => step(place + 1);
    play.onclick = () => (timer ? pause() : (place >= list.length - 1 && go(0), run()));
    end.onclick = clear;
    pick.onclick = choose;
    any.onclick = chooseAny;
    label.onchange = () => {
        const point = app.look.point;
        if (point && Number.isFinite(label.valueAsNumber)) setLook({ point: { ...point, label: label.valueAsNumber } });
    };
    on("look", ask);
    on("backprop", (found) => {
        list = moments(found);
        if (!again) pause();
        go(again ? place : 0);
        if (!again) byId("network").scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
        again = true;
    });
    on("frame", () => {
        // A weight has been changed by hand, or by one more epoch: the same moment, with its new numbers.
        if (list.length > 0 && app.look.point && !app.state?.playing) app.send({ type: "backprop", ...app.look.point });
    });
    on("state", checkNetwork);
    show();
}

/** The next click into the plane, or Enter there, is the point. */
function choose() {
    setLook({ choosing: true, panel: "point" });
    byId("map").focus();
}

function chooseAny() {
    const xs = app.data?.arrays.get("train_x")?.values;
    const ys = app.data?.arrays.get("train_y")?.values;
    if (!xs || !ys || ys.length === 0) return;
    const i = Math.floor(Math.random() * ys.length);
    setLook({ panel: "point", point: { point: [xs[2 * i], xs[2 * i + 1]], label: ys[i] } });
}

/** Ask about a point that has not been asked about; training waits, so that the numbers stay true. */
function ask() {
    pick.setAttribute("aria-pressed", String(app.look.choosing));
    document.body.classList.toggle("walking", list.length > 0 && app.look.panel === "point");
    const point = app.look.point;
    const key = JSON.stringify(point);
    if (key === asked) return;
    asked = key;
    again = false;
    if (!point) return;
    label.value = String(classCount() ? Math.round(point.label) : Number(point.label.toFixed(3)));
    if (app.state?.playing) app.send({ type: "pause" });
    app.send({ type: "backprop", ...point });
}

/** Numbers of a network that is no longer there are taken off, and so they are when training goes on. */
function checkNetwork() {
    const now = JSON.stringify([app.state?.revision, app.state?.layers]);
    const changed = now !== network || app.state?.playing;
    network = now;
    if (changed && list.length > 0) clear();
}

function show() {
    const now = list[place];
    walk.hidden = formula.hidden = !now;
    hint.hidden = Boolean(now);
    document.body.classList.toggle("walking", Boolean(now) && app.look.panel === "point");
    title.textContent = now ? `${place + 1} of ${list.length}. ${now.title}` : "";
    formula.textContent = now?.formula ?? "";
    formula.scrollTop = 0;
    bar.max = Math.max(1, list.length);
    bar.value = place + 1;
    previous.disabled = place === 0;
    next.disabled = place >= list.length - 1;
    lightLines(now?.layer ?? null);
    showNumbers(now?.numbers ?? []);
}

/** @param {number} to */
function go(to) {
    place = Math.max(0, Math.min(list.length - 1, to));
    show();
}

/** @param {number} to */
function step(to) {
    pause();
    go(to);
}

function run() {
    play.textContent = "Pause";
    const time = Math.min(MOST_TIME, LEAST_TIME + TIME_PER_LINE * (list[place]?.lines ?? 0));
    timer = window.setTimeout(() => {
        if (place >= list.length - 1) return pause();
        go(place + 1);
        run();
    }, time);
}

function pause() {
    window.clearTimeout(timer);
    timer = 0;
    play.textContent = "Play";
}

function clear() {
    pause();
    list = [];
    place = 0;
    asked = "null";
    app.look.point = null;
    show();
    setLook({});
}
