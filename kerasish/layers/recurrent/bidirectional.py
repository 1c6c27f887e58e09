"""A recurrent layer in both directions."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.nest import listed
from kerasish.backend.typing import Shape
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.nested_shapes import specs
from kerasish.layers.recurrent.rnn import build_within, taken_apart
from kerasish.ops.joining import concatenate
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

_MERGE: dict[Any, Any] = {
    "concat": lambda a, b: concatenate([a, b], axis=-1),
    "sum": lambda a, b: a + b,
    "ave": lambda a, b: (a + b) * 0.5,
    "mul": lambda a, b: a * b,
    None: lambda a, b: (a, b),
}
_ALIKE = ("return_sequences", "return_state", "stateful")


class Bidirectional(Layer):
    """One layer from the first step to the last, one from the last to the first, and both outputs together.

    Args:
        layer: a recurrent layer, such as `LSTM` or `RNN`; its copy runs forward.
        merge_mode: `"concat"`, `"sum"`, `"mul"`, `"ave"`, or None for both outputs.
        weights: first values of all weights, those of the forward layer first.
        backward_layer: the layer that runs backward, with `go_backwards`; a copy by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Call arguments: see `RNN`; `initial_state` has the states of the forward layer first.

    Returns:
        The merged output, its steps in the order of the input, 0 where the mask leaves a step out; with `return_state`
        a tuple of that and of the states of the forward and of the backward layer.

    Raises:
        ValueError: if `layer` is no recurrent layer, `merge_mode` is unknown, the two layers do not go together, or
            there are not as many initial states as both need.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Bidirectional(keras.layers.LSTM(4))(np.ones((2, 10, 3), "float32")).shape
        (2, 8)

    Source: Schuster and Paliwal, Bidirectional recurrent neural networks (1997).
    """

    only_passes_masks = True

    def __init__(
        self, layer: Any, merge_mode: str | None = "concat", weights: Any = None, backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        for one in (layer, *([] if backward_layer is None else [backward_layer])):
            if not isinstance(one, Layer) or not hasattr(one, "go_backwards"):
                raise ValueError(
                    f"Bidirectional holds a recurrent layer such as LSTM, GRU or RNN, with `go_backwards`; received "
                    f"{one!r} ({type(one).__name__})"
                )
        if merge_mode not in _MERGE:
            raise ValueError(f"merge_mode is one of {list(_MERGE)}; received merge_mode={merge_mode!r}")
        super().__init__(**kwargs)
        self.merge_mode = merge_mode
        self.forward_layer = _copy(layer, "forward", layer.go_backwards)
        self.backward_layer = backward_layer or _copy(layer, "backward", True)
        self._check_layers()
        for one in self._layers_within:  # or a padded step would have different outputs in the two directions
            one.zero_output_for_mask = one.return_sequences
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.stateful = layer.stateful
        self.supports_masking = True
        self._first_weights = weights

    def _check_layers(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                f"the two layers of {self.name!r} run in opposite directions; received go_backwards="
                f"{forward.go_backwards} for both. Give backward_layer go_backwards={not forward.go_backwards}."
            )
        for name in _ALIKE:
            if getattr(forward, name) != getattr(backward, name):
                raise ValueError(
                    f"the two layers of {self.name!r} need the same {name}; received {getattr(forward, name)} for the "
                    f"forward layer and {getattr(backward, name)} for the backward layer"
                )

    @property
    def _layers_within(self) -> tuple[Any, Any]:
        return self.forward_layer, self.backward_layer

    @property
    def states(self) -> Any:
        """The states that are kept from batch to batch, those of the forward layer first; None if there are none."""
        if None in (self.forward_layer.states, self.backward_layer.states):
            return None
        return [*self.forward_layer.states, *self.backward_layer.states]

    def reset_state(self) -> None:
        """Set the states that are kept from batch to batch to zero."""
        for layer in self._layers_within:
            layer.reset_state()

    reset_states = reset_state

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build both layers."""
        for layer in self._layers_within:
            if not layer.built:
                build_within(self, layer, sequences_shape)
        if self._first_weights is not None:
            self.set_weights(self._first_weights)

    def __call__(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None) -> Any:
        sequences, initial_state = taken_apart(sequences, initial_state)
        given = {"initial_state": initial_state, "mask": mask, "training": training}
        return super().__call__(sequences, **{name: value for name, value in given.items() if value is not None})

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool | None = None) -> Any:
        """The merged outputs, and with `return_state` all states."""
        halves = self._halves(initial_state)
        made = [
            listed(layer(sequences, initial_state=half, mask=mask, training=training))
            for layer, half in zip(self._layers_within, halves, strict=True)
        ]
        (y, *states), (backward, *backward_states) = made
        if self.return_sequences:
            backward = np.flip(backward, axis=1)
        merged = _MERGE[self.merge_mode](y, backward)
        if not self.return_state:
            return merged
        return (*(merged if self.merge_mode is None else [merged]), *states, *backward_states)

    def _halves(self, initial_state: Any) -> tuple[Any, Any]:
        if initial_state is None:
            return None, None
        states = listed(initial_state)
        count = len(self.forward_layer.state_size)
        if len(states) != count + len(self.backward_layer.state_size):
            raise ValueError(
                f"the layer {self.name!r} needs an initial_state for each state of its two layers, "
                f"{count + len(self.backward_layer.state_size)} in all; received {len(states)}"
            )
        return states[:count], states[count:]

    # -- shapes and masks --------------------------------------------------------------------------------------

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        """The shape of the merged output, and with `return_state` of each state."""
        made = [layer.compute_output_shape(sequences_shape) for layer in self._layers_within]
        (y, *states), (backward, *backward_states) = made if self.return_state else ([made[0]], [made[1]])
        if self.merge_mode == "concat":
            y = (*y[:-1], y[-1] + backward[-1])
        outputs = (y, backward) if self.merge_mode is None else (y,)
        whole = (*outputs, *states, *backward_states)
        return whole if len(whole) > 1 else y

    def compute_output_spec(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool | None = None
    ) -> Any:
        """The symbolic output, after a look at whether the arguments go together."""
        for layer, half in zip(self._layers_within, self._halves(initial_state), strict=True):
            layer.compute_output_spec(sequences, half)
        made = specs(self.compute_output_shape(tuple(sequences.shape)), self.compute_dtype)
        return tuple(made) if isinstance(made, list) else made

    def compute_mask(self, _: Any, mask: Any) -> Any:
        """The mask that came in, where there is an output for every step; states have none."""
        mask = listed(mask)[0] if self.return_sequences else None
        if self.merge_mode is None:
            return (mask, mask)
        return mask

    # -- configuration -----------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": serialize_keras_object(self.forward_layer),
            "backward_layer": serialize_keras_object(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A layer from the result of `get_config`."""
        rest = dict(config)
        for name in ("layer", "backward_layer"):
            if rest.get(name) is not None:
                rest[name] = deserialize_keras_object(rest[name], custom_objects=custom_objects)
        return cls(**rest)


def _copy(layer: Any, direction: str, go_backwards: bool) -> Any:
    """A layer like this one, without its weights, that runs in this direction."""
    name = layer.name.removeprefix("forward_").removeprefix("backward_")
    config = {**layer.get_config(), "name": f"{direction}_{name}", "go_backwards": go_backwards}
    return type(layer).from_config(config)
