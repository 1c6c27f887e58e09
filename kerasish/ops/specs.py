"""What an operation returns for arrays of which only shape and dtype are known: the rules that operations declare."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import broadcast_shapes, dtype_of
from kerasish.backend.symbolic import KerasTensor

Sizes = tuple[int | None, ...]
Rule = Callable[..., Any]
Kind = str | Callable[[Any], str] | None


def shape_of(x: Any) -> Sizes:
    """The sizes of an argument, symbolic or not; None where they are unknown."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def kind_of(x: Any) -> str:
    """The name of the dtype of an argument."""
    return dtypes.standardize_dtype(dtype_of(x))


def float_kind(*xs: Any) -> str:
    """The dtype of these arguments together, as a float."""
    return dtypes.result_type(*map(dtype_of, xs), float)


def sum_kind(x: Any) -> str:
    """The dtype of sums: integers have at least 32 bits."""
    kind = kind_of(x)
    return {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}.get(kind, kind)


def count_kind(x: Any) -> str:
    """The dtype of an argument, in which booleans count as integers."""
    return "int32" if kind_of(x) == "bool" else kind_of(x)


def _chosen(kind: Kind, x: Any) -> str:
    if kind is None:
        return kind_of(x)
    return kind if isinstance(kind, str) else kind(x)


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that `axis` means: None is all of them, negative ones count from the end.

    Raises:
        ValueError: if an axis does not exist.
    """
    if axis is None:
        return tuple(range(ndim))
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    for a in axes:
        if not -ndim <= a < ndim:
            raise ValueError(f"axis={axis} does not exist in an array of {ndim} dimension(s)")
    return tuple(int(a) % ndim for a in axes)


def axis_of(axis: int, ndim: int) -> int:
    """One axis, counted from the beginning."""
    return axes_of(int(axis), ndim)[0]


def product(sizes: Sizes) -> int | None:
    """How many numbers an array of these sizes has; None if that is unknown."""
    known = [n for n in sizes if n is not None]
    return math.prod(known) if len(known) == len(sizes) else None


def total(sizes: Sequence[int | None]) -> int | None:
    """The sum of sizes; None if it is unknown."""
    known = [n for n in sizes if n is not None]
    return sum(known) if len(known) == len(sizes) else None


def agreed(a: int | None, b: int | None, what: str) -> int | None:
    """Two sizes that must be one.

    Raises:
        ValueError: saying `what` was given, if both are known and differ.
    """
    if None not in (a, b) and a != b:
        raise ValueError(f"{what}: the sizes {a} and {b} differ")
    return b if a is None else a


def same(kind: Kind = None) -> Rule:
    """The shape of the first argument."""
    return lambda x, *_, **__: KerasTensor(shape_of(x), _chosen(kind, x))


def along(kind: Kind = None) -> Rule:
    """The shape of the first argument, which has the axis, or the axes, that the parameter names."""

    def rule(x: Any, *_: Any, axis: Any = None, **__: Any) -> KerasTensor:
        axes_of(axis, len(shape_of(x)))
        return KerasTensor(shape_of(x), _chosen(kind, x))

    return rule


def running(kind: Kind = None) -> Rule:
    """The shape of the first argument, or a vector of all its numbers where no axis is named."""

    def rule(x: Any, *_: Any, axis: Any = None, **__: Any) -> KerasTensor:
        axes_of(axis, len(shape_of(x)))
        return KerasTensor((product(shape_of(x)),) if axis is None else shape_of(x), _chosen(kind, x))

    return rule


def reduced(kind: Kind = None) -> Rule:
    """The shape of the first argument without the axes that are reduced, or with sizes of 1."""

    def rule(x: Any, *, axis: Any = None, keepdims: bool = False, **_: Any) -> KerasTensor:
        return KerasTensor(without(shape_of(x), axis, keepdims), _chosen(kind, x))

    return rule


def without(shape: Sizes, axis: Any, keepdims: bool) -> Sizes:
    """A shape after a reduction."""
    axes = axes_of(axis, len(shape))
    if keepdims:
        return tuple(1 if a in axes else n for a, n in enumerate(shape))
    return tuple(n for a, n in enumerate(shape) if a not in axes)


def elementwise(kind: Callable[..., str] | str) -> Rule:
    """The shape to which all arguments broadcast."""

    def rule(*args: Any, **_: Any) -> KerasTensor:
        made = kind if isinstance(kind, str) else kind(*args)
        return KerasTensor(broadcast_shapes(*map(shape_of, args)), made)

    return rule


def promoted(*args: Any) -> str:
    """The dtype that the arguments have together."""
    return dtypes.result_type(*map(dtype_of, args))


def matrices(x: Any, name: str) -> tuple[Sizes, int | None, int | None]:
    """The shape of a stack of matrices: of the stack, and of each."""
    shape = shape_of(x)
    if len(shape) < 2:
        raise ValueError(f"{name} needs matrices, of shape (..., m, n); received shape {shape}")
    return shape[:-2], shape[-2], shape[-1]


def square(x: Any, name: str) -> Sizes:
    """The shape of a stack of square matrices.

    Raises:
        ValueError: if they are not.
    """
    stack, rows, columns = matrices(x, name)
    if None not in (rows, columns) and rows != columns:
        raise ValueError(f"{name} needs square matrices, of shape (..., n, n); received shape {shape_of(x)}")
    return (*stack, rows, columns)
