"""Run first in the processes that `multiprocessing` starts for a script under `python -m kerasish`.

Such a process imports the script's file anew, so `keras` must mean kerasish there as well.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_RUN_NAME = "kerasish_worker"


class Preparation:
    """What a starting process unpickles before anything else, and so runs this file."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return runpy.run_path, (str(Path(__file__).resolve()), None, _RUN_NAME)


def prepare_workers() -> None:
    """Let the processes that are started from now on by `multiprocessing` have `keras` mean kerasish."""
    from multiprocessing import forkserver, spawn

    prepared = spawn.get_preparation_data

    def get_preparation_data(name: str) -> dict[str, Any]:
        return {**prepared(name), _RUN_NAME: Preparation()}

    spawn.get_preparation_data = get_preparation_data
    forkserver.set_forkserver_preload([])  # the server itself must not import the script, as it has no preparation


def _prepare() -> None:
    home = str(Path(__file__).resolve().parent.parent)
    if home not in sys.path:
        sys.path.append(home)
    import kerasish_datasets  # noqa: F401  (found now: the process gets the script's path next)
    from kerasish.aliases import install

    install()


if __name__ == _RUN_NAME:
    _prepare()
