"""Pictures of one step of backpropagation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.explain.drawing import BLUE, ORANGE, SKY, VERMILION, canvas
from kerasish.explain.result import number

if TYPE_CHECKING:
    from kerasish.explain.blackboard import BackpropStep, LayerStep

_MOST_LABELS = 12
_RADIUS = 0.3  # all lengths are inches, so that what letters need is known
_COLUMN = 3.7
_LETTERS = (0.56, 0.14)  # half the length and half the height of a weight's label
# Behind a text, so that no line runs through it.
_BOX = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}

Point = tuple[float, float]


def draw_network(step: BackpropStep) -> Any:
    """Units as circles with their outputs, weights as lines: thick where the gradient is large."""
    layers = [layer for layer in step.layers if layer.kernel is not None]
    columns = [np.asarray(layers[0].inputs)[0], *(layer.outputs[0] for layer in layers)]
    tallest = max(len(column) for column in columns)
    labelled = sum(layer.kernel.size for layer in layers if layer.kernel is not None) <= _MOST_LABELS
    row = 2.2 if labelled else 1.5
    places = [[(_COLUMN * c, row * ((len(v) - 1) / 2 - i)) for i in range(len(v))] for c, v in enumerate(columns)]
    top = row * (tallest - 1) / 2
    # The tallest column's first and last unit have their numbers above and below, unless it is that of the inputs.
    beyond = 1.0 if max(len(column) for column in columns[1:]) == tallest else 0.45
    left, right, high, low = -0.8, _COLUMN * len(layers) + 1.7, top + beyond + 0.35, -top - beyond
    title = 3 if len(step.layers[0].outputs) == 1 else 4  # lines
    figure, axes = canvas(width=right - left, height=high - low + 0.25 + 0.2 * title)
    ax = axes[0, 0]
    ax.set(xlim=(left, right), ylim=(low, high), aspect="equal")
    ax.set_axis_off()
    _draw_weights(ax, step, layers, places, labelled)
    for c, column in enumerate(columns):
        for i, value in enumerate(column):
            _draw_unit(ax, places[c][i], value)
            if c:
                _describe_unit(ax, places[c][i], step.learning_rate, layers[c - 1], i, len(column))
        name = "inputs" if c == 0 else f"{layers[c - 1].name} ({layers[c - 1].activation or 'linear'})"
        ax.text(_COLUMN * c, high - 0.1, name, ha="center", va="top", fontsize=11, weight="bold")
    _draw_wanted(ax, step, places[-1], columns[-1])
    which = "" if len(step.layers[0].outputs) == 1 else "y, z and dJ/dz of the first sample, dJ/dw and dJ/db of all\n"
    ax.set_title(
        f"J = {number(step.loss)}, after one step with learning rate {number(step.learning_rate)}: "
        f"{number(step.loss_after)}\n{which}"
        "the thicker a line, the larger its gradient\nthe step lowers the weights in blue, and raises those in orange",
        fontsize=9,
    )
    return figure


def _slope(value: float) -> str:
    """A gradient with three digits that count, however small it is."""
    return number(value) if abs(value) >= 0.1 else f"{value:.3g}"


def _kernel_gradient(layer: LayerStep) -> np.ndarray:
    return np.asarray(layer.inputs).T @ np.asarray(layer.sum_gradient)


def _draw_weights(ax: Any, step: BackpropStep, layers: list[LayerStep], places: Any, labelled: bool) -> None:
    """A line for each weight, and beside it what the weight becomes, where there is most room."""
    largest = max(float(np.abs(g).max()) for g in map(_kernel_gradient, layers)) or 1.0
    for c, layer in enumerate(layers):
        gradients = _kernel_gradient(layer)
        assert layer.kernel is not None
        lines = {(i, j): (places[c][i], places[c + 1][j]) for i, j in np.ndindex(layer.kernel.shape)}
        taken: list[Point] = []
        for (i, j), (start, end) in lines.items():
            g, weight = float(gradients[i, j]), float(layer.kernel[i, j])
            style = {"color": ORANGE if g < 0 else BLUE, "linewidth": 0.6 + 4.0 * abs(g) / largest, "alpha": 0.8}
            ax.plot([start[0], end[0]], [start[1], end[1]], zorder=1, **style)
            if labelled:
                others = [line for place, line in lines.items() if place != (i, j)]
                centre, covered = _free_place(start, end, others, taken)
                taken += covered
                angle = float(np.degrees(np.arctan2(end[1] - start[1], end[0] - start[0])))
                text = f"w = {number(weight)} → {number(weight - step.learning_rate * g)}\ndJ/dw = {_slope(g)}"
                ax.text(*centre, text, fontsize=8, ha="center", va="center", rotation=angle, bbox=_BOX, zorder=2)


def _free_place(start: Point, end: Point, others: list[Any], taken: list[Point]) -> tuple[Point, list[Point]]:
    """Where beside a line its label is farthest from other lines and labels, and the points that it then covers."""
    (x0, y0), (x1, y1) = start, end
    along = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
    across = np.array([-along[1], along[0]])
    length, height = _LETTERS
    best: tuple[float, Any, Any] = (-1.0, None, None)
    for t in np.linspace(0.24, 0.7, 24):
        for side in (1, -1):
            centre = np.array(start) + t * np.array([x1 - x0, y1 - y0]) + side * (height + 0.05) * across
            covered = [
                centre + u * length * along + v * height * across for u in (-1, -0.5, 0, 0.5, 1) for v in (-1, 1)
            ]
            room = [_distance(point, *line) for point in covered for line in others]
            room += [float(np.hypot(*(point - other))) for point in covered for other in taken]
            score = min([*room, 0.3]) - 0.05 * abs(t - 0.5)
            if score > best[0]:
                best = (score, centre, covered)
    return best[1], best[2]


def _distance(point: Any, start: Point, end: Point) -> float:
    """From a point to a line between two others."""
    way = np.subtract(end, start)
    t = np.clip(np.dot(point - np.array(start), way) / np.dot(way, way), 0, 1)
    return float(np.hypot(*(point - (np.array(start) + t * way))))


def _draw_unit(ax: Any, place: Point, value: float) -> None:
    fill = "#f2f2f2" if place[0] == 0 else "#dceefa"
    ax.scatter(*place, s=(2 * 72 * _RADIUS) ** 2, c=fill, edgecolors="#444444", linewidths=1.0, zorder=3)
    ax.text(*place, number(value), ha="center", va="center", fontsize=9.5, zorder=4)


def _describe_unit(ax: Any, place: Point, rate: float, layer: LayerStep, j: int, count: int) -> None:
    """The unit's sum, its bias and their gradients, on the side where no weights arrive."""
    assert layer.sums is not None and layer.sum_gradient is not None
    lines = [f"z = {number(layer.sums[0, j])}", f"dJ/dz = {_slope(layer.sum_gradient[0, j])}"]
    if layer.bias is not None:
        bias, gradient = float(layer.bias[j]), float(layer.sum_gradient[:, j].sum())
        after = f"→ {number(bias - rate * gradient)}" if layer.trains_bias else "(held fixed)"
        lines += [f"b = {number(bias)} {after}", f"dJ/db = {_slope(gradient)}"]
    above = j < (count - 1) / 2
    y = place[1] + (_RADIUS + 0.06) * (1 if above else -1)
    va = "bottom" if above else "top"
    ax.text(place[0], y, "\n".join(lines), ha="center", va=va, fontsize=8, zorder=4, bbox=_BOX)


def _draw_wanted(ax: Any, step: BackpropStep, places: list[Point], outputs: np.ndarray) -> None:
    """Beside each output what was wanted, and how far off it is."""
    if (
        not isinstance(step.y, np.ndarray)
        or step.y.shape != np.shape(step.prediction)
        or step.y.dtype.kind not in "fiub"
    ):
        return
    for (x, y), output, wanted in zip(places, outputs, step.y[0], strict=True):
        text = f"wanted {number(wanted)}\ny - wanted = {number(output - wanted)}"
        ax.text(x + _RADIUS + 0.1, y, text, ha="left", va="center", fontsize=9)


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
