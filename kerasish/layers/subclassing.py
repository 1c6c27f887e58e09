"""What a subclass of `Layer` is spared: noting what it was built with, telling what made it or what it lacks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any


class MissingAttributes:
    """A layer's answer to a name that it does not have."""

    if not TYPE_CHECKING:  # to a type checker a class with `__getattr__` has every name, and no typing error is one

        def __getattr__(self, name: str) -> Any:
            failed = getattr(type(self), name, None)
            if isinstance(failed, property):
                return failed.__get__(self)  # raises again what the property raised
            hint = ""
            if not name.startswith("_") and not self.__dict__.get("built", True):
                hint = "; it has not been built: call it on data, or call `build(input_shape)`, to make its weights"
            raise AttributeError(f"the layer {type(self).__name__} has no attribute {name!r}{hint}")


def finishing_build(build: Callable[..., None]) -> Callable[..., None]:
    """A layer's `build` that notes what it was called with and that it is done."""
    if getattr(build, "_finishes", False):
        return build
    signature = inspect.signature(build)

    def finishing(self: Any, *args: Any, **kwargs: Any) -> None:
        bound = signature.bind(self, *args, **kwargs)
        build(self, *args, **kwargs)
        if type(self).build is finishing:
            self._finish_build({k: v for k, v in list(bound.arguments.items())[1:] if k != "kwargs"})

    finishing.__doc__ = build.__doc__
    finishing.__wrapped__ = build  # type: ignore[attr-defined]
    finishing._finishes = True  # type: ignore[attr-defined]
    return finishing


def reports_itself(cls: type) -> bool:
    """Whether a class of the caller's needs no help to say what made it."""
    for owner in cls.__mro__:
        if owner.__module__.startswith("kerasish."):
            return True
        if "get_config" in owner.__dict__:
            return True
        if "__init__" in owner.__dict__:
            return False
    return True
