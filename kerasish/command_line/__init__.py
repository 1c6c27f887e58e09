"""What `kerasish COMMAND` does besides running scripts: a table of commands, each loaded when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import NamedTuple

from kerasish.version import __version__

Main = Callable[[list[str]], int]


class Command(NamedTuple):
    """Where a command's function is, `module:function`; what follows its name in the usage; and what it does."""

    place: str
    arguments: str
    purpose: str

    def load(self) -> Main:
        """The function: from the arguments after the command's name to an exit code."""
        module, _, name = self.place.partition(":")
        main: Main = getattr(importlib.import_module(module), name)
        return main


COMMANDS = {
    "summary": Command("kerasish.command_line.summary:main", "model.keras", "show the layers of a model in a file"),
    "convert": Command(
        "kerasish.command_line.convert:main", "old.h5 new.keras", "write a model in another format, new.onnx too"
    ),
    "playground": Command(
        "kerasish.playground.command:main", "[script.py]", "watch a network learn, in a page in the browser"
    ),
    "doctor": Command("kerasish.command_line.doctor:main", "", "look at BLAS, threads, extras and the time of a step"),
}

_TEXT = """\
kerasish {version}: Keras's high-level API on NumPy, and it trains.

Run a Keras script or module, unchanged. In it `keras` means kerasish, as does `tensorflow.keras` where TensorFlow is
absent:

  kerasish script.py [arguments]
  kerasish -m module [arguments]
  mpiexec -n 4 kerasish --mpi script.py [arguments]    train in several processes

Or have something done:

{commands}

usage: kerasish script.py | -m module | --mpi script.py | {names} | --version | --help
`kerasish COMMAND --help` tells more, and `python -m kerasish` is the same as `kerasish`. A script that is named like a
command is run by its path: `kerasish ./summary`. In a program of your own, write `import kerasish as keras`, or call
`kerasish.install()` before the first `import keras`."""


def overview() -> str:
    """What the command line can do."""
    calls = {f"kerasish {name} {command.arguments}": command.purpose for name, command in COMMANDS.items()}
    width = max(map(len, calls))
    lines = [f"  {call:{width}}  {purpose}" for call, purpose in calls.items()]
    return _TEXT.format(version=__version__, commands="\n".join(lines), names=" | ".join(COMMANDS))
