"""Where the examples' pictures go: into docs/images, or where the first argument or KERASISH_IMAGES says."""

import os
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # draw into files: no window, no display needed


def save(figure: Any, name: str) -> None:
    """Write the figure as `name`.png, and say where."""
    default = Path(__file__).resolve().parents[1] / "docs" / "images"
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("KERASISH_IMAGES", default))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    figure.savefig(path, dpi=160, facecolor="white")
    print(f"\npicture: {os.path.relpath(path)}")
