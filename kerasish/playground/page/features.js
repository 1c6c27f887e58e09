/** The features of a point, and their maps, which need no engine. */
import { app } from "./app.js";

/** @type {Record<string, (x1: number, x2: number) => number>} */
export const FEATURES = {
    x1: (x1) => x1,
    x2: (_, x2) => x2,
    "x1^2": (x1) => x1 * x1,
    "x2^2": (_, x2) => x2 * x2,
    "x1*x2": (x1, x2) => x1 * x2,
    "sin(x1)": (x1) => Math.sin(x1),
    "sin(x2)": (_, x2) => Math.sin(x2),
};

export const HALF_WIDTH = 6;

/**
 * The values of a feature over the plane, row by row from the top.
 *
 * @param {string} name
 * @param {number} side
 */
export function featureMap(name, side) {
    const values = new Float32Array(side * side);
    const feature = FEATURES[name];
    if (!feature) return values;
    const at = (/** @type {number} */ i) => ((2 * i + 1) / side - 1) * HALF_WIDTH;
    for (let row = 0; row < side; row += 1) {
        for (let column = 0; column < side; column += 1) values[row * side + column] = feature(at(column), -at(row));
    }
    return values;
}

/** How a feature is written. @param {string} name */
export function featureName(name) {
    return (app.catalogue?.features[name] ?? name).replaceAll("x1", "x₁").replaceAll("x2", "x₂");
}
