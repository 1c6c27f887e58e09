"""Operations that are made of others, yet are one node of a functional model."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from kerasish.backend.symbolic import is_symbolic, symbolic_call


class Composite:
    """A function of several operations, applied to symbolic tensors as a whole.

    Its parts differentiate themselves. On symbolic tensors it runs once on small arrays, so that it may compute
    with sizes that are unknown as yet.

    Args:
        function: takes and returns arrays or structures of arrays.
    """

    shape: Callable[..., Any] | None = None
    __name__: str

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.name = function.__name__
        self.forward = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if is_symbolic(args, kwargs):
            return symbolic_call(self, args, kwargs)
        return self.forward(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<composite {self.name}>"


def composite(function: Callable[..., Any]) -> Composite:
    """A decorator that makes a function a `Composite`."""
    return Composite(function)
