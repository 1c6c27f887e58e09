"""The table: from a name of TensorFlow to what does it here, or to the sentence that says what to write instead."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arguments import as_given
from kerasish.compat.tensorflow.instead import INSTEAD
from kerasish.compat.tensorflow.own import KERAS, OWN
from kerasish.compat.tensorflow.same import ROWS

_HOME = "kerasish.compat.tensorflow"


class Entry(NamedTuple):
    """What stands behind a name.

    Attributes:
        place: the module that has it.
        name: its name there; empty where it is the module itself.
        parameters: how TensorFlow calls the operation's arguments; None where the function is written for the purpose.
    """

    place: str
    name: str
    parameters: str | None = None


@cache
def entries() -> dict[str, Entry]:
    """The whole table, by the name after `tf.`."""
    found: dict[str, Entry] = {}
    for name, place in KERAS.items():
        place, _, inner = place.partition(":")
        found[name] = Entry(place, inner)
    for file, names in OWN.items():
        for word in names.split():
            public, _, private = word.partition("=")
            found[public] = Entry(f"{_HOME}.{file}", private or public.rpartition(".")[2])
    for row in ROWS.split("\n"):
        if row:
            call, _, names = row.partition("): ")
            operation, _, parameters = call.partition("(")
            place, _, function = f"kerasish.ops.{operation}".rpartition(".")
            for public in names.split():
                found[public] = Entry(place, function, parameters)
    return found


@cache
def namespaces() -> frozenset[str]:
    """The modules that the names of the table are in: `math`, `compat.v1` ..."""
    return frozenset(parent for name in entries() for parent in _parents(name))


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


def found(name: str) -> Any:
    """What a name after `tf.` means.

    Raises:
        KeyError: if it is not in the table.
    """
    entry = entries()[name]
    module = importlib.import_module(entry.place)
    if not entry.name:
        return module
    value = getattr(module, entry.name)
    return value if entry.parameters is None else _renamed(f"tf.{name}", value, entry.parameters)


class _Parameter(NamedTuple):
    name: str
    default: Any
    kind: str  # empty: passed on; "!": only the default may be given; "~": no effect


def _parsed(parameters: str) -> list[_Parameter]:
    made = []
    for text in parameters.split(", "):
        name, _, default = text.lstrip("!~").partition("=")
        kind = text[0] if text[0] in "!~" else ""
        made.append(_Parameter(name, ast.literal_eval(default) if default else inspect.Parameter.empty, kind))
    return [*made, _Parameter("name", None, "~")]


def _renamed(public: str, operation: Callable[..., Any], parameters: str) -> Callable[..., Any]:
    """The operation, with TensorFlow's names for its arguments."""
    parsed = _parsed(parameters)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(p.name, kind, default=p.default) for p in parsed])

    def function(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        passed = []
        for parameter, value in zip(parsed, bound.args, strict=True):
            if parameter.kind == "!" and value != parameter.default:
                raise NotImplementedError(
                    f"{public} takes {parameter.name}={parameter.default!r} only, where TensorFlow is not installed; "
                    f"received {value!r}"
                )
            if not parameter.kind:
                passed.append(as_given(parameter.name, value))
        return eager(operation(*passed))

    function.__name__ = function.__qualname__ = public.rpartition(".")[2]
    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__doc__ = f"TensorFlow's `{public}`, by `keras.ops.{operation.__name__}`."
    return function


def missing(name: str) -> str:
    """The sentence for a name that is not in the table: what to write in its place."""
    for parent in (name, *_parents(name)):
        if parent in INSTEAD:
            return f"tf.{name} is not there, since TensorFlow is not installed: {INSTEAD[parent]}"
    from difflib import get_close_matches

    ops = importlib.import_module("kerasish.ops").__all__
    last = name.rpartition(".")[2]
    near = [f"tf.{other}" for other in get_close_matches(name, entries(), 2)]
    near += [f"keras.ops.{other}" for other in get_close_matches(last, ops, 2, 0.7)]
    help = f"there are {', '.join(near)}" if near else "write it with keras.ops or NumPy"
    return (
        f"tf.{name} is not in the table of TensorFlow's names that kerasish stands in for, since TensorFlow is not "
        f"installed: {help}; or install TensorFlow, and Keras with it"
    )
