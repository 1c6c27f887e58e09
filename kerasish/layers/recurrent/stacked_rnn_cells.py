"""Cells one upon the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.names import name_scope
from kerasish.backend.nest import listed
from kerasish.layers.base.layer import Layer
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class StackedRNNCells(Layer):
    """Cells that are run as one: each gets the output of the one before.

    Args:
        cells: the cells, in order.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Call arguments:
        inputs: those of one step, `(batch, features)`.
        states: for each cell its state, or the list of its states.
        training: handed to the cells that ask for it.

    Raises:
        ValueError: if there is no cell, or one has no `call` or no `state_size`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> cells = keras.layers.StackedRNNCells([keras.layers.GRUCell(2), keras.layers.LSTMCell(3)])
        >>> cells.state_size
        [2, [3, 3]]
        >>> keras.layers.RNN(cells)(np.ones((4, 5, 6), "float32")).shape
        (4, 3)
    """

    def __init__(self, cells: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not len(cells):
            raise ValueError("StackedRNNCells needs at least one cell, such as LSTMCell(8); received none")
        for cell in cells:
            for name in ("call", "state_size"):
                if not hasattr(cell, name):
                    raise ValueError(
                        f"StackedRNNCells holds cells such as LSTMCell, with `call(inputs, states)` and `state_size`; "
                        f"received {cell!r}, which has no `{name}`"
                    )
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """The sizes of each cell's states."""
        return [list(size) if isinstance(size, (list, tuple)) else size for size in (c.state_size for c in self.cells)]

    @property
    def output_size(self) -> Any:
        """The size of the last cell's output."""
        return _output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """The states of each cell before the first step."""
        states = []
        for cell in self.cells:
            if hasattr(cell, "get_initial_state"):
                made = listed(cell.get_initial_state(batch_size=batch_size))
            else:
                made = [np.zeros((batch_size, size), self.compute_dtype) for size in listed(cell.state_size)]
            states.append(nested_as(cell, made))
        return states

    def build(self, input_shape: Any) -> None:
        """Build each cell for the output of the one before."""
        shape = tuple(input_shape)
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                with name_scope(cell.name):
                    cell.build(shape)
                cell.built = True
            shape = (shape[0], _output_size(cell))

    def call(self, inputs: Any, states: Any, training: bool = False, **kwargs: Any) -> Any:
        """The last cell's output, and the next states of all."""
        next_states = []
        for cell, state in zip(self.cells, states, strict=True):
            takes_training = isinstance(cell, Layer) and cell._signature.has_training
            settings = {"training": training} if takes_training else {}
            inputs, new = cell.call(inputs, listed(state), **settings)
            next_states.append(nested_as(cell, listed(new)))
        return inputs, next_states

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cells": [serialize_keras_object(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Cells from the result of `get_config`."""
        rest = dict(config)
        cells = [deserialize_keras_object(cell, custom_objects=custom_objects) for cell in rest.pop("cells")]
        return cls(cells, **rest)


def _output_size(cell: Any) -> Any:
    size = getattr(cell, "output_size", None)
    return listed(cell.state_size)[0] if size is None else size


def nested_as(cell: Any, states: list[Any]) -> Any:
    """The states of a cell as its `state_size` nests them."""
    return states if isinstance(cell.state_size, (list, tuple)) else states[0]
