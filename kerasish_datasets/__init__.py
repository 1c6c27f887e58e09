"""Small data sets: `mnist` and `iris` come in files, `xor` and the `playground`'s points are made on the spot.

The file of `mnist` is in a clone; beside an installed kerasish the package kerasish-mnist has it.

Keras's other data sets are read from the files that Keras keeps in `~/.keras/datasets`; nothing is downloaded.
A submodule is imported on first use: `import kerasish_datasets` costs nothing.
"""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

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
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}. It has: {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return sorted(__all__)
