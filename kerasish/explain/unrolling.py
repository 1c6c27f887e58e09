"""Recurrent layers taken step by step, so that what happens at each step can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kerasish.backend import nest
from kerasish.layers.recurrent.rnn import RNN


@dataclass(eq=False)
class Unrolled:
    """One call of one recurrent layer.

    Attributes:
        layer: the layer.
        name: its name; a layer that is called again gets a number.
        mask: that of the sequence, `(batch, steps)`, or None.
        inputs: those of each step, in the order of computation.
        before: the flat list of states that each step finds.
        made: the flat list of states that it makes, of the samples as well that the mask leaves out there.
    """

    layer: Any
    name: str
    mask: Any
    inputs: list[Any] = field(default_factory=list)
    before: list[list[Any]] = field(default_factory=list)
    made: list[list[Any]] = field(default_factory=list)

    def in_time(self, values: list[Any]) -> list[Any]:
        """One value for each step, in the order of the sequence."""
        return values[::-1] if self.layer.go_backwards else values


def recurrent_layers(model: Any) -> list[Any]:
    """The recurrent layers of a model, also those within others.

    Raises:
        ValueError: if there is none.
    """
    found = [layer for layer in model._flatten_layers() if isinstance(layer, RNN)]
    if not found:
        raise ValueError(f"the model {model.name!r} has no recurrent layer, such as SimpleRNN, LSTM or GRU")
    return found


@contextmanager
def unrolling(layers: list[Any]) -> Iterator[list[Unrolled]]:
    """A block in which these layers go step by step, and every call of one is noted; states that they keep stay."""
    calls: list[Unrolled] = []

    def noting(layer: Any) -> dict[str, Any]:
        step, loop = layer._step, layer.inner_loop

        def noted_step(inputs: Any, states: list[Any], training: Any) -> Any:
            output, new = step(inputs, states, training)
            calls[-1].inputs.append(inputs)
            calls[-1].before.append(nest.flatten(states))
            calls[-1].made.append(nest.flatten(new))
            return output, new

        def noted_loop(sequences: Any, initial_state: Any, mask: Any, training: Any = False) -> Any:
            count = sum(call.layer is layer for call in calls)
            calls.append(Unrolled(layer, f"{layer.name} ({count + 1})" if count else layer.name, mask))
            return loop(sequences, initial_state, mask, training)

        return {"_step": noted_step, "inner_loop": noted_loop, "_runs_whole": lambda training: False}

    kept = [state for layer in layers for state in nest.flatten(layer.states or [])]
    before = [state._value.copy() for state in kept]
    changed = {id(layer): noting(layer) for layer in layers}
    for layer in layers:
        layer.__dict__.update(changed[id(layer)])
    try:
        yield calls
    finally:
        for layer in layers:
            for name in changed[id(layer)]:
                del layer.__dict__[name]
        for state, value in zip(kept, before, strict=True):
            state.assign(value)
