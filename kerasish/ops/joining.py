"""Arrays put together and taken apart: concatenate, stack, split, unstack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.operators import dtype_of, promote, to_array
from kerasish.backend.primitive import numpy_rule, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import TensorLike
from kerasish.ops.shape import expand_dims, ravel, reshape
from kerasish.ops.specs import agreed, axis_of, kind_of, product, promoted, shape_of, total


def _concatenate_forward(*xs: Any, axis: Any) -> Any:
    if any(dtype_of(x) != dtype_of(xs[0]) or not hasattr(x, "dtype") for x in xs):
        xs = tuple(promote(*xs))
    return np.concatenate(xs, axis=axis)


def _concatenate_vjp(i: int, g: Any, y: Any, *xs: Any, axis: Any) -> Any:
    if axis is None:
        start = sum(int(np.size(x)) for x in xs[:i])
        return np.reshape(g[start : start + int(np.size(xs[i]))], np.shape(xs[i]))
    a = axis % np.ndim(xs[i])
    start = sum(np.shape(x)[a] for x in xs[:i])
    return g[(slice(None),) * a + (slice(start, start + np.shape(xs[i])[a]),)]


def _concatenate_spec(*xs: Any, axis: Any) -> KerasTensor:
    """Unknown sizes elsewhere than along the axis may be known from another argument."""
    if axis is None:
        return KerasTensor((total([product(shape_of(x)) for x in xs]),), promoted(*xs))
    shapes = [shape_of(x) for x in xs]
    rank = len(shapes[0])
    place = axis_of(axis, rank)
    out: list[int | None] = []
    for a in range(rank):
        sizes = [s[a] if len(s) == rank else -1 for s in shapes]
        known = {n for n in sizes if n is not None}
        if a == place and -1 not in sizes:
            out.append(total(sizes))
        elif len(known) > 1 or -1 in sizes:
            raise ValueError(
                f"concatenate along axis={axis} needs arrays whose other sizes agree; received shapes "
                f"{', '.join(map(str, shapes))}"
            )
        else:
            out.append(known.pop() if known else None)
    return KerasTensor(tuple(out), promoted(*xs))


def _stack_forward(*xs: Any, axis: int) -> Any:
    return np.stack(promote(*xs), axis=axis)


def _stack_vjp(i: int, g: Any, y: Any, *xs: Any, axis: int) -> Any:
    return g[(slice(None),) * (axis % np.ndim(y)) + (i,)]


_concatenate = primitive("concatenate", _concatenate_forward, variadic=_concatenate_vjp, shape=_concatenate_spec)


def _stack_spec(*xs: Any, axis: int) -> KerasTensor:
    shapes = [shape_of(x) for x in xs]
    if len({len(s) for s in shapes}) > 1:
        raise ValueError(f"stack needs arrays of one shape; received shapes {', '.join(map(str, shapes))}")
    sizes: list[int | None] = list(shapes[0])
    for s in shapes[1:]:
        sizes = [agreed(m, n, f"stack of shapes {shapes[0]} and {s}") for m, n in zip(sizes, s, strict=True)]
    sizes.insert(axis_of(axis, len(sizes) + 1), len(xs))
    return KerasTensor(sizes, promoted(*xs))


_stack = primitive("stack", _stack_forward, variadic=_stack_vjp, shape=_stack_spec)


def concatenate(xs: Sequence[Any], axis: int | None = 0) -> Any:
    """Arrays joined along an axis that they have.

    Args:
        xs: arrays whose other sizes agree.
        axis: the axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.concatenate([[1, 2], [3]])
        array([1, 2, 3], dtype=int32)
    """
    return _concatenate(*xs, axis=axis)


def stack(x: Sequence[Any], axis: int = 0) -> Any:
    """Arrays of one shape joined along a new axis.

    Args:
        x: arrays.
        axis: where the new axis is in the result.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.stack([[1, 2], [3, 4]], axis=1)
        array([[1, 3],
               [2, 4]], dtype=int32)
    """
    return _stack(*x, axis=axis)


def append(x1: TensorLike, x2: TensorLike, axis: int | None = None) -> Any:
    """`x2` joined to the end of `x1` along an axis; both flattened by default."""
    return _concatenate(ravel(x1), ravel(x2), axis=0) if axis is None else _concatenate(x1, x2, axis=axis)


def _at_least(x: Any, ndim: int) -> Any:
    if np.ndim(x) == 0:
        return reshape(x, (1,) * ndim)
    if np.ndim(x) == 1 and ndim > 1:
        x = expand_dims(x, 0)
    return expand_dims(x, -1) if np.ndim(x) == 2 and ndim > 2 else x


def hstack(xs: Sequence[Any]) -> Any:
    """Arrays joined side by side: along the second axis, or the only one."""
    parts = [_at_least(x, 1) for x in xs]
    return concatenate(parts, axis=0 if np.ndim(parts[0]) == 1 else 1)


def vstack(xs: Sequence[Any]) -> Any:
    """Arrays joined one above the other, along the first axis."""
    return concatenate([_at_least(x, 2) for x in xs], axis=0)


def dstack(xs: Sequence[Any]) -> Any:
    """Arrays joined one behind the other, along the third axis."""
    return concatenate([_at_least(x, 3) for x in xs], axis=2)


def _split_vjp(g: Any, y: Any, x: Any, *, sections: Any, axis: int) -> Any:
    return np.concatenate(list(g), axis=axis)


def _split_spec(x: Any, *, sections: Any, axis: int) -> list[KerasTensor]:
    a = axis_of(axis, len(x.shape))
    size = x.shape[a]
    if isinstance(sections, int):
        pieces: list[int | None] = [None if size is None else size // sections] * sections
        if size is not None and size % sections:
            raise ValueError(f"split of size {size} along axis={axis} into {sections} equal parts is not possible")
    else:
        ends = [*sections, size]
        starts = [0, *sections]
        pieces = [
            None if e is None else len(range(s, e) if size is None else range(size)[s:e])
            for s, e in zip(starts, ends, strict=True)
        ]
    return [KerasTensor((*x.shape[:a], n, *x.shape[a + 1 :]), x.dtype) for n in pieces]


def _array_split_spec(x: Any, *, sections: Any, axis: int) -> list[KerasTensor]:
    shape = shape_of(x)
    a = axis_of(axis, len(shape))
    size = shape[a]
    if not isinstance(sections, int):
        return _split_spec(x, sections=sections, axis=axis)
    pieces = [None if size is None else size // sections + (i < size % sections) for i in range(sections)]
    return [KerasTensor((*shape[:a], n, *shape[a + 1 :]), kind_of(x)) for n in pieces]


_split = primitive(
    "split", lambda x, sections, axis: np.split(to_array(x), sections, axis), _split_vjp, shape=_split_spec, view=True
)  # fmt: skip
_array_split = primitive(
    "array_split", lambda x, sections, axis: np.array_split(to_array(x), sections, axis), _split_vjp,
    shape=_array_split_spec, view=True,
)  # fmt: skip


def _sections(indices_or_sections: Any) -> Any:
    if isinstance(indices_or_sections, (int, np.integer)):
        return int(indices_or_sections)
    return tuple(int(i) for i in indices_or_sections)


def split(x: TensorLike, indices_or_sections: Any, axis: int = 0) -> Any:
    """`x` cut into pieces along an axis.

    Args:
        x: array.
        indices_or_sections: how many equal pieces, or the indices at which to cut.
        axis: the axis.

    Returns:
        A list of arrays.

    Raises:
        ValueError: if the pieces would not be equal.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.split([1, 2, 3, 4], 2)
        [array([1, 2], dtype=int32), array([3, 4], dtype=int32)]
    """
    return _split(x, sections=_sections(indices_or_sections), axis=axis)


def array_split(x: TensorLike, indices_or_sections: Any, axis: int = 0) -> Any:
    """`x` cut into pieces along an axis, the first ones longer by one if it does not divide evenly."""
    return _array_split(x, sections=_sections(indices_or_sections), axis=axis)


def hsplit(x: Any, indices_or_sections: Any) -> Any:
    """`x` cut along its second axis, or its only one."""
    return split(x, indices_or_sections, axis=0 if np.ndim(x) == 1 else 1)


def vsplit(x: TensorLike, indices_or_sections: Any) -> Any:
    """`x` cut along its first axis."""
    return split(x, indices_or_sections, axis=0)


def dsplit(x: Any, indices_or_sections: Any) -> Any:
    """`x` cut along its third axis."""
    if np.ndim(x) < 3:
        raise ValueError(f"dsplit cuts the third axis; received shape {np.shape(x)}")
    return split(x, indices_or_sections, axis=2)


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """`x` as a list of arrays, one for each index along an axis, which is dropped.

    Args:
        x: array.
        num: the size of the axis, where it is not known yet.
        axis: the axis.
    """
    x = eager(x if hasattr(x, "shape") else to_array(x))
    size = x.shape[axis] if num is None else num
    if size is None:
        raise ValueError(f"unstack needs num: the size of axis={axis} of shape {x.shape} is not known")
    before = (slice(None),) * (axis % len(x.shape))
    return [x[(*before, i)] for i in range(size)]


for _function, _numpy in (
    (concatenate, np.concatenate), (stack, np.stack), (append, np.append), (hstack, np.hstack), (vstack, np.vstack),
    (dstack, np.dstack), (split, np.split), (array_split, np.array_split), (hsplit, np.hsplit), (vsplit, np.vsplit),
    (dsplit, np.dsplit),
):  # fmt: skip
    numpy_rule(_numpy)(_function)
