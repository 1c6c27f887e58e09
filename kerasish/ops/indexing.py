"""Elements chosen by their position: slices, gathering, scattering, diagonals, segments."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.operators import broadcast_shapes, plain_index, put, to_array
from kerasish.backend.primitive import numpy_rule, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Traceable
from kerasish.backend.typing import TensorLike
from kerasish.ops.composite import composite_by
from kerasish.ops.elementwise import nonzero_indices
from kerasish.ops.reduction import sum
from kerasish.ops.shape import broadcast_to, reshape
from kerasish.ops.specs import axis_of, kind_of, product, same, shape_of


def _plain(x: Any) -> np.ndarray:
    """The whole numbers of an argument that says where, not what."""
    return np.asarray(plain_index(x))


def get_item(x: TensorLike, key: Any) -> Any:
    """`x[key]`, with NumPy's indexing."""
    return (x if isinstance(x, Traceable) else eager(to_array(x)))[key]  # type: ignore[index]


def indices_of(indices: Any) -> np.ndarray:
    """The whole numbers of an argument that says where."""
    found = _plain(indices)
    return found if found.dtype.kind in "iu" else found.astype(np.int64)


def _take_forward(x: Any, indices: Any, *, axis: int | None) -> Any:
    return np.take(to_array(x), indices_of(indices), axis=axis)


def _take_vjp(g: Any, y: Any, x: Any, indices: Any, *, axis: int | None) -> Any:
    index = indices_of(indices)
    if axis is None:
        return np.reshape(put(g, index=(index,), shape=(int(np.size(x)),)), np.shape(x))
    return put(g, index=(builtins.slice(None),) * (axis % np.ndim(x)) + (index,), shape=tuple(np.shape(x)))


def _take_spec(x: Any, indices: Any, *, axis: int | None) -> KerasTensor:
    shape = shape_of(x)
    if axis is None:
        return KerasTensor(shape_of(indices), kind_of(x))
    place = axis_of(axis, len(shape))
    return KerasTensor(shape[:place] + shape_of(indices) + shape[place + 1 :], kind_of(x))


_take = primitive("take", _take_forward, _take_vjp, None, shape=_take_spec, plan="kerasish.ops.plans.arrays:rows")


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
    return np.take_along_axis(to_array(x), indices_of(indices), axis=axis)


def _along_vjp(g: Any, y: Any, x: Any, indices: Any, *, axis: int | None) -> Any:
    index = indices_of(indices)
    shape = tuple(np.shape(x))
    size = int(np.size(x))
    if axis is None:
        return np.reshape(put(g, index=(index,), shape=(size,)), shape)
    places = np.take_along_axis(np.arange(size).reshape(shape), index, axis=axis)
    return np.reshape(put(np.reshape(g, -1), index=(places.reshape(-1),), shape=(size,)), shape)


def _along_spec(x: Any, indices: Any, *, axis: int | None) -> KerasTensor:
    shape, places = shape_of(x), shape_of(indices)
    if axis is None:
        if len(places) != 1:
            raise ValueError(f"take_along_axis without an axis takes a vector of indices; received shape {places}")
        return KerasTensor(places, kind_of(x))
    if len(shape) != len(places):
        raise ValueError(f"take_along_axis needs indices of the rank of x, {len(shape)}; received shape {places}")
    place = axis_of(axis, len(shape))
    rest = broadcast_shapes((*shape[:place], 1, *shape[place + 1 :]), (*places[:place], 1, *places[place + 1 :]))
    return KerasTensor((*rest[:place], places[place], *rest[place + 1 :]), kind_of(x))


_take_along_axis = primitive("take_along_axis", _along_forward, _along_vjp, None, shape=_along_spec)


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
    return nonzero_indices(x)


def _unravel_spec(indices: Any, shape: Any) -> tuple[KerasTensor, ...]:
    return tuple(KerasTensor(shape_of(indices), "int32") for _ in tuple(shape))


@composite_by(_unravel_spec)
def unravel_index(indices: Any, shape: Any) -> tuple[np.ndarray, ...]:
    """Positions in a flattened array as indices in an array of this shape, one array for each dimension."""
    return tuple(np.asarray(part, np.int32) for part in np.unravel_index(_plain(indices), tuple(shape)))


def _window(start_indices: Any, sizes: Sequence[int], shape: Sequence[int]) -> tuple[builtins.slice, ...]:
    """The slices of a window, moved so that it lies within the array."""
    starts = [int(s) for s in np.ravel(_plain([plain_index(s) for s in start_indices]))]
    if not len(starts) == len(sizes) == len(shape):
        raise ValueError(f"a window needs a start and a size for each axis of {shape}; received {starts} and {sizes}")
    sizes = [whole - s if n == -1 else n for s, n, whole in zip(starts, sizes, shape, strict=True)]
    if builtins.any(n > whole for n, whole in zip(sizes, shape, strict=True)):
        raise ValueError(f"a window of shape {tuple(sizes)} does not fit into an array of shape {tuple(shape)}")
    starts = [builtins.min(builtins.max(s, 0), whole - n) for s, n, whole in zip(starts, sizes, shape, strict=True)]
    return tuple(builtins.slice(s, s + n) for s, n in zip(starts, sizes, strict=True))


def _slice_spec(inputs: Any, start_indices: Any, shape: Any) -> KerasTensor:
    whole, sizes = shape_of(inputs), tuple(shape)
    if len(sizes) != len(whole):
        raise ValueError(f"slice needs a size for each axis of shape {whole}; received {sizes}")
    if builtins.any(n is not None and size > n for size, n in zip(sizes, whole, strict=True)):
        raise ValueError(f"slice: a window of shape {sizes} does not fit into an array of shape {whole}")
    if -1 not in sizes:
        return KerasTensor(sizes, kind_of(inputs))
    starts = [s if isinstance(s, (int, np.integer)) else None for s in start_indices]
    rest = [None if n is None or s is None else n - int(s) for n, s in zip(whole, starts, strict=True)]
    return KerasTensor([r if n == -1 else n for n, r in zip(sizes, rest, strict=True)], kind_of(inputs))


@composite_by(_slice_spec)
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
    out = to_array(x).copy()
    out[index] = to_array(updates)
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


_update = primitive("scatter_update", _update_forward, _update_vjp, _update_updates_vjp, shape=same())


def _slice_update_spec(inputs: Any, start_indices: Any, updates: Any) -> KerasTensor:
    whole, window = shape_of(inputs), shape_of(updates)
    if len(whole) != len(window) or builtins.any(
        n is not None and size is not None and size > n for size, n in zip(window, whole, strict=True)
    ):
        raise ValueError(f"slice_update: updates of shape {window} do not fit into an array of shape {whole}")
    return KerasTensor(whole, kind_of(inputs))


@composite_by(_slice_update_spec)
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """`inputs` with a window overwritten.

    Args:
        inputs: array.
        start_indices: where the window begins, along each axis.
        updates: what is written; its shape is the window's.
    """
    return _update(inputs, updates, index=_window(start_indices, np.shape(updates), np.shape(inputs)))


def _coordinates(indices: Any) -> tuple[np.ndarray, ...]:
    return tuple(np.moveaxis(indices_of(indices), -1, 0))


def _scatter_add_forward(x: Any, updates: Any, *, index: Any) -> Any:
    out = to_array(x).copy()
    np.add.at(out, index, to_array(updates).astype(out.dtype))
    return out


_scatter_add = primitive(
    "scatter_add",
    _scatter_add_forward,
    lambda g, y, x, updates, *, index: g,
    lambda g, y, x, updates, *, index: g[index],
    shape=same(),
)


def _reduced_forward(x: Any, updates: Any, *, index: Any, function: Any) -> Any:
    out = to_array(x).copy()
    function.at(out, index, to_array(updates).astype(out.dtype))
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


_scatter_multiply = primitive("scatter_mul", _reduced_forward, _reduced_vjp, _reduced_updates_vjp, shape=same())
_scatter_extreme = primitive("scatter_max", _reduced_forward, _reduced_vjp, _reduced_updates_vjp, shape=same())


def _scatter_spec(indices: Any, values: Any, shape: Any) -> KerasTensor:
    return KerasTensor(shape, kind_of(values))


@composite_by(_scatter_spec)
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


@composite_by(lambda inputs, *_, **__: KerasTensor(shape_of(inputs), kind_of(inputs)))
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
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


def _diagonal_spec(x: Any, *, offset: int, axis1: int, axis2: int) -> KerasTensor:
    shape = shape_of(x)
    if len(shape) < 2:
        raise ValueError(f"diagonal needs at least two dimensions; received shape {shape}")
    a, b = axis_of(axis1, len(shape)), axis_of(axis2, len(shape))
    if a == b:
        raise ValueError(f"diagonal needs two different axes; received {axis1} and {axis2}")
    rows, columns = shape[a], shape[b]
    size = None
    if rows is not None and columns is not None:
        size = builtins.max(builtins.min(rows + builtins.min(offset, 0), columns - builtins.max(offset, 0)), 0)
    return KerasTensor((*(n for i, n in enumerate(shape) if i not in (a, b)), size), kind_of(x))


_diagonal = primitive("diagonal", _diagonal_forward, _diagonal_vjp, shape=_diagonal_spec, view=True)


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


def _diag_spec(x: Any, *, k: int) -> KerasTensor:
    n = shape_of(x)[0]
    size = None if n is None else n + builtins.abs(k)
    return KerasTensor((size, size), kind_of(x))


_diag = primitive(
    "diag", lambda x, k: np.diag(to_array(x), k), lambda g, y, x, *, k: np.diagonal(g, k), shape=_diag_spec
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


def _triangle_spec(x: Any, *, k: int) -> KerasTensor:
    shape = shape_of(x)
    if not shape:
        raise ValueError("a triangle is part of matrices; received a single number")
    return KerasTensor(shape * 2 if len(shape) == 1 else shape, kind_of(x))


_tril = primitive(
    "tril", lambda x, k: np.tril(to_array(x), k), lambda g, y, x, *, k: np.tril(g, k), shape=_triangle_spec
)
_triu = primitive(
    "triu", lambda x, k: np.triu(to_array(x), k), lambda g, y, x, *, k: np.triu(g, k), shape=_triangle_spec
)


def tril(x: TensorLike, k: int = 0) -> Any:
    """`x` with zeros above the diagonal `k` of its last two axes."""
    return _tril(x, k=k)


def triu(x: TensorLike, k: int = 0) -> Any:
    """`x` with zeros below the diagonal `k` of its last two axes."""
    return _triu(x, k=k)


def _meshgrid_spec(*x: Any, indexing: str = "xy") -> list[KerasTensor]:
    sizes = [product(shape_of(v)) for v in x]
    if indexing == "xy":
        sizes[:2] = sizes[1::-1]
    return [KerasTensor(sizes, kind_of(v)) for v in x]


@composite_by(_meshgrid_spec)
def meshgrid(*x: Any, indexing: str = "xy") -> list[Any]:
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


for _function, _numpy in (
    (take, np.take), (take_along_axis, np.take_along_axis), (nonzero, np.nonzero), (diagonal, np.diagonal),
    (trace, np.trace), (diag, np.diag), (diagflat, np.diagflat), (tril, np.tril), (triu, np.triu),
    (meshgrid, np.meshgrid),
):  # fmt: skip
    numpy_rule(_numpy)(_function)
