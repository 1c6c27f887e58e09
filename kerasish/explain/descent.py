"""The loss as a landscape over two directions, and the paths that optimizers take down it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.explain.drawing import BLACK, COLORS, MARKERS, RISING, canvas
from kerasish.explain.result import Explanation, Table, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(repr=False)
class Path:
    """The way of one optimizer.

    Attributes:
        places: its coordinates on the surface after each step, the start first, of shape `(steps + 1, 2)`.
        losses: the loss at each of them, of the whole model: for more than two weights the true place lies off the
            surface.
    """

    places: np.ndarray
    losses: np.ndarray


@dataclass(repr=False)
class LossSurface(Explanation):
    """The loss over a plane in the space of all weights.

    Attributes:
        model: the model's name.
        a, b: the coordinates along the two directions, of shape `(resolution,)` each.
        losses: of shape `(resolution, resolution)`; `losses[i, j]` belongs to `a[j]` and `b[i]`.
        labels: what the directions are.
        paths: the optimizers' paths by name.
        share: how much of the paths' length lies in the plane; None without paths.
    """

    model: str
    a: np.ndarray
    b: np.ndarray
    losses: np.ndarray
    labels: tuple[str, str]
    paths: dict[str, Path]
    share: float | None

    def blocks(self) -> list[str | Table]:
        i, j = np.unravel_index(int(np.nanargmin(self.losses)), self.losses.shape)
        text = (
            f"loss of {self.model} over {self.labels[0]} and {self.labels[1]}: from {number(np.nanmin(self.losses))} "
            f"(at {number(self.a[j])}, {number(self.b[i])}) to {number(np.nanmax(self.losses))}"
        )
        if not self.paths:
            return [text]
        rows = [
            (name, str(len(p.losses) - 1), number(p.losses[0]), number(np.nanmin(p.losses)), number(p.losses[-1]))
            for name, p in self.paths.items()
        ]
        table = Table(("path", "steps", "loss at start", "lowest", "at end"), rows)
        seen = "" if self.share is None or self.share > 0.995 else f"the plane shows {self.share:.0%} of the paths' way"
        return [text, table, *([seen] if seen else [])]

    def plot(self) -> Figure:
        """The surface as contours, with the paths on it, and their losses step by step."""
        figure, axes = canvas(
            1, 2 if self.paths else 1, width=3.7 if self.paths else 5.0, height=3.2 if self.paths else 4.0
        )
        bar = figure.colorbar(self.draw(axes[0, 0]), ax=axes[0, 0], pad=0.02, format="%.3g")
        bar.set_label("loss", fontsize=9)
        bar.ax.tick_params(labelsize=8)
        if self.paths:
            right = axes[0, 1]
            for i, (name, path) in enumerate(self.paths.items()):
                right.plot(path.losses, color=path_color(i), marker=MARKERS[i % len(MARKERS)], markersize=3, label=name)
            right.set_xlabel("step")
            right.set_ylabel("loss")
            losses = np.concatenate([path.losses for path in self.paths.values()])
            right.set_yscale("log" if losses.min() > 0 and losses.max() > 20 * losses.min() else "linear")
            right.legend(fontsize=8)
        return figure

    def draw(self, ax: Any, names: list[str] | None = None) -> Any:
        """The surface and some of the paths on axes of your own; returns the filled contours.

        Args:
            ax: matplotlib axes.
            names: which paths; all by default.
        """
        heights = np.where(np.isfinite(self.losses), self.losses, np.nan)
        low, high = np.nanmin(heights), np.nanpercentile(heights, 98)
        # Levels that lie closer where the valley is flat.
        levels = low + (high - low) * np.linspace(0, 1, 22) ** 2 if high > low else None
        filled = ax.contourf(self.a, self.b, heights, levels=levels, cmap=RISING, extend="max", alpha=0.9)
        if levels is not None:
            ax.contour(self.a, self.b, heights, levels=levels[1:], colors="white", linewidths=0.4, alpha=0.6)
        for i, (name, path) in enumerate(self.paths.items()):
            if names is None or name in names:
                style = {"marker": MARKERS[i % len(MARKERS)], "markersize": 4, "linewidth": 1.6}
                edge = {"markeredgecolor": "white", "markeredgewidth": 0.5}
                ax.plot(*path.places.T, color="white", linewidth=3.0)
                ax.plot(*path.places.T, color=path_color(i), label=name, **style, **edge)
        if self.paths:
            start = next(iter(self.paths.values())).places[0]
            ax.plot(*start, marker="o", markersize=9, color="white", markeredgecolor=BLACK, zorder=5)
        ax.set_xlim(self.a[0], self.a[-1])
        ax.set_ylim(self.b[0], self.b[-1])
        ax.locator_params(nbins=6)
        ax.set_xlabel(self.labels[0])
        ax.set_ylabel(self.labels[1])
        return filled


def path_color(i: int) -> str:
    """The colour of a path: one that stands out from viridis."""
    order = (3, 1, 5, 4, 6, 0, 7, 2)
    return COLORS[order[i % len(order)]]
