/**
 * One point's step of gradient descent as a list of moments, each with a sentence, its numbers, and where they stand.
 *
 * @import {Backprop, BackpropLayer, Row} from "./types.js"
 */
import { app } from "./app.js";
import { written } from "./dom.js";
import { featureName } from "./features.js";

/**
 * @typedef {object} Moment
 * @property {string} title
 * @property {string} formula
 * @property {number | null} layer whose incoming lines are lit; null for none
 * @property {{layer: number, unit: number, text: string}[]} numbers
 * @property {number} lines how much there is to read
 */

/** @param {number | null | undefined} value */
const inBrackets = (value) => ((value ?? 0) < 0 ? `(${written(value)})` : written(value));
const MOST_TERMS = 16;

/** @param {Backprop} step @returns {Moment[]} */
export function moments(step) {
    const features = step.features.map(
        (value, i) => `${featureName(app.state?.inputs[i] ?? `x${i + 1}`)} = ${written(value)}`,
    );
    const start = moment("The point enters", features, null, featureNumbers(step));
    const forward = step.layers.flatMap(forwardOf);
    const loss = moment(
        `The loss compares the prediction with the label ${step.label}`,
        [`prediction = ${step.prediction.map(written).join(", ")}`, `J = ${step.loss_name} = ${written(step.loss)}`],
        null,
        lastNumbers(step),
    );
    const backward = [...step.layers].reverse().flatMap(backwardOf);
    const end = moment(
        `Each weight takes its step: w − ${step.learning_rate} × dJ/dw`,
        [
            ...step.layers.flatMap((layer) => updates(layer, step.learning_rate)),
            `J was ${written(step.loss)}, and would be ${written(step.loss_after)}`,
        ],
        null,
        [],
    );
    return [start, ...forward, loss, ...backward, end];
}

/**
 * @param {string} title
 * @param {string[]} lines
 * @param {number | null} layer
 * @param {Moment["numbers"]} numbers
 * @returns {Moment}
 */
function moment(title, lines, layer, numbers) {
    return { title, formula: lines.join("\n"), layer, numbers, lines: lines.length };
}

/** @param {number | null} layer @param {Row | null} row @param {string} name */
function at(layer, row, name) {
    return layer === null || !row ? [] : row.map((value, unit) => ({ layer, unit, text: `${name} ${written(value)}` }));
}

/** @param {Backprop} step */
function featureNumbers(step) {
    const drawn = Object.keys(app.catalogue?.features ?? {});
    const inputs = app.state?.inputs ?? [];
    const rows = inputs.map((name, i) => (app.state?.fixed ? i : drawn.indexOf(name)));
    return step.features.map((value, i) => ({ layer: -1, unit: rows[i], text: written(value) }));
}

/** @param {Backprop} step */
function lastNumbers(step) {
    const last = step.layers[step.layers.length - 1];
    return at(last?.layer ?? null, step.prediction, "y");
}

/** @param {BackpropLayer} layer @returns {Moment[]} */
function forwardOf(layer) {
    if (!layer.sums || !layer.kernel || !layer.inputs) {
        return [
            moment(
                `${layer.name} (${layer.kind.replace("_", " ")}) hands on`,
                [layer.outputs.map(written).join("  ")],
                layer.layer,
                at(layer.layer, layer.outputs, "y"),
            ),
        ];
    }
    const { kernel, inputs, bias } = layer;
    const sums = layer.sums.map((sum, unit) => {
        const terms = inputs.slice(0, MOST_TERMS).map((x, i) => `${inBrackets(kernel[i][unit])}·${inBrackets(x)}`);
        return `z${unit + 1} = ${terms.join(" + ")}${bias ? ` + ${inBrackets(bias[unit])}` : ""} = ${written(sum)}`;
    });
    const outputs = layer.outputs.map(
        (y, unit) => `y${unit + 1} = ${layer.activation || "linear"}(${written(layer.sums?.[unit])}) = ${written(y)}`,
    );
    return [
        moment(
            `Forward, ${layer.name}: each sum is weights times inputs, plus the bias`,
            sums,
            layer.layer,
            at(layer.layer, layer.sums, "z"),
        ),
        moment(
            `Forward, ${layer.name}: the activation bends each sum`,
            outputs,
            layer.layer,
            at(layer.layer, layer.outputs, "y"),
        ),
    ];
}

/** @param {BackpropLayer} layer @returns {Moment[]} */
function backwardOf(layer) {
    /** @type {Moment[]} */
    const found = [];
    if (layer.output_gradient) {
        const lines = layer.output_gradient.map((g, unit) => `dJ/dy${unit + 1} = ${written(g)}`);
        found.push(
            moment(
                `Back, ${layer.name}: how the loss changes with each output`,
                lines,
                null,
                at(layer.layer, layer.output_gradient, "dy"),
            ),
        );
    }
    if (layer.sum_gradient) {
        const lines = layer.sum_gradient.map((g, unit) =>
            layer.slopes && layer.output_gradient
                ? `dJ/dz${unit + 1} = dJ/dy × dy/dz = ${inBrackets(layer.output_gradient[unit])} × ${inBrackets(layer.slopes[unit])} = ${written(g)}`
                : `dJ/dz${unit + 1} = ${written(g)}`,
        );
        found.push(
            moment(
                `Back, ${layer.name}: through the slope of the activation`,
                lines,
                layer.layer,
                at(layer.layer, layer.sum_gradient, "dz"),
            ),
        );
    }
    const { kernel_gradient: gradient, inputs, sum_gradient: sums } = layer;
    if (gradient && inputs && sums) {
        const lines = gradient.flatMap((row, i) =>
            row.map(
                (g, unit) =>
                    `dJ/dw${i + 1},${unit + 1} = dJ/dz${unit + 1} × input ${i + 1} = ${inBrackets(sums[unit])} × ${inBrackets(inputs[i])} = ${written(g)}`,
            ),
        );
        found.push(
            moment(
                `Back, ${layer.name}: each weight's share is its input times that`,
                lines,
                layer.layer,
                at(layer.layer, sums, "dz"),
            ),
        );
    }
    return found;
}

/** @param {BackpropLayer} layer @param {number} rate */
function updates(layer, rate) {
    const { kernel, kernel_gradient: gradient, kernel_after: after } = layer;
    if (!kernel || !gradient || !after) return [];
    return kernel.flatMap((row, i) =>
        row.map(
            (w, unit) =>
                `${layer.name} w${i + 1},${unit + 1}: ${written(w)} − ${rate} × ${inBrackets(gradient[i][unit])} = ${written(after[i][unit])}`,
        ),
    );
}
