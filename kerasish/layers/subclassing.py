"""What a subclass of `Layer` is spared: noting what it was built with, and telling what made it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


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
