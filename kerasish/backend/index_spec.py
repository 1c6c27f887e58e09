"""The shape of `x[index]`, where sizes may be unknown."""

from __future__ import annotations

from typing import Any

from kerasish.backend.symbolic import KerasTensor, infer_spec


def index_spec(x: Any, *, index: Any) -> Any:
    """Shape and dtype of a part of a symbolic tensor.

    Args:
        x: a symbolic tensor.
        index: as NumPy's; arrays in it are tried on an array of the same shape, which is a view of one number.

    Raises:
        IndexError: if there are more indices than dimensions, or a number is out of range.
    """
    parts = list(index) if isinstance(index, tuple) else [index]
    if not all(part is None or part is Ellipsis or isinstance(part, slice) or type(part) is int for part in parts):
        if isinstance(index, KerasTensor) and index.dtype == "bool":  # how many are chosen, only the values tell
            return KerasTensor((None, *x.shape[len(index.shape) :]), x.dtype)
        return infer_spec(lambda array, where: array[where], x, index)
    named = sum(part is not None and part is not Ellipsis for part in parts)
    if named > len(x.shape) or parts.count(Ellipsis) > 1:
        raise IndexError(f"the index {index!r} does not fit a tensor of shape {x.shape}")
    place = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    parts[place : place + 1] = [slice(None)] * (len(x.shape) - named)
    sizes = iter(x.shape)
    out: list[int | None] = []
    for part in parts:
        if part is None:
            out.append(1)
        elif isinstance(part, slice):
            out.append(_sliced(next(sizes), part))
        else:
            _check(next(sizes), part, x.shape)
    return KerasTensor(out, x.dtype)


def _sliced(size: int | None, part: slice) -> int | None:
    if size is not None:
        return len(range(*part.indices(size)))
    # the first element: models are not made for axes with nothing on them
    return 1 if part.start in (None, 0) and part.stop == 1 and part.step in (None, 1) else None


def _check(size: int | None, part: int, shape: Any) -> None:
    if size is not None and not -size <= part < size:
        raise IndexError(f"the index {part} is out of range for an axis of size {size}, in a tensor of shape {shape}")
