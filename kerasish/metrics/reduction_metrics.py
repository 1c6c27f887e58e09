"""Means and sums over everything seen since the last reset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from kerasish.backend import dtypes, masks
from kerasish.backend.array import eager
from kerasish.backend.trace import in_place
from kerasish.backend.typing import DTypeLike
from kerasish.losses.loss import named_arguments
from kerasish.losses.reduction import apply_mask, as_dtype, plain, squeeze_or_expand_to_same_rank
from kerasish.metrics.metric import Metric, add_to, zeros
from kerasish.saving.names import is_own
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

# Up to this many samples a float32 counts them exactly; from here on what rounding takes away is kept.
_EXACT = 2**23


def reduce_to_samplewise_values(
    values: Any, sample_weight: Any, reduce_fn: Callable[..., Any], dtype: DTypeLike, mask: Any = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """One weighted value, and its weight, for each sample.

    Args:
        values: shape `(batch, ..)`.
        sample_weight: weights of the shape of the leading axes of `values`, or None.
        reduce_fn: `np.mean` or `np.sum`: how the other axes become one number.
        dtype: of the result.
        mask: booleans, False where a value does not count.
    """
    kind = dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))
    values = as_dtype(plain(values), kind)
    sample_weight = apply_mask(sample_weight, mask, kind, "sum")
    weights = None
    if sample_weight is not None:
        values, weights = squeeze_or_expand_to_same_rank(values, as_dtype(plain(sample_weight), kind))
        rank = weights.ndim
        if values.ndim > rank:
            values = reduce_fn(values, axis=tuple(range(rank, values.ndim)))
        weights = _broadcast(weights, values.shape)
        values = values * weights
        if weights.ndim > 1 and rank > 1:
            weights = reduce_fn(weights, axis=tuple(range(1, weights.ndim)))
    if values.ndim > 1:
        values = reduce_fn(values, axis=tuple(range(1, values.ndim)))
    return values, weights


def _broadcast(weights: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if weights.shape == shape:
        return weights
    try:
        return np.broadcast_to(weights, shape)
    except ValueError as error:
        raise ValueError(
            f"sample_weight has shape {weights.shape} but the values have shape {shape}: give one weight for each"
        ) from error


class Sum(Metric):
    """The weighted sum of all values.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = Sum()
        >>> m.update_state([1, 3, 5, 7])
        >>> float(m.result())
        16.0
    """

    def __init__(self, name: str | None = "sum", dtype: DTypeLike = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), zeros, dtype=self.dtype, name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, _ = reduce_to_samplewise_values(values, sample_weight, np.sum, self.dtype)
        add_to(self.total, values.sum())

    def result(self) -> Any:
        return self.total.numpy()


class Mean(Metric):
    """The weighted mean of all values: `sum(values * weights) / sum(weights)`.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = Mean()
        >>> m.update_state([1, 3, 5, 7])
        >>> float(m.result())
        4.0
        >>> m.update_state([10], sample_weight=[4])
        >>> float(m.result())
        7.0
    """

    def __init__(self, name: str | None = "mean", dtype: DTypeLike = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), zeros, dtype=self.dtype, name="total")
        self.count = self.add_variable((), zeros, dtype=self.dtype, name="count")

    @in_place("kerasish.metrics.recorded:mean_grows")
    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values = plain(values)
        if sample_weight is None and self.total._value.dtype.kind == "f":
            samples = len(values) if values.ndim else 1
            total = np.add.reduce(values, axis=None, dtype=self.total._value.dtype)
            if values.ndim > 1 and values.size:
                total *= samples / values.size
            if self.count._value >= _EXACT:
                add_to(self.total, total)
                add_to(self.count, samples)
            else:
                self.total._value += total
                self.count._value += samples
            return
        values, weights = reduce_to_samplewise_values(values, sample_weight, np.mean, self.dtype)
        add_to(self.total, values.sum())
        add_to(self.count, (len(values) if values.ndim else 1) if weights is None else weights.sum())

    def result(self) -> Any:
        count = self.count._value
        return self.total._value / count if count else np.zeros_like(count)


class MeanMetricWrapper(Mean):
    """The weighted mean of a function of targets and predictions.

    Args:
        fn: `fn(y_true, y_pred, **kwargs)` gives one value per sample.
        name: the key in logs.
        dtype: of the result.
        **kwargs: further arguments of `fn`.

    Example:
        >>> m = MeanMetricWrapper(lambda y_true, y_pred: abs(y_true - y_pred), name="distance")
        >>> m.update_state([1.0, 2.0], [2.0, 5.0])
        >>> float(m.result())
        2.0
    """

    _direction: str

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: DTypeLike = None, **kwargs: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        if is_own(fn, "keras.losses"):
            self._direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        sample_weight = apply_mask(sample_weight, masks.get_mask(y_pred), self.dtype, "sum")
        super().update_state(self._fn(eager(plain(y_true)), eager(plain(y_pred)), **self._fn_kwargs), sample_weight)

    def get_config(self) -> dict[str, Any]:
        arguments = {key: serialize_keras_object(value) for key, value in self._fn_kwargs.items()}
        return {**super().get_config(), "fn": serialize_keras_object(self._fn), **arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        if "fn" in config:
            config = deserialize_keras_object(config)
        return cls(**config)


class BuiltinMean(MeanMetricWrapper):
    """The mean of a function that its class knows, so that its config need not name it."""

    # Arguments that a config names only where they differ from these defaults: Keras's configs never hold them.
    _unnamed: ClassVar[dict[str, Any]] = {}

    def get_config(self) -> dict[str, Any]:
        return {**Metric.get_config(self), **named_arguments(self._fn_kwargs, self._unnamed)}
