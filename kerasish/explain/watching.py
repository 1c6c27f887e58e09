"""Learning as a film: what a model answers, what a layer makes of the data, and the loss, again and again in fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.logs import Logs
from kerasish.explain.boundary import DecisionBoundary, decision_boundary
from kerasish.explain.film import draw_strip, save_film
from kerasish.explain.labels import understood
from kerasish.explain.probe import check_model, one_batch, outputs_of_layers
from kerasish.explain.result import Explanation, Table, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasish.backend.typing import Data, FilePath
    from kerasish.layers.base.layer import Layer
    from kerasish.models.model import Model


@dataclass(eq=False)
class Snapshot:
    """A model at one moment of its training.

    Attributes:
        epoch: how many epochs are over; 0 is the start.
        loss: that of the last of them; None at the start.
        boundary: what the model answers in the plane; None for models of other than two inputs.
        outputs: what the watched layer makes of the data, of shape `(n, units)`; None if no layer is watched.
        units: what each of its units answers in the plane, as `DecisionBoundary.values`; None likewise.
    """

    epoch: int
    loss: float | None
    boundary: DecisionBoundary | None = None
    outputs: np.ndarray | None = None
    units: np.ndarray | None = None

    def title(self) -> str:
        """Its moment, in words."""
        if self.loss is None:
            return "before training"
        return f"epoch {self.epoch}, loss {number(self.loss, 3)}"


class Watch(Explanation, Callback):
    """Snapshots of a model while it learns: a callback for `fit`, and afterwards a result to print, plot and save.

    Made by `keras.explain.watch`. The model is only asked, as `predict` asks it: it learns as it would unwatched.

    Attributes:
        snapshots: a `Snapshot` before training, and others evenly over the epochs, up to the last.
        losses: the loss of every epoch.
        labels: the number of each sample's class; None without `y`.
        names: the classes' names.
        layer: the watched layer's name; "" for none.
        ended: why no more was seen, if the weights left the finite numbers; "" otherwise.
    """

    def __init__(self, model: Any, x: Any, y: Any, layer: str, frames: int, resolution: int, margin: float) -> None:
        super().__init__()
        self.snapshots: list[Snapshot] = []
        self.losses: list[float] = []
        self.labels, self.names = _classes(model, x, y)
        self.layer = layer
        self.ended = ""
        self._name, self._x, self._y = model.name, x, y
        self._frames, self._resolution, self._margin = frames, resolution, margin
        self._wanted: set[int] = set()

    @property
    def count(self) -> int:
        """How many samples are watched."""
        return len(self._x)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        start = len(self.losses)
        epochs = (self.params or {}).get("epochs", 1)
        self._wanted = {start + int(e) for e in np.linspace(0, epochs, self._frames).round()}
        self._look()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.losses.append(float((logs or {}).get("loss", np.nan)))
        if len(self.losses) in self._wanted:
            self._look()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._look()  # the end is seen even where training stopped early

    def _look(self) -> None:
        """Take a snapshot, unless this moment has one."""
        epoch = len(self.losses)
        if self.ended or (self.snapshots and self.snapshots[-1].epoch == epoch):
            return
        if not all(np.isfinite(np.asarray(v)).all() for v in self.model.trainable_variables):
            self.ended = f"after epoch {epoch} the weights hold nan or infinity: try a smaller learning rate"
            return
        self.snapshots.append(self._snapshot(self.model))

    def _snapshot(self, model: Any) -> Snapshot:
        seen = Snapshot(len(self.losses), self.losses[-1] if self.losses else None)
        if self.layer:
            seen.outputs = layer_outputs(model, self._x, self.layer)
        if _is_plane(self._x):
            grid = (self._resolution, self._margin)
            seen.boundary = decision_boundary(model, self._x, self._y, None, *grid)
            if self.layer:
                seen.units = decision_boundary(model, self._x, None, self.layer, *grid).values
        return seen

    def blocks(self) -> list[str | Table]:
        if not self.snapshots:
            return [f"{self._name}: nothing was seen yet; pass this to fit: callbacks=[film]"]
        rows = [(str(s.epoch), number(s.loss), _share(s.boundary)) for s in self.chosen(10)]
        table = Table(("epoch", "loss", "right"), rows, f"{self._name}: {len(self.snapshots)} snapshots")
        return [table, *([self.ended] if self.ended else [])]

    def chosen(self, count: int) -> list[Snapshot]:
        """So many of the snapshots, from the first to the last."""
        places = np.unique(np.linspace(0, len(self.snapshots) - 1, count).round().astype(int))
        return [self.snapshots[place] for place in places]

    def plot(self) -> Figure:
        """Four moments beside each other: the answers, and what the layer makes of the data.

        Raises:
            ValueError: if nothing was seen yet.
            ImportError: if matplotlib is not installed.
        """
        self._check_seen()
        return draw_strip(self, self.chosen(4))

    def save(self, path: FilePath, seconds: float = 0.12) -> None:
        """Write the film: as a moving picture if `path` ends in `.gif`, else as numbered pictures into a folder.

        Args:
            path: a file `something.gif`, or a folder, made if it is not there, for `000.png`, `001.png` and so on.
            seconds: how long a frame of a GIF stays; the last one stays for two.

        Raises:
            ValueError: if nothing was seen yet, or `path` has another suffix.
            ImportError: if matplotlib or, for a GIF, Pillow is not installed.
        """
        self._check_seen()
        save_film(self, path, seconds)

    def _check_seen(self) -> None:
        if not self.snapshots:
            raise ValueError("nothing was seen yet: pass what watch returns to fit, as callbacks=[film]")


def watch(
    model: Model,
    x: Data,
    y: Data | None = None,
    layer: str | Layer | None = None,
    frames: int = 40,
    resolution: int = 80,
    margin: float = 0.15,
) -> Watch:
    """A film of how a model learns: its answers in the plane, a layer's outputs, and the loss, over the epochs.

    Args:
        model: the model that is going to learn.
        x: the data to watch it on; with two numbers a sample, its answers are shown in the plane.
        y: their classes or targets, as for `decision_boundary`.
        layer: a layer, or its name, whose outputs are shown. Of two units: where they put the samples. Of more: what
            each answers in the plane, or, where there is none, a map of samples (rows) by units (columns).
        frames: how many snapshots, evenly over the epochs of `fit`; the first is the start.
        resolution, margin: as for `decision_boundary`.

    Returns:
        A `Watch`: pass it to `fit` in `callbacks`; then print it, `.plot()` it, or `.save("film.gif")`.

    Raises:
        TypeError: if `model` is no model.
        ValueError: if there is nothing to show (the data has not two numbers a sample, and no layer is named), there
            is no such layer, `frames` is less than 2, or `decision_boundary` refuses the data.

    Example:
        >>> import kerasish as keras
        >>> x, y = keras.datasets.xor.load_data()
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "tanh", name="hidden")])
        >>> model.add(keras.layers.Dense(1, "sigmoid"))
        >>> model.compile("adam", "binary_crossentropy")
        >>> film = keras.explain.watch(model, x, y, layer="hidden", frames=3)
        >>> _ = model.fit(x, y, epochs=10, verbose=0, callbacks=[film])
        >>> [snapshot.epoch for snapshot in film.snapshots]
        [0, 5, 10]
        >>> film.snapshots[-1].outputs.shape
        (4, 2)
    """
    check_model(model)
    name = str(getattr(layer, "name", layer) or "")
    if frames < 2:
        raise ValueError(f"frames counts the snapshots, from 2: the start and the end; received {frames}")
    if not name and not _is_plane(x):
        raise ValueError(
            f"there is nothing to watch: x has shape {_shape(x)}, not (n, 2), so the answers cannot be drawn in a "
            "plane; name a layer whose outputs are to be shown, layer="
        )
    film = Watch(model, x, y, name, frames, resolution, margin)
    film._snapshot(model)  # a mistake in the arguments is told here, not in the middle of fit
    return film


def layer_outputs(model: Any, x: Any, layer: str) -> np.ndarray:
    """What one layer makes of the data, of shape `(n, units)`.

    Raises:
        ValueError: if there is no such layer.
    """
    found = dict(outputs_of_layers(model, x))
    if layer not in found:
        raise ValueError(f"the model {model.name!r} has no layer {layer!r} with one array of outputs: {list(found)}")
    return found[layer].reshape(len(found[layer]), -1)


def _shape(x: Any) -> tuple[int, ...]:
    return np.shape(x)


def _is_plane(x: Any) -> bool:
    return len(_shape(x)) == 2 and _shape(x)[1] == 2


def _classes(model: Any, x: Any, y: Any) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Classes by number with their names; None and no names for a regression, or without targets."""
    if y is None:
        return None, ()
    answers = model(one_batch(model, x)[0], training=False)
    units = answers.shape[-1] if isinstance(answers, np.ndarray) else None
    labels = understood(y, units)
    return (labels.values, labels.names) if labels.names else (None, ())


def _share(boundary: DecisionBoundary | None) -> str:
    return "-" if boundary is None or boundary.accuracy is None else f"{boundary.accuracy:.0%}"
