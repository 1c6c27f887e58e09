"""The frames of a film of learning, as a strip, as pictures, and as a GIF."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.explain.drawing import BLUE, VERMILION, canvas, class_colors, diverging, grid_of, pyplot, scatter_classes
from kerasish.utils.image_utils import pillow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasish.backend.typing import FilePath
    from kerasish.explain.watching import Snapshot, Watch

_DOTS = 100  # points an inch: small enough to be sent, large enough to be read
_GIF_COLORS = 128
_LAST_SECONDS = 2.0
_MOST_UNITS = 16


def draw_strip(film: Watch, moments: list[Snapshot]) -> Figure:
    """Moments from left to right; the plane above, the layer's outputs below."""
    parts = _parts(film)
    height = 2.2 * len(parts) + 0.5
    figure, axes = canvas(len(parts), len(moments), width=7.4 / len(moments), height=height / len(parts))
    for column, moment in enumerate(moments):
        axes[0, column].set_title(moment.title(), fontsize=9)
        for row, part in enumerate(parts):
            part(axes[row, column], film, moment)
            if column:
                axes[row, column].set_ylabel("")
                axes[row, column].tick_params(labelleft=False)
    return figure


def save_film(film: Watch, path: FilePath, seconds: float) -> None:
    """Write every snapshot as a frame: into one GIF, or into a folder of numbered pictures.

    Raises:
        ValueError: if `path` has another suffix than `.gif`.
        ImportError: if matplotlib or, for a GIF, Pillow is not installed.
    """
    target = Path(path)
    if target.suffix.lower() not in ("", ".gif"):
        raise ValueError(
            "a film is saved as a GIF, path='film.gif', or as pictures into a folder, path='film'; "
            f"received {str(path)!r}"
        )
    if target.suffix:
        _save_gif(film, target, seconds)
        return
    target.mkdir(parents=True, exist_ok=True)
    for i, frame in enumerate(_frames(film)):
        pyplot().imsave(target / f"{i:03d}.png", frame)


def _save_gif(film: Watch, path: Path, seconds: float) -> None:
    image = pillow()
    frames = [image.fromarray(frame) for frame in _frames(film)]
    # One palette for all, from the first, the middle and the last: what does not move is then stored once.
    some = np.vstack([np.asarray(frames[i]) for i in (0, len(frames) // 2, -1)])
    palette = image.fromarray(some).quantize(_GIF_COLORS, method=image.Quantize.MAXCOVERAGE)
    pictures = [frame.quantize(palette=palette, dither=image.Dither.NONE) for frame in frames]
    durations = [round(1000 * seconds)] * (len(pictures) - 1) + [round(1000 * _LAST_SECONDS)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=durations, loop=0)


def _frames(film: Watch) -> Any:
    """Each snapshot as an array of pixels, of shape `(height, width, 3)`: the plane, the layer's outputs, the loss."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    parts = [*_parts(film), _draw_losses]
    figure, axes = canvas(1, len(parts), width=2.6, height=2.7)
    figure.set_dpi(_DOTS)
    figure.get_layout_engine().set(wspace=0.08)
    agg: Any = FigureCanvasAgg(figure)
    for moment in film.snapshots:
        for ax, part in zip(axes[0], parts, strict=True):
            ax.clear()
            part(ax, film, moment)
        figure.suptitle(moment.title(), fontsize=10)
        agg.draw()
        if moment is film.snapshots[0]:
            figure.set_layout_engine("none")  # what is laid out once stays in its place
        yield np.asarray(agg.buffer_rgba())[..., :3].copy()
    pyplot().close(figure)


def _parts(film: Watch) -> list[Any]:
    """What there is to draw at every moment."""
    first = film.snapshots[0]
    parts: list[Any] = [_draw_plane] if first.boundary is not None else []
    if first.outputs is not None:
        moved = first.outputs.shape[1] == 2
        parts.append(_draw_moved if moved else _draw_map if first.units is None else _draw_units)
    return parts


def _draw_plane(ax: Any, film: Watch, moment: Snapshot) -> None:
    """What the model answers."""
    assert moment.boundary is not None
    moment.boundary.draw(ax, _size(film), legend=False)
    ax.set(xlabel="x1", ylabel="x2")


def _draw_moved(ax: Any, film: Watch, moment: Snapshot) -> None:
    """Two units: where the layer has put the points."""
    assert moment.outputs is not None
    if film.labels is None:
        ax.scatter(*moment.outputs.T, s=16, color=BLUE, edgecolors="white", linewidths=0.5)
    else:
        scatter_classes(ax, moment.outputs, film.labels, _size(film), False, film.names)
    every = np.concatenate([s.outputs for s in film.snapshots if s.outputs is not None])
    low, high = every.min(axis=0), every.max(axis=0)
    spare = 0.08 * np.maximum(high - low, 1e-3)
    ax.set(xlim=(low[0] - spare[0], high[0] + spare[0]), ylim=(low[1] - spare[1], high[1] + spare[1]))
    ax.set(xlabel=f"{film.layer}: unit 1", ylabel="unit 2")


def _draw_units(ax: Any, film: Watch, moment: Snapshot) -> None:
    """Many units of a model of two inputs: what each answers in the plane, side by side."""
    assert moment.units is not None
    count = min(moment.units.shape[-1], _MOST_UNITS)
    rows, columns = grid_of(count, math.isqrt(count - 1) + 1)
    gap = max(1, moment.units.shape[0] // 12)
    side = moment.units.shape[0] + gap
    tiles = np.full((rows * side - gap, columns * side - gap), np.nan)
    for unit in range(count):
        top, left = side * (rows - 1 - unit // columns), side * (unit % columns)
        tiles[top : top + side - gap, left : left + side - gap] = moment.units[..., unit]
    reach = _reach(s.units for s in film.snapshots)
    ax.imshow(tiles, cmap=diverging(), vmin=-reach, vmax=reach, origin="lower", interpolation="nearest")
    ax.spines[:].set_visible(False)
    ax.set(xlabel=f"units of {film.layer}", xticks=[], yticks=[])


def _reach(arrays: Iterable[np.ndarray | None]) -> float:
    """The largest size of any number, so that a colour means the same in every frame."""
    return max(float(np.abs(array).max()) for array in arrays if array is not None) or 1.0


def _draw_map(ax: Any, film: Watch, moment: Snapshot) -> None:
    """Many units: a column for each, a row for each sample, the samples of a class together."""
    assert moment.outputs is not None
    order = np.arange(len(moment.outputs)) if film.labels is None else np.argsort(film.labels, kind="stable")
    reach = _reach(s.outputs for s in film.snapshots)
    ax.imshow(moment.outputs[order], cmap=diverging(), vmin=-reach, vmax=reach, aspect="auto", interpolation="nearest")
    ax.set(xlabel=f"units of {film.layer}", xticks=[], yticks=[])
    if film.labels is None:
        ax.set_ylabel("samples")
        return
    labels = film.labels[order].astype(int)
    colors = class_colors(len(film.names))
    for c in np.unique(labels):
        rows = np.flatnonzero(labels == c)
        ax.plot(
            [-0.5, -0.5],
            [rows[0] - 0.5, rows[-1] + 0.5],
            color=colors[c],
            linewidth=6,
            clip_on=False,
            solid_capstyle="butt",
        )
    ax.set_ylabel("samples, by class", labelpad=8)


def _draw_losses(ax: Any, film: Watch, moment: Snapshot) -> None:
    """The loss of all epochs, as far as it has come."""
    losses = np.array(film.losses)
    epochs = np.arange(1, len(losses) + 1)
    ax.plot(epochs[: moment.epoch], losses[: moment.epoch], color=VERMILION)
    if moment.epoch:
        ax.plot(moment.epoch, losses[moment.epoch - 1], "o", color=VERMILION)
    finite = losses[np.isfinite(losses)]
    top = float(finite.max()) if len(finite) else 1.0
    ax.set(xlabel="epoch", ylabel="loss", xlim=(0, max(len(losses), 1) * 1.05), ylim=(0, 1.05 * top))


def _size(film: Watch) -> float:
    """How large points are drawn: a handful is seen one by one, hundreds are not to hide what is below them."""
    return 70.0 if film.count <= 20 else 14.0
