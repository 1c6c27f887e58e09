"""Functions of each number by itself: arithmetic, exponentials, trigonometry, rounding, comparison.

A line here is a function and its calculus: `sin` is `np.sin`, and the gradient `g` of its output becomes
`g * cos(x)`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import (
    absolute,
    binary,
    bitwise_invert,
    bitwise_left_shift,
    bitwise_right_shift,
    broadcast_shapes,
    counting,
    divide,
    dtype_of,
    float_binary,
    float_unary,
    promote,
    to_array,
    to_float,
    unary,
)
from kerasish.backend.primitive import numpy_rule, primitive, underivable
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Traceable, recording
from kerasish.backend.typing import TensorLike
from kerasish.ops.specs import count_kind, elementwise, float_kind, promoted, same, shape_of

abs = absolute
true_divide = divide
bitwise_not = bitwise_invert
left_shift = bitwise_left_shift
right_shift = bitwise_right_shift

_LN2, _LN10 = float(np.log(2.0)), float(np.log(10.0))
_DEGREE = float(np.pi / 180)

exp = float_unary("exp", np.exp, lambda g, y, x: g * y, doc="`eˣ`.")
exp2 = float_unary("exp2", np.exp2, lambda g, y, x: g * y * _LN2, doc="`2ˣ`.")
expm1 = float_unary("expm1", np.expm1, lambda g, y, x: g * (y + 1), doc="`eˣ - 1`, exact for small `x`.")
log = float_unary("log", np.log, lambda g, y, x: g / x, doc="The natural logarithm.")
log2 = float_unary("log2", np.log2, lambda g, y, x: g / (x * _LN2), doc="The logarithm to base 2.")
log10 = float_unary("log10", np.log10, lambda g, y, x: g / (x * _LN10), doc="The logarithm to base 10.")
log1p = float_unary("log1p", np.log1p, lambda g, y, x: g / (1 + x), doc="`log(1 + x)`, exact for small `x`.")
sqrt = float_unary("sqrt", np.sqrt, lambda g, y, x: g / (2 * y), doc="The square root.")
cbrt = float_unary("cbrt", np.cbrt, lambda g, y, x: g / (3 * y * y), doc="The cube root.")
rsqrt = float_unary("rsqrt", lambda x: 1 / np.sqrt(x), lambda g, y, x: g * y * y * y * -0.5, doc="`1 / √x`.")

sin = float_unary("sin", np.sin, lambda g, y, x: g * np.cos(x), doc="The sine of `x` radians.")
cos = float_unary("cos", np.cos, lambda g, y, x: -g * np.sin(x), doc="The cosine of `x` radians.")
tan = float_unary("tan", np.tan, lambda g, y, x: g * (1 + y * y), doc="The tangent of `x` radians.")
arcsin = float_unary(
    "arcsin", np.arcsin, lambda g, y, x: g / np.sqrt(1 - x * x), doc="The angle in radians whose sine is `x`."
)
arccos = float_unary(
    "arccos", np.arccos, lambda g, y, x: -g / np.sqrt(1 - x * x), doc="The angle in radians whose cosine is `x`."
)
arctan = float_unary(
    "arctan", np.arctan, lambda g, y, x: g / (1 + x * x), doc="The angle in radians whose tangent is `x`."
)
sinh = float_unary("sinh", np.sinh, lambda g, y, x: g * np.cosh(x), doc="The hyperbolic sine, `(eˣ - e⁻ˣ) / 2`.")
cosh = float_unary("cosh", np.cosh, lambda g, y, x: g * np.sinh(x), doc="The hyperbolic cosine, `(eˣ + e⁻ˣ) / 2`.")
tanh = float_unary(
    "tanh", np.tanh, lambda g, y, x: g * (1 - y * y), doc="The hyperbolic tangent, `sinh x / cosh x`.",
    plan="kerasish.ops.plans.activations:tanh",
)  # fmt: skip
arcsinh = float_unary("arcsinh", np.arcsinh, lambda g, y, x: g / np.sqrt(x * x + 1), doc="The inverse of `sinh`.")
arccosh = float_unary("arccosh", np.arccosh, lambda g, y, x: g / np.sqrt(x * x - 1), doc="The inverse of `cosh`.")
arctanh = float_unary("arctanh", np.arctanh, lambda g, y, x: g / (1 - x * x), doc="The inverse of `tanh`.")
deg2rad = float_unary(
    "deg2rad", np.deg2rad, lambda g, y, x: g * _DEGREE, numpy=(np.deg2rad, np.radians), doc="Degrees as radians."
)
rad2deg = float_unary(
    "rad2deg", np.rad2deg, lambda g, y, x: g / _DEGREE, numpy=(np.rad2deg, np.degrees), doc="Radians as degrees."
)


def _sinc_vjp(g: Any, y: Any, x: Any) -> Any:
    at_zero = np.equal(x, 0)
    return g * np.where(at_zero, 0, np.cos(np.pi * x) - y) / np.where(at_zero, 1, x)


sinc = float_unary("sinc", np.sinc, _sinc_vjp, numpy=np.sinc, doc="`sin(πx) / (πx)`, and 1 at 0.")
i0 = float_unary(
    "i0", lambda x: np.i0(x).astype(x.dtype), underivable("i0"), numpy=np.i0,
    doc="The modified Bessel function of the first kind and order 0.",
)  # fmt: skip


def _count_bool(x: np.ndarray) -> np.ndarray:
    return x.astype("int32") if x.dtype.kind == "b" else x


square = primitive(
    "square", lambda x: np.square(_count_bool(to_array(x))), lambda g, y, x: g * (x * 2), numpy=np.square,
    shape=same(count_kind), arguments=("x",), doc="`x²`.", ufunc=np.square,
)  # fmt: skip
reciprocal = float_unary("reciprocal", lambda x: 1 / x, lambda g, y, x: -g * y * y, numpy=np.reciprocal, doc="`1 / x`.")
fabs = float_unary("fabs", np.fabs, lambda g, y, x: g * np.sign(x), doc="`|x|` as a float.")
sign = primitive(
    "sign", lambda x: np.sign(_count_bool(to_array(x))), numpy=np.sign, shape=same(count_kind), arguments=("x",),
    doc="-1, 0 or 1, by the sign of `x`.", ufunc=np.sign,
)  # fmt: skip
signbit = unary("signbit", np.signbit, numpy=np.signbit, dtype="bool", doc="Whether the sign is minus, that of -0 too.")

# Constant between their steps: no gradient passes a rounding.
floor = float_unary("floor", np.floor, doc="The largest whole number not above `x`.")
ceil = float_unary("ceil", np.ceil, doc="The smallest whole number not below `x`.")
trunc = unary("trunc", np.trunc, numpy=(np.trunc, np.fix), doc="The whole part of `x`, towards 0.")
_round = primitive("round", lambda x, decimals: np.round(_count_bool(to_array(x)), decimals), shape=same(count_kind))


def round(x: TensorLike, decimals: int = 0) -> Any:
    """The nearest number of so many decimals; halves go to the even neighbour.

    Args:
        x: array.
        decimals: digits after the point; negative ones round to tens, hundreds, ...

    Returns:
        An array of the shape and dtype of `x`. It is constant between its steps: no gradient passes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.round([0.5, 1.5, 2.51])
        array([0., 2., 3.], dtype=float32)
    """
    return _round(x, decimals=decimals)


numpy_rule(np.round, np.around, np.rint)(round)

isfinite = unary("isfinite", np.isfinite, numpy=np.isfinite, dtype="bool", doc="Neither infinite nor NaN.")
isinf = unary("isinf", np.isinf, numpy=np.isinf, dtype="bool", doc="Plus or minus infinity.")
isnan = unary("isnan", np.isnan, numpy=np.isnan, dtype="bool", doc="Not a number.")
isneginf = unary("isneginf", np.isneginf, numpy=np.isneginf, dtype="bool", doc="Minus infinity.")
isposinf = unary("isposinf", np.isposinf, numpy=np.isposinf, dtype="bool", doc="Plus infinity.")
isreal = unary("isreal", np.isreal, numpy=np.isreal, dtype="bool", doc="Without an imaginary part.")

logical_not = unary("logical_not", np.logical_not, numpy=np.logical_not, dtype="bool", doc="True where `x` is 0.")
logical_and = binary("logical_and", np.logical_and, dtype="bool", doc="Where neither `x1` nor `x2` is 0.")
logical_or = binary("logical_or", np.logical_or, dtype="bool", doc="Where `x1` or `x2` is not 0.")
logical_xor = binary("logical_xor", np.logical_xor, dtype="bool", doc="Where one of `x1` and `x2` is 0, not both.")


def _winner(g: Any, wins: Any, tied: Any) -> Any:
    """The gradient where an argument was chosen; where both are equal, each has half."""
    return np.where(wins, g, np.where(tied, g * 0.5, 0))


def _larger_vjp(g: Any, y: Any, a: Any, b: Any) -> Any:
    return _winner(g, np.greater(a, b), np.equal(a, b))


def _smaller_vjp(g: Any, y: Any, a: Any, b: Any) -> Any:
    return _winner(g, np.less(a, b), np.equal(a, b))


maximum = binary(
    "maximum", np.maximum, _larger_vjp, lambda g, y, a, b: _larger_vjp(g, y, b, a),
    doc="The larger of `x1` and `x2`; NaN if either is. Where they are equal each gets half the gradient.",
)  # fmt: skip
minimum = binary(
    "minimum", np.minimum, _smaller_vjp, lambda g, y, a, b: _smaller_vjp(g, y, b, a),
    doc="The smaller of `x1` and `x2`; NaN if either is. Where they are equal each gets half the gradient.",
)  # fmt: skip
fmax = binary(
    "fmax", np.fmax,
    lambda g, y, a, b: _winner(g, np.logical_or(np.greater(a, b), np.isnan(b)), np.equal(a, b)),
    lambda g, y, a, b: _winner(g, np.logical_or(np.greater(b, a), np.isnan(a)), np.equal(a, b)),
    doc="The larger of `x1` and `x2`; of a number and NaN, the number.",
)  # fmt: skip
fmin = binary(
    "fmin", np.fmin,
    lambda g, y, a, b: _winner(g, np.logical_or(np.less(a, b), np.isnan(b)), np.equal(a, b)),
    lambda g, y, a, b: _winner(g, np.logical_or(np.less(b, a), np.isnan(a)), np.equal(a, b)),
    doc="The smaller of `x1` and `x2`; of a number and NaN, the number.",
)  # fmt: skip
fmod = binary(
    "fmod", counting(np.fmod), lambda g, y, a, b: g, lambda g, y, a, b: -g * np.trunc(a / b), numpy=np.fmod,
    doc="The remainder of `x1 / x2`, with the sign of `x1`.",
)  # fmt: skip
hypot = float_binary(
    "hypot", np.hypot,
    lambda g, y, a, b: g * a / np.where(np.equal(y, 0), 1, y),
    lambda g, y, a, b: g * b / np.where(np.equal(y, 0), 1, y),
    doc="`√(x1² + x2²)`, without overflow.",
)  # fmt: skip
arctan2 = float_binary(
    "arctan2", np.arctan2, lambda g, y, a, b: g * b / (a * a + b * b), lambda g, y, a, b: -g * a / (a * a + b * b),
    doc="The angle in radians of the point (`x2`, `x1`), from -π to π.",
)  # fmt: skip
logaddexp = float_binary(
    "logaddexp", np.logaddexp, lambda g, y, a, b: g * np.exp(a - y), lambda g, y, a, b: g * np.exp(b - y),
    doc="`log(exp(x1) + exp(x2))`, without overflow.",
)  # fmt: skip
logaddexp2 = float_binary(
    "logaddexp2", np.logaddexp2, lambda g, y, a, b: g * np.exp2(a - y), lambda g, y, a, b: g * np.exp2(b - y),
    doc="`log2(2**x1 + 2**x2)`, without overflow.",
)  # fmt: skip
heaviside = float_binary(
    "heaviside", np.heaviside, lambda g, y, a, b: np.zeros_like(g), lambda g, y, a, b: g * np.equal(a, 0),
    doc="The unit step: 0 below 0, 1 above, and `x2` at 0.",
)  # fmt: skip
nextafter = float_binary(
    "nextafter", np.nextafter, lambda g, y, a, b: g, None, doc="The next float after `x1`, towards `x2`."
)
ldexp = primitive(
    "ldexp",
    lambda x1, x2: np.ldexp(to_float(to_array(x1)), to_array(x2)),
    lambda g, y, a, b: np.ldexp(g, b),
    None,
    shape=elementwise(lambda a, b: float_kind(a)),
    numpy=np.ldexp,
    doc="`x1 * 2**x2`, of a float and a whole exponent.",
    arguments=("x1", "x2"),
)
gcd = binary("gcd", np.gcd, doc="The greatest common divisor of whole numbers.")
lcm = binary("lcm", np.lcm, doc="The least common multiple of whole numbers.")


def _divide_no_nan_forward(a: Any, b: Any) -> Any:
    a, b = promote(a, b)
    zero = np.equal(b, 0)
    return np.where(zero, np.zeros((), a.dtype), np.true_divide(a, np.where(zero, np.ones_like(b), b)))


divide_no_nan = float_binary(
    "divide_no_nan",
    _divide_no_nan_forward,
    lambda g, y, a, b: g * np.not_equal(b, 0) / np.where(np.equal(b, 0), 1, b),
    lambda g, y, a, b: -g * y / np.where(np.equal(b, 0), 1, b),
    doc="`x1 / x2`, and 0 where `x2` is 0.",
)


def _where_forward(condition: Any, a: Any, b: Any) -> Any:
    if type(a) is not np.ndarray or type(b) is not np.ndarray or a.dtype != b.dtype:
        a, b = promote(a, b)
    return np.where(condition, a, b)


_isclose = primitive(
    "isclose", lambda a, b, **options: np.isclose(to_array(a), to_array(b), **options), shape=elementwise("bool")
)


def isclose(x1: TensorLike, x2: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether two numbers are equal but for rounding: `|x1 - x2| <= atol + rtol |x2|`.

    Args:
        x1, x2: arrays.
        rtol: the difference allowed as a share of `x2`.
        atol: the difference allowed in any case.
        equal_nan: whether NaN equals NaN.
    """
    return _isclose(x1, x2, rtol=rtol, atol=atol, equal_nan=equal_nan)


def _allclose_spec(a: Any, b: Any, **_: Any) -> KerasTensor:
    broadcast_shapes(shape_of(a), shape_of(b))
    return KerasTensor((), "bool")


_allclose = primitive(
    "allclose",
    lambda a, b, **options: np.asarray(np.allclose(to_array(a), to_array(b), **options)),
    shape=_allclose_spec,
)  # fmt: skip


def allclose(x1: TensorLike, x2: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether all numbers of two arrays are equal but for rounding; see `isclose`."""
    return _allclose(x1, x2, rtol=rtol, atol=atol, equal_nan=equal_nan)


numpy_rule(np.isclose)(isclose)
numpy_rule(np.allclose)(allclose)


_where = primitive(
    "where",
    _where_forward,
    None,
    lambda g, y, c, a, b: np.where(c, g, 0),
    lambda g, y, c, a, b: np.where(c, 0, g),
    shape=elementwise(lambda c, a, b: promoted(a, b)),
    plan="kerasish.ops.plans.arrays:choice",
)
_nonzero = primitive(
    "nonzero",
    lambda x: tuple(part.astype("int32") for part in np.nonzero(to_array(x))),
    shape=lambda x: tuple(KerasTensor((None,), "int32") for _ in shape_of(x)),
)


def nonzero_indices(x: Any) -> Any:
    """The indices of what is not 0, an array for each dimension; recorded steps have no sizes that vary."""
    if isinstance(x, Traceable) and recording.trace is not None:
        recording.trace.escape("values tell the size of what `nonzero` returns")
    return _nonzero(x)


def where(condition: TensorLike, x1: TensorLike | None = None, x2: TensorLike | None = None) -> Any:
    """`x1` where the condition holds, `x2` elsewhere.

    Args:
        condition: booleans.
        x1, x2: arrays that broadcast with `condition`; both or neither.

    Returns:
        An array; without `x1` and `x2`, the indices where the condition holds, an array for each dimension.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.where([True, False], [1.0, 2.0], 0.0)
        array([1., 0.], dtype=float32)
    """
    if x1 is None and x2 is None:
        return nonzero_indices(condition)
    if x1 is None or x2 is None:
        raise ValueError("where takes both x1 and x2, or neither")
    return _where(condition, x1, x2)


numpy_rule(np.where)(where)


def _clip_forward(x: Any, low: Any, high: Any) -> Any:
    if type(x) is not np.ndarray:
        x = to_array(x)
    if x.dtype.kind == "b":
        x = x.astype("int32")
    if x.dtype.kind == "f" and dtype_of(low) in (int, float) and dtype_of(high) in (int, float):
        return np.minimum(np.maximum(x, low), high)
    x, low, high = promote(x, low, high)
    return np.minimum(np.maximum(x, low), high)


_clip = primitive(
    "clip",
    _clip_forward,
    lambda g, y, x, low, high: g * np.logical_and(np.greater_equal(x, low), np.less_equal(x, high)),
    lambda g, y, x, low, high: np.where(np.less(x, low), g, 0),
    lambda g, y, x, low, high: np.where(np.greater(x, high), g, 0),
    shape=elementwise(lambda x, low, high: dtypes.result_type(count_kind(x), dtype_of(low), dtype_of(high))),
)


def _bound(x: Any, given: Any, side: int) -> Any:
    """A bound of `clip`: None is the end of what the dtype of `x` holds, which bounds nothing."""
    if given is not None:
        return given
    kind = np.dtype(x.dtype) if hasattr(x, "dtype") and x.dtype != "bfloat16" else to_array(x).dtype
    if kind.kind in "iu":
        return int(np.iinfo(kind).min if side < 0 else np.iinfo(kind).max)
    return side * np.inf


def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """`x` held between two bounds: `min(max(x, x_min), x_max)`.

    Args:
        x: array.
        x_min, x_max: numbers, or arrays that broadcast with `x`; None sets no bound.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.clip([-2.0, 0.5, 2.0], -1, 1)
        array([-1. ,  0.5,  1. ], dtype=float32)
    """
    return _clip(x, _bound(x, x_min, -1), _bound(x, x_max, 1))


@numpy_rule(np.clip)
def _numpy_clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    return clip(a, low, high)


_nan_to_num = primitive(
    "nan_to_num",
    lambda x, nan, posinf, neginf: np.nan_to_num(to_array(x), nan=nan, posinf=posinf, neginf=neginf),
    lambda g, y, x, **_: g * np.isfinite(x),
    shape=same(),
)


def nan_to_num(x: TensorLike, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """`x` with numbers in place of NaN and infinities.

    Args:
        x: array.
        nan: what NaN becomes.
        posinf, neginf: what the infinities become; by default the largest and smallest finite number.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nan_to_num([1.0, float("nan")])
        array([1., 0.], dtype=float32)
    """
    return _nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@numpy_rule(np.nan_to_num)
def _numpy_nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    if not copy:
        raise TypeError("numpy.nan_to_num(copy=False) would change an array that a tape keeps")
    return nan_to_num(x, nan, posinf, neginf)
