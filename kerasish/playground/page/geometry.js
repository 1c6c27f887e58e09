/**
 * Where the columns, units and lines of the drawn network lie.
 *
 * @import {LayerInfo, State} from "./types.js"
 */

/**
 * @typedef {object} Column
 * @property {number} layer an index into the state's layers; -1 for the features
 * @property {boolean} units whether it is drawn as units (dense layers), or as a pill that the lines pass under
 * @property {number} x its middle
 * @property {number} width what is there for its head
 * @property {number[]} ys the middle of each unit
 *
 * @typedef {object} Link
 * @property {number} layer the layer whose kernel it belongs to
 * @property {number} from the input, counted among those that are in use
 * @property {number} to
 * @property {string} path
 *
 * @typedef {{columns: Column[], links: Link[], size: number, width: number, height: number, top: number}} Geometry
 */

const PILL_SHARE = 0.55;

/** Whether a layer is drawn as units: it has a kernel of inputs by units. @param {LayerInfo} layer */
export function hasUnits(layer) {
    return layer.weights.some((weight) => weight.name === "kernel" && weight.shape.length === 2);
}

/**
 * @param {State} state
 * @param {string[]} features all that are drawn, in use or not
 * @param {number} room the width that is there
 * @param {number} rem
 * @returns {Geometry}
 */
export function layOut(state, features, room, rem) {
    const kinds = state.layers.map(hasUnits);
    const most = Math.max(features.length, ...state.layers.map((layer, i) => (kinds[i] ? layer.units : 1)));
    const shares = 1 + kinds.reduce((sum, units) => sum + (units ? 1 : PILL_SHARE), 0);
    const left = 2.6 * rem;
    const each = Math.max(3.4 * rem, (room - left) / shares);
    const width = Math.max(room, left + each * shares);
    const top = 3.6 * rem;
    const size = Math.min(each * 0.5, (room > 60 * rem ? 4 : 3.3) * rem, (36 * rem) / most / 1.34);
    const gap = size * 1.34;
    const height = top + gap * most + 0.5 * rem;
    const middle = top + (gap * most) / 2;
    const spread = (/** @type {number} */ count) =>
        Array.from({ length: count }, (_, i) => middle + (i - (count - 1) / 2) * gap);
    /** @type {Column[]} */
    const columns = [
        { layer: -1, units: true, x: left + each / 2 - 0.1 * each, width: each, ys: spread(features.length) },
    ];
    let x = left + each;
    state.layers.forEach((layer, index) => {
        const wide = each * (kinds[index] ? 1 : PILL_SHARE);
        columns.push({
            layer: index,
            units: kinds[index],
            x: x + wide / 2,
            width: wide,
            ys: kinds[index] ? spread(layer.units) : [middle],
        });
        x += wide;
    });
    return { columns, links: connect(columns, usedRows(state, features), size), size, width, height, top };
}

/** The rows of the features that are in use. @param {State} state @param {string[]} features */
function usedRows(state, features) {
    return state.inputs.map((name) => features.indexOf(name));
}

/** @param {Column[]} columns @param {number[]} used @param {number} size @returns {Link[]} */
function connect(columns, used, size) {
    /** @type {Link[]} */
    const links = [];
    let before = { x: columns[0].x, ys: used.map((row) => columns[0].ys[row]) };
    for (const column of columns.slice(1)) {
        if (!column.units) continue;
        const [start, end] = [before.x + size / 2, column.x - size / 2];
        const bend = (end - start) * 0.5;
        before.ys.forEach((y, from) => {
            column.ys.forEach((target, to) => {
                // Lines arrive side by side, so that each can be pointed at.
                const arrive = target + ((from + 0.5) / before.ys.length - 0.5) * size * 0.7;
                const [a, b, c, d, e] = [start, start + bend, end - bend, end, y].map((v) => v.toFixed(1));
                const f = arrive.toFixed(1);
                const path = `M${a} ${e}C${b} ${e} ${c} ${f} ${d} ${f}`;
                links.push({ layer: column.layer, from, to, path });
            });
        });
        before = column;
    }
    return links;
}
