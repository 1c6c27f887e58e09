"""Pictures of one step of backpropagation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.explain.drawing import BLUE, ORANGE, SKY, VERMILION, canvas
from kerasish.explain.result import number

if TYPE_CHECKING:
    from kerasish.explain.blackboard import BackpropStep, LayerStep

_MOST_LABELS = 12
# Behind a text, so that no line runs through it.
_BOX = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}


def draw_network(step: BackpropStep) -> Any:
    """Units as circles with their outputs, weights as lines: thick where the gradient is large."""
    layers = [layer for layer in step.layers if layer.kernel is not None]
    columns = [np.asarray(layers[0].inputs)[0], *(layer.outputs[0] for layer in layers)]
    tallest = max(len(column) for column in columns)
    labelled = sum(layer.kernel.size for layer in layers if layer.kernel is not None) <= _MOST_LABELS
    row = 1.9 if labelled else 1.4
    figure, axes = canvas(width=max(6.4, 1.8 + 2.6 * len(layers)), height=1.0 + row * tallest)
    ax = axes[0, 0]
    ax.set_axis_off()
    places = [[(3.0 * c, _height(i, len(column))) for i in range(len(column))] for c, column in enumerate(columns)]
    largest = max(float(np.abs(g).max()) for g in map(_kernel_gradient, layers)) or 1.0
    for c, layer in enumerate(layers):
        _draw_weights(ax, layer, places[c], places[c + 1], largest, labelled)
    for c, column in enumerate(columns):
        for i, value in enumerate(column):
            _draw_unit(ax, places[c][i], value, None if c == 0 else layers[c - 1], i)
        name = "inputs" if c == 0 else f"{layers[c - 1].name} ({layers[c - 1].activation or 'linear'})"
        ax.text(3.0 * c, _height(0, tallest) + 0.75, name, ha="center", fontsize=11, weight="bold")
    ax.set_xlim(-0.9, 3.0 * len(layers) + 0.9)
    ax.set_ylim(_height(tallest - 1, tallest) - 0.75, _height(0, tallest) + 1.0)
    which = "" if len(step.layers[0].outputs) == 1 else ", the first sample's outputs"
    ax.set_title(
        f"loss {number(step.loss)}, after one step {number(step.loss_after)}{which}\n"
        "the thicker a line, the larger its gradient\nthe step lowers the weights in blue, and raises those in orange",
        fontsize=10,
    )
    return figure


def _height(i: int, count: int) -> float:
    return 1.35 * ((count - 1) / 2 - i)


def _kernel_gradient(layer: LayerStep) -> np.ndarray:
    return np.asarray(layer.inputs).T @ np.asarray(layer.sum_gradient)


def _draw_weights(ax: Any, layer: LayerStep, left: Any, right: Any, largest: float, labelled: bool) -> None:
    gradients = _kernel_gradient(layer)
    assert layer.kernel is not None
    for (i, j), weight in np.ndenumerate(layer.kernel):
        (x0, y0), (x1, y1) = left[i], right[j]
        g = gradients[i, j]
        color = ORANGE if g < 0 else BLUE
        ax.plot([x0, x1], [y0, y1], color=color, linewidth=0.6 + 4.0 * abs(g) / largest, alpha=0.8, zorder=1)
        if labelled:
            # Lines that cross would put their labels on one place: each sits near the unit that it comes from.
            t = 0.34 if i % 2 == 0 else 0.36
            text = f"w = {number(weight)}\ndJ/dw = {g:.3g}"
            place = (x0 + t * (x1 - x0), y0 + t * (y1 - y0))
            ax.text(*place, text, fontsize=8, ha="center", va="center", color="black", bbox=_BOX, zorder=2)


def _draw_unit(ax: Any, place: tuple[float, float], value: float, layer: LayerStep | None, j: int) -> None:
    fill = "#f2f2f2" if layer is None else "#dceefa"
    ax.scatter(*place, s=1900, c=fill, edgecolors="#444444", linewidths=1.0, zorder=3)
    ax.text(*place, number(value), ha="center", va="center", fontsize=10, zorder=4)
    if layer is not None and layer.sum_gradient is not None:
        bias = "" if layer.bias is None else f"b = {number(layer.bias[j])}\n"
        text = f"{bias}dJ/dz = {number(layer.sum_gradient[0, j])}"
        ax.text(place[0], place[1] - 0.32, text, ha="center", va="top", fontsize=8, zorder=4, bbox=_BOX)


def draw_sizes(step: BackpropStep) -> Any:
    """A pair of bars for each array of weights: its norm, and that of its gradient."""
    count = len(step.weights)
    figure, axes = canvas(width=7.0, height=1.2 + 0.36 * count)
    ax = axes[0, 0]
    rows = np.arange(count)[::-1]
    norms = [[float(np.linalg.norm(a)) for a in (w.before, w.gradient)] for w in step.weights]
    ax.barh(rows + 0.19, [norm for norm, _ in norms], 0.36, color=SKY, label="weights")
    ax.barh(rows - 0.19, [norm for _, norm in norms], 0.36, color=VERMILION, label="gradient")
    ax.set_yticks(rows, [w.path for w in step.weights], fontsize=9)
    if any(norm > 0 and np.isfinite(norm) for pair in norms for norm in pair):
        ax.set_xscale("log")
    ax.set_xlabel("norm")
    ax.set_title(f"loss {number(step.loss)}, after one step {number(step.loss_after)}", fontsize=10)
    ax.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure
