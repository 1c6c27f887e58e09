"""Names of layers and variables: `dense`, `dense_1`, ... and the scopes that make up a variable's path."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from typing import Any


class _Names(threading.local):
    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self.scopes: list[str] = []


_names = _Names()


def to_snake_case(name: str) -> str:
    """`"BatchNormalization"` as `"batch_normalization"`."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def printable(text: str) -> str:
    """A text with its control characters spelled out: a name from a file may hold commands for a terminal.

    Example:
        >>> len(printable(chr(27) + "[2J"))
        7
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def auto_name(prefix: str) -> str:
    """A name not given before in this thread: `"dense"`, then `"dense_1"`, `"dense_2"`, ..."""
    prefix = to_snake_case(prefix)
    count = _names.counts[prefix]
    _names.counts[prefix] += 1
    return f"{prefix}_{count}" if count else prefix


def get_uid(prefix: str = "") -> int:
    """How many names with this prefix there are, counting this one: 1, 2, 3, ...

    Example:
        >>> import kerasish as keras
        >>> keras.backend.get_uid("thing"), keras.backend.get_uid("thing")
        (1, 2)
    """
    _names.counts[prefix] += 1
    return _names.counts[prefix]


def reset_names() -> None:
    """Forget every automatic name, so that counting starts again."""
    _names.counts.clear()


class name_scope:
    """A context in which new variables have `name` in their path.

    Example:
        >>> import kerasish as keras
        >>> with keras.name_scope("encoder"):
        ...     v = keras.Variable(0.0, name="scale")
        >>> v.path
        'encoder/scale'
    """

    def __init__(self, name: str, **kwargs: Any) -> None:
        if not isinstance(name, str) or not name or "/" in name:
            raise ValueError(f"name_scope needs a non-empty name without '/'; received {name!r}")
        self.name = name

    def __enter__(self) -> name_scope:
        _names.scopes.append(self.name)
        return self

    def __exit__(self, *exception: object) -> None:
        _names.scopes.pop()


def path_of(name: str) -> str:
    """The path of a variable of this name made now: the open scopes and the name, joined by `/`."""
    return "/".join([*_names.scopes, name])


def is_innermost_scope(name: str) -> bool:
    """Whether the scope opened last is of this name."""
    return bool(_names.scopes) and _names.scopes[-1] == name
