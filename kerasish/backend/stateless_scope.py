"""Blocks in which variables have other values, and what is assigned is kept beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.variable import Variable


class Substituted:
    """A block in which variables have other values, and after which they have their own again.

    Args:
        pairs: variables and values; under a tape, tensors that it watches get their gradients.

    Attributes:
        final: after the block, for the id of each variable the value it had at the end.

    Raises:
        ValueError: if a value has another shape than its variable.
    """

    def __init__(self, pairs: list[tuple[Variable, Any]]) -> None:
        self.pairs = pairs
        self.final: dict[int, np.ndarray] = {}
        self._saved: list[Any] = []
        for variable, value in pairs:
            if tuple(np.shape(value)) != variable.shape:
                raise ValueError(
                    f"the variable {variable.path!r} has shape {variable.shape}; received a value of shape "
                    f"{tuple(np.shape(value))}"
                )

    def __enter__(self) -> Any:
        self._saved = [self._own(v) for v, _ in self.pairs]
        for variable, value in self.pairs:
            plain = value.value if isinstance(value, Tensor) else value
            variable._value = np.array(plain, variable._value.dtype)
            variable._leaf = None
            if recording.tapes and (isinstance(value, Tensor) or variable._watched):
                stand_in = value if isinstance(value, Tensor) else Tensor(variable._value)
                recording.leaves[id(variable)] = (variable, stand_in)
                variable._leaf = stand_in  # what the call assigns shall be read again
        return self

    @staticmethod
    def _own(variable: Variable) -> Any:
        return variable, variable._value, variable._leaf, recording.leaves.get(id(variable))

    def __exit__(self, *exception: object) -> None:
        for variable, own, leaf, held in self._saved:
            self.final[id(variable)] = variable._value
            variable._value, variable._leaf = own, leaf
            if held is None:
                recording.leaves.pop(id(variable), None)
            else:
                recording.leaves[id(variable)] = held


class StatelessScope(Substituted):
    """A block that leaves variables as they are: they have the values that are given, and keep what is assigned apart.

    Args:
        state_mapping: pairs of a variable and the value that it has in the block.
        collect_losses: whether what layers give to `add_loss` in the block is collected in `losses`, not in the layers.
        initialize_variables: accepted for compatibility: variables made in the block have their first value at once.

    Attributes:
        losses: what was added to the loss.

    Raises:
        ValueError: if a key is no variable, or a value has another shape than its variable.

    Example:
        >>> import kerasish as keras
        >>> v = keras.Variable(2.0)
        >>> with keras.StatelessScope([(v, 5.0)]) as scope:
        ...     new = v.assign(v + 1)
        >>> float(v), float(scope.get_current_value(v))
        (2.0, 6.0)
    """

    def __init__(self, state_mapping: Any = None, collect_losses: bool = False, initialize_variables: bool = True):
        pairs = list((state_mapping or {}).items() if isinstance(state_mapping, dict) else state_mapping or ())
        for variable, _ in pairs:
            if not isinstance(variable, Variable):
                raise ValueError(
                    f"StatelessScope maps variables to values; received {type(variable).__name__} as a variable"
                )
        super().__init__(pairs)
        self.collect_losses = collect_losses
        self.initialize_variables = initialize_variables
        self.losses: list[Any] = []
        self._changed: set[int] = set()

    def __enter__(self) -> StatelessScope:
        if recording.trace is not None:
            recording.trace.escape("StatelessScope puts other values in the place of variables")
        super().__enter__()
        self._changed = {id(v) for v, _ in self.pairs}
        self._outer, recording.scope = recording.scope, self
        return self

    def __exit__(self, *exception: object) -> None:
        recording.scope = self._outer
        super().__exit__(*exception)

    def hold(self, variable: Variable) -> None:
        """Let a variable that is about to change have a value of its own in the block."""
        if id(variable) not in self._changed:
            self._changed.add(id(variable))
            self._saved.append(self._own(variable))
            variable._value = variable._value.copy()

    def get_current_value(self, variable: Variable) -> Any:
        """The value of a variable in the block, or at its end; None if it was neither given nor changed there."""
        if id(variable) not in self._changed:
            return None
        value = variable._value if recording.scope is self else self.final[id(variable)]
        return eager(value.copy())

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Give a variable a value in the block, as `assign` does."""
        variable, value = update
        self.hold(variable)
        np.copyto(variable._value, value)

    def add_loss(self, loss: Any) -> None:
        """Add to `losses`."""
        self.losses.append(loss)
