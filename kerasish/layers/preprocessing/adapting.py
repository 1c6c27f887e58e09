"""The batches of data that a layer adapts to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish.backend.callers import warn
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable


def is_one_array(data: Any) -> bool:
    """Whether data is one array, rather than something that yields batches."""
    return isinstance(data, (np.ndarray, Tensor, Variable)) or hasattr(data, "to_numpy") or hasattr(data, "__array__")


def is_data(data: Any) -> bool:
    """Whether data is an array, a value, or lists of values, rather than something that yields batches."""
    return is_one_array(data) or isinstance(data, (list, tuple, str, bytes, int, np.generic))


def batches_of(data: Any, owner: str, steps: int | None = None) -> Iterator[Any]:
    """The inputs of each batch; of `(x, y)` and `(x, y, sample_weight)` only x.

    Args:
        data: a list of batches, a generator, or what has `__getitem__` and `__len__`, such as a `PyDataset`.
        owner: who asks, for errors.
        steps: how many batches, if not all.

    Raises:
        TypeError: if it yields nothing.
    """
    if hasattr(data, "__iter__"):
        source = iter(data)
    elif hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        source = (data[i] for i in range(len(data)))
    else:
        raise TypeError(
            f"{owner}.adapt needs an array, or something that yields batches; received {type(data).__name__}"
        )
    for batch in itertools.islice(source, steps):
        yield batch[0] if isinstance(batch, tuple) else batch


def tell_of_nan(owner: str, measured: Any) -> None:
    """Warn of data that holds NaN, which would be found in every output.

    Args:
        owner: the name of the layer.
        measured: a number for each feature that is NaN where the data holds NaN.
    """
    missing = np.isnan(np.asarray(measured)).reshape(-1)
    if missing.any():
        where = "" if missing.size == 1 else f", in the feature(s) {', '.join(map(str, np.flatnonzero(missing)[:5]))}"
        more = ", ..." if missing.sum() > 5 else ""
        warn(
            f"the layer {owner!r} was adapted to data that holds NaN{where}{more}: drop those samples or fill them in, "
            "then adapt again; what was measured is of no use.",
        )
