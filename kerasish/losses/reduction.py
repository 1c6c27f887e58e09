"""From one loss per sample to the number that is minimized: masks, sample weights, and the reduction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from kerasish.backend import config, dtypes, nest
from kerasish.backend.admission import as_array
from kerasish.backend.array import Array, bare, eager
from kerasish.backend.operators import cast_to
from kerasish.backend.tensor import Tensor, Traceable, recording
from kerasish.backend.typing import DTypeLike
from kerasish.backend.variable import Variable
from kerasish.ops.core import stop_gradient
from kerasish.ops.means import narrowed, widened

_Function = TypeVar("_Function", bound=Callable[..., Any])

_ARRAYS = (np.ndarray, Array, Tensor)
_WHAT = "what a loss or metric compares or weighs (y_true, y_pred or sample_weight)"
REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


def with_mean(form: Callable[..., Any]) -> Callable[[_Function], _Function]:
    """Declare of a loss function the operation that computes it together with its mean, as `fn.mean_form`.

    Args:
        form: takes what the function takes, and returns a number, or None where it has no way to.
    """

    def declare(fn: _Function) -> _Function:
        fn.mean_form = form  # type: ignore[attr-defined]
        return fn

    return declare


def standardize_reduction(reduction: str | None) -> str | None:
    """`reduction` itself, if it is one.

    Raises:
        ValueError: naming the ones there are.
    """
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {REDUCTIONS}; received {reduction!r}")
    return reduction


def compute_dtype(dtype: DTypeLike) -> str:
    """The name of the dtype to compute in, from a dtype, a dtype policy, a policy's name or None (`floatx()`)."""
    if dtype is not None and hasattr(dtype, "compute_dtype"):
        return dtype.compute_dtype
    if isinstance(dtype, str):
        dtype = dtype.removeprefix("mixed_")
    return dtypes.standardize_dtype(dtype)


def as_dtype(x: Any, dtype: np.dtype[Any]) -> Any:
    """`x` as a tensor or array of this dtype."""
    if type(x) is np.ndarray or type(x) is Array:
        return eager(x if x.dtype == dtype else as_array(x, dtype, _WHAT))
    if isinstance(x, Variable):
        x = x.read()
    if isinstance(x, Traceable):
        return x if x.dtype == dtype else cast_to(x, dtype=dtype.name)  # type: ignore[attr-defined]
    return eager(as_array(x, dtype, _WHAT))


def structure_as_dtype(x: Any, dtype: np.dtype[Any]) -> Any:
    """`x` with every leaf as a tensor or array of this dtype; nested lists of plain numbers are one array."""
    if nest.is_nested(x) and any(hasattr(leaf, "shape") for leaf in nest.iterate(x)):
        return nest.map_structure(lambda leaf: as_dtype(leaf, dtype), x)
    return as_dtype(x, dtype)


def as_tensor(x: Any) -> Any:
    """`x` as a tensor or array; Python numbers become `floatx()`, what has a dtype keeps it."""
    if isinstance(x, Traceable):
        return x.read() if isinstance(x, Variable) else x
    if type(x) in _ARRAYS and x.dtype.kind != "O":
        return eager(x)
    array = as_array(x, what=_WHAT)
    if array.dtype == np.float64 and not hasattr(x, "dtype"):
        return eager(array.astype(config.floatx()))
    return eager(array)


def plain(x: Any) -> Any:
    """The array behind a tensor or a variable, cut from the tape; anything else as an array."""
    if type(x) is np.ndarray and x.dtype.kind != "O":
        return x
    if isinstance(x, Tensor):
        return x.numpy()
    return x._value if isinstance(x, Variable) else bare(as_tensor(x))


def constant(x: Any) -> Any:
    """The values without a gradient: an array, or a tensor where a step is written down to be run again."""
    return plain(x) if recording.trace is None else stop_gradient(as_tensor(x))


def squeeze_or_expand_to_same_rank(x1: Any, x2: Any, expand_rank_1: bool = True) -> tuple[Any, Any]:
    """Two tensors whose ranks differ by one axis of size one, made equal in rank.

    A vector beside a column becomes a column (unless `expand_rank_1` is False); otherwise the longer shape
    loses its last axis. Tensors whose ranks differ in another way are returned as they are.
    """
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if rank1 == rank2:
        return x1, x2
    if rank1 == rank2 + 1 and x1.shape[-1] == 1:
        if rank2 == 1 and expand_rank_1:
            return x1, np.expand_dims(x2, -1)
        return np.squeeze(x1, -1), x2
    if rank2 == rank1 + 1 and x2.shape[-1] == 1:
        if rank1 == 1 and expand_rank_1:
            return np.expand_dims(x1, -1), x2
        return x1, np.squeeze(x2, -1)
    return x1, x2


def align(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Targets in the dtype and the shape of the predictions.

    A missing or extra last axis of size one is added or dropped; a scalar target stands for all elements.

    Raises:
        ValueError: if the shapes differ otherwise, since broadcasting them would give a wrong loss in silence.
    """
    if type(y_true) in _ARRAYS and type(y_pred) in _ARRAYS:
        dtype = y_true.dtype
        if dtype == y_pred.dtype and y_true.shape == y_pred.shape and dtype.kind == "f":
            return y_true, y_pred
    y_pred = as_tensor(y_pred)
    if not dtypes.is_float_dtype(y_pred.dtype):
        y_pred = as_dtype(y_pred, np.dtype(config.floatx()))
    y_true = as_dtype(y_true, dtypes.numpy_dtype(dtypes.standardize_dtype(y_pred.dtype)))
    y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    check_same_shape(y_true, y_pred)
    return y_true, y_pred


def check_same_shape(y_true: Any, y_pred: Any) -> None:
    """Raise a ValueError that names both shapes, if they differ; a scalar target stands for all elements."""
    shape, expected = tuple(y_true.shape), tuple(y_pred.shape)
    if shape and shape != expected and not _may_be_equal(shape, expected):
        raise ValueError(
            f"y_true has shape {shape} but y_pred has shape {expected}; they are compared element by element. "
            f"{_likely_fix(shape, expected)}"
        )


def _may_be_equal(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return len(a) == len(b) and all(m == n or m is None or n is None for m, n in zip(a, b, strict=True))


def _likely_fix(shape: tuple[Any, ...], expected: tuple[Any, ...]) -> str:
    if shape[:1] != expected[:1]:
        return "Give as many targets as predictions."
    if shape in (expected[:-1], (*expected[:-1], 1)):
        return (
            f"Give the last layer one unit, or one target for each of its {expected[-1]} units; integer labels of "
            "classes need a sparse loss, such as sparse_categorical_crossentropy, or keras.ops.one_hot."
        )
    return "Give the last layer the shape of the targets."


def apply_mask(sample_weight: Any, mask: Any, dtype: Any, reduction: str | None) -> Any:
    """Sample weights that leave out what the mask hides.

    For the reductions that divide by the number of values, what is left is scaled by `total / valid`, so that
    the quotient is the mean over the valid values.

    Args:
        sample_weight: weights or None.
        mask: booleans, False where a value does not count; None hides nothing.
        dtype: of the weights.
        reduction: the reduction that will follow.
    """
    if mask is None:
        return sample_weight
    dtype = np.dtype(dtype)
    weight = constant(mask).astype(bool).astype(dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        weight = weight * (weight.size / np.maximum(np.sum(weight), 1.0))
    if sample_weight is None:
        return weight
    weight, sample_weight = squeeze_or_expand_to_same_rank(weight, as_dtype(sample_weight, dtype))
    return _spread(sample_weight, weight.shape, is_mask=False) * weight


def reduce_values(values: Any, sample_weight: Any = None, reduction: str | None = "sum_over_batch_size") -> Any:
    """Weighted values reduced to one number, or not, as `reduction` says."""
    if reduction is None or reduction == "none" or tuple(values.shape) in ((), (0,)):
        return values
    wide, kind = widened(values)
    total = np.sum(wide)
    if reduction == "sum":
        return narrowed(total, kind)
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        divisor = np.sum(constant(sample_weight))
        mean = np.where(np.equal(divisor, 0), 0.0, total) / np.where(np.equal(divisor, 0), 1.0, divisor)
    else:
        mean = total / float(values.size) if values.size else total * 0.0
    return narrowed(mean, kind)


def reduce_weighted_values(
    values: Any,
    sample_weight: Any = None,
    mask: Any = None,
    reduction: str | None = "sum_over_batch_size",
    dtype: Any = None,
) -> Any:
    """One loss per sample, weighted and reduced.

    Args:
        values: the losses.
        sample_weight: weights of the shape of `values` or of its leading axes; None weighs all alike.
        mask: booleans, False where a value does not count.
        reduction: `"sum_over_batch_size"` and `"mean"` divide the weighted sum by the number of values,
            `"mean_with_sample_weight"` by the sum of the weights, `"sum"` does not divide, `"none"` and None
            do not sum.
        dtype: the dtype to compute in; that of `values` by default.
    """
    standardize_reduction(reduction)
    values = as_tensor(values) if dtype is None else as_dtype(values, np.dtype(dtype))
    if sample_weight is None and mask is None:
        return reduce_values(values, None, reduction)
    is_mask = sample_weight is None
    sample_weight = apply_mask(sample_weight, mask, values.dtype, reduction)
    sample_weight = as_dtype(sample_weight, np.dtype(values.dtype))
    values, sample_weight = squeeze_or_expand_to_same_rank(values, sample_weight)
    sample_weight = _spread(sample_weight, tuple(values.shape), is_mask)
    return reduce_values(values * sample_weight, sample_weight, reduction)


def _spread(sample_weight: Any, shape: tuple[int, ...], is_mask: bool) -> Any:
    """Weights of samples as weights of values: one weight of a sequence is that of each of its steps.

    Raises:
        ValueError: if the weights fit neither the leading axes of the values nor, by broadcasting, all of them.
    """
    given = tuple(sample_weight.shape)
    if given == shape or not given or not shape:
        return sample_weight  # a loss of the whole batch counts once for each weight
    if given == shape[: len(given)]:
        return np.broadcast_to(np.reshape(sample_weight, given + (1,) * (len(shape) - len(given))), shape)
    if len(given) == len(shape) and all(n in (1, m) for n, m in zip(given, shape, strict=True)):
        return sample_weight
    if is_mask:
        raise ValueError(
            f"the prediction's mask has shape {given} but the losses have shape {shape}: a loss that sums over "
            "the steps itself needs a prediction without a mask; let the last layer's compute_mask return None"
        )
    raise ValueError(f"sample_weight has shape {given} but the losses have shape {shape}: give one weight for each")
