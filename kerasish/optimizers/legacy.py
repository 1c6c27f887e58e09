"""Keras 2's optimizers: those of today under their older place, with `lr` and `decay`."""

from __future__ import annotations

import importlib
from typing import Any

from kerasish import _older_names
from kerasish.optimizers.optimizer import Optimizer as _Optimizer

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "Optimizer", "RMSprop"]


class _Legacy(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        today = f"keras.optimizers.{cls.__name__}"
        _older_names.warn_of(f"keras.optimizers.legacy.{cls.__name__}", today)
        return getattr(importlib.import_module("kerasish.optimizers"), cls.__name__)(*args, **kwargs)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, getattr(importlib.import_module("kerasish.optimizers"), cls.__name__))


def _legacy(name: str) -> type:
    doc = f"`keras.optimizers.{name}` under the name that it had in Keras 2."
    return _Legacy(name, (), {"__doc__": doc, "__module__": __name__})


Optimizer = _Optimizer
SGD, Adadelta, Adagrad, Adam, Adamax, Ftrl, Nadam, RMSprop = (_legacy(name) for name in __all__ if name != "Optimizer")
