"""What a caller sees of a call: warnings at a line of theirs, and tracebacks without the frames in between."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import warnings
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any, TypeVar

from kerasish.backend import config

F = TypeVar("F", bound=Callable[..., Any])

_HOUSE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def _is_ours(code: CodeType) -> bool:
    """Whether code is the library's; a `with` of it passes through contextlib."""
    return code.co_filename.startswith(_HOUSE) or code.co_filename == contextlib.__file__


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that called the library, however deep in it this is found out.

    Args:
        message: what to say.
        category: the class of the warning.
    """
    level, frame = 2, sys._getframe(1)
    while _is_ours(frame.f_code) and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def shortened(function: F) -> F:
    """A function whose errors show the caller's lines, and of the library's the last one.

    `keras.config.disable_traceback_filtering()` shows all of them.
    """

    @functools.wraps(function)
    def calling(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            shorten(error)
            raise

    return calling  # type: ignore[return-value]


def shorten(error: BaseException) -> None:
    """Leave the library's frames out of an error's traceback, but for the last, and causes that it tells already.

    What a caller's own code raised keeps its lines, as error and as cause.

    Args:
        error: caught, and to be raised again by a plain `raise`.
    """
    if not config.is_traceback_filtering_enabled():
        return
    seen: set[int] = set()  # an error may be its own cause
    while id(error) not in seen:
        seen.add(id(error))
        error.__traceback__ = _without_ours(error.__traceback__)
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is None:
            return
        if all(_is_ours(entry.tb_frame.f_code) for entry in _entries(cause.__traceback__)) and str(cause) in str(error):
            error.__cause__ = None  # which hides the context as well
            return
        error = cause


def _entries(traceback: TracebackType | None) -> list[TracebackType]:
    entries = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    return entries


def _without_ours(traceback: TracebackType | None) -> TracebackType | None:
    kept: TracebackType | None = None
    for entry in reversed(_entries(traceback)):
        if kept is None or not _is_ours(entry.tb_frame.f_code):
            kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept
