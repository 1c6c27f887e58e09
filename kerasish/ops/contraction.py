"""Products that are summed over: dot, tensordot, einsum, outer, cross, kron. `matmul` is among the operators."""

from __future__ import annotations

import builtins
import math
from functools import lru_cache
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.halves import in_single
from kerasish.backend.operators import broadcast_shapes, matmul, multiply, product_kind, promote, to_array
from kerasish.backend.primitive import numpy_rule, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Traceable
from kerasish.ops.composite import composite_by, composite_of_parts
from kerasish.ops.specs import agreed, axis_of, promoted, shape_of, without


def _array(x: Any) -> Any:
    return x if hasattr(x, "shape") else to_array(x)


def _pairs(n1: int, n2: int, axes: Any) -> tuple[list[int], list[int]]:
    """The axes that a tensordot of arrays of these ranks sums over."""
    if isinstance(axes, (int, np.integer)):
        first, second = list(range(n1 - axes, n1)), list(range(axes))
    else:
        first, second = ([int(a) for a in np.ravel(axis)] for axis in axes)
    return [axis_of(a, n1) for a in first], [axis_of(a, n2) for a in second]


def _matmul_in_kind(x1: Any, x2: Any) -> Any:
    """A matrix product of the dtype of its parts: `matmul` alone widens the sums of int8."""
    y = matmul(x1, x2)
    return y if y.dtype == promoted(x1, x2) else y.astype(promoted(x1, x2))


def _tensordot_spec(x1: Any, x2: Any, axes: Any = 2) -> KerasTensor:
    shape1, shape2 = shape_of(x1), shape_of(x2)
    first, second = _pairs(len(shape1), len(shape2), axes)
    what = f"tensordot pairs axes of equal sizes; axes={axes} of shapes {shape1} and {shape2}"
    for a, b in zip(first, second, strict=True):
        agreed(shape1[a], shape2[b], what)
    free1, free2 = without(shape1, tuple(first), False), without(shape2, tuple(second), False)
    return KerasTensor(free1 + free2, promoted(x1, x2))


@composite_by(_tensordot_spec)
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """The products of two arrays summed over pairs of axes.

    Args:
        x1, x2: arrays.
        axes: how many: the last of `x1` with the first of `x2`; or a pair of lists of axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tensordot([[1, 2], [3, 4]], [1, 1], axes=1)
        array([3, 7], dtype=int32)
    """
    x1, x2 = _array(x1), _array(x2)
    n1, n2 = np.ndim(x1), np.ndim(x2)
    first, second = _pairs(n1, n2, axes)
    sizes1, sizes2 = [np.shape(x1)[a] for a in first], [np.shape(x2)[a] for a in second]
    if sizes1 != sizes2:
        raise ValueError(
            f"tensordot pairs axes of equal sizes; axes={axes} pairs sizes {sizes1} with {sizes2} of shapes "
            f"{np.shape(x1)} and {np.shape(x2)}"
        )
    free1, free2 = [a for a in range(n1) if a not in first], [a for a in range(n2) if a not in second]
    rows, inner, columns = [np.shape(x1)[a] for a in free1], math.prod(sizes1), [np.shape(x2)[a] for a in free2]
    left = np.reshape(np.transpose(x1, (*free1, *first)), (math.prod(rows), inner))
    right = np.reshape(np.transpose(x2, (*second, *free2)), (inner, math.prod(columns)))
    return np.reshape(_matmul_in_kind(left, right), (*rows, *columns))


@composite_of_parts
def dot(x1: Any, x2: Any) -> Any:
    """The products summed over the last axis of `x1` and the last but one (or only) axis of `x2`."""
    if np.ndim(x1) == 0 or np.ndim(x2) == 0:
        return multiply(x1, x2)
    x1, x2 = _array(x1), _array(x2)
    if np.ndim(x1) <= 2 and np.ndim(x2) <= 2:
        return _matmul_in_kind(x1, x2)
    return tensordot(x1, x2, ([-1], [builtins.max(np.ndim(x2) - 2, 0)]))


@composite_of_parts
def inner(x1: Any, x2: Any) -> Any:
    """The products summed over the last axis of both."""
    if np.ndim(x1) == 0 or np.ndim(x2) == 0:
        return multiply(x1, x2)
    x1, x2 = _array(x1), _array(x2)
    return tensordot(x1, x2, ([-1], [-1]))


@composite_of_parts
def vdot(x1: Any, x2: Any) -> Any:
    """The products of all numbers of two arrays of one size, summed."""
    return _matmul_in_kind(np.reshape(_array(x1), -1), np.reshape(_array(x2), -1))


@composite_of_parts
def outer(x1: Any, x2: Any) -> Any:
    """Every product of a number of `x1` with one of `x2`, as a matrix."""
    return multiply(np.expand_dims(np.reshape(_array(x1), -1), 1), np.reshape(_array(x2), -1))


def _kron_spec(x1: Any, x2: Any) -> KerasTensor:
    rank = builtins.max(len(shape_of(x1)), len(shape_of(x2)))
    padded = [(1,) * (rank - len(s)) + s for s in (shape_of(x1), shape_of(x2))]
    return KerasTensor(
        [None if None in pair else math.prod(pair) for pair in zip(*padded, strict=True)], promoted(x1, x2)
    )


@composite_by(_kron_spec)
def kron(x1: Any, x2: Any) -> Any:
    """The Kronecker product: copies of `x2`, each scaled by a number of `x1`."""
    x1, x2 = _array(x1), _array(x2)
    rank = builtins.max(np.ndim(x1), np.ndim(x2))
    s1 = (1,) * (rank - np.ndim(x1)) + tuple(np.shape(x1))
    s2 = (1,) * (rank - np.ndim(x2)) + tuple(np.shape(x2))
    spread1 = np.reshape(x1, tuple(n for size in s1 for n in (size, 1)))
    spread2 = np.reshape(x2, tuple(n for size in s2 for n in (1, size)))
    return np.reshape(multiply(spread1, spread2), tuple(a * b for a, b in zip(s1, s2, strict=True)))


def _cross_spec(
    x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> KerasTensor:
    if axis is not None:
        axisa = axisb = axisc = axis
    shape1, shape2 = shape_of(x1), shape_of(x2)
    n, m = shape1[axis_of(axisa, len(shape1))], shape2[axis_of(axisb, len(shape2))]
    if n not in (2, 3, None) or m not in (2, 3, None):
        raise ValueError(f"cross takes vectors of 2 or 3 numbers; received vectors of {n} and {m}")
    rest = broadcast_shapes(without(shape1, axisa, False), without(shape2, axisb, False))
    if 3 not in (n, m):  # of vectors of unknown sizes Keras too takes the third coordinate to be the result
        return KerasTensor(rest, promoted(x1, x2))
    place = axis_of(axisc, len(rest) + 1)
    return KerasTensor((*rest[:place], 3, *rest[place:]), promoted(x1, x2))


@composite_by(_cross_spec)
def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The vector perpendicular to two vectors of three (or two) numbers.

    Args:
        x1, x2: arrays of vectors.
        axisa, axisb: the axes of the vectors in `x1` and `x2`.
        axisc: their axis in the result; of two numbers each only the third coordinate is returned.
        axis: sets all three.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(_array(x1), axisa, -1), np.moveaxis(_array(x2), axisb, -1)
    n, m = np.shape(a)[-1], np.shape(b)[-1]
    if n not in (2, 3) or m not in (2, 3):
        raise ValueError(f"cross takes vectors of 2 or 3 numbers; received vectors of {n} and {m}")
    if not isinstance(a, Traceable) and not isinstance(b, Traceable):
        a, b = promote(a, b)
    a0, a1, b0, b1 = a[..., 0], a[..., 1], b[..., 0], b[..., 1]
    third = a0 * b1 - a1 * b0
    if n == 2 and m == 2:
        return third
    a2 = a[..., 2] if n == 3 else np.zeros_like(a0)
    b2 = b[..., 2] if m == 3 else np.zeros_like(b0)
    return np.moveaxis(np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, third], axis=-1), -1, axisc)


@lru_cache(maxsize=512)
def _letters(subscripts: str, ndims: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    """The axes of each operand and of the result as letters, with letters for what an ellipsis stands for."""
    subscripts = subscripts.replace(" ", "")
    left, arrow, right = subscripts.partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise ValueError(f"einsum {subscripts!r} describes {len(terms)} operand(s); received {len(ndims)}")
    spare = [c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba" if c not in subscripts]
    ranks = [n - len(t.replace("...", "")) if "..." in t else 0 for t, n in zip(terms, ndims, strict=True)]
    longest = builtins.max(ranks, default=0)
    dots = "".join(spare[:longest])
    full = [t.replace("...", dots[longest - r :]) for t, r in zip(terms, ranks, strict=True)]
    for term, n in zip(full, ndims, strict=True):
        if len(term) != n:
            raise ValueError(f"einsum {subscripts!r}: an operand of {n} dimension(s) does not have the axes {term!r}")
    if arrow:
        return tuple(full), right.replace("...", dots)
    plain = "".join(t.replace("...", "") for t in terms)
    return tuple(full), dots + "".join(sorted(c for c in set(plain) if plain.count(c) == 1))


@lru_cache(maxsize=512)
def _plan(first: str, second: str, result: str) -> tuple[Any, ...] | None:
    """How `first,second->result` is a matrix product: the orders of axes before it and after; None if it is not."""
    letters = [*first, *second]
    once = [c for c in letters if letters.count(c) == 1]
    if len(set(first)) < len(first) or len(set(second)) < len(second) or not set(once) <= set(result):
        return None
    batch = [c for c in result if c in first and c in second]
    summed = [c for c in first if c in second and c not in result]
    rows, columns = [c for c in first if c not in second], [c for c in second if c not in first]
    before1 = tuple(first.index(c) for c in (*batch, *rows, *summed))
    before2 = tuple(second.index(c) for c in (*batch, *summed, *columns))
    made = [*batch, *rows, *columns]
    return before1, before2, len(batch), len(rows), len(summed), tuple(made.index(c) for c in result)


def _product(a: np.ndarray, b: np.ndarray, plan: tuple[Any, ...]) -> Any:
    before1, before2, batch, rows, summed, after = plan
    a, b = a.transpose(before1), b.transpose(before2)
    if a.shape[:batch] != b.shape[:batch] or a.shape[batch + rows :] != b.shape[batch : batch + summed]:
        return None  # sizes of one that broadcast
    sizes = a.shape[: batch + rows] + b.shape[batch + summed :]
    inner_size = math.prod(b.shape[batch : batch + summed])
    left = a.reshape(*a.shape[:batch], math.prod(a.shape[batch : batch + rows]), inner_size)
    right = b.reshape(*b.shape[:batch], inner_size, math.prod(b.shape[batch + summed :]))
    return np.matmul(left, right).reshape(sizes).transpose(after)


def _check_sizes(terms: tuple[str, ...], result: str, operands: tuple[Any, ...]) -> None:
    sizes: dict[str, int] = {}
    for term, x in zip(terms, operands, strict=True):
        for letter, n in zip(term, x.shape, strict=True):
            if sizes.setdefault(letter, n) == 1:
                sizes[letter] = n
            elif n not in (1, sizes[letter]):
                raise ValueError(
                    f"einsum '{','.join(terms)}->{result}': the axis {letter!r} has sizes {sizes[letter]} and {n} in "
                    f"operands of shapes {', '.join(str(y.shape) for y in operands)}"
                )


def _einsum_forward(*operands: Any, terms: tuple[str, ...], result: str) -> Any:
    kind = dtypes.numpy_dtype(product_kind(*operands))
    return _einsum_arrays(*(x.astype(kind, copy=False) for x in promote(*operands)), terms=terms, result=result)


@in_single
def _einsum_arrays(*operands: Any, terms: tuple[str, ...], result: str) -> Any:
    if len(operands) == 2:  # np.einsum would not use the fast matrix product, or would plan for longer than it works
        plan = _plan(*terms, result)
        made = None if plan is None else _product(*operands, plan)
        if made is not None:
            return made
    _check_sizes(terms, result, operands)
    return np.einsum(f"{','.join(terms)}->{result}", *operands, optimize=len(operands) > 2)


def _einsum_vjp(i: int, g: Any, y: Any, *operands: Any, terms: tuple[str, ...], result: str) -> Any:
    """The sum over everything else: the result changes places with the operand."""
    shape, term = np.shape(operands[i]), terms[i]
    others = [(t, x) for j, (t, x) in enumerate(zip(terms, operands, strict=True)) if j != i]
    inputs = [(result, g), *others]
    known = set(result).union(*(t for t, _ in others))
    spare = iter(c for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in known | set(term))
    target = ""
    for letter, n in zip(term, shape, strict=True):
        if letter in target:  # a diagonal: off it the gradient is zero
            twin = next(spare)
            inputs.append((letter + twin, np.eye(n, dtype=g.dtype)))
            letter = twin
        elif letter not in known:  # summed away: every element has the same gradient
            inputs.append((letter, np.ones(n, g.dtype)))
        target += letter
    return _einsum(*(x for _, x in inputs), terms=tuple(t for t, _ in inputs), result=target)


def _einsum_spec(*operands: Any, terms: tuple[str, ...], result: str) -> KerasTensor:
    sizes: dict[str, int | None] = {}
    for term, x in zip(terms, operands, strict=True):
        for letter, n in zip(term, shape_of(x), strict=True):
            (sizes[letter],) = broadcast_shapes((n,), (sizes.get(letter, 1),))
    unknown = set(result) - set(sizes)
    if unknown:
        raise ValueError(f"einsum '{','.join(terms)}->{result}': no operand has the axes {sorted(unknown)}")
    return KerasTensor([sizes[letter] for letter in result], product_kind(*operands))


_einsum = primitive("einsum", _einsum_forward, variadic=_einsum_vjp, shape=_einsum_spec)


def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Products of arrays summed over named axes (Einstein's convention).

    Args:
        subscripts: a letter for each axis: `"ij,jk->ik"` is the matrix product. Axes whose letter is not in the
            result are summed over; `...` stands for any others. Without `->` the letters that occur once remain.
        *operands: arrays.
        **kwargs: accepted for compatibility.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.einsum("ij->i", [[1, 2], [3, 4]])
        array([3, 7], dtype=int32)
    """
    terms, result = _letters(subscripts, tuple(len(_array(x).shape) for x in operands))
    return _einsum(*operands, terms=terms, result=result)


for _function, _numpy in (
    (tensordot, np.tensordot), (dot, np.dot), (inner, np.inner), (vdot, np.vdot), (outer, np.outer), (kron, np.kron),
    (cross, np.cross), (einsum, np.einsum),
):  # fmt: skip
    numpy_rule(_numpy)(_function)
