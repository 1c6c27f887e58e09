"""What a subclass of `Layer` is spared: noting what it was built with, telling what made it or what it lacks."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerasish import _older_names
from kerasish.backend import nest
from kerasish.layers.base.nested_shapes import is_plain
from kerasish.saving.names import is_of_the_library

# Where the methods are that models of Keras 2 had.
_OLDER_METHODS = "kerasish.compat.methods"


class MissingAttributes:
    """A layer's answer to a name that it does not have."""

    if not TYPE_CHECKING:  # to a type checker a class with `__getattr__` has every name, and no typing error is one

        def __getattr__(self, name: str) -> Any:
            failed = getattr(type(self), name, None)
            if isinstance(failed, property):
                return failed.__get__(self)  # raises again what the property raised
            if name in _older_names.METHODS and hasattr(type(self), "fit"):
                return import_module(_OLDER_METHODS).method(self, name)
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
        self._find_path()
        build(self, *args, **kwargs)
        if type(self).build is finishing:
            self._finish_build({k: v for k, v in list(bound.arguments.items())[1:] if k != "kwargs"})

    finishing.__doc__ = build.__doc__
    finishing.__wrapped__ = build  # type: ignore[attr-defined]
    finishing._finishes = True  # type: ignore[attr-defined]
    return finishing


def shape_first(add_weight: Callable[..., Any]) -> Callable[..., Any]:
    """`add_weight`, which knows the order of arguments of Keras 1 and 2, the name first, and says what it is now."""

    @functools.wraps(add_weight)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            raise ValueError(
                f"add_weight takes the shape first and the name by keyword; received {args[0]!r} first. Write "
                f"add_weight(shape=..., name={args[0]!r})."
            )
        return add_weight(self, *args, **kwargs)

    return checked


def own_arguments(made: Any, known: tuple[str, ...]) -> dict[str, Any]:
    """The arguments of a subclass's `__init__`, where the subclass has no `get_config`; defaults among them.

    Args:
        made: an instance, which holds what it was made with.
        known: arguments that are reported otherwise.

    Raises:
        NotImplementedError: naming the arguments that cannot stand in a config as they are.
    """
    args, kwargs = made._init_arguments
    signature = inspect.signature(type(made).__init__)
    try:
        bound = signature.bind(made, *args, **kwargs)
    except TypeError:
        return {}
    given = dict(list(bound.arguments.items())[1:])
    defaults = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            given.update(given.pop(name, {}))
        elif parameter.default is not parameter.empty and _is_plain(parameter.default):
            defaults[name] = parameter.default
    given = {key: value for key, value in (defaults | given).items() if key not in known}
    odd = [key for key, value in given.items() if not _is_plain(value)]
    if odd:
        kind = "layer" if hasattr(made, "built") else "operation"
        raise NotImplementedError(
            f"the {kind} {type(made).__name__} takes {odd}, which cannot be written down by themselves; give the "
            "class a `get_config` that reports its arguments"
        )
    return given


def _is_plain(value: Any) -> bool:
    return all(is_plain(leaf) for leaf in nest.iterate(value))


def reports_itself(cls: type) -> bool:
    """Whether a class of the caller's needs no help to say what made it."""
    for owner in cls.__mro__:
        if is_of_the_library(owner):
            return True
        if "get_config" in owner.__dict__:
            return True
        if "__init__" in owner.__dict__:
            return False
    return True
