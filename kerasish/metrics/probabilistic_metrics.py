"""Crossentropies and other distances of distributions as metrics."""

from __future__ import annotations

from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.losses import crossentropies, divergences
from kerasish.losses.reduction import apply_mask, plain
from kerasish.metrics.reduction_metrics import BuiltinMean


class KLDivergence(BuiltinMean):
    """The mean relative entropy of targets to predictions, in nats.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = KLDivergence()
        >>> m.update_state([[0.5, 0.5]], [[0.5, 0.5]])
        >>> float(m.result())
        0.0
    """

    def __init__(self, name: str | None = "kl_divergence", dtype: DTypeLike = None) -> None:
        super().__init__(divergences.kl_divergence, name=name, dtype=dtype)


class Poisson(BuiltinMean):
    """The mean of minus the log-likelihood of counts, up to a constant.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = Poisson()
        >>> m.update_state([[2.0, 0.0]], [[1.0, 3.0]])
        >>> round(float(m.result()), 4)
        2.0
    """

    def __init__(self, name: str | None = "poisson", dtype: DTypeLike = None) -> None:
        super().__init__(divergences.poisson, name=name, dtype=dtype)


class BinaryCrossentropy(BuiltinMean):
    """The mean crossentropy of yes-or-no targets, in nats.

    Args:
        name: the key in logs.
        dtype: of the result.
        from_logits: whether predictions are logits, the numbers before the sigmoid.
        label_smoothing: the share of each target that is moved to the middle.

    Example:
        >>> m = BinaryCrossentropy()
        >>> m.update_state([[0.0, 1.0]], [[0.5, 0.5]])
        >>> round(float(m.result()), 4)
        0.6931
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: DTypeLike = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            crossentropies.binary_crossentropy,
            name=name,
            dtype=dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing


class CategoricalCrossentropy(BuiltinMean):
    """The mean crossentropy of one-hot labels, in nats.

    Args:
        name: the key in logs.
        dtype: of the result.
        from_logits: whether predictions are logits, the numbers before the softmax.
        label_smoothing: the share of each target that is spread over all classes.
        axis: the axis of the classes.

    Example:
        >>> m = CategoricalCrossentropy()
        >>> m.update_state([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.25]])
        >>> round(float(m.result()), 4)
        0.6931
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: DTypeLike = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            crossentropies.categorical_crossentropy,
            name=name,
            dtype=dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


class SparseCategoricalCrossentropy(BuiltinMean):
    """The mean crossentropy of labels given as numbers, in nats.

    Args:
        name: the key in logs.
        dtype: of the result.
        from_logits: whether predictions are logits, the numbers before the softmax.
        ignore_class: a label whose crossentropy counts as zero; with sample weights its weight is zero too.
        axis: the axis of the classes.

    Example:
        >>> m = SparseCategoricalCrossentropy()
        >>> m.update_state([1], [[0.25, 0.5, 0.25]])
        >>> round(float(m.result()), 4)
        0.6931
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: DTypeLike = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            crossentropies.sparse_categorical_crossentropy,
            name=name,
            dtype=dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:  # type: ignore[override]
        if self.ignore_class is not None and sample_weight is not None:
            labels, predictions = plain(y_true), plain(y_pred)
            shape = [n for i, n in enumerate(predictions.shape) if i != self.axis % predictions.ndim]
            counts = (labels != self.ignore_class).reshape(shape)
            sample_weight = apply_mask(sample_weight, counts, self.dtype, "sum")
        super().update_state(y_true, y_pred, sample_weight)
