"""Into tensors and out of them: conversion, dtypes, shapes, cutting from the tape, derivatives of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import dtypes, nest
from kerasish.backend.admission import as_array
from kerasish.backend.array import Array, eager
from kerasish.backend.operators import cast_to, to_array
from kerasish.backend.primitive import primitive, underivable
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor, Traceable, recording
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.backend.variable import Variable
from kerasish.ops.composite import composite, composite_by
from kerasish.ops.elementwise import clip
from kerasish.ops.joining import stack
from kerasish.ops.specs import kind_of, same, shape_of


def convert_to_tensor(
    x: TensorLike, dtype: DTypeLike = None, sparse: bool | None = None, ragged: bool | None = None
) -> Any:
    """An array of anything array-like.

    Args:
        x: an array, a number, nested lists, a variable or a tensor.
        dtype: by default that of `x`; Python floats become `floatx()`, Python integers int32.
        sparse, ragged: must not be True; arrays here are dense.

    Returns:
        An array; under a tape a tensor, if `x` is one or is a variable that is watched.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.convert_to_tensor([1.0, 2.0])
        array([1., 2.], dtype=float32)
    """
    if sparse or ragged:
        raise ValueError("sparse and ragged tensors do not exist here: every tensor is a dense array")
    if isinstance(x, Variable):
        x = x.value
    elif isinstance(x, (list, tuple)) and any(isinstance(leaf, Traceable) for leaf in nest.iterate(x)):
        x = stack([convert_to_tensor(part) for part in x])
    if isinstance(x, Traceable):
        return x if dtype is None else cast(x, dtype)
    if dtype is None:
        return eager(as_array(to_array(x)))
    return eager(as_array(x, dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))))


def array(x: TensorLike, dtype: DTypeLike = None) -> Any:
    """An array of anything array-like; the same as `convert_to_tensor`."""
    return convert_to_tensor(x, dtype)


def convert_to_numpy(x: TensorLike) -> np.ndarray:
    """The plain array of a tensor or variable, cut from the tape."""
    if isinstance(x, (Tensor, Variable)):
        return x.numpy()
    if isinstance(x, (list, tuple)) and any(isinstance(leaf, Traceable) for leaf in nest.iterate(x)):
        return np.stack([convert_to_numpy(part) for part in x])
    return np.array(x) if type(x) is Array else np.asarray(x)


def is_tensor(x: Any) -> bool:
    """Whether `x` is an array, a tensor on a tape or a symbolic tensor; a `Variable` is none of these."""
    return isinstance(x, (np.ndarray, np.generic, Tensor, KerasTensor))


def stop_gradient(variable: Any) -> Any:
    """The value of a tensor as a constant: no gradient passes.

    Args:
        variable: an array, tensor or variable, or a structure of them.

    Example:
        >>> import kerasish as keras
        >>> v = keras.Variable(3.0)
        >>> with keras.GradientTape() as tape:
        ...     y = v * keras.ops.stop_gradient(v)
        >>> float(tape.gradient(y, v))
        3.0
    """
    return nest.map_structure(lambda leaf: _stop(leaf) if isinstance(leaf, Traceable) else eager(leaf), variable)


# No derivative: its result is a constant.
_stop = primitive("stop_gradient", lambda x: x, shape=same(), view=True)


def cast(x: TensorLike, dtype: DTypeLike) -> Any:
    """`x` in another dtype.

    Args:
        x: array.
        dtype: a name such as `"float16"`. No gradient passes a cast to integers.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cast([1.7, -1.7], "int32")
        array([ 1, -1], dtype=int32)
    """
    name = dtypes.standardize_dtype(dtype)
    if hasattr(x, "dtype"):
        if x.dtype == name and not isinstance(x, Variable):
            return x
    else:
        x = to_array(x)
    return cast_to(x, dtype=name)


def _name_of(x: Any) -> str:
    return dtypes.standardize_dtype(x.dtype if hasattr(x, "dtype") else to_array(x).dtype)


def _limits(kind: np.dtype[Any]) -> tuple[Any, Any]:
    """The ends of what a dtype holds, as Python numbers, which compare whatever the dtype."""
    if kind.kind in "iu":
        return int(np.iinfo(kind).min), int(np.iinfo(kind).max)
    if kind.kind == "f":
        return float(np.finfo(kind).min), float(np.finfo(kind).max)
    import ml_dtypes  # NumPy asks bfloat16 for its ends in vain

    ends: Any = ml_dtypes.finfo(kind)  # type: ignore[no-untyped-call]
    return float(ends.min), float(ends.max)


def saturate_cast(x: Any, dtype: Any) -> Any:
    """`x` in another dtype, numbers beyond its range held at its ends."""
    name = dtypes.standardize_dtype(dtype)
    if name == "bool":
        return cast(clip(x, 0, 1), name)
    target = dtypes.numpy_dtype(name)
    limits = _limits(target)
    source = dtypes.numpy_dtype(_name_of(x))
    bounds = limits if source.kind in "bc" else _limits(source)
    # the ends must be exact in both dtypes, so that rounding cannot carry a number over them
    low, high = max(limits[0], bounds[0]), min(limits[1], bounds[1])
    if source.kind == "f" and target.kind in "iu":
        low, top = float(low), source.type(high)
        high = float(np.nextafter(top, source.type(0)) if int(top) > high else top)
    return cast(clip(x, low, high), name)


def _view_spec(x: Any, *, dtype: np.dtype[Any]) -> KerasTensor:
    shape, own = shape_of(x), dtypes.numpy_dtype(kind_of(x)).itemsize
    if own == dtype.itemsize:
        return KerasTensor(shape, dtype)
    if not shape:
        raise ValueError(f"view of a single {kind_of(x)} as {dtype.name} is not possible: their sizes differ")
    last = shape[-1]
    if last is not None and last * own % dtype.itemsize:
        raise ValueError(f"view of shape {shape} of {kind_of(x)} as {dtype.name}: the last axis does not divide")
    return KerasTensor((*shape[:-1], None if last is None else last * own // dtype.itemsize), dtype)


_view = primitive("view", lambda x, dtype: to_array(x).view(dtype), underivable("view"), shape=_view_spec, view=True)


def view(x: TensorLike, dtype: DTypeLike = None) -> Any:
    """The bytes of `x` read as another dtype."""
    return eager(x) if dtype is None else _view(x, dtype=dtypes.numpy_dtype(dtypes.standardize_dtype(dtype)))


def shape(x: Any) -> tuple[int | None, ...]:
    """The sizes of `x`; None where a symbolic tensor's size is unknown."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def size(x: TensorLike) -> Any:
    """How many numbers `x` holds; None if a symbolic tensor's size is unknown."""
    sizes = shape(x)
    return None if None in sizes else int(np.prod(sizes, dtype=np.int64))  # type: ignore[arg-type]


def ndim(x: TensorLike) -> int:
    """How many dimensions `x` has."""
    return len(shape(x))


def dtype(x: TensorLike) -> str:
    """The name of the dtype of `x`."""
    return _name_of(x)


class _OffTape:
    """A block that no tape sees."""

    def __enter__(self) -> None:
        self.tapes = recording.tapes
        recording.tapes = []

    def __exit__(self, *exception: object) -> None:
        recording.tapes = self.tapes


def _custom_forward(*args: Any, function: Callable[..., Any], memory: list[Any]) -> Any:
    with _OffTape():
        y, gradient = function(*args)
    memory[:] = [gradient, None, None]
    return tuple(y) if isinstance(y, (list, tuple)) else y


def _custom_vjp(i: int, g: Any, y: Any, *args: Any, function: Callable[..., Any], memory: list[Any]) -> Any:
    if any(isinstance(x, Tensor) for x in args):  # a tape is open around: its gradient needs what `gradient` used
        gradient: Any = function(*args)[1]
        shares = gradient(*g) if isinstance(g, list) else gradient(g)
        return shares[i] if isinstance(shares, (list, tuple)) else shares
    gradient, seen, shares = memory
    if seen is not g:
        shares = gradient(*g) if isinstance(g, list) else gradient(g)
        memory[1:] = [g, shares]
    return shares[i] if isinstance(shares, (list, tuple)) else shares


_custom = primitive("custom_gradient", _custom_forward, variadic=_custom_vjp)


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator that gives a function a derivative of one's own.

    Args:
        f: returns the pair `(outputs, gradient)`; `gradient(upstream)` gives the gradient of each argument of
            `f` from the gradient of the outputs.

    Returns:
        A function that returns the outputs.

    Example:
        >>> import kerasish as keras
        >>> @keras.ops.custom_gradient
        ... def clip_gradient(x):
        ...     return x, lambda upstream: keras.ops.clip(upstream, -1.0, 1.0)
        >>> v = keras.Variable(2.0)
        >>> with keras.GradientTape() as tape:
        ...     y = 100.0 * clip_gradient(v)
        >>> float(tape.gradient(y, v))
        1.0
    """

    @composite
    def call(*args: Any) -> Any:
        return _custom(*args, function=f, memory=[None, None, None])

    call.name = call.__name__ = getattr(f, "__name__", "custom_gradient")
    return call


def _jvp_spec(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    out = fun(*primals)
    out, aux = out if has_aux else (out, None)
    moved = nest.map_structure(lambda y: KerasTensor(shape_of(y), kind_of(y)), out)
    return (out, moved, aux) if has_aux else (out, moved)


@composite_by(_jvp_spec)
def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """The derivative of `fun` at `primals` in the direction `tangents`: how the outputs move if the inputs do.

    Found by differentiating the vector-Jacobian product, which is linear in its vector:
    `J t = ∂/∂v ⟨Jᵀ v, t⟩`.

    Args:
        fun: a function of arrays.
        primals: a tuple of its arguments.
        tangents: the direction, a tuple of arrays like `primals`.
        has_aux: whether `fun` returns a pair whose second part is not differentiated.

    Returns:
        `(outputs, output tangents)`, with the second part of the pair at the end if `has_aux`.

    Example:
        >>> import kerasish as keras
        >>> y, moved = keras.ops.jvp(lambda x: x * x, (keras.ops.array(3.0),), (keras.ops.array(1.0),))
        >>> float(y), float(moved)
        (9.0, 6.0)
    """
    with GradientTape() as outer:
        with GradientTape() as inner:
            inputs = [inner.watch(convert_to_tensor(p)) for p in primals]
            out = fun(*inputs)
            out, aux = out if has_aux else (out, None)
        seeds = nest.map_structure(lambda y: outer.watch(np.zeros(np.shape(y), _value(y).dtype)), out)
        pulled = inner.gradient(out, inputs, output_gradients=seeds)
        terms = [np.sum(g * t) for g, t in zip(pulled, tangents, strict=True) if g is not None]
        total = sum(terms[1:], start=terms[0]) if terms else None
    values = nest.map_structure(_value, out)
    if isinstance(total, Tensor):
        moved = outer.gradient(total, seeds, unconnected_gradients="zero")
    else:
        moved = nest.map_structure(np.zeros_like, values)
    return (values, moved, nest.map_structure(_value, aux)) if has_aux else (values, moved)


def _value(x: Any) -> Any:
    return x.value if isinstance(x, Tensor) else x
