"""Files that Keras keeps in `~/.keras/models`: the weights of known networks and the names of their classes."""

from __future__ import annotations

from pathlib import Path

from kerasish.backend.config import keras_home


def folder() -> Path:
    """Where Keras keeps them: `$KERAS_HOME/models` or `~/.keras/models`."""
    return Path(keras_home()) / "models"


def find(name: str, contents: str, otherwise: str) -> Path:
    """The file of this name.

    Args:
        name: as Keras names it.
        contents: what it holds, for the error.
        otherwise: what can be done without it, for the error.

    Raises:
        FileNotFoundError: if it is not there, with its path, what it holds and how to get it.
    """
    path = folder() / name
    if path.is_file():
        return path
    raise FileNotFoundError(
        f"there is no file {path}, and nothing is downloaded. It holds {contents}. Keras puts it there when it is "
        f"first asked for it on a computer with a network: copy it from there to {path.parent}, or set KERAS_HOME "
        f"to the folder above `models`. {otherwise}"
    )
