"""Keras's name for the data sets of `kerasish_datasets`: the very same module objects, imported on first use."""

from types import ModuleType
from typing import TYPE_CHECKING

import kerasish_datasets

if TYPE_CHECKING:
    from kerasish_datasets import (
        boston_housing,
        california_housing,
        cifar10,
        cifar100,
        fashion_mnist,
        imdb,
        iris,
        mnist,
        playground,
        reuters,
        xor,
    )

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "fashion_mnist",
    "imdb",
    "iris",
    "mnist",
    "playground",
    "reuters",
    "xor",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return getattr(kerasish_datasets, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}. It has: {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return sorted(__all__)
