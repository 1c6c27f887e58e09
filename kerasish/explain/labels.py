"""The classes that targets mean, beside what a model answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Labels(NamedTuple):
    """Targets, understood.

    Attributes:
        values: of shape `(n,)`: the place of each target's class in `names`, or the target itself in a regression.
        names: the classes' names; empty for a regression.
        middle: the value halfway between two classes that are numbers; None for others.
    """

    values: np.ndarray
    names: tuple[str, ...]
    middle: float | None = None


def understood(y: Any, units: int | None) -> Labels:
    """What targets mean to a model with so many outputs.

    One output answers one of two classes, which may be any two numbers or words, or a number of a regression; several
    outputs answer the class of the largest.

    Args:
        y: targets of any dtype: `(n,)`, `(n, 1)`, or a row of 0 and 1 for each.
        units: how many outputs the model has; None where they are not its answer.

    Raises:
        ValueError: if targets are missing or not finite, or cannot be brought together with the outputs.
    """
    targets = np.asarray(y)
    if targets.ndim == 2 and targets.shape[1] > 1:
        count = targets.shape[1]
        return Labels(targets.argmax(axis=1), _numbered(max(count, units or 0)), 0.5 if count == 2 else None)
    targets = targets.reshape(-1)
    if targets.dtype.kind not in "biuf":
        return _of_words(targets, units)
    targets = targets.astype("float64")
    if not np.isfinite(targets).all():
        raise ValueError(f"y holds nan or infinity, in {int((~np.isfinite(targets)).sum())} of {len(targets)} targets")
    found = np.unique(targets)
    if units != 1:
        return _of_several(targets, found, units)
    if set(found) <= {0.0, 1.0} or set(found) <= {-1.0, 1.0}:
        low = 0.0 if set(found) <= {0.0, 1.0} else -1.0
        return Labels((targets > low).astype(int), (_name(low), "1"), (low + 1) / 2)
    if len(found) == 2 and _is_whole(found):
        return Labels((targets > found[0]).astype(int), tuple(map(_name, found)), float(found.mean()))
    return Labels(targets, ())


def _of_words(targets: np.ndarray, units: int | None) -> Labels:
    words = np.array([str(word) for word in targets])
    if any(word is None or word != word for word in targets.tolist()):
        raise ValueError("y holds targets that are missing (None or nan)")
    names, places = np.unique(words, return_inverse=True)
    count = {None: len(names), 1: 2}.get(units, units)
    if len(names) != count:
        raise ValueError(
            f"y holds {len(names)} different words ({', '.join(map(repr, names[:5].tolist()))}), and the model answers "
            f"{count} classes: give the classes' numbers, from 0, so that it is known which output stands for which"
        )
    return Labels(places, tuple(names.tolist()), 0.5 if count == 2 else None)


def _of_several(targets: np.ndarray, found: np.ndarray, units: int | None) -> Labels:
    """Classes by number beside several outputs, or beside a layer that is none of the model's answer."""
    whole = _is_whole(found)
    if units is None and not whole:
        return Labels(targets, ())
    if whole and found[0] >= 0 and (units is None or found[-1] < units):
        return Labels(targets.astype(int), _numbered(units or max(2, int(found[-1]) + 1)))
    in_a_row = len(found) == units and (units == 2 or found[-1] - found[0] + 1 == units)
    if units is None or (whole and in_a_row):
        return Labels(np.searchsorted(found, targets), tuple(map(_name, found)))
    raise ValueError(
        f"the model answers {units} classes, whose numbers are 0 to {units - 1}; y holds {_name(found[0])} to "
        f"{_name(found[-1])}"
    )


def _is_whole(values: np.ndarray) -> bool:
    return bool(np.all(values == np.round(values)))


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def _name(value: float) -> str:
    return f"{value:g}"
