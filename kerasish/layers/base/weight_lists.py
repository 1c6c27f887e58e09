"""A layer's weights as lists: which there are, which are trained, and how they are read and set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kerasish.backend.admission import as_array
from kerasish.backend.variable import Variable
from kerasish.layers.base.tracking import Tracker


class WeightsMixin:
    """The properties of a layer that walk over its variables and those of the layers below."""

    _tracker: Tracker
    _trainable: bool
    name: str
    built: bool

    def _flatten_layers(self) -> list[Any]:
        """Every layer below this one, each once, parents first."""
        found: list[Any] = []
        seen = {id(self)}

        def visit(layer: Any) -> None:
            for child in layer._tracker.layers():
                if id(child) not in seen:
                    seen.add(id(child))
                    found.append(child)
                    visit(child)

        visit(self)
        return found

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; setting it sets it for every layer below."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in (self, *self._flatten_layers()):
            object.__setattr__(layer, "_trainable", bool(value))
            for variable in layer._tracker.variables():
                if id(variable) not in layer._tracker.fixed:
                    variable.trainable = bool(value)

    @property
    def variables(self) -> list[Variable]:
        """Every variable: weights, states of metrics excepted, and random states."""
        collected = self._tracker.variables()
        collected += [generator.state for generator in self._tracker.seed_generators()]
        for layer in self._tracker.layers():
            collected += layer.variables
        return _unique(collected)

    @property
    def weights(self) -> list[Variable]:
        """The variables that are saved: all but random states."""
        collected = self._tracker.variables()
        for layer in self._tracker.layers():
            collected += layer.weights
        return _unique(collected)

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that an optimizer changes."""
        return self.trainable_weights

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that an optimizer changes.

        Of a layer that is frozen there are none; a part of it that was set to be trained is one of the whole model.
        """
        return [v for v in self.weights if v.trainable] if self._trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that no optimizer changes."""
        trained = {id(v) for v in self.trainable_variables}
        return [v for v in self.variables if id(v) not in trained]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that no optimizer changes."""
        trained = {id(v) for v in self.trainable_weights}
        return [v for v in self.weights if id(v) not in trained]

    @property
    def metrics(self) -> list[Any]:
        """The metrics of this layer and those below."""
        return _unique([*self._tracker.metrics(), *self._metrics_below()])

    def _metrics_below(self) -> list[Any]:
        """The metrics of the layers below; of a model among them not its own, which are for its own training."""
        collected: list[Any] = []
        for layer in self._tracker.layers():
            collected += layer._metrics_below() if layer.is_trainer else layer.metrics
        return collected

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of the metrics."""
        return [v for metric in self.metrics for v in metric.variables]

    def count_params(self) -> int:
        """How many numbers the weights hold.

        Raises:
            ValueError: if the layer has not been built.
        """
        if not self.built and not self.weights:
            raise ValueError(
                f"the layer {self.name!r} has no weights yet: they are made when it sees its first input. Call it "
                "on data, or call `build(input_shape)`."
            )
        return sum(v.size for v in self.weights)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the weights, in the order of `weights`."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Iterable[Any]) -> None:
        """Replace the weights, in the order of `weights`.

        Raises:
            ValueError: if their number or a shape differs; nothing is changed then.
        """
        given = [as_array(w, what=f"a weight for the layer {self.name!r}") for w in weights]
        own = self.weights
        if len(given) != len(own):
            state = "" if own or self.built else " It has none before it is built: call it on data first."
            raise ValueError(
                f"the layer {self.name!r} has {len(own)} weights; set_weights received {len(given)}.{state}"
            )
        for variable, value in zip(own, given, strict=True):
            if variable.shape != value.shape:
                raise ValueError(
                    f"the weight {variable.path!r} of the layer {self.name!r} has shape {variable.shape}; set_weights "
                    f"received shape {value.shape}"
                )
        for variable, value in zip(own, given, strict=True):
            variable.assign(value)

    def variables_in_files(self) -> list[Variable]:
        """The layer's own variables that a file holds, in its order."""
        return self._tracker.variables()

    def variables_merged_in_files(self) -> list[Variable]:
        """Those that a file holds as a part of others: they become zero when it is read."""
        return []

    def save_own_variables(self, store: Any) -> None:
        """Write this layer's own variables into `store` under `"0"`, `"1"`, ..."""
        for i, variable in enumerate(self.variables_in_files()):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Read this layer's own variables back from `store`.

        Raises:
            ValueError: if the number of stored variables differs.
        """
        own = self.variables_in_files()
        if len(own) != len(store):
            missing = "" if own else " The layer has not been built."
            raise ValueError(
                f"the layer {self.name!r} has {len(own)} variables; the file holds {len(store)} for it.{missing}"
            )
        for i, variable in enumerate(own):
            variable.assign(store[str(i)])
        for variable in self.variables_merged_in_files():
            variable.assign(np.zeros(variable.shape))

    load_own_variables.in_order = True  # type: ignore[attr-defined]


def _unique(items: list[Any]) -> list[Any]:
    return list({id(item): item for item in items}.values())
