/** Short ways to make and find elements, and to draw on canvases of the screen's own resolution. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties] properties; those with a dash, `role` and `for` are attributes
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, String(value));
        else /** @type {any} */ (element)[name] = value;
    }
    element.append(...children.filter((child) => child !== null));
    return element;
}

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
    const element = document.getElementById(id);
    if (!element) throw new Error(`the page has no #${id}`);
    return /** @type {T} */ (element);
}

/**
 * A labelled menu that keeps its choice in `value`.
 *
 * @param {string} label
 * @param {string[]} values
 * @param {(value: string) => void} chosen
 * @param {(value: string) => string} [name] how a value is written
 */
export function menu(label, values, chosen, name = (value) => value) {
    const select = make("select", { onchange: () => chosen(select.value) });
    fill(select, values, name);
    return { field: make("label", { className: "field" }, make("span", { textContent: label }), select), select };
}

/** @param {HTMLSelectElement} select @param {string[]} values @param {(value: string) => string} [name] */
export function fill(select, values, name = (value) => value) {
    const before = select.value;
    if (values.join("\n") === [...select.options].map((option) => option.value).join("\n")) return;
    select.replaceChildren(...values.map((value) => make("option", { value, textContent: name(value) })));
    if (values.includes(before)) select.value = before;
}

/**
 * Choose a value, adding it where the menu does not have it (a link may say any number).
 *
 * @param {HTMLSelectElement} select
 * @param {string} value
 */
export function choose(select, value) {
    if (select.value === value) return;
    if (![...select.options].some((option) => option.value === value)) {
        select.append(make("option", { value, textContent: value }));
    }
    select.value = value;
}

/**
 * A labelled slider that shows its value.
 *
 * @param {string} label
 * @param {[number, number, number]} range least, most, step
 * @param {(value: number) => void} chosen
 * @param {(value: number) => string} [written]
 */
export function slider(label, [min, max, step], chosen, written = String) {
    const shown = make("b");
    const input = make("input", { type: "range", min, max, step, "aria-label": label });
    const show = () => {
        shown.textContent = written(Number(input.value));
        input.setAttribute("aria-valuetext", shown.textContent);
    };
    input.oninput = () => {
        show();
        chosen(Number(input.value));
    };
    const field = make("label", { className: "field slider" }, make("span", {}, `${label} `, shown), input);
    return {
        field,
        input,
        /** @param {number} value */
        set(value) {
            input.value = String(value);
            show();
        },
    };
}

/**
 * The canvas's context, in CSS pixels, on as many pixels as the screen has.
 *
 * @param {HTMLCanvasElement} canvas
 */
export function sharp(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== across || canvas.height !== down) {
        canvas.width = across;
        canvas.height = down;
    }
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return { context, width, height };
}

/**
 * A number as a reader wants it: three digits, and powers where there are many zeros.
 *
 * @param {number | null | undefined} value
 */
export function written(value) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 0.001 || size >= 10000)) return value.toExponential(1);
    return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

export const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @type {Map<string, string>} */
const colors = new Map();

/** A colour of the style sheet, asked for once in each theme. @param {string} name */
export function css(name) {
    const key = `${document.documentElement.dataset.theme} ${name}`;
    const known = colors.get(key);
    if (known) return known;
    const found = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    colors.set(key, found);
    return found;
}
