/**
 * What the parts of the page share: what the engine said last, what the reader looks at, and who wants to know of changes.
 *
 * @import {Binary, Catalogue, Settings, State} from "./types.js"
 */

/** @typedef {"catalogue" | "state" | "data" | "frame" | "connection" | "backprop" | "parsed" | "surface" | "file" | "error" |
 *   "look"} EventName */

/** @type {Map<string, ((value: any) => void)[]>} */
const listeners = new Map();

/** @param {EventName} name @param {(value: any) => void} listener */
export function on(name, listener) {
    listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

/** @param {EventName} name @param {any} [value] */
export function emit(name, value) {
    for (const listener of listeners.get(name) ?? []) listener(value);
}

export const app = {
    /** @type {Catalogue | null} */
    catalogue: null,
    /** @type {State | null} */
    state: null,
    /** @type {Binary | null} */
    data: null,
    /** @type {Binary | null} */
    frame: null,
    /** @type {[number, number, number][]} Epoch, training loss, test loss. */
    history: [],
    /** @type {"connecting" | "connected" | "lost" | "refused"} */
    connection: "connecting",
    look: {
        discrete: false,
        showTest: false,
        /**
         * @type {{layer: number, unit: number} | null} The unit whose map is shown large; layer -1 is the features.
         */
        shown: null,
        /** @type {number} The label of the points that a click draws. */
        drawLabel: 1,
        panel: "script",
        /** @type {{point: number[], label: number} | null} The point that is walked through the network. */
        point: null,
        /** @type {boolean} Whether a click on the plane chooses that point. */
        choosing: false,
    },
    /** @type {(message: Record<string, any>) => void} */
    send: () => undefined,
};

/** @type {Partial<Settings>} What has been changed and not been sent. */
let waiting = {};
/** @type {{id: number, settings: Partial<Settings>}[]} What has been sent and not been answered. */
let sent = [];
let lastId = 0;
let timer = 0;

/**
 * New settings: seen by the page at once, sent a moment later together with what else changes until then.
 *
 * @param {Partial<Settings>} settings
 */
export function change(settings) {
    Object.assign(waiting, settings);
    if (app.state) Object.assign(app.state.settings, settings);
    if (!timer) timer = window.setTimeout(flush, 40);
}

/** Send the settings that wait. */
function flush() {
    window.clearTimeout(timer);
    timer = 0;
    if (Object.keys(waiting).length === 0) return;
    lastId += 1;
    sent.push({ id: lastId, settings: waiting });
    app.send({ type: "set", id: lastId, settings: waiting });
    waiting = {};
}

/** An answer has come: what was sent before is known to the engine. @param {number | undefined} id */
export function answered(id) {
    if (id !== undefined) sent = sent.filter((one) => one.id > id);
}

/** The engine's settings with what it does not know yet. @param {Settings} settings @returns {Settings} */
export function newest(settings) {
    return Object.assign({}, settings, ...sent.map((one) => one.settings), waiting);
}

/** A new connection: hello says everything. */
export function forget() {
    sent = [];
    waiting = {};
}

/** @param {Partial<typeof app.look>} look */
export function setLook(look) {
    Object.assign(app.look, look);
    emit("look");
}

/** How many classes the points have; 0 for a regression. */
export function classCount() {
    if (!app.state || app.state.settings.problem === "regression") return 0;
    return Math.max(2, app.state.outputs);
}
