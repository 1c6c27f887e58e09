"""What a frame shows of a network: the maps of all its units from one pass, and how large its gradients are."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.tape import GradientTape
from kerasish.models.functional import Functional
from kerasish.models.sequential import Sequential
from kerasish.playground.messages import View
from kerasish.playground.network import drawn_layers, units_of
from kerasish.playground.points import features, grid


class Picture:
    """The maps of a network over the plane.

    Args:
        model: the network.
        names: its features.

    Attributes:
        shown: the indices of the layers whose units have maps.
    """

    def __init__(self, model: Any, names: list[str]) -> None:
        self.model = model
        self.names = names
        self.layers = drawn_layers(model)
        # A subclassed model is no graph whose layers could be asked.
        is_graph = isinstance(model, (Sequential, Functional))
        self.shown = [i for i, layer in enumerate(self.layers) if is_graph and units_of(layer)]
        inner = [self.layers[i].output for i in self.shown]
        self.probe = Functional(model.inputs, inner) if inner else None
        self._grids: dict[int, np.ndarray] = {}

    def inputs(self, resolution: int) -> np.ndarray:
        """The features of the cells' centres, row by row."""
        if resolution not in self._grids:
            self._grids = {resolution: features(grid(resolution), self.names)}
        return self._grids[resolution]

    def maps(self, view: View) -> dict[str, np.ndarray]:
        """The arrays `output` and `maps/LAYER` of a frame."""
        size, small = view["resolution"], view["neuron_resolution"]
        rows = self.inputs(size)
        with np.errstate(all="ignore"):
            if self.probe is None:
                return {
                    "output": _squares(self._columns(self.model.predict(rows, batch_size=len(rows), verbose=0)), size)
                }
            found = self.probe.predict(rows, batch_size=len(rows), verbose=0)
            found = found if isinstance(found, list) else [found]
            made = {"output": _squares(self._columns(found[-1]), size)}
            wanted = self.shown if view["maps"] == "all" else view["maps"]
            for index, values in zip(self.shown, found, strict=True):
                if index in wanted:
                    made[f"maps/{index}"] = _coarser(_squares(values, size), small)
        return made

    def features(self, view: View) -> np.ndarray:
        """The map of each input."""
        size = view["resolution"]
        return _coarser(_squares(self.inputs(size), size), view["neuron_resolution"])

    @staticmethod
    def _columns(values: np.ndarray) -> np.ndarray:
        return values.reshape(len(values), -1)


def _squares(values: np.ndarray, size: int) -> np.ndarray:
    """Columns of values as maps, one after the other."""
    return np.ascontiguousarray(values.T, "float32").reshape(-1, size, size)


def _coarser(maps: np.ndarray, size: int) -> np.ndarray:
    """Maps with fewer cells, each the mean of those that it is made of."""
    count, full = maps.shape[:2]
    step = full // size
    return maps if step == 1 else maps.reshape(count, size, step, size, step).mean(axis=(2, 4))


def gradient_norms(model: Any, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The norm of the loss's gradient by the weights of each layer; NaN for a layer that trains none."""
    with np.errstate(all="ignore"):
        with GradientTape() as tape:
            loss = model.compute_loss(x=x, y=y, y_pred=model(x, training=False), training=False)
        variables = model.trainable_variables
        found = {id(v): g for v, g in zip(variables, tape.gradient(loss, variables), strict=True)}
        norms = []
        for layer in drawn_layers(model):
            own = [found[id(v)] for v in layer.trainable_variables if found.get(id(v)) is not None]
            squares = [float(np.sum(np.square(g, dtype="float64"))) for g in own]
            norms.append(float(np.sqrt(sum(squares))) if own else np.nan)
    return np.array(norms, "float32")
