"""Elements chosen by their position: slices, gathering, scattering, diagonals, segments."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.operators import add_rows, plain_index, promote, put, to_array
from kerasish.backend.primitive import numpy_rule, primitive
from kerasish.backend.tensor import Traceable
from kerasish.backend.typing import TensorLike
from kerasish.ops.elementwise import _nonzero
from kerasish.ops.joining import concatenate
from kerasish.ops.reduction import sum
from kerasish.ops.shape import broadcast_to, reshape


def _plain(x: Any) -> np.ndarray:
    """The whole numbers of an argument that says where, not what."""
    return np.asarray(plain_index(x))


def get_item(x: TensorLike, key: Any) -> Any:
    """`x[key]`, with NumPy's indexing."""
    return (x if isinstance(x, Traceable) else eager(to_array(x)))[key]  # type: ignore[index]


def _indices_of(indices: Any) -> np.ndarray:
    found = _plain(indices)
    return found if found.dtype.kind in "iu" else found.astype(np.int64)


def _take_forward(x: Any, indices: Any, *, axis: int | None) -> Any:
    return np.take(to_array(x), _indices_of(indices), axis=axis)


def _take_vjp(g: Any, y: Any, x: Any, indices: Any, *, axis: int | None) -> Any:
    index = _indices_of(indices)
    if axis is None:
        return np.reshape(put(g, index=(index,), shape=(int(np.size(x)),)), np.shape(x))
    return put(g, index=(builtins.slice(None),) * (axis % np.ndim(x)) + (index,), shape=tuple(np.shape(x)))


_take = primitive("take", _take_forward, _take_vjp, None)


def take(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Any:
    """The elements at these positions along an axis.

    Args:
        x: array.
        indices: whole numbers of any shape; negative ones count from the end.
        axis: the axis; by default `x` is flattened.

    Returns:
        `x` with `axis` replaced by the shape of `indices`.

    Raises:
        IndexError: if an index is out of range.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.take([10, 20, 30], [2, 0])
        array([30, 10], dtype=int32)
    """
    return _take(x, indices, axis=axis)


def _along_forward(x: Any, indices: Any, *, axis: int | None) -> Any:
    return np.take_along_axis(to_array(x), _indices_of(indices), axis=axis)


def _along_vjp(g: Any, y: Any, x: Any, indices: Any, *, axis: int | None) -> Any:
    index = _indices_of(indices)
    shape = tuple(np.shape(x))
    size = int(np.size(x))
    if axis is None:
        return np.reshape(put(g, index=(index,), shape=(size,)), shape)
    places = np.take_along_axis(np.arange(size).reshape(shape), index, axis=axis)
    return np.reshape(put(np.reshape(g, -1), index=(places.reshape(-1),), shape=(size,)), shape)


_take_along_axis = primitive("take_along_axis", _along_forward, _along_vjp, None)


def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Any:
    """For each row along an axis the elements at its own positions.

    Args:
        x: array.
        indices: whole numbers, of the rank of `x`; sizes of one elsewhere than along `axis` broadcast.
        axis: the axis; by default `x` is flattened.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.take_along_axis([[10, 20], [30, 40]], [[1], [0]], axis=1)
        array([[20],
               [30]], dtype=int32)
    """
    return _take_along_axis(x, indices, axis=axis)


def nonzero(x: TensorLike) -> Any:
    """The indices of the elements that are not 0: an array for each dimension."""
    return _nonzero(x)


def unravel_index(indices: Any, shape: Any) -> tuple[np.ndarray, ...]:
    """Positions in a flattened array as indices in an array of this shape, one array for each dimension."""
    return tuple(np.asarray(part, np.int32) for part in np.unravel_index(_plain(indices), tuple(shape)))


def _window(start_indices: Any, sizes: Sequence[int], shape: Sequence[int]) -> tuple[builtins.slice, ...]:
    """The slices of a window, moved so that it lies within the array."""
    starts = [int(s) for s in np.ravel(_plain(start_indices))]
    starts = [builtins.min(builtins.max(s, 0), whole - n) for s, n, whole in zip(starts, sizes, shape, strict=True)]
    return tuple(builtins.slice(s, s + n) for s, n in zip(starts, sizes, strict=True))


def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """A window of an array.

    Args:
        inputs: array.
        start_indices: where it begins, along each axis; a window that would stick out is moved inside.
        shape: its sizes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.slice(keras.ops.array([1, 2, 3, 4]), [1], [2])
        array([2, 3], dtype=int32)
    """
    return get_item(inputs, _window(start_indices, tuple(shape), np.shape(inputs)))


def _update_forward(x: Any, updates: Any, *, index: Any) -> Any:
    x, updates = promote(to_array(x), to_array(updates))
    out = x.copy()
    out[index] = updates
    return out


def _written(shape: tuple[int, ...], index: Any) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[index] = True
    return mask


def _update_vjp(g: Any, y: Any, x: Any, updates: Any, *, index: Any) -> Any:
    return g * np.logical_not(_written(tuple(np.shape(x)), index))


def _update_updates_vjp(g: Any, y: Any, x: Any, updates: Any, *, index: Any) -> Any:
    """What was written later over an earlier update takes its gradient."""
    places = np.full(np.shape(x), -1)
    order = np.arange(int(np.prod(places[index].shape, dtype=np.int64))).reshape(places[index].shape)
    places[index] = order
    return g[index] * np.equal(places[index], order)


_update = primitive("scatter_update", _update_forward, _update_vjp, _update_updates_vjp)


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """`inputs` with a window overwritten.

    Args:
        inputs: array.
        start_indices: where the window begins, along each axis.
        updates: what is written; its shape is the window's.
    """
    return _update(inputs, updates, index=_window(start_indices, np.shape(updates), np.shape(inputs)))


def _coordinates(indices: Any) -> tuple[np.ndarray, ...]:
    return tuple(np.moveaxis(_indices_of(indices), -1, 0))


def _scatter_add_forward(x: Any, updates: Any, *, index: Any) -> Any:
    x, updates = promote(to_array(x), to_array(updates))
    out = x.copy()
    np.add.at(out, index, updates)
    return out


_scatter_add = primitive(
    "scatter_add",
    _scatter_add_forward,
    lambda g, y, x, updates, *, index: g,
    lambda g, y, x, updates, *, index: g[index],
)


def _reduced_forward(x: Any, updates: Any, *, index: Any, function: Any) -> Any:
    x, updates = promote(to_array(x), to_array(updates))
    out = x.copy()
    function.at(out, index, updates)
    return out


def _reduced_vjp(g: Any, y: Any, x: Any, updates: Any, *, index: Any, function: Any) -> Any:
    if function is np.multiply:
        return g * _scatter_multiply(np.ones_like(x), updates, index=index, function=function)
    return _shared(g, y, x, updates, index) * np.equal(x, y)


def _shared(g: Any, y: Any, x: Any, updates: Any, index: Any) -> Any:
    """The gradient, divided among all that reached the extreme."""
    count = np.equal(x, y).astype(np.float64)
    np.add.at(count, index, np.equal(updates, y[index]))
    return g / np.maximum(count, 1)


def _reduced_updates_vjp(g: Any, y: Any, x: Any, updates: Any, *, index: Any, function: Any) -> Any:
    if function is np.multiply:  # the product of everything else: by division, but for the zeros
        zero = np.equal(updates, 0)
        zeros = np.zeros(np.shape(x))
        np.add.at(zeros, index, np.broadcast_to(zero, np.shape(g[index])))
        rest = (g * _scatter_multiply(x, np.where(zero, 1, updates), index=index, function=function))[index]
        alone = np.equal(zeros[index], np.where(zero, 1, 0))
        return rest * alone / np.where(zero, 1, updates)
    return _shared(g, y, x, updates, index)[index] * np.equal(updates, y[index])


_scatter_multiply = primitive("scatter_mul", _reduced_forward, _reduced_vjp, _reduced_updates_vjp)
_scatter_extreme = primitive("scatter_max", _reduced_forward, _reduced_vjp, _reduced_updates_vjp)


def scatter(indices: Any, values: Any, shape: Any) -> Any:
    """An array of zeros with values added at positions.

    Args:
        indices: (count, k): for each value its index along the first k axes.
        values: (count, ...): what is added there; what goes to one place is summed.
        shape: of the result.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.scatter([[0], [2]], [1.0, 2.0], (3,))
        array([1., 0., 2.], dtype=float32)
    """
    values = values if hasattr(values, "dtype") else to_array(values)
    return _scatter_add(np.zeros(tuple(shape), values.dtype), values, index=_coordinates(indices))


def scatter_update(inputs: TensorLike, indices: TensorLike, updates: Any, reduction: str | None = None) -> Any:
    """`inputs` with values written at positions.

    Args:
        inputs: array.
        indices: (count, k): for each update its index along the first k axes.
        updates: (count, ...): what is written.
        reduction: how updates and what is there are joined: None overwrites; `"add"`, `"max"`, `"min"`, `"mul"`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.scatter_update([1.0, 2.0, 3.0], [[0], [2]], [9.0, 8.0])
        array([9., 2., 8.], dtype=float32)
    """
    index = _coordinates(indices)
    if reduction is None:
        return _update(inputs, updates, index=index)
    if reduction == "add":
        return _scatter_add(inputs, updates, index=index)
    if reduction == "mul":
        return _scatter_multiply(inputs, updates, index=index, function=np.multiply)
    if reduction in ("max", "min"):
        return _scatter_extreme(inputs, updates, index=index, function=getattr(np, f"{reduction}imum"))
    raise ValueError(f'reduction must be None, "add", "max", "min" or "mul"; received {reduction!r}')


def _diagonal_forward(x: Any, *, offset: int, axis1: int, axis2: int) -> Any:
    return np.diagonal(to_array(x), offset, axis1, axis2)


def _diagonal_vjp(g: Any, y: Any, x: Any, *, offset: int, axis1: int, axis2: int) -> Any:
    shape = list(np.shape(x))
    rows, columns = shape[axis1], shape[axis2]
    rest = [n for a, n in enumerate(shape) if a not in (axis1 % len(shape), axis2 % len(shape))]
    steps = np.arange(np.shape(g)[-1])
    index = (Ellipsis, steps + builtins.max(-offset, 0), steps + builtins.max(offset, 0))
    return np.moveaxis(put(g, index=index, shape=(*rest, rows, columns)), (-2, -1), (axis1, axis2))


_diagonal = primitive("diagonal", _diagonal_forward, _diagonal_vjp, view=True)


def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal of each matrix that two axes span, along a new last axis.

    Args:
        x: array.
        offset: which diagonal: 0 the main one, positive above, negative below.
        axis1, axis2: the axes of rows and columns.
    """
    return _diagonal(x, offset=offset, axis1=axis1, axis2=axis2)


def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of the diagonal of each matrix that two axes span."""
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)


_diag = primitive(
    "diag", lambda x, k: np.diag(to_array(x), k), lambda g, y, x, *, k: np.diagonal(g, k)
)  # of a vector; of a matrix it is `diagonal`


def diag(x: Any, k: int = 0) -> Any:
    """A matrix with the numbers of a vector on a diagonal; or the diagonal of a matrix.

    Args:
        x: array of one or two dimensions.
        k: which diagonal: 0 the main one, positive above, negative below.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.diag([1, 2])
        array([[1, 0],
               [0, 2]], dtype=int32)
    """
    if np.ndim(x) not in (1, 2):
        raise ValueError(f"diag takes one or two dimensions; received shape {np.shape(x)}")
    return _diag(x, k=k) if np.ndim(x) == 1 else diagonal(x, k)


def diagflat(x: Any, k: int = 0) -> Any:
    """A matrix with the flattened numbers of `x` on a diagonal."""
    return diag(np.reshape(x if hasattr(x, "shape") else to_array(x), -1), k)


_tril = primitive("tril", lambda x, k: np.tril(to_array(x), k), lambda g, y, x, *, k: np.tril(g, k))
_triu = primitive("triu", lambda x, k: np.triu(to_array(x), k), lambda g, y, x, *, k: np.triu(g, k))


def tril(x: TensorLike, k: int = 0) -> Any:
    """`x` with zeros above the diagonal `k` of its last two axes."""
    return _tril(x, k=k)


def triu(x: TensorLike, k: int = 0) -> Any:
    """`x` with zeros below the diagonal `k` of its last two axes."""
    return _triu(x, k=k)


def meshgrid(*x: TensorLike, indexing: str = "xy") -> list[Any]:
    """Coordinates of a grid: each vector spread over the grid that all span.

    Args:
        *x: vectors.
        indexing: `"xy"`: the first vector runs along the second axis; `"ij"`: along the first.

    Returns:
        A list of arrays of the shape of the grid.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f'indexing must be "xy" or "ij"; received {indexing!r}')
    flat = [reshape(v, (-1,)) for v in x]
    axes = list(range(len(flat)))
    if indexing == "xy" and len(flat) > 1:
        axes[:2] = [1, 0]
    sizes = [1] * len(flat)
    for v, a in zip(flat, axes, strict=True):
        sizes[a] = np.shape(v)[0]
    spread = [reshape(v, tuple(-1 if b == a else 1 for b in range(len(flat)))) for v, a in zip(flat, axes, strict=True)]
    return [broadcast_to(v, tuple(sizes)) for v in spread]


def _segments(segment_ids: Any, num_segments: int | None) -> tuple[np.ndarray, int]:
    ids = _indices_of(segment_ids)
    if ids.ndim != 1:
        raise ValueError(f"segment_ids must be a vector; received shape {ids.shape}")
    count = (int(ids.max()) + 1 if ids.size else 0) if num_segments is None else int(num_segments)
    return np.where((ids < 0) | (ids >= count), count, ids), count  # the last row takes those without a segment


_segment_sum = primitive(
    "segment_sum",
    lambda x, ids, n: add_rows(ids, to_array(x), n + 1)[:n].reshape(n, *np.shape(x)[1:]),
    lambda g, y, x, *, ids, n: np.take(concatenate([g, np.zeros_like(x[:1])]), ids, axis=0),
)


def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The sum of the rows of each segment.

    Args:
        data: (rows, ...).
        segment_ids: (rows,): the segment of each; rows of no segment are left out.
        num_segments: how many segments; one more than the largest id by default.
        sorted: accepted for compatibility.

    Returns:
        (segments, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.segment_sum([1.0, 2.0, 3.0], [0, 1, 0])
        array([4., 2.], dtype=float32)
    """
    ids, n = _segments(segment_ids, num_segments)
    return _segment_sum(data, ids=ids, n=n)


_EMPTY = {np.maximum: -np.inf, np.minimum: np.inf, np.multiply: 1}


def _segment_forward(x: Any, *, ids: np.ndarray, n: int, function: Any) -> Any:
    x = to_array(x)
    start: Any = _EMPTY[function]
    if x.dtype.kind == "b":
        start = function is not np.maximum
    elif x.dtype.kind in "iu" and function is not np.multiply:
        start = np.iinfo(x.dtype).min if function is np.maximum else np.iinfo(x.dtype).max
    out = np.full((n + 1, *x.shape[1:]), start, x.dtype)
    function.at(out, ids, x)
    return out[:n]


def _rows_of(per_segment: Any, x: Any, ids: np.ndarray) -> Any:
    """For each row the number of its segment; 0 for rows of none."""
    return np.take(concatenate([per_segment, np.zeros_like(x[:1])]), ids, axis=0)


def _segment_extreme_vjp(g: Any, y: Any, x: Any, *, ids: np.ndarray, n: int, function: Any) -> Any:
    inside = (ids < n).reshape((-1,) + (1,) * (np.ndim(x) - 1))
    reached = np.logical_and(np.equal(x, _rows_of(y, x, ids)), inside)
    count = add_rows(ids, reached.astype(x.dtype), n + 1)[:n].reshape(np.shape(y))
    return _rows_of(g / np.maximum(count, 1), x, ids) * reached


def _segment_prod_vjp(g: Any, y: Any, x: Any, *, ids: np.ndarray, n: int, function: Any) -> Any:
    zero = np.equal(x, 0)
    zeros = add_rows(ids, zero.astype(x.dtype), n + 1)[:n].reshape(np.shape(y))
    others = np.where(zero, 1, x)
    product = _segment_reduce_prod(others, ids=ids, n=n, function=function)
    alone = np.equal(_rows_of(zeros, x, ids), np.where(zero, 1, 0))
    return _rows_of(g * product, x, ids) / others * alone


_segment_extreme = primitive("segment_max", _segment_forward, _segment_extreme_vjp)
_segment_reduce_prod = primitive("segment_prod", _segment_forward, _segment_prod_vjp)


def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The largest of the rows of each segment, number by number; minus infinity for an empty one."""
    ids, n = _segments(segment_ids, num_segments)
    return _segment_extreme(data, ids=ids, n=n, function=np.maximum)


def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The smallest of the rows of each segment, number by number; infinity for an empty one."""
    ids, n = _segments(segment_ids, num_segments)
    return _segment_extreme(data, ids=ids, n=n, function=np.minimum)


def segment_prod(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The product of the rows of each segment, number by number; 1 for an empty one."""
    ids, n = _segments(segment_ids, num_segments)
    return _segment_reduce_prod(data, ids=ids, n=n, function=np.multiply)


for _function, _numpy in (
    (take, np.take), (take_along_axis, np.take_along_axis), (nonzero, np.nonzero), (diagonal, np.diagonal),
    (trace, np.trace), (diag, np.diag), (diagflat, np.diagflat), (tril, np.tril), (triu, np.triu),
    (meshgrid, np.meshgrid),
):  # fmt: skip
    numpy_rule(_numpy)(_function)
