"""What holds the first NaN: looked for when a loss has turned NaN, and not before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.callers import warn
from kerasish.trainers.data.array_data import ArrayData
from kerasish.trainers.data.batches import Batch, Batches
from kerasish.trainers.data.iterable_data import IndexedData

# Columns and outputs that a sentence names before it says "and more".
NAMED = 5
# Samples that are looked at together.
ROWS = 65536


class NanWatch:
    """Warns once, at the first loss that is NaN, of what brought it in.

    Args:
        model: the model; whether its weights are sound is looked at now, for training spoils them all.
    """

    def __init__(self, model: Any) -> None:
        self._ill = _ill_weights(model)
        self._is_told = False

    def look(self, logs: dict[str, Any], data: Batches) -> None:
        """Warn if the loss of these logs is NaN, unless that was told.

        Args:
            logs: with the key `loss`.
            data: what it is the loss of.
        """
        if not self._is_told and is_nan(logs.get("loss")):
            self._is_told = True
            _warn(self._ill, _holders(_parts_of(data)) if _may_be_read(data) else None)


def is_nan(loss: Any) -> bool:
    """Whether a loss is one number, and that is NaN."""
    return isinstance(loss, float) and loss != loss


def warn_of_batch(model: Any, batch: Batch) -> None:
    """Say what holds NaN, when the loss of a single batch is NaN and a step may have changed the weights."""
    holders = _holders(iter([("", 0, batch)]))
    _warn([] if holders else _ill_weights(model), holders)


def _ill_weights(model: Any) -> list[str]:
    """The paths of the weights that hold NaN."""
    groups = getattr(model.optimizer, "_groups", None)
    if groups and not any(np.isnan(np.sum(group.values)) for group in groups):
        return []  # a fit after the first one: the rest of the weights was looked at before it
    floats = ((v.path, v._value) for v in model.weights if v._value.dtype.kind == "f")
    return [path for path, value in floats if np.isnan(np.sum(value)) and np.isnan(value).any()]


def _warn(ill: list[str], holders: list[str] | None) -> None:
    """Say what holds NaN.

    Args:
        ill: the weights that hold it.
        holders: the data that holds it; None if that is gone.
    """
    found = list(holders or [])
    if ill:
        found.append(f"the weights {', '.join(map(repr, ill[:NAMED]))}{', ...' if len(ill) > NAMED else ''}")
    if found:
        reason = f"NaN is in {' and in '.join(found)}. Find where it comes from; drop such samples, or fill them in."
    elif holders is None:
        reason = (
            "the weights held none before. Whether the batches did cannot be looked up, for what yields them may give "
            "each only once: check them with np.isnan where they are made. If they are sound, lower the learning rate."
        )
    else:
        reason = (
            "neither the data nor the weights held NaN before, so numbers have grown out of range: lower the learning "
            "rate, scale the data, or give the optimizer a clipnorm."
        )
    warn(f"the loss is NaN: {reason}")


Part = tuple[str, int, Iterable[Any]]


def _may_be_read(data: Batches) -> bool:
    """Whether the batches can be had once more without disturbing who makes them."""
    return isinstance(data, ArrayData) or (isinstance(data, IndexedData) and data.num_batches is not None)


def _parts_of(data: Any) -> Iterator[Part]:
    """Pieces of the data, each with words for where it is and the number of its first sample there."""
    if isinstance(data, IndexedData):
        source: Any = data.source
        for number in range(data.num_batches or 0):
            yield f" of batch {number}", 0, data._standardize(source[number])
        return
    for start in range(0, data.size, ROWS):
        yield "", start, data.rows(slice(start, min(start + ROWS, data.size)))


def _holders(parts: Iterator[Part]) -> list[str]:
    """What holds NaN in the first part in which anything does."""
    for place, first, batch in parts:
        found = []
        for name, part in zip(("x", "y", "sample_weight"), batch, strict=True):
            for path, leaf in nest.flatten_with_path(part):
                label = name + "".join(f"[{step!r}]" for step in path) + place
                held = _held_by(label, leaf, first)
                found += [] if held is None else [held]
        if found:
            return found
    return []


def _held_by(label: str, array: Any, first: int) -> str | None:
    """Where an array holds NaN: the columns, and the first sample; None if it holds none."""
    if array is None or array.dtype.kind not in "fc":
        return None
    missing = np.isnan(array)
    if not missing.any():
        return None
    sample = f"from sample {first + int(missing.reshape(len(missing), -1).any(1).argmax())} on"
    if missing.ndim < 2 or missing.shape[-1] == 1:
        return f"{label} ({sample})"
    columns = np.flatnonzero(missing.reshape(-1, missing.shape[-1]).any(0))
    if len(columns) == missing.shape[-1]:
        return f"{label} (every column, {sample})"
    names = ", ".join(map(str, columns[:NAMED])) + (", ..." if len(columns) > NAMED else "")
    return f"{label} (column{'s' if len(columns) > 1 else ''} {names}, {sample})"
