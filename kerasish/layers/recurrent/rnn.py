"""A cell run over the steps of a sequence."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.names import name_scope
from kerasish.backend.nest import listed
from kerasish.backend.operators import not_equal
from kerasish.backend.typing import Shape
from kerasish.backend.variable import Variable
from kerasish.layers.base.call_context import context
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.nested_shapes import specs, tuples
from kerasish.layers.recurrent.recurrent_cell import RecurrentCell
from kerasish.layers.recurrent.stacked_rnn_cells import StackedRNNCells, nested_as
from kerasish.ops.elementwise import where
from kerasish.ops.joining import split, stack
from kerasish.ops.recurrent_options import Options
from kerasish.ops.shape import squeeze
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class RNN(Layer):
    """Runs a cell over the steps of a sequence: it sees the inputs of a step and the states that it left before.

    Args:
        cell: a layer with `call(inputs, states) -> (output, next states)` and a `state_size`, a number or a nested list
            of one for each state; or a list of cells, each run on the output of the one before. It may have
            `output_size` and `get_initial_state(batch_size)`.
        return_sequences: whether the output of every step is returned, or only that of the last.
        return_state: whether the last states are returned after the output.
        go_backwards: whether the last step comes first; the outputs stand in the order of computation.
        stateful: whether each batch goes on with the states that the one before left; see `reset_state`.
        unroll: accepted, and nothing else is done: a sequence needs a known length.
        zero_output_for_mask: whether the output of a step that the mask leaves out is 0, not the one before it.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Call arguments:
        sequences: `(batch, steps, ...)`.
        initial_state: the states before the first step, arrays or symbolic tensors; zeros by default.
        mask: `(batch, steps)`, false where a step is left out: the states stay as they are.
        training: handed to the cell, if it asks for it.

    Returns:
        The last output `(batch, ...)`, or all, `(batch, steps, ...)`; with `return_state` a tuple of that and of each
        of the last states.

    Raises:
        ValueError: if the cell lacks something, states or a mask do not go with the sequences, `stateful` meets an
            unknown or another batch size, or `unroll` an unknown length.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> class Sum(keras.Layer):
        ...     state_size = 3
        ...
        ...     def call(self, inputs, states):
        ...         total = states[0] + inputs
        ...         return total, [total]
        >>> keras.layers.RNN(Sum())(np.ones((1, 5, 3), "float32"))
        array([[5., 5., 5.]], dtype=float32)
    """

    only_passes_masks = True

    states: Any

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        if isinstance(cell, type):
            raise ValueError(
                f"{type(self).__name__} runs a cell; received the class {cell.__name__}. Make one of it: "
                f"{cell.__name__}(units)"
            )
        if not callable(getattr(cell, "call", None)):
            raise ValueError(
                f"{type(self).__name__} runs a cell, with `call(inputs, states)`; received cell={cell!r}, which has no "
                "`call`"
            )
        if not hasattr(cell, "state_size"):
            raise ValueError(
                f"{type(self).__name__} runs a cell with a `state_size`, the number of units of each state; received "
                f"cell={cell!r}, which has none. An LSTMCell, GRUCell or SimpleRNNCell has one."
            )
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self._set_states(None)
        size = cell.state_size
        self.single_state = not isinstance(size, (list, tuple))
        self.state_size = listed(size)

    def _set_states(self, states: Any) -> None:
        object.__setattr__(self, "states", states)  # no weights: not saved, not listed

    @property
    def _cells(self) -> list[Any]:
        return getattr(self.cell, "cells", [self.cell])

    @property
    def is_whole(self) -> bool:
        """Whether all steps are computed at once, by one operation for each cell, in training too."""
        return self._runs_whole(training=True)

    def _runs_whole(self, training: bool | None) -> bool:
        if isinstance(self.cell, StackedRNNCells) and type(self.cell).call is not StackedRNNCells.call:
            return False
        return all(isinstance(cell, RecurrentCell) and cell.runs_whole(training) for cell in self._cells)

    # -- building ----------------------------------------------------------------------------------------------

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell for the inputs of one step, and make the states that are kept."""
        step_shape = (sequences_shape[0], *sequences_shape[2:])
        if isinstance(self.cell, Layer) and not self.cell.built:
            try:
                build_within(self, self.cell, step_shape)
            except ValueError as error:
                raise ValueError(
                    f"the layer {self.name!r} cannot make its cell for sequences of shape {tuple(sequences_shape)}: "
                    f"{error}"
                ) from error
        if self.stateful:
            self._check_batch(sequences_shape)
            if self.states is None:
                self._make_states(sequences_shape)

    def _check_batch(self, shape: Any) -> None:
        if shape[0] is None:
            raise ValueError(
                f"the layer {self.name!r} is stateful, so it needs to know the size of its batches; received shape "
                f"{tuple(shape)}. Give it to the input: keras.Input(batch_shape={(8, *shape[1:])})"
            )
        kept = shape[0] if self.states is None else nest.flatten(self.states)[0].shape[0]
        if kept != shape[0]:
            raise ValueError(
                f"the layer {self.name!r} is stateful and keeps the states of a batch of {kept} samples; received one "
                f"of {shape[0]}, shape {tuple(shape)}. Every batch must have the same size, the last as well."
            )

    def _make_states(self, shape: Any) -> None:
        with nullcontext() if context.building else name_scope(self.name):
            states = nest.map_structure(
                lambda zeros: Variable(zeros, trainable=False, name="rnn_state"), self._initial_for(shape)
            )
        self._set_states(states)

    def _initial_for(self, shape: Any) -> list[Any]:
        """The states before the first step of sequences of this shape."""
        return self.get_initial_state(shape[0])

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """The states before the first step: the cell's own, or zeros."""
        make = getattr(self.cell, "get_initial_state", None)
        if make is not None:
            return listed(make(batch_size=batch_size))
        return nest.map_structure(lambda size: np.zeros((batch_size, size), self.compute_dtype), self.state_size)

    def reset_state(self) -> None:
        """Set the states that are kept from batch to batch to zero."""
        for state in nest.flatten(self.states) if self.states is not None else ():
            state.assign(np.zeros(state.shape, state.dtype))

    reset_states = reset_state

    # -- calling -----------------------------------------------------------------------------------------------

    def __call__(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None) -> Any:
        sequences, initial_state = taken_apart(sequences, initial_state)
        self._check_sequences(sequences)
        given = {"initial_state": initial_state, "mask": mask, "training": training}
        return super().__call__(sequences, **{name: value for name, value in given.items() if value is not None})

    def _check_sequences(self, sequences: Any) -> None:
        """Raise ValueError, naming the layer, if these are no sequences; a cell of the user's own takes any."""

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        """The cell's output, of every step or the last, and with `return_state` its states."""
        if self.stateful:
            self._check_batch(sequences.shape)
        states = self._first_states(sequences.shape, initial_state)
        if mask is not None:
            mask = self._checked_mask(mask, sequences)
        last, outputs, states = self.inner_loop(sequences, states, mask, training)
        if self.stateful:
            pairs = zip(nest.flatten(self.states), nest.flatten(states), strict=True)
            for kept, state in pairs:
                kept.assign(state)
        output = outputs if self.return_sequences else last
        return (output, *states) if self.return_state else output

    def _first_states(self, shape: Any, initial_state: Any) -> list[Any] | None:
        """The states to begin with; None for the cell's own."""
        if initial_state is None:
            return self.states if self.stateful else None
        states = listed(initial_state)
        expected = self._state_shapes(shape)
        found = nest.map_structure(lambda state: tuple(np.shape(state)), states)
        is_named = any(isinstance(state, dict) for state in states)
        if len(nest.flatten(states)) == len(expected) == 1 and not isinstance(expected[0], list) and not is_named:
            states = nest.flatten(states)  # it may come in one list too many
            found = [tuple(np.shape(states[0]))]
        if is_named or len(found) != len(expected) or not all(map(_same, found, expected)):
            raise ValueError(
                f"the layer {self.name!r} needs an initial_state of shapes {expected} for its cell "
                f"({type(self.cell).__name__}); received {found}"
            )
        return states

    def _state_shapes(self, shape: Any) -> list[Any]:
        """The shapes of the states, nested as they are, for sequences of this shape."""
        return nest.map_structure(lambda size: (shape[0], size), self.state_size)

    def _checked_mask(self, mask: Any, sequences: Any) -> Any:
        if not hasattr(mask, "shape"):
            mask = np.asarray(mask)
        if len(mask.shape) == 3 and mask.shape[-1] == 1:
            mask = squeeze(mask, -1)
        if tuple(mask.shape) != tuple(sequences.shape[:2]):
            raise ValueError(
                f"the mask of the layer {self.name!r} has shape {tuple(mask.shape)}; for sequences of shape "
                f"{tuple(sequences.shape)} it is {tuple(sequences.shape[:2])}: one boolean for each step of each sample"
            )
        return mask if mask.dtype == bool else not_equal(mask, 0)

    def inner_loop(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool | None = False
    ) -> tuple[Any, Any, list[Any]]:
        """Run the cell over the steps.

        Args:
            sequences: `(batch, steps, ...)`.
            initial_state: the list of states; None for the cell's own.
            mask: booleans `(batch, steps)`, or None.
            training: handed to the cell.

        Returns:
            The last output, all outputs (None where only the other is asked for), and the list of last states.
        """
        run = self._by_cell if self._runs_whole(training) else self._by_step
        return run(sequences, initial_state, mask, training)

    def _by_cell(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool | None
    ) -> tuple[Any, Any, list[Any]]:
        """Each cell over all steps, on the output of the one before."""
        cells, states = self._cells, []
        for i, cell in enumerate(cells):
            is_last = i == len(cells) - 1
            options = Options(
                reverse=self.go_backwards and i == 0,
                sequences=self.return_sequences or not is_last,
                states=self.return_state or self.stateful,
                zero_masked=self.zero_output_for_mask and is_last,
            )
            first = initial_state if cell is self.cell or initial_state is None else initial_state[i]
            sequences, *last = cell.run(sequences, first, mask, options, training)
            states.append(nested_as(cell, last) if last else None)
            if options.reverse and mask is not None and not is_last:
                mask = np.flip(mask, axis=1)
        last_states = listed(states[0]) if self.cell is cells[0] else states
        return (None, sequences, last_states) if self.return_sequences else (sequences, None, last_states)

    def _by_step(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool | None
    ) -> tuple[Any, Any, list[Any]]:
        """The cell at one step after the other."""
        steps = sequences.shape[1]
        states = self._initial_for(sequences.shape) if initial_state is None else initial_state
        if not steps:
            raise ValueError(f"the layer {self.name!r} received sequences without a step, shape {sequences.shape}")
        parts = [squeeze(part, 1) for part in split(sequences, steps, axis=1)]
        output, outputs = None, []
        for t in reversed(range(steps)) if self.go_backwards else range(steps):
            made, new = self._step(parts[t], states, training)
            if mask is None:
                output, states = made, new
            else:
                before = self._output_before(states, made) if output is None else output
                seen = mask[:, t]
                output = _chosen(seen, made, np.zeros_like(made) if self.zero_output_for_mask else before)
                states = nest.map_structure(lambda a, b, seen=seen: _chosen(seen, a, b), new, listed(states))
            outputs.append(output)
        self._reset_dropout()
        return output, stack(outputs, axis=1) if self.return_sequences else None, states

    def _step(self, inputs: Any, states: list[Any], training: bool | None) -> tuple[Any, list[Any]]:
        takes_training = isinstance(self.cell, Layer) and self.cell._signature.has_training
        output, new = self.cell.call(inputs, list(states), **({"training": training} if takes_training else {}))
        return output, listed(new)

    def _output_before(self, states: list[Any], output: Any) -> Any:
        """What stands for the output before the first: the last cell's state, if it is of its shape, else zeros."""
        first = listed(states if self.cell is self._cells[0] else states[-1])[0]
        fits = not isinstance(first, (list, tuple)) and tuple(first.shape) == tuple(output.shape)
        return first if fits else np.zeros_like(output)

    def _reset_dropout(self) -> None:
        for cell in self._cells:
            for name in ("reset_dropout_mask", "reset_recurrent_dropout_mask"):
                if hasattr(cell, name):
                    getattr(cell, name)()

    # -- shapes and masks --------------------------------------------------------------------------------------

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        """The shape of the output, and with `return_state` of each state."""
        batch, steps = sequences_shape[:2]
        output = self._output_sizes(sequences_shape)
        shape = (batch, steps, *output) if self.return_sequences else (batch, *output)
        return (shape, *self._state_shapes(sequences_shape)) if self.return_state else shape

    def _output_sizes(self, shape: Any) -> tuple[int | None, ...]:
        """The shape of one output of one sample."""
        size = getattr(self.cell, "output_size", None)
        return (nest.flatten(self.state_size)[0] if size is None else size,)

    def compute_output_spec(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool | None = None
    ) -> Any:
        """The symbolic output, after a look at whether the arguments go together."""
        shape = tuple(sequences.shape)
        if self.stateful:
            self._check_batch(shape)
        if self.unroll and shape[1] is None:
            raise ValueError(
                f"the layer {self.name!r} with unroll=True needs sequences of a known length; received shape {shape}. "
                "Give the length to the input, keras.Input((steps, features)), or leave unroll=False."
            )
        self._first_states(shape, initial_state)
        made = specs(self.compute_output_shape(shape), self.compute_dtype)
        return tuple(made) if self.return_state else made

    def compute_mask(self, _: Any, mask: Any) -> Any:
        """The mask that came in, where there is an output for every step; states have none."""
        mask = listed(mask)[0] if self.return_sequences else None
        return [mask, *(None for _ in nest.flatten(self.state_size))] if self.return_state else mask

    # -- configuration -----------------------------------------------------------------------------------------

    def _own_config(self) -> dict[str, Any]:
        return {
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
        }

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._own_config(), "cell": serialize_keras_object(self.cell)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A layer from the result of `get_config`."""
        rest = dict(config)
        return cls(deserialize_keras_object(rest.pop("cell"), custom_objects=custom_objects), **rest)


def build_within(owner: Layer, layer: Layer, shape: Any) -> None:
    """Build a layer that another one holds, with both names in the paths of its weights."""
    scope: AbstractContextManager[Any] = nullcontext() if context.building else name_scope(owner.name)
    outer = context.building
    with scope, name_scope(layer.name):
        context.building = True
        try:
            layer.build(shape)
        finally:
            context.building = outer
    layer.built = True


def taken_apart(sequences: Any, initial_state: Any) -> tuple[Any, Any]:
    """Sequences and states, which Keras 2 also took as one list; its files have them so."""
    is_list = isinstance(sequences, (list, tuple)) and len(sequences) > 1
    if not is_list or initial_state is not None or not all(hasattr(part, "shape") for part in sequences):
        return sequences, initial_state
    return sequences[0], list(sequences[1:])


def _same(found: Any, expected: Any) -> bool:
    """Whether two nested shapes agree where both are known."""
    flat = nest.flatten(tuples(found)), nest.flatten(tuples(expected))
    return len(flat[0]) == len(flat[1]) and all(a == b or None in (a, b) for a, b in zip(*flat, strict=True))


def _chosen(seen: Any, new: Any, old: Any) -> Any:
    """`new` for the samples of which the step counts, `old` for the others."""
    return where(np.reshape(seen, (-1, *(1,) * (len(new.shape) - 1))), new, old)
