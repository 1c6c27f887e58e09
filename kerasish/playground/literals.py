"""Pieces of a script's syntax tree as plain values: nothing of it is ever evaluated."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

# How the modules that scripts import are written by their users, and what they are here.
MODULES = {
    "numpy": "np",
    "keras": "keras",
    "kerasish": "keras",
    "tensorflow": "tf",
    "tensorflow.keras": "keras",
    "kerasish_datasets": "kerasish_datasets",
    "kerasish_datasets.playground": "kerasish_datasets.playground",
}


class UnknownPart(Exception):
    """A part of a script says what the page cannot show.

    Attributes:
        node: the part.
    """

    def __init__(self, node: ast.AST, message: str) -> None:
        super().__init__(message)
        self.node = node


class Names:
    """What the names of a script stand for: modules and what is in them, and plain values."""

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def take_import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Note what an import names.

        Raises:
            UnknownPart: if it is of a module that these scripts have no use for.
        """
        for alias in node.names:
            name = alias.name if isinstance(node, ast.Import) else f"{node.module or ''}.{alias.name}"
            top = name.partition(".")[0]
            is_relative = isinstance(node, ast.ImportFrom) and node.level > 0
            if top not in MODULES or is_relative or alias.name == "*":
                raise UnknownPart(
                    node, f"the page knows scripts that import numpy, keras and kerasish_datasets, not {name}"
                )
            short = name if alias.asname or isinstance(node, ast.ImportFrom) else top
            self._modules[alias.asname or (alias.name if isinstance(node, ast.ImportFrom) else top)] = short

    def keep(self, name: str, value: Any) -> None:
        """Note the plain value of a variable."""
        self._values[name] = value

    def dotted(self, node: ast.AST) -> str:
        """A chain of names as `keras.layers.Dense`, whatever it is imported as; "" for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        full = ".".join([self._modules.get(node.id, node.id), *reversed(parts)])
        for module in sorted(MODULES, key=len, reverse=True):
            if full == module or full.startswith(f"{module}."):
                return MODULES[module] + full[len(module) :]
        return full

    def literal(self, node: ast.AST) -> Any:
        """A number, text, true, false, none, or a list of them.

        Raises:
            UnknownPart: if it is anything else.
        """
        if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, (bool, int, float, str))):
            return node.value
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self.literal(item) for item in node.elts]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            value = self.literal(node.operand)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.Name) and node.id in self._values:
            return self._values[node.id]
        special = {"np.nan": math.nan, "np.inf": math.inf}.get(self.dotted(node))
        if special is None:
            raise UnknownPart(
                node, "a plain number, text or list is expected here: scripts of the page are read, not run"
            )
        return special


class Taken:
    """The settings that a script says, unchecked.

    Attributes:
        given: their values by name.
        places: where each of them stands, and parts of them such as `layers[2]`.
    """

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}
        self.places: dict[str, ast.AST] = {}

    def take(self, name: str, value: Any, node: ast.AST) -> None:
        """Note a setting and its place."""
        self.given[name] = value
        self.places[name] = node

    def place_of(self, setting: str) -> ast.AST:
        """Where a setting stands, or what it is a part of."""
        while setting and setting not in self.places:
            setting = setting[: max(setting.rfind("."), setting.rfind("["), 0)]
        return self.places.get(setting) or next(iter(self.places.values()), ast.Module([], []))


def arguments(call: ast.Call, positional: Sequence[str], known: Sequence[str] = ()) -> dict[str, ast.expr]:
    """The arguments of a call by name.

    Args:
        call: the call.
        positional: the names of arguments in their order.
        known: names of others, given by keyword.

    Raises:
        UnknownPart: if there is another argument.
    """
    given: dict[str, ast.expr] = {}
    for place, node in enumerate(call.args):
        if place >= len(positional) or isinstance(node, ast.Starred):
            raise UnknownPart(node, f"the page shows these arguments: {', '.join([*positional, *known])}")
        given[positional[place]] = node
    for keyword in call.keywords:
        if keyword.arg not in (*positional, *known) or keyword.arg in given:
            raise UnknownPart(keyword, f"the page shows these arguments: {', '.join([*positional, *known])}")
        given[keyword.arg] = keyword.value
    return given


def is_same(node: ast.stmt, text: str) -> bool:
    """Whether a statement is this one, in one line, whatever its spaces and parentheses."""
    is_short = node.end_lineno == node.lineno and (node.end_col_offset or 0) - node.col_offset < 3 * len(text)
    return is_short and ast.dump(node) == _statement(text)


@cache
def _statement(text: str) -> str:
    return ast.dump(ast.parse(text).body[0])


def is_expression(node: ast.AST, text: str) -> bool:
    """Whether an expression is this one."""
    return ast.dump(node) == ast.dump(ast.parse(text, mode="eval").body)
