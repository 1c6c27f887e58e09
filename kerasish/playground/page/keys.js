/** Keys for what is done often; inside a field they are letters. */
import { byId, make } from "./dom.js";

/** @type {[string, string, () => void][]} */
const KEYS = [
    ["Space", "Play or pause", () => byId("play").click()],
    ["S", "One epoch", () => byId("step").click()],
    ["R", "Reset to the first weights", () => byId("reset").click()],
    ["N", "Other first weights", () => nudge()],
    ["T", "Test data", () => byId("show-test").click()],
    ["M", "Discretize the output", () => byId("discrete").click()],
    ["D", "Dark or light", () => byId("theme").click()],
    ["L", "Copy the link", () => byId("link").click()],
    ["?", "This list", () => byId("keys").togglePopover()],
];
const INSIDE = [
    ["Arrows", "In the network: from unit to unit. In the output: move the cross, Shift for larger steps"],
    ["Enter", "A feature: use it or not. A unit: its weights. The output: draw or choose a point"],
    ["Delete", "In the output: take a point away"],
    ["Esc", "Close a window"],
];

function nudge() {
    const seed = /** @type {HTMLInputElement} */ (byId("seed"));
    seed.value = String(Number(seed.value) + 1);
    seed.dispatchEvent(new Event("change"));
}

export function startKeys() {
    byId("key-list").append(
        ...KEYS.flatMap(([key, text]) => [
            make("dt", {}, make("kbd", { textContent: key })),
            make("dd", { textContent: text }),
        ]),
        ...INSIDE.flatMap(([key, text]) => [
            make("dt", {}, make("kbd", { textContent: key })),
            make("dd", { textContent: text }),
        ]),
    );
    document.addEventListener("keydown", (event) => {
        const target = /** @type {HTMLElement} */ (event.target);
        if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select, [popover]"))
            return;
        // On a button the space bar presses that button.
        if (event.key === " " && target.closest("button, [role=tab]")) return;
        const pressed = event.key === " " ? "Space" : event.key.toUpperCase();
        const found = KEYS.find(([key]) => key === event.key || key.toUpperCase() === pressed.toUpperCase());
        if (!found) return;
        event.preventDefault();
        found[2]();
    });
}
