"""Errors about a user's files and packages, as one line in place of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable


def told(program: str, work: Callable[[], None]) -> int:
    """Do the work; a ValueError, OSError or ImportError, whose message names file and cause, is printed.

    Args:
        program: who says it.
        work: a function of no arguments.

    Returns:
        The exit code: 0, or 1 after an error.
    """
    try:
        work()
    except (ImportError, OSError, ValueError) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    return 0
