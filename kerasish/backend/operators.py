"""The operations behind Python's operators.

Everything else in `kerasish.ops` can be differentiated twice because derivatives are written with these.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import config, dtypes
from kerasish.backend import dispatch as _dispatch  # noqa: F401  (lets tensors answer NumPy's functions)
from kerasish.backend.admission import as_array
from kerasish.backend.array import bare
from kerasish.backend.halves import in_single
from kerasish.backend.index_spec import index_spec
from kerasish.backend.primitive import Primitive, Vjp, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable


def dtype_of(x: Any) -> Any:
    """The dtype of an array-like, with Python numbers as the weak types `int` and `float`."""
    if hasattr(x, "dtype"):  # first: a NumPy float64 is a Python float too, but not a weak one
        return x.dtype
    if isinstance(x, bool):
        return "bool"
    if isinstance(x, int):
        return int
    if isinstance(x, float):
        return float
    return to_array(x).dtype


def to_array(x: Any) -> np.ndarray:
    """An array of anything array-like: Python floats become `floatx()` and Python integers int32, alone or in lists."""
    if isinstance(x, np.ndarray):
        return bare(x)
    made = as_array(x)
    if isinstance(x, np.generic):
        return made
    if made.dtype.kind == "f" and made.dtype.itemsize == 8:
        return made.astype(config.floatx())
    if made.dtype.kind == "i" and not hasattr(x, "dtype"):
        return made.astype("int32")
    return made


def promote(*arrays: Any) -> list[Any]:
    """The arrays cast to their common dtype by Keras's rules; Python numbers become scalars of it."""
    kinds = [dtype_of(x) for x in arrays]
    target = dtypes.numpy_dtype(dtypes.result_type(*kinds))
    out = []
    for x, kind in zip(arrays, kinds, strict=True):
        if kind is int or kind is float:
            out.append(target.type(x))
        else:
            x = x if isinstance(x, np.ndarray) else np.asarray(x)
            out.append(x if x.dtype == target else x.astype(target))
    return out


def _promoting(function: Callable[..., Any]) -> Callable[..., Any]:
    """A binary NumPy function with Keras's promotion in place of NumPy's."""

    def forward(a: Any, b: Any) -> Any:
        if type(a) is np.ndarray:
            kind = type(b)
            if kind is np.ndarray:
                if a.dtype == b.dtype:
                    return function(a, b)
            elif _is_weak_beside(kind, a):
                return function(a, b)
        elif type(b) is np.ndarray and _is_weak_beside(type(a), b):
            return function(a, b)
        return function(*promote(a, b))

    return forward


def counting(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function in which booleans count as the integers 0 and 1."""

    def apply(a: Any, b: Any) -> Any:
        if isinstance(a, np.ndarray) and a.dtype.kind == "b":
            a, b = a.astype("int32"), b.astype("int32")
        return function(a, b)

    return apply


def _is_weak_beside(kind: type, array: np.ndarray) -> bool:
    """Whether a Python number takes the array's dtype, for NumPy as for Keras."""
    if kind is float:
        return array.dtype.kind == "f"
    return kind is int and array.dtype.kind in "fiu"


def _broadcast_spec(dtype: str | None = None) -> Callable[..., KerasTensor]:
    """The symbolic shape of an elementwise operation."""

    def shape(*args: Any, **params: Any) -> KerasTensor:
        kind = dtype or dtypes.result_type(*(dtype_of(x) for x in args))
        return KerasTensor(broadcast_shapes(*(np.shape(x) if not hasattr(x, "shape") else x.shape for x in args)), kind)

    return shape


def broadcast_shapes(*shapes: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The shape that these broadcast to; `None`, an unknown size, with 1 is unknown and with n is n.

    Raises:
        ValueError: naming the shapes, if they do not fit.
    """
    rank = max(len(s) for s in shapes)
    out: list[int | None] = []
    for axis in range(rank):
        sizes = {s[axis - rank + len(s)] for s in shapes if axis - rank + len(s) >= 0} - {1}
        known = sizes - {None}
        if len(known) > 1:
            raise ValueError(f"the shapes {' and '.join(map(str, shapes))} cannot be broadcast together")
        out.append(known.pop() if known else (None if sizes else 1))
    return tuple(out)


def binary(name: str, function: Callable[..., Any], *vjps: Vjp | None, numpy: Any = None, doc: str | None = None,
           dtype: str | None = None, arguments: tuple[str, ...] = ("x1", "x2"),
           plan: str | None = None) -> Primitive:  # fmt: skip
    """Declare an elementwise operation of two arrays."""
    shape = _broadcast_spec(dtype)
    return primitive(name, _promoting(function), *vjps, numpy=numpy or function, shape=shape, doc=doc,
                     arguments=arguments, ufunc=_as_ufunc(function), plan=plan)  # fmt: skip


def _as_ufunc(function: Callable[..., Any]) -> np.ufunc | None:
    return function if isinstance(function, np.ufunc) else None


def unary(name: str, function: Callable[..., Any], *vjps: Vjp | None, numpy: Any = None, doc: str | None = None,
          dtype: str | None = None) -> Primitive:  # fmt: skip
    """Declare an elementwise operation of one array."""

    def forward(x: Any) -> Any:
        return function(x if type(x) is np.ndarray else to_array(x))

    return primitive(name, forward, *vjps, numpy=numpy, shape=_broadcast_spec(dtype), doc=doc, arguments=("x",),
                     ufunc=_as_ufunc(function))  # fmt: skip


def keeping_float(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a float array, and parameters, with its result in the array's dtype.

    NumPy's own floats need no cast; a bfloat16, which Python numbers widen, does.
    """

    def forward(x: Any, **params: Any) -> Any:
        x = to_float(x)
        y = function(x, **params)
        return y if y.dtype is x.dtype or y.dtype == x.dtype else y.astype(x.dtype)

    return forward


def float_unary(
    name: str,
    function: Callable[..., Any],
    *vjps: Vjp | None,
    numpy: Any = None,
    doc: str | None = None,
    plan: str | None = None,
) -> Primitive:
    """Declare an elementwise function of floats; integers are converted first."""
    ufunc = _as_ufunc(function)
    return primitive(name, keeping_float(function), *vjps, numpy=numpy or ufunc, shape=_float_spec, doc=doc,
                     arguments=("x",), ufunc=ufunc, plan=plan)  # fmt: skip


def float_binary(
    name: str, function: Callable[..., Any], *vjps: Vjp | None, numpy: Any = None, doc: str | None = None
) -> Primitive:
    """Declare an elementwise function of two floats; integers are converted first."""
    promoting = _promoting(lambda a, b: function(_weak_or_float(a), _weak_or_float(b)))

    def forward(a: Any, b: Any) -> Any:
        if type(a) is np.ndarray and type(b) is np.ndarray and a.dtype == b.dtype and a.dtype.kind == "f":
            return function(a, b)
        return promoting(a, b)

    ufunc = _as_ufunc(function)
    return primitive(name, forward, *vjps, numpy=numpy or ufunc, shape=_float_spec, doc=doc, arguments=("x1", "x2"),
                     ufunc=ufunc)  # fmt: skip


def _weak_or_float(x: Any) -> Any:
    """Floats; a Python number stays one, so that it takes the dtype of the array beside it, float16 too."""
    return x if type(x) is float or type(x) is int else to_float(x)


def to_float(x: Any) -> Any:
    """An array as floats: integers and booleans become `floatx()`, what is a float stays."""
    if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc":
        return x
    return np.asarray(x, dtypes.numpy_dtype(dtypes.result_type(dtype_of(x), float)))


def _float_spec(*args: Any) -> KerasTensor:
    shapes = [x.shape if hasattr(x, "shape") else np.shape(x) for x in args]
    return KerasTensor(broadcast_shapes(*shapes), dtypes.result_type(*(dtype_of(x) for x in args), float))


add = binary("add", np.add, lambda g, y, a, b: g, lambda g, y, a, b: g, doc="`a + b`.")
subtract = binary("subtract", np.subtract, lambda g, y, a, b: g, lambda g, y, a, b: -g, doc="`a - b`.")
multiply = binary("multiply", np.multiply, lambda g, y, a, b: g * b, lambda g, y, a, b: g * a, doc="`a * b`.")
divide = float_binary(
    "divide", np.true_divide, lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b,
    doc="`a / b`, of floats: integers are converted.",
)  # fmt: skip
negative = unary("negative", np.negative, lambda g, y, x: -g, numpy=np.negative, doc="`-x`.")
absolute = unary("absolute", np.absolute, lambda g, y, x: g * np.sign(x), numpy=np.absolute, doc="`|x|`.")


def _power_base_vjp(g: Any, y: Any, a: Any, b: Any) -> Any:
    if isinstance(b, (int, float)):
        return g * (b * a ** (b - 1)) if b else np.zeros_like(g)
    return g * b * a ** np.where(np.equal(b, 0), 1, b - 1)  # b = 0: a constant, not 0 * a**-1


def _power_exponent_vjp(g: Any, y: Any, a: Any, b: Any) -> Any:
    safe = np.where(np.greater(a, 0), a, 1)  # 0**b: the limit of log(a) a**b is 0
    return g * y * np.log(safe)


# The Python operator: NumPy's `**` knows that x ** 2 is a product, its function `power` does not.
power = binary(
    "power",
    counting(operator.pow),
    _power_base_vjp,
    _power_exponent_vjp,
    numpy=np.power,
    doc="`a ** b`.",
    plan="kerasish.backend.plans:power",
)
floor_divide = binary(
    "floor_divide",
    counting(np.floor_divide),
    numpy=np.floor_divide,
    doc="`a // b`, rounded down; constant between its steps.",
)
mod = binary(
    "mod",
    counting(np.mod),
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g * np.floor_divide(a, b),
    numpy=np.mod,
    doc="`a % b`, with the sign of `b`.",
)

equal = binary("equal", np.equal, dtype="bool", doc="`a == b`.")
not_equal = binary("not_equal", np.not_equal, dtype="bool", doc="`a != b`.")
less = binary("less", np.less, dtype="bool", doc="`a < b`.")
less_equal = binary("less_equal", np.less_equal, dtype="bool", doc="`a <= b`.")
greater = binary("greater", np.greater, dtype="bool", doc="`a > b`.")
greater_equal = binary("greater_equal", np.greater_equal, dtype="bool", doc="`a >= b`.")
_BITS = ("x", "y")
bitwise_and = binary("bitwise_and", np.bitwise_and, doc="`x & y`, bit by bit.", arguments=_BITS)
bitwise_or = binary("bitwise_or", np.bitwise_or, doc="`x | y`, bit by bit.", arguments=_BITS)
bitwise_xor = binary("bitwise_xor", np.bitwise_xor, doc="`x ^ y`, bit by bit.", arguments=_BITS)
bitwise_invert = unary("bitwise_invert", np.invert, numpy=np.invert, doc="`~x`, bit by bit.")
bitwise_left_shift = binary(
    "bitwise_left_shift", counting(np.left_shift), numpy=np.left_shift, doc="`x << y`.", arguments=_BITS
)
bitwise_right_shift = binary(
    "bitwise_right_shift", counting(np.right_shift), numpy=np.right_shift, doc="`x >> y`.", arguments=_BITS
)


def _swap(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def product_kind(*arrays: Any) -> str:
    """The dtype of sums of products: that of the arrays together, but int32 where all are int8, whose sums overflow."""
    kind = dtypes.result_type(*map(dtype_of, arrays))
    return "int32" if kind == "int8" and all(dtype_of(x) == "int8" for x in arrays) else kind


def _matmul_forward(a: Any, b: Any) -> Any:
    if type(a) is not np.ndarray or type(b) is not np.ndarray or a.dtype != b.dtype:
        a, b = promote(a, b)
    elif a.dtype == np.int8:
        a, b = a.astype(np.int32), b.astype(np.int32)
    if a.dtype.itemsize == 2:
        return in_single(np.matmul)(a, b)
    try:
        if b.ndim == 2 and a.ndim > 2:  # one product in place of a batch of them
            return np.matmul(a.reshape(-1, a.shape[-1]), b).reshape(*a.shape[:-1], b.shape[-1])
        return np.matmul(a, b)
    except ValueError as error:
        _matmul_spec(a, b)  # names the sizes that differ
        raise ValueError(f"matmul of shapes {a.shape} and {b.shape}: {error}") from error


def _matmul_vjp_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 1:
        return np.expand_dims(g, -1) * b
    if np.ndim(a) == 1:
        return np.matmul(np.expand_dims(g, -2), _swap(b))[..., 0, :]
    return np.matmul(g, _swap(b))


def _matmul_vjp_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 1:
        return np.expand_dims(a, -1) * np.expand_dims(g, -2) if np.ndim(b) > 1 else g * a
    if np.ndim(b) == 1:
        return np.matmul(_swap(a), np.expand_dims(g, -1))[..., 0]
    if np.ndim(b) == 2 and np.ndim(a) > 2:  # one product in place of a batch of them and a sum
        return np.matmul(_swap(np.reshape(a, (-1, np.shape(a)[-1]))), np.reshape(g, (-1, np.shape(g)[-1])))
    return np.matmul(_swap(a), g)


def _matmul_spec(a: Any, b: Any) -> KerasTensor:
    sa, sb = tuple(a.shape), tuple(b.shape)
    if not sa or not sb:
        raise ValueError(f"matmul needs arrays of at least one dimension; received shapes {sa} and {sb}")
    rows, columns = sa[:-1][-1:], sb[-1:] if len(sb) > 1 else ()
    inner_a, inner_b = sa[-1], sb[-2] if len(sb) > 1 else sb[0]
    if None not in (inner_a, inner_b) and inner_a != inner_b:
        raise ValueError(f"matmul of shapes {sa} and {sb}: the inner sizes {inner_a} and {inner_b} differ")
    batch = broadcast_shapes(sa[:-2], sb[:-2])
    return KerasTensor(batch + rows + columns, product_kind(a, b))


matmul = primitive(
    "matmul",
    _matmul_forward,
    _matmul_vjp_a,
    _matmul_vjp_b,
    numpy=np.matmul,
    shape=_matmul_spec,
    doc="`a @ b`.",
    arguments=("x1", "x2"),
    plan="kerasish.backend.plans:matmul",
)


def _cast_vjp(g: Any, y: Any, x: Any, *, dtype: str) -> Any:
    if "float" not in dtype:
        return None  # rounding to integers is constant between its steps
    return cast_to(g, dtype=x.dtype.name)


cast_to = primitive(
    "cast",
    lambda x, dtype: as_array(x).astype(dtypes.numpy_dtype(dtype)),
    _cast_vjp,
    shape=lambda x, dtype: KerasTensor(x.shape, dtype),
    plan="kerasish.backend.plans:cast",
)


# A variable read again after a change: another value, but a step from it is a step of the same variable.
renewed = primitive("renewed", lambda x, value: value, lambda g, y, x, value: g, None)


def _getitem_forward(x: Any, *, index: Any) -> Any:
    return x[index]


def _getitem_vjp(g: Any, y: Any, x: Any, *, index: Any) -> Any:
    return put(g, index=index, shape=np.shape(x))


def add_rows(index: np.ndarray, rows: np.ndarray, n: int) -> np.ndarray:
    """An array of `n` rows: row `index[i]` is the sum of the `rows[i]` with that index; negative ones count back."""
    width = math.prod(rows.shape[index.ndim :])
    index = index.reshape(-1, 1).astype(np.intp)
    if index.size and index.min() < 0:
        index = np.where(index < 0, index + n, index)
    out = np.zeros(n * width, rows.dtype)
    np.add.at(out, (index * width + np.arange(width)).reshape(-1), rows.reshape(-1))  # flat: the fast way of `at`
    return out.reshape(n, width)


def _put_forward(g: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [part for part in parts if isinstance(part, (list, np.ndarray))]
    if not arrays:
        out = np.zeros(shape, g.dtype)
        out[index] = g
        return out
    last = np.asarray(arrays[-1])
    axis = len(parts) - 1
    if len(arrays) == 1 and last.dtype.kind in "iu" and parts[-1] is arrays[0] and parts[:-1] == (slice(None),) * axis:
        g = np.asarray(g)
        rows = np.moveaxis(g, range(axis), range(-axis, 0)) if axis else g  # the indexed axes in front
        out = add_rows(last, np.ascontiguousarray(rows), shape[axis])
        out = out.reshape(shape[axis], *shape[axis + 1 :], *shape[:axis])
        return np.moveaxis(out, range(-axis, 0), range(axis)) if axis else out
    out = np.zeros(shape, g.dtype)
    np.add.at(out, index, g)  # an index may occur twice
    return out


getitem = primitive("get_item", _getitem_forward, _getitem_vjp, shape=index_spec, view=True)
put = primitive("put", _put_forward, lambda g, y, x, *, index, shape: g[index])


def plain_index(index: Any) -> Any:
    """An index with the arrays behind tensors and variables."""
    if isinstance(index, tuple):
        return tuple(plain_index(part) for part in index)
    if isinstance(index, Tensor):
        return index.numpy()
    return index._value if isinstance(index, Variable) else index
