"""An extension of griffe: reads the two things in this library's docstrings that griffe writes otherwise."""

from __future__ import annotations

import re
from typing import Any

import griffe

_HEADING = re.compile(r"^Example:$", re.MULTILINE)
# `x, y: the data`, and the lines that belong to it.
_SHARED = re.compile(r"^( +)([*\w]+(?:, [*\w]+)+)(: .*(?:\n\1 +.*)*)", re.MULTILINE)


class Examples(griffe.Extension):
    """Calls `Example:` `Examples:`, and gives arguments that share an entry an entry each."""

    def on_object(self, *, obj: Any, **kwargs: Any) -> None:
        if obj.docstring is not None:
            text = _HEADING.sub("Examples:", obj.docstring.value)
            obj.docstring.value = _SHARED.sub(_apart, text)


def _apart(entry: re.Match[str]) -> str:
    indent, names, text = entry.groups()
    return "\n".join(f"{indent}{name}{text}" for name in names.split(", "))
