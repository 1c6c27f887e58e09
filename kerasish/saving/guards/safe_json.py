"""JSON from strangers: of bounded size, number of values, and depth."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_BYTES = 32 * 2**20
MAX_DEPTH = 200
# An empty list of two characters takes 64 bytes, a dict of one number 230; a word of a vocabulary takes 60.
MAX_CONTAINERS = 2**20
MAX_VALUES = 2**22

# A string runs to its closing quote, or to the end where that is missing, so that no text is gone through twice.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def loads(text: str | bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: if it is too long, has too many values, is nested too deeply or is no JSON.

    Example:
        >>> loads('{"units": [1, 2]}')
        {'units': [1, 2]}
    """
    if len(text) > MAX_BYTES:
        raise ValueError(f"the JSON text has {len(text)} bytes; at most {MAX_BYTES} are read")
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    _check_counts(text)
    _check_depth(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {error}") from error


def _check_counts(text: str) -> None:
    """Refuse a short text that becomes very many objects. What stands in strings is counted as well."""
    containers = text.count("[") + text.count("{")
    if containers > MAX_CONTAINERS:
        raise ValueError(f"the JSON text has {containers} lists and objects; at most {MAX_CONTAINERS} are read")
    values = containers + text.count(",")
    if values > MAX_VALUES:
        raise ValueError(f"the JSON text has {values} values; at most {MAX_VALUES} are read")


def _check_depth(text: str) -> None:
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in ("{", "["):
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError(f"the JSON text is nested deeper than {MAX_DEPTH} levels")
        elif token in ("}", "]"):
            depth -= 1


def loads_dict(text: str | bytes) -> dict[str, Any]:
    """The object of a JSON text.

    Raises:
        ValueError: if it is anything but an object.
    """
    value = loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"the JSON text must be an object {{...}}; it is a {type(value).__name__}")
    return value
