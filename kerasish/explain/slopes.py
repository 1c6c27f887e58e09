"""Activation functions beside their derivatives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasish import activations as functions
from kerasish.explain.drawing import BLUE, VERMILION, canvas, grid_of, hide_rest
from kerasish.explain.result import Explanation, Table, number
from kerasish.trainers.probe import differentiate, slope

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
            steepest = int(slopes.argmax())
            ends = [number(slopes[i], 3) for i in (low, zero, high)]
            rows.append((name, *ends, f"{number(slopes[steepest], 3)} at {number(self.z[steepest], 2)}"))
        heads = tuple(f"slope at {number(self.z[i], 2)}" for i in (low, zero, high))
        return [Table(("activation", *heads, "steepest"), rows)]

    def plot(self) -> Any:
        """Small multiples: each activation, and its derivative as a dashed line."""
        names = list(self.values)
        figure, axes = canvas(*grid_of(len(names)), width=2.9, height=2.6)
        for ax, name in zip(axes.flat, names, strict=False):
            ax.axhline(0, color="#bbbbbb", linewidth=0.8)
            ax.axvline(0, color="#bbbbbb", linewidth=0.8)
            ax.plot(self.z, self.values[name], color=BLUE, linewidth=2, label="y")
            ax.plot(self.z, self.slopes[name], color=VERMILION, linewidth=2, linestyle="--", label="dy/dz")
            ax.set_ylim(-1.5, 2.5)
            ax.set_title(name, fontsize=11)
            ax.set_xlabel("z", fontsize=9)
        axes.flat[0].legend(fontsize=9, loc="upper left")
        hide_rest(axes.flat[len(names) :])
        return figure


def activations(names: Any = _COMMON, low: float = -5.0, high: float = 5.0) -> ActivationSlopes:
    """Each activation beside its derivative, as the tape finds it.

    Args:
        names: a name or function, or several; a dict gives the pictures names of your own.
        low, high: the range of weighted sums.

    Raises:
        ValueError: if an activation is not known, or makes each output from several sums (softmax).

    Example:
        >>> import kerasish as keras
        >>> curves = keras.explain.activations(["sigmoid", "tanh"])
        >>> {name: float(slopes.max().round(2)) for name, slopes in curves.slopes.items()}
        {'sigmoid': 0.25, 'tanh': 1.0}
    """
    chosen = names if isinstance(names, dict) else {_name_of(item): item for item in _several(names)}
    z = np.linspace(low, high, 401).astype("float32")
    values, slopes = {}, {}
    for name, item in chosen.items():
        function = functions.get(item)
        found = slope(function, z[:, None])
        if found is None:
            raise ValueError(f"{name} makes each output from several weighted sums: it is no curve over one of them")
        values[name], slopes[name] = differentiate(function, z[:, None])[0][:, 0], found[:, 0]
    return ActivationSlopes(z, values, slopes)


def _several(names: Any) -> Iterable[Any]:
    return [names] if isinstance(names, str) or callable(names) else names


def _name_of(item: Any) -> str:
    return item if isinstance(item, str) else getattr(item, "__name__", type(item).__name__)
