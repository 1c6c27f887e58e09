/**
 * The equivalent Keras script: read it, copy it, or change it, and the picture follows.
 *
 * @import {Mark, Parsed} from "./types.js"
 */
import { app, on } from "./app.js";
import { byId, make } from "./dom.js";

const PAUSE = 500;

const text = make("textarea", { spellcheck: false, wrap: "off", "aria-label": "Keras script", id: "script" });
const back = make("pre", { "aria-hidden": "true" });
const gutter = make("div", { className: "gutter", "aria-hidden": "true" });
const box = make("div", { className: "code" }, gutter, make("div", { className: "text" }, back, text));
const marks = make("ul", { className: "marks", id: "marks", "aria-live": "polite" });
const copy = make("button", { textContent: "Copy", id: "copy-script" });
const undo = make("button", { textContent: "Back to the picture's script", hidden: true, id: "undo-script" });
const hint = make("p", { className: "hint" });

/** Whether the text is the reader's, and not the picture's. */
let edited = false;
let timer = 0;

export function startScript() {
    hint.textContent =
        "Change it, and the picture follows. It is read, never run; what the picture cannot show is marked.";
    const heading = make("div", { className: "heading" }, make("h2", { textContent: "Keras script" }), copy, undo);
    byId("panel-script").append(heading, box, marks, hint);
    text.oninput = () => {
        setEdited(true);
        show([]);
        window.clearTimeout(timer);
        timer = window.setTimeout(() => app.send({ type: "parse", text: text.value }), PAUSE);
    };
    text.onblur = () => {
        if (edited && marks.childElementCount === 0 && !timer) reset();
    };
    undo.onclick = reset;
    copy.onclick = async () => {
        await copyText(text.value, text);
        copy.textContent = "Copied";
        window.setTimeout(() => (copy.textContent = "Copy"), 1200);
    };
    on("parsed", (/** @type {Parsed} */ parsed) => {
        timer = 0;
        if (!edited) return;
        show(parsed.marks);
        if (parsed.marks.length === 0 && document.activeElement !== text) setEdited(false);
    });
    on("state", () => {
        text.readOnly = Boolean(app.state?.fixed);
        hint.hidden = text.readOnly;
        if (!edited && app.state && text.value !== app.state.script) reset();
    });
}

/** @param {boolean} value */
function setEdited(value) {
    edited = value;
    undo.hidden = !value;
    box.classList.toggle("edited", value);
}

/** The picture's script again. */
function reset() {
    setEdited(false);
    text.value = app.state?.script ?? "";
    show([]);
}

/** @param {Mark[]} found */
function show(found) {
    const lines = text.value.split("\n");
    gutter.textContent = lines.map((_, i) => i + 1).join("\n");
    back.replaceChildren(...underline(text.value, lines, found));
    marks.replaceChildren(...found.map((mark) => make("li", { textContent: `line ${mark.line}: ${mark.message}` })));
}

/**
 * The text again, with marks around what is not understood.
 *
 * @param {string} text
 * @param {string[]} lines
 * @param {Mark[]} marks
 * @returns {(string | HTMLElement)[]}
 */
function underline(text, lines, marks) {
    const starts = [0];
    for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
    const spans = marks.map((mark) => {
        const from = (starts[mark.line - 1] ?? 0) + column(lines[mark.line - 1], mark.column);
        const to = (starts[mark.end_line - 1] ?? 0) + column(lines[mark.end_line - 1], mark.end_column);
        return { from, to: Math.max(to, from + 1), message: mark.message };
    });
    /** @type {(string | HTMLElement)[]} */
    const parts = [];
    let at = 0;
    for (const { from, to, message } of spans.sort((a, b) => a.from - b.from)) {
        if (from < at) continue;
        parts.push(text.slice(at, from), make("mark", { textContent: text.slice(from, to), title: message }));
        at = to;
    }
    return [...parts, `${text.slice(at)}\n`];
}

/**
 * Python counts bytes of UTF-8, this language units of UTF-16.
 *
 * @param {string | undefined} line
 * @param {number} bytes
 */
function column(line, bytes) {
    return new TextDecoder().decode(new TextEncoder().encode(line ?? "").slice(0, bytes)).length;
}

/**
 * Copy, also where the clipboard may not be asked.
 *
 * @param {string} text
 * @param {HTMLTextAreaElement} [shown]
 */
export async function copyText(text, shown) {
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        const holder = shown ?? make("textarea", { value: text });
        if (!shown) document.body.append(holder);
        holder.select();
        document.execCommand("copy");
        if (!shown) holder.remove();
    }
}
