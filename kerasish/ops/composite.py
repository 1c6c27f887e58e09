"""Operations that are made of others, yet are one node of a functional model."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from kerasish.backend.symbolic import is_symbolic, symbolic_call


class Composite:
    """A function of several operations, applied to symbolic tensors as a whole.

    Its parts differentiate themselves.

    Args:
        function: takes and returns arrays or structures of arrays.
        shape: a rule that gives the shapes and dtypes of what it returns; None runs it once on small arrays. It takes
            the function's arguments, all of them and in their order, however the caller gave them.
    """

    __name__: str

    def __init__(self, function: Callable[..., Any], shape: Callable[..., Any] | None = None) -> None:
        functools.update_wrapper(self, function)
        self.name = function.__name__
        self.forward = function
        self._rule = shape

    @property
    def shape(self) -> Callable[..., Any] | None:
        """The rule of the shapes, if there is one."""
        return None if self._rule is None else self._shape_of_call

    @shape.setter
    def shape(self, rule: Callable[..., Any]) -> None:
        self._rule = rule

    def _shape_of_call(self, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(self.forward).bind(*args, **kwargs)
        bound.apply_defaults()
        return self._rule(*bound.args, **bound.kwargs)  # type: ignore[misc]

    @property
    def has_shape_rule(self) -> bool:
        """Whether shapes follow from a written rule; otherwise the function runs on small arrays."""
        return self.shape is not None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if is_symbolic(args, kwargs):
            return symbolic_call(self, args, kwargs)
        return self.forward(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<composite {self.name}>"


def composite(function: Callable[..., Any]) -> Composite:
    """A decorator that makes a function a `Composite`."""
    return Composite(function)


def composite_by(shape: Callable[..., Any]) -> Callable[[Callable[..., Any]], Composite]:
    """A decorator that makes a function a `Composite` whose shapes follow a rule."""
    return lambda function: Composite(function, shape)


def composite_of_parts(function: Callable[..., Any]) -> Composite:
    """A decorator that makes a function a `Composite` whose shapes follow from the rules of its parts."""
    return Composite(function, function)
