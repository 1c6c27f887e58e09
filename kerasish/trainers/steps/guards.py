"""What a user's Python code depends on besides tensors, and so what must be the same when a recorded step runs again.

A recorded step does not run the code again. It holds for as long as the names that the code reads, in its module or
around it, stand for the same objects, and as the layers have the attributes that they had.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterable, Iterator
from operator import is_not
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.tensor import Traceable
from kerasish.backend.variable import Variable
from kerasish.layers.base.call_context import Structure
from kerasish.layers.base.tracking import INTERNAL
from kerasish.regularizers.regularizers import Regularizer

# The library's own functions read nothing that changes.
_LIBRARY = __name__.partition(".")[0]
_CONTAINERS = (list, dict, set)
_GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)
_NO_SETTINGS = (FunctionType, MethodType, ModuleType, type, np.ndarray, Traceable)
_ABSENT = object()
# The size of arrays that are looked into before every step, in bytes.
_SMALL = 4096


class Stamp:
    """The state of a model's layers: which attributes were set how often, and what is trained."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._seen = (Structure.version, Variable.freezes)
        self._state = self._present()

    def _present(self) -> tuple[Any, ...]:
        layers = [self._model, *self._model._flatten_layers()]
        return (sum(layer._tracker.changes for layer in layers), *(v._trainable for v in self._model.variables))

    def is_current(self) -> bool:
        """Whether no attribute of a layer, and no `trainable`, was set since."""
        now = (Structure.version, Variable.freezes)
        if now != self._seen:
            if self._present() != self._state:
                return False
            self._seen = now
        return True


class Guards:
    """The objects that functions find under the names that they read.

    Args:
        functions: functions, methods, and objects that are called; those that they call by name are followed.
        owners: objects whose lists, dicts and generators of random numbers the functions may use.
    """

    def __init__(self, functions: Iterable[Any], owners: Iterable[Any]) -> None:
        self._names: list[tuple[Any, str, Any]] = []
        self._cells: list[tuple[Any, Any]] = []
        self._contents: list[tuple[Any, Any]] = []
        self._attributes: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = []
        self._seen: set[int] = set()
        for function in functions:
            self._follow(function)
            if isinstance(function, Regularizer) or _module_of(type(function)) != _LIBRARY:
                self._watch_attributes(function)
        for owner in owners:
            for name, value in list(vars(owner).items()):
                if name not in INTERNAL:
                    self._watch_inside(value)
            for kind in type(owner).__mro__:
                if _module_of(kind) not in (_LIBRARY, "builtins"):
                    self._names += [
                        (vars(kind), name, value) for name, value in vars(kind).items() if _is_setting(name, value)
                    ]
        self._drawn = _drawn_so_far()

    def _follow(self, function: Any) -> None:
        for found in _python_functions(function):
            if id(found) in self._seen or _module(found) in (_LIBRARY, "numpy"):
                continue
            self._seen.add(id(found))
            names = _names_read(found.__code__)
            for name in names:
                if name in found.__globals__:
                    self._watch(found.__globals__[name], found.__globals__, name)
                    self._watch_module(found.__globals__[name], names)
            for cell in found.__closure__ or ():
                try:
                    value = cell.cell_contents
                except ValueError:  # it has none yet
                    continue
                self._cells.append((cell, value))
                self._watch(value)

    def _watch(self, value: Any, names: Any = None, name: str = "") -> None:
        if isinstance(value, (ModuleType, type)):
            return
        if names is not None:
            self._names.append((names, name, value))
        if isinstance(value, FunctionType):
            self._follow(value)
        else:
            self._watch_inside(value)

    def _watch_module(self, module: Any, names: set[str]) -> None:
        """What a module of the user's own holds under the names."""
        if isinstance(module, ModuleType) and module.__name__.partition(".")[0] not in (_LIBRARY, "numpy"):
            held = vars(module)
            self._names += [(held, name, held[name]) for name in names if name in held]

    def _watch_inside(self, value: Any) -> None:
        is_small_array = isinstance(value, np.ndarray) and value.nbytes <= _SMALL
        if is_small_array or isinstance(value, (*_CONTAINERS, *_GENERATORS)):
            self._contents.append((value, _contents(value)))
        elif _module_of(type(value)) != _LIBRARY:
            self._watch_attributes(value)

    def _watch_attributes(self, value: Any) -> None:
        """What an object holds that is not itself watched or run again in every step, as layers and metrics are."""
        if isinstance(value, _NO_SETTINGS) or hasattr(value, "_tracker") or id(value) in self._seen:
            return
        held = getattr(value, "__dict__", None)
        if not held or hasattr(value, "update_state") or hasattr(value, "apply_gradients"):
            return
        self._seen.add(id(value))
        self._attributes.append((type(value).__name__, held, tuple(held.values())))
        for part in held.values():
            if isinstance(part, (*_CONTAINERS, *_GENERATORS)):
                self._watch_inside(part)

    def difference(self) -> str | None:
        """What is not as it was; None if everything is."""
        for names, name, value in self._names:
            if names.get(name, _ABSENT) is not value:
                return f"the name {name!r}, which the code reads, stands for something else"
        for cell, value in self._cells:
            if cell.cell_contents is not value:
                return "a variable around a function has changed"
        for container, contents in self._contents:
            if _contents(container) != contents:
                return f"a {type(container).__name__} has changed that the code can see"
        for name, held, values in self._attributes:
            if len(held) != len(values) or any(map(is_not, held.values(), values)):
                return f"an attribute of a {name} has changed that the code can see"
        return None

    def difference_after_a_run(self) -> str | None:
        """The same, and whether numbers were drawn from Python's or NumPy's own generators since this was made."""
        if _drawn_so_far() != self._drawn:
            return "the step draws random numbers from Python's or NumPy's own generator; use keras.random"
        return self.difference()


def _drawn_so_far() -> tuple[Any, ...]:
    own: Any = np.random.get_state()
    return random.getstate(), own[0], own[1].tobytes(), *own[2:]


def _contents(value: Any) -> Any:
    """What a container holds, or where a generator stands, to compare with later."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, np.random.RandomState):
        return repr(value.get_state())
    if isinstance(value, random.Random):
        return value.getstate()
    return [_entry(part) for part in (value.items() if isinstance(value, dict) else value)]


def _entry(part: Any) -> Any:
    """A plain value as it is, a pair by its parts, and of anything else which object it is."""
    if isinstance(part, (int, float, str, bool, bytes, type(None))):
        return part
    return tuple(map(_entry, part)) if type(part) is tuple else id(part)


def _is_setting(name: str, value: Any) -> bool:
    """Whether an attribute of a class is a value, and not a method or part of Python's own machinery."""
    return not name.startswith("__") and not callable(value) and not hasattr(value, "__get__")


def _module_of(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _module(function: FunctionType) -> str:
    return str(function.__globals__.get("__name__", "")).partition(".")[0]


def _python_functions(value: Any) -> Iterator[FunctionType]:
    """The functions written in Python that run when a value is called."""
    if isinstance(value, functools.partial):
        yield from _python_functions(value.func)
        return
    value = getattr(value, "__wrapped__", None) or value
    value = getattr(value, "__func__", value)
    if isinstance(value, FunctionType):
        yield value
        return
    for name in ("call", "__call__", "update_state", "fn", "_fn", "function"):
        method = getattr(type(value), name, None) or vars(value).get(name) if hasattr(value, "__dict__") else None
        method = getattr(method, "__wrapped__", method)
        if isinstance(method, FunctionType):
            yield method
    for name in ("fn", "_fn", "function"):
        inner = vars(value).get(name) if hasattr(value, "__dict__") else None
        if isinstance(inner, FunctionType):
            yield inner


def _names_read(code: CodeType) -> set[str]:
    """The names that code may look up in its module, also within functions inside it."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names_read(constant)
    return found


def code_of(model: Any) -> tuple[list[Callable[..., Any]], list[Any]]:
    """The functions that a step of a model may run, and the objects that they belong to."""
    layers = [model, *model._flatten_layers()]
    owners = [layer for layer in layers if _module_of(type(layer)) != _LIBRARY]
    functions: list[Any] = []
    for layer in layers:
        functions += [value for value in vars(layer).values() if callable(value) and not hasattr(value, "_tracker")]
        functions.append(type(layer).call)
    for owner in owners:
        functions += [value for kind in type(owner).__mro__ for value in vars(kind).values() if callable(value)]
    arguments = model._compile_arguments or {}
    functions += [leaf for key in ("loss", "metrics", "weighted_metrics") for leaf in nest.iterate(arguments.get(key))
                  if callable(leaf)]  # fmt: skip
    functions += [v.regularizer for v in model.trainable_weights if v.regularizer is not None]
    return functions, owners
