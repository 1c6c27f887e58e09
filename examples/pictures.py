"""Where the examples' pictures go: into kerasish-pictures here, or where the first argument or KERASISH_IMAGES says."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

if importlib.util.find_spec("matplotlib") is None:
    command = f"{sys.executable} -m pip install matplotlib"
    sys.exit(f"This example draws pictures, and matplotlib is not installed. To install it:\n\n    {command}\n")

import matplotlib

matplotlib.use("Agg")  # draw into files: no window, no display needed


def path_for(name: str) -> Path:
    """The path for a picture of this name, in a folder that is there."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("KERASISH_IMAGES", "kerasish-pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def save(figure: Any, name: str) -> None:
    """Write the figure as `name`.png, and say where."""
    path = path_for(f"{name}.png")
    figure.savefig(path, dpi=160, facecolor="white")
    print(f"\npicture: {os.path.relpath(path)}")
