"""What the terminal can show: which letters, and how many in a line."""

from __future__ import annotations

import os
import shutil
import sys

_LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("━─", "-"),
        **dict.fromkeys("┃│", "|"),
        **dict.fromkeys("┏┳┓┡╇┩├┼┤└┴┘", "+"),
        "×": "*",
        "…": ".",
    }
)


def is_printable(text: str) -> bool:
    """Whether standard output can write every letter of a text."""
    try:
        text.encode(_encoding())
    except UnicodeEncodeError:
        return False
    return True


def printable(text: str) -> str:
    """The text as standard output can write it: lines and signs that it has no letters for become those of ASCII.

    A letter that nothing looks like, in somebody's name for a layer, becomes a question mark.
    """
    if is_printable(text):
        return text
    encoding = _encoding()
    return text.translate(_LOOK_ALIKES).encode(encoding, "replace").decode(encoding)


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def columns() -> int | None:
    """How many letters fit into a line; None where standard output is no terminal."""
    out = sys.stdout
    if not (hasattr(out, "isatty") and out.isatty()):
        return None
    try:
        width = os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):  # a stream that only says that it is a terminal
        width = 0
    return width or shutil.get_terminal_size().columns
