"""What a model answers everywhere in a plane, and what each unit of a layer contributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.explain.drawing import BLACK, canvas, class_colors, diverging, grid_of, hide_rest, scatter_classes
from kerasish.explain.labels import Labels, understood
from kerasish.explain.probe import check_model, one_batch, outputs_of_layers
from kerasish.explain.result import Explanation, Table, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasish.backend.typing import TensorLike
    from kerasish.layers.base.layer import Layer
    from kerasish.models.model import Model

_MOST_UNITS = 16


@dataclass(repr=False)
class DecisionBoundary(Explanation):
    """A model's answers on a grid.

    Attributes:
        model: the model's name.
        layer: the layer whose units are shown; "" for the model's answer.
        x1, x2: the grid's coordinates, of shape `(resolution,)` each.
        values: of shape `(resolution, resolution, units)`, `values[i, j]` belonging to `x1[j]` and `x2[i]`.
        points: the data, of shape `(n, 2)`.
        labels: its classes, of shape `(n,)`, by number from 0; targets for `kind` "regression"; None if none were
            given.
        kind: "binary", "classes" or "regression".
        threshold: the value that divides two classes.
        accuracy: the share of points on the right side; None where there is nothing to compare.
        names: the classes' names: their numbers, or what `y` calls them.
    """

    model: str
    layer: str
    x1: np.ndarray
    x2: np.ndarray
    values: np.ndarray
    points: np.ndarray
    labels: np.ndarray | None
    kind: str
    threshold: float
    accuracy: float | None
    names: tuple[str, ...] = ()

    def blocks(self) -> list[str | Table]:
        area = f"x1 from {number(self.x1[0], 2)} to {number(self.x1[-1], 2)}"
        area += f" and x2 from {number(self.x2[0], 2)} to {number(self.x2[-1], 2)}"
        if self.layer:
            rows = [
                (f"unit {i + 1}", number(v.min()), number(v.max()), number(v.mean()))
                for i, v in enumerate(np.moveaxis(self.values, -1, 0))
            ]
            return [Table(("unit", "lowest", "highest", "mean"), rows, f"{self.layer} of {self.model}, {area}")]
        text = [f"{self.model}, {area}"]
        if self.kind == "regression":
            text.append(f"the answer lies between {number(self.values.min())} and {number(self.values.max())}")
        else:
            regions = self.regions()
            shares = [f"class {self.names[c]}: {np.mean(regions == c):.0%}" for c in np.unique(regions)]
            text.append("shares of the plane: " + ", ".join(shares))
        if self.accuracy is not None:
            count = 0 if self.labels is None else len(self.labels)
            text.append(f"{round(self.accuracy * count)} of {count} points on the right side ({self.accuracy:.1%})")
        return ["\n".join(text)]

    def regions(self) -> np.ndarray:
        """The class at each place of the grid."""
        return _classes(self.values, self.kind, self.threshold)

    def plot(self) -> Figure:
        """The regions and the points; for a layer, a small picture for each unit."""
        return self._plot_units() if self.layer else self._plot_answer()

    def _plot_answer(self) -> Any:
        figure, axes = canvas(width=5.0 if len(self.names) <= 8 else 6.2, height=4.0)
        ax = axes[0, 0]
        drawn = self.draw(ax)
        if self.kind != "classes":
            bar = figure.colorbar(drawn, ax=ax, pad=0.02)
            bar.set_label("the model's answer", fontsize=9)
            bar.ax.tick_params(labelsize=8)
        accuracy = "" if self.accuracy is None else f": {self.accuracy:.0%} of the points on the right side"
        ax.set_title(f"{self.model}{accuracy}", fontsize=10)
        ax.set_xlabel("x1")
        ax.set_ylabel("x2")
        return figure

    def draw(self, ax: Any, size: float = 22, legend: bool = True) -> Any:
        """The model's answer and the points on axes of your own; returns the filled area.

        Args:
            ax: matplotlib axes.
            size: that of the points.
            legend: whether the classes are named.
        """
        if self.kind == "classes":
            regions = self.regions()
            count = self.values.shape[-1]
            levels = np.arange(count + 1) - 0.5
            drawn = ax.contourf(self.x1, self.x2, regions, levels, colors=class_colors(count), alpha=0.35)
            for c in range(count):
                if (regions == c).any() and (regions != c).any():
                    ax.contour(self.x1, self.x2, (regions == c).astype(float), [0.5], colors=BLACK, linewidths=0.8)
        else:
            is_regression, reach = self.kind == "regression", None
            if is_regression and self.labels is not None:
                reach = float(max(np.abs(self.values).max(), np.abs(self.labels).max()))
            drawn = _fill(ax, self.x1, self.x2, self.values[..., 0], self.threshold, is_regression, reach)
        self._scatter(ax, size, legend)
        return drawn

    def _plot_units(self) -> Any:
        count = min(self.values.shape[-1], _MOST_UNITS)
        rows, columns = grid_of(count)
        size = {"width": max(1.65, 3.6 / columns), "height": max(1.9, 2.9 / columns)}
        figure, axes = canvas(rows, columns, **size, sharex=True, sharey=True)
        largest = float(np.abs(self.values).max()) or 1.0
        # As of relu: silent, and then larger and larger. Of a sigmoid the answers reach 1, or never quite 0.
        begins = self.values.min() == 0 and self.values.max() != 1
        middle = 0.0 if begins or self.values.min() < 0 else 0.5 * largest
        border = 1e-3 * largest if begins else middle
        drawn = None
        for unit, ax in enumerate(axes.flat[:count]):
            drawn = _fill(ax, self.x1, self.x2, self.values[..., unit], middle, False, largest - middle, border)
            self._scatter(ax, size=6, legend=False)
            ax.set_title(f"unit {unit + 1}", fontsize=9)
        hide_rest(axes.flat[count:])
        bar = figure.colorbar(drawn, ax=axes, shrink=0.8, pad=0.02)
        bar.set_label("the unit's output", fontsize=9)
        if begins:
            bar.ax.set_ylim(0, largest)
        bar.ax.tick_params(labelsize=8)
        line = "where it begins to answer" if begins else "where its answer changes side"
        figure.suptitle(f"{self.layer}: what each unit answers\nblack: {line}", fontsize=10)
        figure.supxlabel("x1", fontsize=10)
        figure.supylabel("x2", fontsize=10)
        return figure

    def _scatter(self, ax: Any, size: float = 22, legend: bool = True) -> None:
        if self.labels is None:
            ax.scatter(*self.points.T, s=size, c="white", edgecolors=BLACK, linewidths=0.6, zorder=3)
        elif not self.names:
            low, high = ax.collections[0].get_clim()
            style = {"edgecolors": BLACK, "linewidths": 0.5, "cmap": diverging(), "vmin": low, "vmax": high}
            ax.scatter(*self.points.T, s=size, c=self.labels, zorder=3, **style)
        else:
            scatter_classes(ax, self.points, self.labels, size, legend, self.names)
        ax.set_xlim(self.x1[0], self.x1[-1])
        ax.set_ylim(self.x2[0], self.x2[-1])


def _fill(
    ax: Any, x1: Any, x2: Any, values: Any, middle: float, regression: bool, reach: float | None = None,
    border: float | None = None,
) -> Any:  # fmt: skip
    """The values as colours, pale at `middle`; a black line there, or at `border`, where it divides two classes."""
    border = middle if border is None else border
    reach = reach or max(float(np.abs(values - middle).max()), 1e-9)
    limits = {"vmin": middle - reach, "vmax": middle + reach}
    drawn = ax.pcolormesh(x1, x2, values, cmap=diverging(), shading="nearest", rasterized=True, **limits)
    if not regression and values.min() < border < values.max():
        ax.contour(x1, x2, values, [border], colors=BLACK, linewidths=1.2)
    return drawn


def _classes(values: np.ndarray, kind: str, threshold: float) -> np.ndarray:
    return values.argmax(axis=-1) if kind == "classes" else (values[..., 0] > threshold).astype(int)


def decision_boundary(
    model: Model,
    x: TensorLike,
    y: TensorLike | None = None,
    layer: str | Layer | None = None,
    resolution: int = 120,
    margin: float = 0.15,
    threshold: float | None = None,
) -> DecisionBoundary:
    """What a model with two inputs answers everywhere around the data.

    Args:
        model: a model of two inputs.
        x: points, of shape `(n, 2)`.
        y: their classes (numbers from 0, one-hot rows, or words), for a model of one output any two numbers such as
            -1 and 1, or, for a regression, their targets.
        layer: a layer, or its name, whose units are shown in place of the model's answer.
        resolution: points of the grid along each side.
        margin: how far the grid goes beyond the data, as a share of its width.
        threshold: the answer that divides two classes; by default 0.5 for answers from 0 to 1, and otherwise 0. For
            classes that are two other numbers, such as -1 and 1, what lies halfway between them.

    Returns:
        A `DecisionBoundary`: print it, or look at its `values`, or `.plot()` it. The model stays as it was.

    Raises:
        TypeError: if `model` is no model.
        ValueError: if the data is not two finite numbers a point, the labels are not as many or not those of the
            model's classes, there is no such layer, the model has several outputs, or it answers nan.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        >>> model.set_weights([np.array([[4.0], [0.0]]), np.array([-2.0])])  # answers x1 > 0.5
        >>> seen = keras.explain.decision_boundary(model, [[0, 0], [1, 0], [1, 1]], [0, 1, 1])
        >>> seen.accuracy
        1.0
    """
    check_model(model)
    points = _points(x)
    if resolution < 2:
        raise ValueError(f"resolution counts the grid's points along a side, from 2; received {resolution}")
    x1, x2 = (_axis(points[:, i], resolution, margin) for i in (0, 1))
    plane = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    name = str(getattr(layer, "name", layer) or "")
    answers = _answers(model, plane, name)
    at_points = _answers(model, points, name)
    units = answers.shape[-1]
    labels = None if y is None else understood(y, None if name else units)
    if labels is not None and len(labels.values) != len(points):
        count = len(labels.values)
        raise ValueError(f"y must have one label for each point: there are {len(points)} points, {count} labels")
    kind = "classes" if units > 1 else "regression" if labels is not None and not labels.names else "binary"
    if threshold is None:
        threshold = _threshold(answers, kind, labels)
    accuracy = None
    if labels is not None and labels.names and not name:
        accuracy = float(np.mean(_classes(at_points, kind, threshold) == labels.values))
    names = labels.names if labels is not None else tuple(map(str, range(max(2, units))))
    values = answers.reshape(resolution, resolution, -1)
    known = None if labels is None else labels.values
    return DecisionBoundary(model.name, name, x1, x2, values, points, known, kind, threshold, accuracy, names)


def _threshold(answers: np.ndarray, kind: str, labels: Labels | None) -> float:
    """Halfway between 0 and 1 for probabilities, 0 for logits; else halfway between the classes' numbers."""
    if kind == "regression":
        return 0.0
    middle = None if labels is None else labels.middle
    if middle is not None and middle != 0.5:
        return middle
    return 0.5 if answers.min() >= 0 and answers.max() <= 1 else 0.0


def _points(x: Any) -> np.ndarray:
    try:
        points = np.asarray(x, "float32")
    except (TypeError, ValueError):  # a dict, or several arrays: a model of several inputs
        raise ValueError(
            f"decision_boundary needs one array of points of two coordinates, shape (n, 2); received {type(x).__name__}"
        ) from None
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"decision_boundary needs points of two coordinates, shape (n, 2); received {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("decision_boundary needs finite points; some coordinates in x are nan or infinite")
    return points


def _axis(values: np.ndarray, resolution: int, margin: float) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    spare = margin * (high - low) or 1.0
    return np.linspace(low - spare, high + spare, resolution).astype("float32")


def _answers(model: Any, points: np.ndarray, layer: str) -> np.ndarray:
    """The outputs of the model or of one layer, of shape `(n, units)`.

    Raises:
        ValueError: if there is no such layer, or the model has several outputs.
    """
    if layer:
        outputs = dict(outputs_of_layers(model, points))
        if layer not in outputs:
            raise ValueError(
                f"the model {model.name!r} has no layer {layer!r} with one array of outputs: {list(outputs)}"
            )
        found = outputs[layer]
    else:
        found = model(one_batch(model, points)[0], training=False)
        if not isinstance(found, np.ndarray):
            raise ValueError(
                f"the model {model.name!r} has several outputs; name the one to be shown in `layer=`, or make a "
                "model of one of them: keras.Model(model.inputs, model.outputs[0])"
            )
    if not np.isfinite(found).all():
        raise ValueError(
            f"the model {model.name!r} answers nan or infinity at {np.mean(~np.isfinite(found)):.0%} of the places: "
            "there is no boundary to show. keras.explain.gradient_flow tells where it comes from"
        )
    return found.reshape(len(points), -1)
