"""Anything that can be called on symbolic tensors."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, ClassVar, Self

from kerasish.backend import nest
from kerasish.backend.names import auto_name
from kerasish.backend.symbolic import Call, KerasTensor, infer_spec, record_call
from kerasish.layers.base import remat
from kerasish.layers.base.subclassing import own_arguments, reports_itself


def as_symbol(x: Any) -> Any:
    """The symbol of an array; anything else as it is."""
    return KerasTensor(x.shape, x.dtype.name) if hasattr(x, "shape") and hasattr(x, "dtype") else x


class Operation:
    """Anything that can be called on symbolic tensors and so becomes part of a model."""

    # Names of attributes that are bookkeeping: they lead to nothing that a file shall hold.
    unsaved_attributes: ClassVar[frozenset[str]] = frozenset({"_calls", "_init_arguments"})
    name: str
    _calls: list[Call]
    # The scope in which it was made and whose calls are computed again on the way back; see `remat`.
    _remat_scope: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = super().__new__(cls)
        object.__setattr__(made, "_init_arguments", (args, kwargs))
        return made

    def __init__(self, name: str | None = None) -> None:
        self.name = name or auto_name(type(self).__name__)
        self._calls = []
        scope = remat.current()
        if scope is not None:
            object.__setattr__(self, "_remat_scope", scope)

    def rematerialized_call(self, layer_call: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """A call of the layer as the `RematScope` wants it in which the layer was made.

        Args:
            layer_call: the layer's `call`.
            *args, **kwargs: what it is called with, from which the size of its output follows.
        """
        if self._remat_scope is None:
            return layer_call

        def size() -> int:
            inputs, options = nest.map_structure(as_symbol, (args, kwargs))
            return sum(math.prod(leaf.shape) for leaf in nest.flatten(self.compute_output_spec(*inputs, **options)))

        return remat.call_in(self, layer_call, self._remat_scope, size)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any(isinstance(leaf, KerasTensor) for leaf in nest.iterate((args, kwargs))):
            return self.symbolic_call(*args, **kwargs)
        return self.rematerialized_call(self.call, *args, **kwargs)(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} does not define `call`")

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Infer the output's shape and record the call on it."""
        return self._record(args, kwargs, self.compute_output_spec(*args, **kwargs))

    def _record(self, args: tuple[Any, ...], kwargs: dict[str, Any], specs: Any) -> Any:
        """Note on symbolic tensors that a call of this operation makes them; returns them."""
        outputs = record_call(self, args, kwargs, specs)
        call = next((leaf.history for leaf in nest.iterate(outputs) if isinstance(leaf, KerasTensor)), None)
        if call is None:
            raise ValueError(
                f"{self.name!r} was called on symbolic tensors and returned none: {outputs!r}. What an operation of a "
                "model returns are tensors, or lists or dicts of them."
            )
        self._calls.append(call)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The shapes and dtypes of what the call returns."""
        return infer_spec(self.call, *args, **kwargs)

    @property
    def input(self) -> Any:
        """The symbolic input of the first call: a tensor, or several in a list."""
        call = self._first_call("input")
        if len(call.args) == 1 and not call.kwargs:
            return call.args[0]
        inputs = call.inputs
        return inputs[0] if len(inputs) == 1 else inputs

    @property
    def output(self) -> Any:
        """The symbolic output of the first call."""
        return self._first_call("output").outputs

    def _first_call(self, what: str) -> Call:
        if not self._calls:
            raise AttributeError(
                f"{self.name!r} has no {what}: it has never been called on a symbolic tensor, such as keras.Input gives"
            )
        return self._calls[0]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this operation anew.

        Those of a subclass are reported too, if they are plain values or structures of them.

        Raises:
            NotImplementedError: if one is not.
        """
        config: dict[str, Any] = {"name": self.name}
        if reports_itself(type(self)):
            return config
        parameters = inspect.signature(type(self).__init__).parameters.values()
        if not any(p.name == "name" or p.kind is p.VAR_KEYWORD for p in parameters):
            config = {}
        return {**config, **own_arguments(self, ("name",))}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """An operation from the result of `get_config`."""
        return cls(**config)


def owner_of(call: Call) -> Any:
    """What a call belongs to: its layer, which may have others; a plain operation's call is by itself."""
    return call.operation if isinstance(call.operation, Operation) else call


# `__new__` takes anything, and would hide the arguments of `__init__` from editors and `help`
Operation.__new__.__signature__ = inspect.signature(Operation.__init__)  # type: ignore[attr-defined]
