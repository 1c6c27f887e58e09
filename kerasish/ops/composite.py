"""Operations that are made of others, yet are one node of a functional model."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from kerasish.backend.symbolic import is_symbolic, symbolic_call


class Composite:
    """A function of several operations, applied to symbolic tensors as a whole.

    Its parts differentiate themselves.

    Args:
        function: takes and returns arrays or structures of arrays.
        shape: a rule that gives the shapes and dtypes of what it returns; None runs it once on small arrays.
    """

    __name__: str

    def __init__(self, function: Callable[..., Any], shape: Callable[..., Any] | None = None) -> None:
        functools.update_wrapper(self, function)
        self.name = function.__name__
        self.forward = function
        self.shape = shape

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
