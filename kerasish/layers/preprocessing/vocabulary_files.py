"""Vocabularies as text: one token a line, in UTF-8."""

from __future__ import annotations

from typing import Any

from kerasish.saving.errors import MissingFileError, as_path
from kerasish.saving.serialization import is_reading_a_config

NAME = "vocabulary.txt"
# An empty line takes one byte in a file and a hundred in a vocabulary.
_MOST_LINES = 2**22
_LINE_ENDS = ("\n", "\r")


def to_text(tokens: list[Any], owner: str) -> bytes:
    """The tokens, one a line.

    Raises:
        ValueError: if one has a line break in it.
    """
    lines = [str(token) for token in tokens]
    broken = next((line for line in lines if any(end in line for end in _LINE_ENDS)), None)
    if broken is not None:
        raise ValueError(
            f"the vocabulary of {owner} cannot be saved as lines of text: the token {broken!r} has a line break in it. "
            "Give the layer its tokens as `vocabulary`, which is saved with its configuration."
        )
    return "\n".join(lines).encode()


def from_text(content: bytes) -> list[str]:
    """The lines of a text.

    Raises:
        ValueError: if there are more than any vocabulary has.
    """
    lines = content.count(b"\n")
    if lines > _MOST_LINES:
        raise ValueError(f"{NAME} has {lines} lines; at most {_MOST_LINES} are read")
    text = content.decode("utf-8").replace("\r\n", "\n")
    return text.split("\n") if text else []


def read(path: str, owner: str, encoding: str = "utf-8") -> list[str]:
    """The tokens of a file that the caller named.

    Raises:
        ValueError: if it was not the caller but a file being loaded that named it, or there is no such file.
    """
    refuse_path(path, owner, is_reading_a_config())
    path = as_path(path)
    try:
        with open(path, encoding=encoding) as file:
            return file.read().removesuffix("\n").split("\n")
    except FileNotFoundError:
        raise MissingFileError(path, f"; {owner} takes its vocabulary as a list, or the path of a text file") from None


def refuse_path(vocabulary: Any, owner: str, from_config: bool) -> None:
    """Raise ValueError where a configuration names a file to read the vocabulary from.

    What a stranger's file names is never opened: it could be any file that the reader may read (CVE-2025-12058).

    Raises:
        ValueError: with what to do instead.
    """
    if from_config and isinstance(vocabulary, (str, bytes)):
        raise ValueError(
            f"the configuration of {owner} names the vocabulary file {vocabulary!r:.200}. A file that a configuration "
            "names is never opened here: read it yourself, and call `set_vocabulary` with its lines."
        )
