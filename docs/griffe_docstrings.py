"""An extension of griffe: reads what this library's docstrings and signatures say in a way of their own.

`Example:` is `Examples:`; arguments that share an entry, `x, y: the data`, get an entry each; and what `**kwargs` or
`**options` stands for is named, argument by argument, with the type, the default and the sentence of the class that
takes it in the end.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import griffe

_HEADING = re.compile(r"^Example:$", re.MULTILINE)
# `x, y: the data`, and the lines that belong to it.
_SHARED = re.compile(r"^( +)([*\w]+(?:, [*\w]+)+)(: .*(?:\n\1 +.*)*)", re.MULTILINE)
_REST = re.compile(r"^( +)\*\*\w+(: .*(?:\n\1 +.*)*)\n?", re.MULTILINE)
_ENTRY = r"^( +){name}: (.*(?:\n\1 +.*)*)"


class Docstrings(griffe.Extension):
    """Rewrites docstrings when they are read, and signatures when a package has been read."""

    def on_object(self, *, obj: Any, **kwargs: Any) -> None:
        """Give arguments that share an entry an entry each."""
        if obj.docstring is not None:
            text = _HEADING.sub("Examples:", obj.docstring.value)
            obj.docstring.value = _SHARED.sub(_apart, text)

    def on_package(self, *, pkg: griffe.Module, **kwargs: Any) -> None:
        """Name what each `**kwargs` stands for."""
        known: dict[str, dict[str, str]] = {}
        for holder, function in list(_callables(pkg)):
            rest = next(
                (
                    p
                    for p in function.parameters
                    if p.kind is griffe.ParameterKind.var_keyword
                ),
                None,
            )
            names = (
                _names(holder, rest)
                if rest is not None and holder.docstring is not None
                else {}
            )
            if not names:
                continue
            known[function.canonical_path] = names
            del function.parameters[rest.name]
            for name, annotation in names.items():
                path, default, _ = _taken_by(_value(holder), name)
                if path:
                    annotation = (
                        pkg.modules_collection[path].parameters[name].annotation
                    )
                kind = griffe.ParameterKind.keyword_only
                function.parameters.add(
                    griffe.Parameter(
                        name, kind=kind, annotation=annotation, default=default
                    )
                )
        for holder, function in list(_callables(pkg)):
            # A constant of the file's own says nothing to a reader.
            private = [
                parameter
                for parameter in function.parameters
                if re.fullmatch(r"_[A-Z_]+", str(parameter.default or ""))
            ]
            for parameter in private:
                module = importlib.import_module(
                    holder.canonical_path.rpartition(".")[0]
                )
                parameter.default = repr(getattr(module, str(parameter.default)))
        for holder in [
            member
            for member in _documented(pkg)
            if _REST.search(member.docstring.value)
        ]:
            value = _value(holder)
            maker = (
                getattr(value, "__init__", None) if inspect.isclass(value) else value
            )
            names = known.get(
                f"{getattr(maker, '__module__', '')}.{getattr(maker, '__qualname__', '')}"
            )
            if names:
                _tell(
                    holder.docstring,
                    {name: _taken_by(value, name)[2] for name in names},
                )


def _tell(docstring: griffe.Docstring, sentences: dict[str, str]) -> None:
    """Put an entry for each argument in place of that of `**kwargs`."""
    entry = _REST.search(docstring.value)
    if entry is not None:
        told = "".join(
            f"{entry[1]}{name}: {sentence}\n" for name, sentence in sentences.items()
        )
        docstring.value = (
            docstring.value[: entry.start()] + told + docstring.value[entry.end() :]
        )


def _apart(entry: re.Match[str]) -> str:
    indent, names, text = entry.groups()
    return "\n".join(f"{indent}{name}{text}" for name in names.split(", "))


def _documented(module: griffe.Module) -> Iterator[Any]:
    """The classes and functions that the files of a package define, and that have a docstring."""
    for member in module.members.values():
        if isinstance(member, griffe.Module):
            yield from _documented(member)
        elif (
            isinstance(member, griffe.Function | griffe.Class)
            and member.docstring is not None
        ):
            yield member


def _callables(module: griffe.Module) -> Iterator[tuple[Any, griffe.Function]]:
    """The functions of a package, and its classes that have an `__init__` of their own, with that."""
    for member in module.members.values():
        if isinstance(member, griffe.Module):
            yield from _callables(member)
        elif isinstance(member, griffe.Function):
            yield member, member
        elif isinstance(member, griffe.Class) and isinstance(
            member.members.get("__init__"), griffe.Function
        ):
            yield member, member.members["__init__"]


def _value(holder: Any) -> Any:
    module, _, name = holder.canonical_path.rpartition(".")
    return getattr(importlib.import_module(module), name, None)


def _names(holder: Any, rest: griffe.Parameter) -> dict[str, str]:
    """What may be given by name beside the arguments that are named already, with its type where that is known."""
    annotation = str(rest.annotation or "")
    if annotation.startswith("Unpack["):
        module = importlib.import_module(holder.canonical_path.rpartition(".")[0])
        options = getattr(module, annotation.removeprefix("Unpack[").removesuffix("]"))
        kinds = {
            name: getattr(kind, "__forward_arg__", str(kind))
            for name, kind in options.__annotations__.items()
        }
    else:
        entry = _REST.search(holder.docstring.value)
        told = re.findall(r"`([a-z_]+)`", entry[2]) if entry else []
        value = _value(holder)
        kinds = {
            name: ""
            for name in told
            if inspect.isclass(value) and _taken_by(value, name)[0]
        }
    return {name: kind for name, kind in kinds.items() if name not in holder.parameters}


def _taken_by(value: Any, name: str) -> tuple[str, str, str]:
    """The constructor that takes an argument, its default, and the first sentence that a class above has about it."""
    from kerasish.layers import Layer

    path, default, told = "", "None", ""
    for base in value.__mro__ if inspect.isclass(value) else Layer.__mro__:
        if not base.__module__.startswith("kerasish."):
            continue
        if "__init__" in base.__dict__ and not path:
            parameter = inspect.signature(base.__init__).parameters.get(name)
            if parameter is not None:
                path, default = (
                    f"{base.__module__}.{base.__qualname__}.__init__",
                    repr(parameter.default),
                )
        text = _SHARED.sub(_apart, inspect.cleandoc(base.__doc__ or ""))
        entry = re.search(_ENTRY.format(name=name), text, re.MULTILINE)
        if entry is not None and not told:
            told = " ".join(entry[2].split())
    return path, default, told
