"""What the cells of the recurrent layers have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from kerasish import activations
from kerasish.backend.nest import listed
from kerasish.backend.random import SeedGenerator
from kerasish.backend.trace import drawn
from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.base.fused_activation import split_activation
from kerasish.layers.base.ruled_weights import RuledWeights
from kerasish.ops.noise import dropout_mask, noisy
from kerasish.ops.recurrent_options import Options


class RecurrentCell(RuledWeights):
    """One step of a recurrence: from the inputs of the step and the states, the output and the next states.

    Args:
        units: how many numbers a state has, and the output.
        activation: of the candidate, a name or function.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections of the weights after each update.
        dropout: the share of the inputs that is dropped in training, the same in all steps.
        recurrent_dropout: the share of the state that is dropped on its way to the products.
        seed: a whole number, for the same masks in every run.
        **kwargs: `implementation`, and `name`, `dtype`, `trainable` of `Layer`.

    Attributes:
        blocks: how many kernels lie side by side in one, each with its mask where `implementation` is 1.
        operation: what runs the cell over a whole sequence, see `ops.recurrence`; None if nothing does. A
            subclass that computes the same says so anew: it is not inherited.
    """

    blocks = 1
    operation: Callable[..., Any] | None = None
    _settings: tuple[str, ...] = ("units", "use_bias")
    _roles = ("kernel", "recurrent", "bias")

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        self.units = self._positive(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self._set_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._set_rules("recurrent", recurrent_initializer, recurrent_regularizer, recurrent_constraint)
        self._set_rules("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        self.implementation = 1 if self.recurrent_dropout else implementation
        self.bias: Any = None
        self.reset_dropout_mask()
        self.reset_recurrent_dropout_mask()

    @property
    def state_size(self) -> Any:
        """How many numbers each state has."""
        return self.units

    @property
    def output_size(self) -> int:
        """How many numbers the output has."""
        return self.units

    # -- weights -----------------------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the weights for the inputs of one step."""
        features = input_shape[-1]
        if features is None:
            raise ValueError(
                f"the layer {self.name!r} needs to know how many features a step has; received shape "
                f"{tuple(input_shape)}"
            )
        width = self.blocks * self.units
        self.kernel = self._weight("kernel", "kernel", (features, width))
        self.recurrent_kernel = self._weight("recurrent_kernel", "recurrent", (self.units, width))
        if self.use_bias:
            self.bias = self._add_bias(width)

    def _add_bias(self, width: int) -> Any:
        return self._weight("bias", "bias", (width,))

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Zeros for each state."""
        return [np.zeros((batch_size, size), self.compute_dtype) for size in listed(self.state_size)]

    # -- all steps at once -------------------------------------------------------------------------------------

    def runs_whole(self, training: bool | None) -> bool:
        """Whether one operation computes all steps of a sequence.

        That is where the activation is tanh, relu or linear, the gates' a sigmoid or a hard one, and no gate drops
        other numbers than the next.
        """
        is_own = vars(type(self)).get("operation") is not None  # a subclass may compute something else
        is_known = is_own and split_activation(self.activation)[1] is None and _gate_slope(self) is not _UNKNOWN
        has_one_mask = not self.recurrent_dropout and (not self.dropout or self.implementation != 1)
        return is_known and (has_one_mask or not training)

    def run(self, sequences: Any, states: Any, mask: Any, options: Options, training: bool | None) -> tuple[Any, ...]:
        """The output of all steps or of the last, and, if asked for, the last states."""
        assert self.operation is not None
        if sequences.shape[-1] != self.kernel.shape[0]:
            raise ValueError(
                f"the layer {self.name!r} ({type(self).__name__}) was built for steps of {self.kernel.shape[0]} "
                f"features; received sequences of shape {tuple(sequences.shape)}"
            )
        if training and self.dropout:
            sequences = noisy(sequences, self._draw)
        activation, slope = split_activation(self.activation)[0], _gate_slope(self)
        options = replace(options, activation=activation, slope=slope, reset_after=getattr(self, "reset_after", True))
        first = [None] * len(listed(self.state_size)) if states is None else listed(states)
        made = self.operation(sequences, self.kernel, self.recurrent_kernel, self.bias, first, mask, options)
        return made if options.states else (made,)

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any]:
        sizes = (shape[0], 1, shape[2])  # the same in all steps
        return dropout_mask(self.seed_generator, self.dropout, sizes, dtype), None

    def _checked(self, inputs: Any, states: Any) -> list[Any]:
        """The list of states, after a look at whether it and the inputs of a step are what the cell was made for."""
        states, shape = listed(states), tuple(np.shape(inputs))
        found = [tuple(np.shape(state)) for state in states]
        expected = [(shape[0] if shape else None, size) for size in listed(self.state_size)]
        if len(shape) != 2 or shape[1] != self.kernel.shape[0]:
            raise ValueError(
                f"the layer {self.name!r} ({type(self).__name__}) takes inputs of one step, (batch, features), "
                f"with {self.kernel.shape[0]} features; received shape {shape}"
            )
        if [state[1:] for state in found] != [state[1:] for state in expected]:
            raise ValueError(
                f"the layer {self.name!r} ({type(self).__name__}) takes a list of states of shapes {expected}; "
                f"received {found}. `get_initial_state(batch_size)` makes those before the first step."
            )
        return states

    # -- dropout -----------------------------------------------------------------------------------------------

    def get_dropout_mask(self, step_input: Any) -> Any:
        """What the inputs are multiplied by in training, the same until it is reset: None without dropout."""
        return self._held_mask("_dropout_mask", self.dropout, step_input)

    def get_recurrent_dropout_mask(self, step_input: Any) -> Any:
        """What the state is multiplied by in training, the same until it is reset: None without dropout."""
        return self._held_mask("_recurrent_dropout_mask", self.recurrent_dropout, step_input)

    def _held_mask(self, name: str, rate: float, like: Any) -> Any:
        if not rate:
            return None
        if self.__dict__[name] is None:
            count = self.blocks if self.implementation == 1 else 1
            shape, dtype = tuple(like.shape), like.dtype
            masks = [drawn(lambda: dropout_mask(self.seed_generator, rate, shape, dtype)) for _ in range(count)]
            object.__setattr__(self, name, masks if count > 1 else masks[0])  # no change of the layer's structure
        return self.__dict__[name]

    def reset_dropout_mask(self) -> None:
        """Draw another mask of the inputs at the next step."""
        object.__setattr__(self, "_dropout_mask", None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Draw another mask of the state at the next step."""
        object.__setattr__(self, "_recurrent_dropout_mask", None)

    def _masks(self, inputs: Any, h: Any, training: bool | None) -> tuple[Any, Any]:
        if not training:
            return None, None
        return self.get_dropout_mask(inputs), self.get_recurrent_dropout_mask(h)

    # -- configuration -----------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            **self._settings_config(),
            "activation": activations.serialize(self.activation),
            **self._rules("initializer"),
            **self._rules("regularizer"),
            **self._rules("constraint"),
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


_UNKNOWN = object()


def _gate_slope(cell: Any) -> Any:
    """The slope of a cell's gates if they are hard sigmoids; None for the sigmoid, and where there are no gates."""
    gate = getattr(cell, "recurrent_activation", activations.sigmoid)
    if gate is activations.sigmoid:
        return None
    return 1 / 6 if gate is activations.hard_sigmoid else getattr(gate, "slope", _UNKNOWN)
