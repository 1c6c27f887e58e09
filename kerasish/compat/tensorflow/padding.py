"""Elements of a padded batch, filled up to one size."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import nest


def flat_shapes(shapes: Any, like: Any) -> list[Any]:
    if isinstance(like, dict):
        return [shape for key in like for shape in flat_shapes(shapes[key], like[key])]
    if isinstance(like, tuple):
        return [shape for one, part in zip(shapes, like, strict=True) for shape in flat_shapes(one, part)]
    return [list(shapes)]


def spread(values: Any, like: Any) -> list[Any]:
    count = sum(1 for _ in nest.iterate(like))
    return list(values) if isinstance(values, (list, tuple)) else [values] * count


def filled(rows: Any, shape: Any, value: Any) -> np.ndarray:
    arrays = [np.asarray(row) for row in rows]
    largest = np.max([row.shape for row in arrays], axis=0, initial=0).astype(int).tolist()
    wanted = largest if shape is None else [a if b in (None, -1) else b for a, b in zip(largest, shape, strict=True)]
    if any(a > b for a, b in zip(largest, wanted, strict=True)):
        raise ValueError(f"padded_batch: an element of sizes {largest} does not fit into padded_shapes {wanted}")
    nothing = b"" if arrays[0].dtype == object else 0
    made = np.full((len(arrays), *wanted), nothing if value is None else value, arrays[0].dtype)
    for place, row in enumerate(arrays):
        inside: Any = (place, *map(slice, row.shape))
        made[inside] = row
    return made
