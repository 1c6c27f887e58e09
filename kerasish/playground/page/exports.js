/** Files to keep: the model, the script, and the picture. */
import { app, on } from "./app.js";
import { color, lineColor } from "./colors.js";
import { byId, css } from "./dom.js";
import { weightArray } from "./editor.js";
import { featureName } from "./features.js";
import { drawnFeatures, geometry, unitPictures } from "./network.js";

const SCALE = 2;
const MARGIN = 24;

export function startExports() {
    const menu = byId("export-menu");
    byId("export-keras").onclick = () => (menu.hidePopover(), app.send({ type: "export", format: "keras" }));
    byId("export-script").onclick = () => (menu.hidePopover(), app.send({ type: "export", format: "script" }));
    byId("export-png").onclick = () => (menu.hidePopover(), void picture());
    on("file", (/** @type {import("./types.js").Binary} */ file) => {
        const bytes = file.bytes.get("bytes") ?? new Uint8Array();
        keep(new Blob([/** @type {BlobPart} */ (bytes)], { type: file.header.mime }), file.header.name);
    });
}

/** @param {Blob} blob @param {string} name */
function keep(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The network and the output as one picture. */
async function picture() {
    const map = /** @type {HTMLCanvasElement} */ (byId("map"));
    if (!geometry) return;
    const side = map.clientWidth;
    const width = geometry.width + side + 3 * MARGIN;
    const height = Math.max(geometry.height, side + 90) + 2 * MARGIN;
    const canvas = new OffscreenCanvas(width * SCALE, height * SCALE);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.scale(SCALE, SCALE);
    context.fillStyle = css("sheet");
    context.fillRect(0, 0, width, height);
    context.translate(MARGIN, MARGIN);
    drawNetwork(context);
    for (const { canvas: unit, x, y, off } of unitPictures()) {
        context.globalAlpha = off ? 0.3 : 1;
        context.drawImage(unit, x - geometry.size / 2, y - geometry.size / 2, geometry.size, geometry.size);
    }
    context.globalAlpha = 1;
    context.translate(geometry.width + MARGIN, 0);
    context.fillStyle = css("ink");
    context.textAlign = "left";
    context.font = "16px system-ui, sans-serif";
    for (const [i, line] of [
        `Epoch ${byId("epoch").textContent}`,
        `Test loss ${byId("test-loss").textContent}`,
        `Training loss ${byId("train-loss").textContent}`,
    ].entries()) {
        context.fillText(line, 0, 16 + 24 * i);
    }
    context.drawImage(/** @type {HTMLCanvasElement} */ (byId("cells")), 0, 80, side, side);
    context.drawImage(map, 0, 80, side, side);
    keep(await canvas.convertToBlob({ type: "image/png" }), "playground.png");
}

/** @param {OffscreenCanvasRenderingContext2D} context */
function drawNetwork(context) {
    const state = app.state;
    if (!geometry || !state) return;
    const widest = geometry.size * 0.22;
    for (const link of geometry.links) {
        const kernel = weightArray(link.layer, "kernel");
        const value = kernel?.values[link.from * kernel.shape[1] + link.to] ?? 0;
        context.strokeStyle = lineColor(value);
        context.lineWidth = Math.min(widest, 0.8 + Math.abs(value) * widest * 0.3);
        context.stroke(new Path2D(link.path));
    }
    context.fillStyle = css("ink");
    context.font = "13px system-ui, sans-serif";
    for (const column of geometry.columns) {
        const layer = state.layers[column.layer];
        context.textAlign = "center";
        context.fillText(
            column.layer < 0 ? "Features" : `${layer.kind.replace("_", " ")} ${layer.units}`,
            column.x,
            14,
        );
        if (layer?.activation) context.fillText(layer.activation, column.x, 32);
        context.textAlign = "right";
        column.ys.forEach((y, unit) => {
            if (column.layer < 0)
                context.fillText(featureName(drawnFeatures()[unit]), column.x - (geometry?.size ?? 0) / 2 - 6, y + 4);
            else {
                context.save();
                context.fillStyle = color(weightArray(column.layer, "bias")?.values[unit] ?? 0);
                context.fillRect(column.x - (geometry?.size ?? 0) / 2 - 10, y + (geometry?.size ?? 0) / 2 - 6, 8, 8);
                context.restore();
            }
        });
    }
}
