"""Colours and axes that all pictures share; matplotlib is imported when the first one is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

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
        raise ImportError("plot needs matplotlib, which is not installed: pip install kerasish[plot]") from error
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


def scatter_classes(ax: Any, points: np.ndarray, labels: np.ndarray, size: float = 22, legend: bool = True) -> None:
    """Points in their classes' colours and markers, the same in every picture."""
    for i, label in enumerate(np.unique(labels)):
        chosen = points[labels == label]
        color, marker = COLORS[i % len(COLORS)], MARKERS[i % len(MARKERS)]
        name = f"class {label:g}"
        ax.scatter(*chosen.T, s=size, c=color, marker=marker, edgecolors="white", linewidths=0.6, label=name, zorder=3)
    if legend:
        ax.legend(fontsize=8, loc="upper right", framealpha=0.9)
