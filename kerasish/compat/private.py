"""Private modules of Keras that packages reach into: the few names that they need, and nothing else.

scikeras writes models into memory with `keras.src.saving.saving_lib`; keras-tuner takes `keras.src.ops`.
"""

from __future__ import annotations

import os
import tempfile
from types import ModuleType
from typing import Any

from kerasish import ops
from kerasish.saving import model_files


def _save_model(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> None:
    """Write a model to a path, or to a file that is open."""
    if not hasattr(filepath, "write"):
        return model_files.save_model(model, filepath)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "model.keras")
        model_files.save_model(model, path)
        with open(path, "rb") as file:
            filepath.write(file.read())
    return None


def _load_model(filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True) -> Any:
    """Read a model from a path, or from a file that is open."""
    if not hasattr(filepath, "read"):
        return model_files.load_model(filepath, custom_objects, compile)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "model.keras")
        with open(path, "wb") as file:
            file.write(filepath.read())
        return model_files.load_model(path, custom_objects, compile)


_NAMES: dict[str, dict[str, Any]] = {
    "src": {},
    "src.saving": {},
    "src.saving.saving_lib": {"load_model": _load_model, "save_model": _save_model},
}


def module_for(name: str) -> ModuleType | None:
    """The private module of this name, with the names that packages need; None if none of them needs it."""
    if name == "src.ops":
        return ops
    if name not in _NAMES:
        return None
    made = ModuleType(f"keras.{name}", "Names of a private part of Keras that packages need.")
    made.__dict__.update(_NAMES[name], __path__=[])
    return made
