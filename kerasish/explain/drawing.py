"""Colours and axes that all pictures share; matplotlib is imported when the first one is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from kerasish._extras import missing

# Okabe and Ito's palette: every pair can be told apart with any kind of colour vision.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
COLORS = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, BLACK, YELLOW)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
# From little to much.
RISING = "viridis"


def pyplot() -> Any:
    """The module `matplotlib.pyplot`.

    Raises:
        ImportError: if matplotlib is not installed, with the command that installs it.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise missing("plot needs matplotlib", "plot") from error
    return plt


def diverging() -> Any:
    """From purple to orange, pale in the middle: from one class or sign to the other, light enough for points on it."""
    from matplotlib.colors import ListedColormap

    return ListedColormap(pyplot().get_cmap("PuOr_r")(np.linspace(0.17, 0.83, 256)))


def canvas(rows: int = 1, columns: int = 1, width: float = 3.5, height: float = 2.8, **kwargs: Any) -> Any:
    """A figure, and its axes as an array of `rows` by `columns`, each of this size in inches.

    A page is about 7 inches wide: a figure that is wider is shown with smaller letters.
    """
    plt = pyplot()
    size = (width * columns, height * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False, **kwargs)
    if "inline" in plt.get_backend().lower():
        plt.close(figure)  # a notebook shows what a cell returns; an open figure it would show once more
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=9)
    return figure, axes


def grid_of(count: int, columns: int = 4) -> tuple[int, int]:
    """Rows and columns for this many small pictures."""
    columns = min(columns, count)
    return -(-count // columns), columns


def hide_rest(axes: Iterable[Any]) -> None:
    """Take away the axes that stay empty."""
    for ax in axes:
        ax.set_visible(False)


def class_colors(count: int) -> list[Any]:
    """A colour for each of this many classes, none of them twice."""
    if count <= len(COLORS):
        return list(COLORS[:count])
    from matplotlib.colors import hsv_to_rgb

    # Around the circle of hues in wide steps; of two neighbours on it, one is dark.
    step = next(n for n in range(round(0.38 * count), count) if math.gcd(n, count) == 1)
    places = [c * step % count for c in range(count)]
    return [tuple(hsv_to_rgb((place / count, 0.9, 0.5 if place % 2 else 0.95))) for place in places]


def scatter_classes(
    ax: Any,
    points: np.ndarray,
    labels: np.ndarray,
    size: float = 22,
    legend: bool = True,
    names: tuple[str, ...] | None = None,
) -> None:
    """Points in their classes' colours and markers, which are a class's own whatever classes the points have.

    Args:
        ax: where to.
        points: of shape `(n, 2)`.
        labels: the number of each point's class, from 0.
        size: that of a marker.
        legend: whether the classes that the points have are named.
        names: the names of all classes; their numbers by default.
    """
    labels = labels.astype(int)
    names = tuple(map(str, range(max(2, int(labels.max()) + 1)))) if names is None else names
    colors = class_colors(len(names))
    present = np.unique(labels)
    for c in present:
        chosen = points[labels == c]
        style = {
            "c": [colors[c]],
            "marker": MARKERS[(c + c // len(MARKERS)) % len(MARKERS)],
            "edgecolors": "white",
            "linewidths": 0.6,
        }
        ax.scatter(*chosen.T, s=size, label=f"class {names[c]}", zorder=3, **style)
    if legend and len(present) <= len(COLORS):
        ax.legend(fontsize=8, loc="upper right", framealpha=0.9)
    elif legend:
        ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), ncols=1 + len(present) // 20)
