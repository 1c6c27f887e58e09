"""The base of layers that take strings and whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor
from kerasish.layers.base.layer import Layer
from kerasish.layers.preprocessing.lookup_keys import as_keys

_asked = primitive(
    "data_layer",
    lambda inputs, *, layer: layer._of_data(np.asarray(inputs)),
    shape=lambda inputs, *, layer: layer.compute_output_spec(inputs),
)


class DataWeights:
    """What Keras's layers for data say of their weights."""

    def convert_weight(self, weight: Any) -> Any:
        """A weight for the computation: as it is, for there is one kind of array here."""
        return weight


class DataLayer(DataWeights, Layer):
    """A layer whose inputs are not cast to a dtype: a value, lists of them, or an array, of strings or numbers."""

    def call(self, inputs: Any) -> Any:
        """What the layer makes of its inputs; in a step that is written down, anew with each batch."""
        return _asked(inputs, layer=self) if isinstance(inputs, Tensor) else self._of_data(inputs)

    def _of_data(self, inputs: Any) -> Any:
        """What the layer makes of arrays and lists, for one that takes a single input."""
        raise NotImplementedError(f"the layer {self.name!r} has a `call` of its own")

    def _as_data(self, value: Any) -> Any:
        """One input as an array."""
        return as_keys(value, f"the layer {self.name!r}")

    def _convert(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if args:
            return (self._converted(args[0]), *args[1:]), kwargs
        first = self._signature.tensor_names[0]
        return args, {**kwargs, first: self._converted(kwargs[first])} if first in kwargs else kwargs

    def _converted(self, value: Any) -> Any:
        if isinstance(value, (np.ndarray, Tensor)):
            return value
        is_symbolic = any(isinstance(leaf, KerasTensor) for leaf in nest.iterate(value))
        return value if is_symbolic else self._as_data(value)
