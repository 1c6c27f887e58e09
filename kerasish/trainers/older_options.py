"""Arguments of `fit`, `evaluate` and `predict` that Keras 2 had, about how batches of generators are made."""

from __future__ import annotations

from typing import Any, TypedDict

from kerasish import _older_names


class OfGenerators(TypedDict, total=False):
    """Settings that belong to the data today, `keras.utils.PyDataset`; here they have no effect."""

    max_queue_size: int
    workers: int
    use_multiprocessing: bool


def set_aside(given: Any, method: str) -> None:
    """Warn once of each argument that a `PyDataset` has today.

    Raises:
        TypeError: if an argument is none of them.
    """
    for name in given:
        if name not in OfGenerators.__annotations__:
            raise TypeError(f"{method}() got an unexpected keyword argument {name!r}")
        _older_names.warn_of(f"the argument {name} of {method}", f"keras.utils.PyDataset({name}=...)")
