"""Intersection over union: how well a predicted region covers the true one, and no more."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config, dtypes
from kerasish.backend.callers import warn
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.losses.reduction import as_dtype, plain
from kerasish.metrics.metric import Metric, add_to, zeros


class IoU(Metric):
    """The mean over chosen classes of `tp / (tp + fp + fn)`, from the confusion matrix of all batches.

    Args:
        num_classes: the number of classes.
        target_class_ids: the classes whose values are averaged.
        name: the key in logs.
        dtype: of the confusion matrix; `"int"` by default.
        ignore_class: a label whose elements do not count.
        sparse_y_true: whether targets are numbers of classes; otherwise one-hot.
        sparse_y_pred: whether predictions are numbers of classes; otherwise scores, whose largest is taken.
        axis: the axis of the classes, where there is one.

    Raises:
        ValueError: if a target class is not below `num_classes`.

    Example:
        >>> m = IoU(num_classes=2, target_class_ids=[0])
        >>> m.update_state([0, 0, 1, 1], [0, 1, 0, 1])
        >>> round(float(m.result()), 4)
        0.3333
    """

    _direction = "up"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: DTypeLike = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, dtype=dtype or "int")
        if max(target_class_ids) >= num_classes:
            raise ValueError(
                f"target_class_ids must be below num_classes={num_classes}; received {list(target_class_ids)}"
            )
        self.num_classes = num_classes
        self.target_class_ids = list(target_class_ids)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        shape = (num_classes, num_classes)
        self.total_cm = self.add_variable(shape, zeros, dtype=self.dtype, name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        kind = dtypes.numpy_dtype(self.dtype)
        truth, found = plain(y_true), plain(y_pred)
        truth = (truth if self.sparse_y_true else truth.argmax(axis=self.axis)).astype(np.int64).reshape(-1)
        found = (found if self.sparse_y_pred else found.argmax(axis=self.axis)).astype(np.int64).reshape(-1)
        if truth.shape != found.shape:
            raise ValueError(
                f"y_true and y_pred must hold as many labels; received shapes {np.shape(y_true)} and {np.shape(y_pred)}"
            )
        counts = (truth >= 0) & (truth < self.num_classes) & (found >= 0) & (found < self.num_classes)
        if self.ignore_class is not None:
            counts &= truth != self.ignore_class
        weights = self._weights(sample_weight, truth.shape, kind)
        index = truth[counts] * self.num_classes + found[counts]
        matrix = np.bincount(index, None if weights is None else weights[counts], self.num_classes**2)
        add_to(self.total_cm, matrix.reshape(self.total_cm.shape))

    def _weights(self, sample_weight: Any, shape: tuple[int, ...], kind: np.dtype[Any]) -> np.ndarray | None:
        if sample_weight is None:
            return None
        weights = plain(sample_weight)
        if weights.dtype.kind == "f" and kind.kind in "iu":
            warn(
                f"{type(self).__name__} counts in {self.dtype}: fractions of sample weights are cut off. Use "
                "dtype='float32' to keep them.",
            )
        return np.broadcast_to(as_dtype(weights, kind).reshape(-1), shape)

    def result(self) -> Any:
        matrix = self.total_cm._value
        hits = matrix.diagonal()
        union = (matrix.sum(axis=0) + matrix.sum(axis=1) - hits)[self.target_class_ids].astype("float32")
        seen = union > 1e-9
        small = config.epsilon()
        shares = np.where(seen, hits[self.target_class_ids] / (union + small), 0).astype("float32")
        return np.sum(shares) / np.float32(np.count_nonzero(seen) + small)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }

    def _config_without(self, *names: str) -> dict[str, Any]:
        return {key: value for key, value in IoU.get_config(self).items() if key not in names}


class BinaryIoU(IoU):
    """The intersection over union of two classes that a threshold tells apart.

    Args:
        target_class_ids: which of the classes 0 and 1 are averaged.
        threshold: predictions of at least this are class 1.
        name: the key in logs.
        dtype: of the confusion matrix; `"int"` by default.

    Example:
        >>> m = BinaryIoU(target_class_ids=[0, 1], threshold=0.3)
        >>> m.update_state([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])
        >>> round(float(m.result()), 4)
        0.3333
    """

    def __init__(
        self,
        target_class_ids: Any = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(num_classes=2, target_class_ids=target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        chosen = as_dtype(plain(y_pred), np.dtype("float32")) >= self.threshold
        super().update_state(y_true, chosen, sample_weight)

    def get_config(self) -> dict[str, Any]:
        left_out = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**self._config_without(*left_out), "threshold": self.threshold}


class MeanIoU(IoU):
    """The intersection over union, averaged over all classes.

    Args:
        num_classes: the number of classes.
        name: the key in logs.
        dtype: of the confusion matrix; `"int"` by default.
        ignore_class: a label whose elements do not count.
        sparse_y_true: whether targets are numbers of classes; otherwise one-hot.
        sparse_y_pred: whether predictions are numbers of classes; otherwise scores, whose largest is taken.
        axis: the axis of the classes, where there is one.

    Example:
        >>> m = MeanIoU(num_classes=2)
        >>> m.update_state([0, 0, 1, 1], [0, 1, 0, 1])
        >>> round(float(m.result()), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DTypeLike = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            range(num_classes),
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=sparse_y_true,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("target_class_ids")


class OneHotIoU(IoU):
    """The intersection over union of chosen classes, with one-hot targets.

    Args:
        num_classes: the number of classes.
        target_class_ids: the classes whose values are averaged.
        name: the key in logs.
        dtype: of the confusion matrix; `"int"` by default.
        ignore_class: a label whose elements do not count.
        sparse_y_pred: whether predictions are numbers of classes; otherwise scores, whose largest is taken.
        axis: the axis of the classes.

    Example:
        >>> m = OneHotIoU(num_classes=3, target_class_ids=[0, 2])
        >>> m.update_state([[0, 0, 1], [1, 0, 0]], [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7]])
        >>> float(m.result().round(4))
        0.25
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: DTypeLike = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            target_class_ids,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("sparse_y_true")


class OneHotMeanIoU(MeanIoU):
    """The intersection over union, averaged over all classes, with one-hot targets.

    Args:
        num_classes: the number of classes.
        name: the key in logs.
        dtype: of the confusion matrix; `"int"` by default.
        ignore_class: a label whose elements do not count.
        sparse_y_pred: whether predictions are numbers of classes; otherwise scores, whose largest is taken.
        axis: the axis of the classes.

    Example:
        >>> m = OneHotMeanIoU(num_classes=2)
        >>> m.update_state([[0, 1], [1, 0]], [[0.2, 0.8], [0.9, 0.1]])
        >>> round(float(m.result()), 4)
        1.0
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DTypeLike = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("target_class_ids", "sparse_y_true")
