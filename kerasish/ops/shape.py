"""The same numbers in another arrangement: reshaping, transposing, flipping, repeating, padding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.operators import broadcast_shapes, put, to_array
from kerasish.backend.primitive import numpy_rule, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import Axes, Shape, Sizes, TensorLike
from kerasish.ops.composite import composite_of_parts
from kerasish.ops.specs import agreed, along, axes_of, axis_of, kind_of, product, running, same, shape_of, without


def _back(g: Any, y: Any, x: Any, **_: Any) -> Any:
    return np.reshape(g, np.shape(x))


def _whole(shape: Any) -> tuple[int, ...]:
    """A shape as a tuple; one size may be -1 or None, and is found from the others."""
    sizes = tuple(shape) if isinstance(shape, (tuple, list, np.ndarray)) else (shape,)
    return tuple(-1 if n is None else int(n) for n in sizes)


def _reshape_spec(x: Any, *, shape: tuple[int, ...]) -> KerasTensor:
    whole, known = product(shape_of(x)), math.prod(n for n in shape if n != -1)
    if shape.count(-1) > 1:
        raise ValueError(f"reshape finds one size from the others, not several; received the shape {shape}")
    if whole is not None and (whole % known if -1 in shape and known else whole != known):
        raise ValueError(f"reshape of {shape_of(x)}, {whole} numbers, to {shape} is not possible")
    missing = None if whole is None or not known else whole // known
    return KerasTensor(tuple(missing if n == -1 else n for n in shape), kind_of(x))


def _squeeze_spec(x: Any, *, axis: Any) -> KerasTensor:
    shape = shape_of(x)
    if axis is None:
        return KerasTensor(tuple(n for n in shape if n != 1), kind_of(x))
    for a in axes_of(axis, len(shape)):
        if shape[a] not in (1, None):
            raise ValueError(f"squeeze of axis={axis} needs a size of 1 there; received shape {shape}")
    return KerasTensor(without(shape, axis, False), kind_of(x))


def _expand_dims_spec(x: Any, *, axis: Any) -> KerasTensor:
    sizes = iter(shape_of(x))
    rank = len(shape_of(x)) + (len(axis) if isinstance(axis, tuple) else 1)
    new = axes_of(axis, rank)
    return KerasTensor(tuple(1 if a in new else next(sizes) for a in range(rank)), kind_of(x))


def _ordered(x: Any, order: Any) -> KerasTensor:
    return KerasTensor(tuple(shape_of(x)[a] for a in order), kind_of(x))


def _transpose_spec(x: Any, *, axes: Any) -> KerasTensor:
    rank = len(shape_of(x))
    if axes is None:
        return _ordered(x, range(rank - 1, -1, -1))
    order = axes_of(axes, rank)
    if sorted(order) != list(range(rank)):
        raise ValueError(f"transpose needs every axis of shape {shape_of(x)} once; received axes={axes}")
    return _ordered(x, order)


def _swapaxes_spec(x: Any, *, axis1: int, axis2: int) -> KerasTensor:
    order = list(range(len(shape_of(x))))
    a, b = axis_of(axis1, len(order)), axis_of(axis2, len(order))
    order[a], order[b] = order[b], order[a]
    return _ordered(x, order)


def _moveaxis_spec(x: Any, *, source: Any, destination: Any) -> KerasTensor:
    rank = len(shape_of(x))
    moved, places = axes_of(source, rank), axes_of(destination, rank)
    order = [a for a in range(rank) if a not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return _ordered(x, order)


def _broadcast_to_spec(x: Any, *, shape: tuple[int, ...]) -> KerasTensor:
    if tuple(broadcast_shapes(shape_of(x), shape)) != tuple(shape):
        raise ValueError(f"an array of shape {shape_of(x)} cannot be broadcast to {shape}")
    return KerasTensor(shape, kind_of(x))


_reshape = primitive(
    "reshape", lambda x, shape: np.reshape(to_array(x), shape), _back, shape=_reshape_spec, view=True
)  # fmt: skip
_ravel = primitive("ravel", lambda x: np.ravel(to_array(x)), _back, shape=running(), view=True)
_squeeze = primitive(
    "squeeze", lambda x, axis: np.squeeze(to_array(x), axis), _back, shape=_squeeze_spec, view=True
)  # fmt: skip
_expand_dims = primitive(
    "expand_dims", lambda x, axis: np.expand_dims(to_array(x), axis), _back, shape=_expand_dims_spec, view=True
)
_transpose = primitive(
    "transpose",
    lambda x, axes: np.transpose(to_array(x), axes),
    lambda g, y, x, *, axes: np.transpose(g, None if axes is None else _inverse(axes)),
    shape=_transpose_spec,
    view=True,
)
_swapaxes = primitive(
    "swapaxes",
    lambda x, axis1, axis2: np.swapaxes(to_array(x), axis1, axis2),
    lambda g, y, x, *, axis1, axis2: np.swapaxes(g, axis1, axis2),
    shape=_swapaxes_spec,
    view=True,
)
_moveaxis = primitive(
    "moveaxis",
    lambda x, source, destination: np.moveaxis(to_array(x), source, destination),
    lambda g, y, x, *, source, destination: np.moveaxis(g, destination, source),
    shape=_moveaxis_spec,
    view=True,
)
_broadcast_to = primitive(
    "broadcast_to",
    lambda x, shape: np.broadcast_to(to_array(x), shape),
    lambda g, y, x, *, shape: g,  # the tape sums a gradient into the shape of its argument
    shape=_broadcast_to_spec,
    view=True,
)
_flip = primitive(
    "flip",
    lambda x, axis: np.flip(to_array(x), axis),
    lambda g, y, x, *, axis: np.flip(g, axis),
    shape=along(),
    view=True,
)
_roll = primitive(
    "roll",
    lambda x, shift, axis: np.roll(to_array(x), shift, axis),
    lambda g, y, x, *, shift, axis: np.roll(g, _opposite(shift), axis),
    shape=along(),
)
copy = primitive(
    "copy",
    lambda x: np.array(to_array(x)),
    lambda g, y, x: g,
    numpy=np.copy,
    shape=same(),
    doc="The same numbers in memory of their own.",
    arguments=("x",),
)


def _inverse(axes: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(a) for a in np.argsort([a % len(axes) for a in axes]))


def _opposite(shift: Any) -> Any:
    return tuple(-s for s in shift) if isinstance(shift, (tuple, list)) else -shift


def reshape(x: TensorLike, newshape: Shape | int) -> Any:
    """The same numbers in order, in another shape.

    Args:
        x: array.
        newshape: the sizes; one may be -1, found from the others.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.reshape([1, 2, 3, 4], (2, -1))
        array([[1, 2],
               [3, 4]], dtype=int32)
    """
    return _reshape(x, shape=_whole(newshape))


@numpy_rule(np.reshape)
def _numpy_reshape(x: Any, shape: Any = None, order: str = "C", *, newshape: Any = None) -> Any:
    if order != "C":
        raise TypeError(f"numpy.reshape on a tensor reads in order 'C'; received order={order!r}")
    return reshape(x, newshape if shape is None else shape)


def ravel(x: TensorLike) -> Any:
    """The numbers in one dimension."""
    return _ravel(x)


def squeeze(x: TensorLike, axis: Axes | None = None) -> Any:
    """`x` without its dimensions of size one.

    Args:
        x: array.
        axis: the dimensions to drop, one or several; all of size one by default.

    Raises:
        ValueError: if a dimension named has another size.
    """
    return _squeeze(x, axis=tuple(axis) if isinstance(axis, list) else axis)


def expand_dims(x: TensorLike, axis: Axes) -> Any:
    """`x` with dimensions of size one at the positions `axis` of the result.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.expand_dims([1, 2], axis=-1).shape
        (2, 1)
    """
    return _expand_dims(x, axis=tuple(axis) if isinstance(axis, list) else axis)


def transpose(x: TensorLike, axes: Any = None) -> Any:
    """`x` with its dimensions in another order.

    Args:
        x: array.
        axes: for each dimension of the result, the one of `x` that it is; reversed by default.
    """
    return _transpose(x, axes=None if axes is None else tuple(int(a) for a in axes))


def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Any:
    """`x` with two dimensions exchanged."""
    return _swapaxes(x, axis1=axis1, axis2=axis2)


def moveaxis(x: TensorLike, source: Any, destination: Any) -> Any:
    """`x` with some dimensions moved to other places, and the rest left in order.

    Args:
        x: array.
        source: where they are, one or several.
        destination: where they go.
    """
    return _moveaxis(x, source=source, destination=destination)


def broadcast_to(x: TensorLike, shape: Shape | int) -> Any:
    """`x` repeated along dimensions of size one, and new ones in front, until it has this shape.

    Returns:
        A read-only array that repeats nothing in memory.
    """
    return _broadcast_to(x, shape=tuple(shape) if isinstance(shape, (tuple, list)) else (shape,))


def flip(x: TensorLike, axis: Axes | None = None) -> Any:
    """`x` backwards along an axis, several, or all."""
    return _flip(x, axis=tuple(axis) if isinstance(axis, list) else axis)


def fliplr(x: TensorLike) -> Any:
    """`x` with its columns (the second dimension) backwards."""
    return flip(x, 1)


def flipud(x: TensorLike) -> Any:
    """`x` with its rows (the first dimension) backwards."""
    return flip(x, 0)


def roll(x: TensorLike, shift: Sizes, axis: Axes | None = None) -> Any:
    """`x` shifted round along an axis: what falls off the end comes in at the beginning.

    Args:
        x: array.
        shift: how far, for each axis.
        axis: one or several; by default the flattened array rolls.
    """
    return _roll(x, shift=shift, axis=axis)


@composite_of_parts
def rot90(array: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """`array` turned by `k` quarter turns in a plane, from the first of `axes` to the second."""
    first, second = axes
    if first % np.ndim(array) == second % np.ndim(array):
        raise ValueError(f"rot90 turns in a plane of two different axes; received axes={axes}")
    if k % 4 == 0:
        return copy(array)
    if k % 4 == 2:
        return flip(flip(array, first), second)
    if k % 4 == 1:
        return swapaxes(flip(array, second), first, second)
    return flip(swapaxes(array, first, second), second)


def _tile_vjp(g: Any, y: Any, x: Any, *, repeats: tuple[int, ...]) -> Any:
    rank = max(np.ndim(x), len(repeats))
    shape = (1,) * (rank - np.ndim(x)) + tuple(np.shape(x))
    repeats = (1,) * (rank - len(repeats)) + repeats
    pairs = tuple(n for pair in zip(repeats, shape, strict=True) for n in pair)
    return np.reshape(np.sum(np.reshape(g, pairs), axis=tuple(range(0, 2 * rank, 2))), np.shape(x))


def _tile_spec(x: Any, *, repeats: tuple[int, ...]) -> KerasTensor:
    rank = max(len(shape_of(x)), len(repeats))
    sizes = (1,) * (rank - len(shape_of(x))) + shape_of(x)
    times = (1,) * (rank - len(repeats)) + repeats
    return KerasTensor(tuple(None if n is None else n * t for n, t in zip(sizes, times, strict=True)), kind_of(x))


_tile = primitive("tile", lambda x, repeats: np.tile(to_array(x), repeats), _tile_vjp, shape=_tile_spec)


def tile(x: Any, repeats: Any) -> Any:
    """Copies of the whole array side by side, so many along each axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tile([1, 2], 2)
        array([1, 2, 1, 2], dtype=int32)
    """
    return _tile(x, repeats=tuple(repeats) if np.ndim(repeats) else (int(repeats),))


def _repeat_vjp(g: Any, y: Any, x: Any, *, repeats: Any, axis: int | None) -> Any:
    a, shape = (0, (int(np.size(x)),)) if axis is None else (axis % np.ndim(x), tuple(np.shape(x)))
    if isinstance(repeats, int):
        return np.reshape(np.sum(np.reshape(g, (*shape[: a + 1], repeats, *shape[a + 1 :])), axis=a + 1), np.shape(x))
    rows = np.repeat(np.arange(shape[a]), repeats)
    return np.reshape(put(g, index=(slice(None),) * a + (rows,), shape=shape), np.shape(x))


def _repeat_spec(x: Any, *, repeats: Any, axis: int | None) -> KerasTensor:
    shape = (product(shape_of(x)),) if axis is None else shape_of(x)
    a = 0 if axis is None else axis_of(axis, len(shape))
    n = shape[a]
    if isinstance(repeats, int):
        made = None if n is None else n * repeats
    else:
        agreed(n, len(repeats), f"repeat of {shape} along axis={axis} with {len(repeats)} repeats")
        made = sum(repeats)
    return KerasTensor((*shape[:a], made, *shape[a + 1 :]), kind_of(x))


_repeat = primitive(
    "repeat", lambda x, repeats, axis: np.repeat(to_array(x), repeats, axis), _repeat_vjp, shape=_repeat_spec
)


def repeat(x: TensorLike, repeats: TensorLike, axis: int | None = None) -> Any:
    """Each element along an axis several times in a row.

    Args:
        x: array.
        repeats: how often, for all or for each.
        axis: the axis; by default the array is flattened.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.repeat([1, 2], 2)
        array([1, 1, 2, 2], dtype=int32)
    """
    counts = np.ravel(np.asarray(repeats))
    return _repeat(x, repeats=int(counts[0]) if counts.size == 1 else tuple(int(n) for n in counts), axis=axis)


def _pad_forward(x: Any, *, widths: tuple[tuple[int, int], ...], mode: str, value: Any) -> Any:
    x = to_array(x)
    if mode == "constant":
        return np.pad(x, widths, mode="constant", constant_values=0 if value is None else value)
    return np.pad(x, widths, mode=mode)  # type: ignore[call-overload]


def _pad_vjp(g: Any, y: Any, x: Any, *, widths: tuple[tuple[int, int], ...], mode: str, value: Any) -> Any:
    shape = np.shape(x)
    if mode == "constant":
        return g[tuple(slice(before, before + n) for (before, _), n in zip(widths, shape, strict=True))]
    size = int(np.prod(shape))
    origin = np.pad(np.arange(size).reshape(shape), widths, mode=mode)  # type: ignore[call-overload]
    return np.reshape(put(np.reshape(g, -1), index=origin.ravel(), shape=(size,)), shape)


def _pad_spec(x: Any, *, widths: tuple[tuple[int, int], ...], **_: Any) -> KerasTensor:
    sizes = zip(shape_of(x), widths, strict=True)
    return KerasTensor(tuple(None if n is None else n + a + b for n, (a, b) in sizes), kind_of(x))


_pad = primitive("pad", _pad_forward, _pad_vjp, shape=_pad_spec)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """`x` with a margin.

    Args:
        x: array.
        pad_width: `((before, after), ...)` for each axis, or one pair or number for all.
        mode: `"constant"`, `"reflect"` (mirrored about the edge element) or `"symmetric"` (about the edge).
        constant_values: what the margin holds in mode "constant"; 0 by default.

    Raises:
        ValueError: if `constant_values` is given with another mode.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.pad([1, 2], (1, 0))
        array([0, 1, 2], dtype=int32)
    """
    if constant_values is not None and mode != "constant":
        raise ValueError(f'constant_values needs mode="constant"; received mode={mode!r}')
    widths = np.broadcast_to(np.asarray(pad_width), (np.ndim(x), 2))
    return _pad(x, widths=tuple((int(a), int(b)) for a, b in widths), mode=mode, value=constant_values)


for _function, _numpy in (
    (ravel, np.ravel), (squeeze, np.squeeze), (expand_dims, np.expand_dims), (transpose, np.transpose),
    (swapaxes, np.swapaxes), (moveaxis, np.moveaxis), (flip, np.flip), (fliplr, np.fliplr), (flipud, np.flipud),
    (roll, np.roll), (rot90, np.rot90), (broadcast_to, np.broadcast_to), (tile, np.tile), (repeat, np.repeat),
    (pad, np.pad),
):  # fmt: skip
    numpy_rule(_numpy)(_function)
