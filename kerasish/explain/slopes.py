"""Activation functions beside their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish import activations as functions
from kerasish.explain.drawing import BLUE, VERMILION, canvas, grid_of, hide_rest
from kerasish.explain.probe import differentiate, slope
from kerasish.explain.result import Explanation, Table, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COMMON = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu")


@dataclass(repr=False)
class ActivationSlopes(Explanation):
    """Activations and their derivatives over a range of weighted sums.

    Attributes:
        z: the weighted sums.
        values: for each activation, its value at each of them.
        slopes: for each activation, its derivative at each of them.
    """

    z: np.ndarray
    values: dict[str, np.ndarray]
    slopes: dict[str, np.ndarray]

    def blocks(self) -> list[str | Table]:
        low, zero, high = 0, int(np.abs(self.z).argmin()), len(self.z) - 1
        rows = []
        for name, slopes in self.slopes.items():
            ends = [number(slopes[i], 3) for i in (low, zero, high)]
            rows.append((name, *ends, f"{number(slopes.max(), 3)} {_where_highest(self.z, slopes)}"))
        heads = tuple(f"slope at {number(self.z[i], 2)}" for i in (low, zero, high))
        return [Table(("activation", *heads, "steepest"), rows)]

    def plot(self) -> Figure:
        """Small multiples: each activation, and its derivative as a dashed line."""
        names = list(self.values)
        rows, columns = grid_of(len(names))
        width = max(1.75, 3.6 / columns)
        figure, axes = canvas(rows, columns, width=width, height=1.8 if columns > 2 else 2.6, sharex=True, sharey=True)
        for ax, name in zip(axes.flat, names, strict=False):
            ax.axhline(0, color="#bbbbbb", linewidth=0.8)
            ax.axvline(0, color="#bbbbbb", linewidth=0.8)
            ax.plot(self.z, self.values[name], color=BLUE, linewidth=2, label="y, the output")
            ax.plot(self.z, self.slopes[name], color=VERMILION, linewidth=2, linestyle="--", label="dy/dz, its slope")
            ax.set_ylim(-1.5, 2.5)
            ax.set_title(name, fontsize=10)
        figure.supxlabel("z, the weighted sum", fontsize=10)
        figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, fontsize=9)
        hide_rest(axes.flat[len(names) :])
        return figure


def _where_highest(z: np.ndarray, slopes: np.ndarray) -> str:
    """Where a slope is at its highest: at a place, or all along from one."""
    places = np.flatnonzero(slopes >= slopes.max() - 1e-6 * abs(slopes.max()))
    first, last = places[0], places[-1]
    if len(places) == len(z):
        return "everywhere"
    if len(places) < 5 or len(places) != last - first + 1:
        return f"at {number(z[int(slopes.argmax())], 2)}"
    if last == len(z) - 1:
        return f"above {_between(z[first - 1 : first + 1])}"
    end = _between(z[last : last + 2])
    return f"below {end}" if first == 0 else f"from {_between(z[first - 1 : first + 1])} to {end}"


def _between(points: np.ndarray) -> str:
    """A place between two points that were looked at: the one that is written in fewer digits."""
    return min((number(point, 2) for point in points), key=len)


def activations(
    names: str | Callable[..., Any] | Iterable[str | Callable[..., Any]] = _COMMON, low: float = -5.0, high: float = 5.0
) -> ActivationSlopes:
    """Each activation beside its derivative, as the tape finds it.

    Args:
        names: a name or function, or several; a dict gives the pictures names of your own.
        low, high: the range of weighted sums.

    Raises:
        TypeError: if `names` is none of these.
        ValueError: if an activation is not known, or makes each output from several sums (softmax); if there is none,
            or `low` is not below `high`.

    Example:
        >>> import kerasish as keras
        >>> curves = keras.explain.activations(["sigmoid", "tanh"])
        >>> {name: float(slopes.max().round(2)) for name, slopes in curves.slopes.items()}
        {'sigmoid': 0.25, 'tanh': 1.0}
    """
    chosen = names if isinstance(names, dict) else {_name_of(item): item for item in _several(names)}
    if not chosen or not low < high:
        raise ValueError(f"there is nothing to draw: names={names!r}, from low={low} to high={high}")
    z = np.linspace(low, high, 401).astype("float32")
    values, slopes = {}, {}
    for name, item in chosen.items():
        function = functions.get(item)
        # In two columns: of one sum alone, softmax makes a constant.
        found = slope(function, np.stack([z, z[::-1]], axis=1))
        if found is None:
            raise ValueError(f"{name} makes each output from several weighted sums: it is no curve over one of them")
        values[name], slopes[name] = differentiate(function, np.stack([z, z], axis=1))[0][:, 0], found[:, 0]
    return ActivationSlopes(z, values, slopes)


def _several(names: str | Callable[..., Any] | Iterable[str | Callable[..., Any]]) -> Iterable[Any]:
    if isinstance(names, str) or callable(names):
        return [names]
    if not isinstance(names, Iterable):
        raise TypeError(f"activations needs a name or a function, or several of them; received {names!r}")
    return names


def _name_of(item: Any) -> str:
    return item if isinstance(item, str) else getattr(item, "__name__", type(item).__name__)
