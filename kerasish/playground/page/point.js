/** The panel in which one point is walked forward and back through the drawn network, at reading speed. */
import { app, classCount, on, setLook } from "./app.js";
import { byId, calm, make } from "./dom.js";
import { lightLines, showNumbers } from "./network.js";
import { moments } from "./walk.js";

const LEAST_TIME = 2200;
const TIME_PER_LINE = 450;
const MOST_TIME = 7000;

/** @type {import("./walk.js").Moment[]} */
let list = [];
let place = 0;
let timer = 0;
let revision = "";

export function startPoint() {
  const pick = make("button", { textContent: "Choose a point", id: "point-pick", title: "Then click into the output, or move the cross with the arrow keys and press Enter" });
  const any = make("button", { textContent: "Any point", id: "point-any" });
  const label = make("input", { type: "number", step: "1", value: "0", "aria-label": "Label of the point", id: "point-label" });
  label.style.width = "5rem";
  const previous = make("button", { textContent: "◀", "aria-label": "Previous step", id: "walk-previous" });
  const play = make("button", { textContent: "Play", id: "walk-play" });
  const next = make("button", { textContent: "▶", "aria-label": "Next step", id: "walk-next" });
  const bar = make("progress", { "aria-label": "Steps" });
  const end = make("button", { textContent: "✕", "aria-label": "Take the numbers off the network" });
  const walk = make("div", { className: "walk" }, previous, play, next, bar, end);
  const title = make("p", { className: "step-title", id: "walk-title", "aria-live": "polite" });
  const formula = make("div", { className: "formula", id: "walk-formula", tabIndex: 0, role: "region", "aria-label": "Numbers of this step" });
  const hint = make("p", { className: "hint", textContent: "One point, forward through the network and back: each number of backpropagation, on the drawing and here." });
  byId("panel-point").append(make("div", { className: "heading" }, make("h2", { textContent: "One point, step by step" })), make("div", { className: "walk pick" }, pick, any, make("label", { className: "walk" }, "Label", label)), hint, walk, title, formula);

  const show = () => {
    const now = list[place];
    walk.hidden = formula.hidden = !now;
    document.body.classList.toggle("walking", Boolean(now) && app.look.panel === "point");
    hint.hidden = Boolean(now);
    if (!now) return void (title.textContent = "");
    title.textContent = `${place + 1} of ${list.length}. ${now.title}`;
    formula.textContent = now.formula;
    formula.scrollTop = 0;
    bar.max = list.length;
    bar.value = place + 1;
    previous.disabled = place === 0;
    next.disabled = place === list.length - 1;
    lightLines(now.layer);
    showNumbers(now.numbers);
  };
  const stop = () => {
    window.clearTimeout(timer);
    timer = 0;
    play.textContent = "Play";
  };
  const go = (/** @type {number} */ to) => {
    place = Math.max(0, Math.min(list.length - 1, to));
    show();
  };
  const run = () => {
    play.textContent = "Pause";
    const time = Math.min(MOST_TIME, LEAST_TIME + TIME_PER_LINE * (list[place]?.lines ?? 0));
    timer = window.setTimeout(() => {
      if (place >= list.length - 1) return stop();
      go(place + 1);
      run();
    }, time);
  };
  const clear = () => {
    stop();
    list = [];
    show();
    lightLines(null);
    showNumbers([]);
  };
  previous.onclick = () => (stop(), go(place - 1));
  next.onclick = () => (stop(), go(place + 1));
  play.onclick = () => (timer ? stop() : (place >= list.length - 1 && go(0), run()));
  end.onclick = clear;
  pick.onclick = () => {
    setLook({ choosing: true, panel: "point" });
    byId("map").focus();
  };
  any.onclick = () => {
    const xs = app.data?.arrays.get("train_x")?.values;
    const ys = app.data?.arrays.get("train_y")?.values;
    if (!xs || !ys || ys.length === 0) return;
    const i = Math.floor(Math.random() * ys.length);
    setLook({ panel: "point", point: { point: [xs[2 * i], xs[2 * i + 1]], label: ys[i] } });
  };
  label.onchange = () => {
    const point = app.look.point;
    if (point && Number.isFinite(label.valueAsNumber)) setLook({ point: { ...point, label: label.valueAsNumber } });
  };
  let asked = "";
  on("look", () => {
    document.body.classList.toggle("walking", list.length > 0 && app.look.panel === "point");
    pick.setAttribute("aria-pressed", String(app.look.choosing));
    const point = app.look.point;
    const key = JSON.stringify(point);
    if (!point || key === asked) return;
    asked = key;
    label.value = String(classCount() ? Math.round(point.label) : Number(point.label.toFixed(3)));
    if (app.state?.playing) app.send({ type: "pause" });
    app.send({ type: "backprop", ...point });
  });
  on("backprop", (found) => {
    stop();
    list = moments(found);
    place = 0;
    show();
    byId("network").scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
    asked = JSON.stringify(app.look.point);
  });
  on("state", () => {
    const key = JSON.stringify([app.state?.inputs, app.state?.layers, app.state?.playing]);
    if (key !== revision && (list.length > 0 || app.look.point) && revision !== "" && !sameButPaused(revision, key)) {
      clear();
      asked = "";
      app.look.point = null;
    }
    revision = key;
  });
  show();
}

/** Whether nothing but the pause that the walk itself asks for lies between two states. @param {string} before @param {string} after */
function sameButPaused(before, after) {
  return before.replace(/,true\]$/, ",false]") === after;
}
