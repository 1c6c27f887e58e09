"""Anything that can be called on symbolic tensors."""

from __future__ import annotations

from typing import Any

from kerasish.backend import nest
from kerasish.backend.names import auto_name
from kerasish.backend.symbolic import Call, KerasTensor, infer_spec, record_call


class Operation:
    """Anything that can be called on symbolic tensors and so becomes part of a model."""

    name: str
    _calls: list[Call]

    def __init__(self, name: str | None = None) -> None:
        self.name = name or auto_name(type(self).__name__)
        self._calls = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any(isinstance(leaf, KerasTensor) for leaf in nest.iterate((args, kwargs))):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} does not define `call`")

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Infer the output's shape and record the call on it."""
        outputs = self.compute_output_spec(*args, **kwargs)
        record_call(self, args, kwargs, outputs)
        call = next(leaf.history for leaf in nest.iterate(outputs) if isinstance(leaf, KerasTensor))
        assert call is not None
        self._calls.append(call)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The shapes and dtypes of what the call returns."""
        return infer_spec(self.call, *args, **kwargs)

    @property
    def input(self) -> Any:
        """The symbolic input, if the operation was called on exactly one."""
        return self._only_call("input").args[0]

    @property
    def output(self) -> Any:
        """The symbolic output, if the operation was called exactly once."""
        return self._only_call("output").outputs

    def _only_call(self, what: str) -> Call:
        if len(self._calls) != 1:
            times = "never been called on a symbolic tensor" if not self._calls else f"{len(self._calls)} calls"
            raise AttributeError(f"{self.name!r} has no single {what}: it has {times}")
        return self._calls[0]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this operation anew."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """An operation from the result of `get_config`."""
        return cls(**config)
