"""True and false positives and negatives at many thresholds, in one pass over the predictions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kerasish.backend import config
from kerasish.backend.array import bare
from kerasish.losses.reduction import as_dtype, check_same_shape, plain, squeeze_or_expand_to_same_rank

# The score of what is not among the largest k: below every threshold.
BELOW_ALL = -1e10


class Counts(NamedTuple):
    """Weighted counts, each of shape `(thresholds,)` or `(thresholds, labels)`."""

    true_positives: np.ndarray
    false_positives: np.ndarray
    true_negatives: np.ndarray
    false_negatives: np.ndarray


def parse_thresholds(thresholds: Any, default: float) -> list[float]:
    """Thresholds as a list, from a number, a list, or None for the default.

    Raises:
        ValueError: if one is not from 0 to 1.
    """
    if thresholds is None:
        return [default]
    values = list(thresholds) if isinstance(thresholds, (list, tuple, np.ndarray)) else [thresholds]
    wrong = [t for t in values if t is None or not 0 <= t <= 1]
    if wrong:
        raise ValueError(f"thresholds must be from 0 to 1; received {wrong}")
    return values


def is_evenly_distributed(thresholds: Any) -> bool:
    """Whether thresholds run from 0 to 1 in equal steps, so that a product finds a prediction's place among them."""
    count = len(thresholds)
    return count >= 3 and bool(np.allclose(thresholds, np.arange(count) / (count - 1), atol=config.epsilon()))


def _keep_top_k(y_pred: np.ndarray, k: int) -> np.ndarray:
    largest = np.argsort(-y_pred, axis=-1, kind="stable")[..., :k]
    kept = np.full_like(y_pred, BELOW_ALL)
    np.put_along_axis(kept, largest, np.take_along_axis(y_pred, largest, axis=-1), axis=-1)
    return kept


def _passed(y_pred: np.ndarray, thresholds: np.ndarray, evenly: bool) -> np.ndarray:
    """For each prediction, how many of the sorted thresholds it exceeds; none for nan."""
    if y_pred.size and np.isnan(y_pred.min()):
        y_pred = np.where(np.isnan(y_pred), np.array(-np.inf, y_pred.dtype), y_pred)
    if not evenly:
        return np.searchsorted(thresholds, y_pred)
    steps = y_pred.dtype.type(len(thresholds) - 1)
    passed = np.ceil(np.clip(y_pred, 0, 1) * steps).astype(np.int64)
    return np.maximum(passed, 1) if thresholds[0] < 0 else passed


def _prepare(
    y_true: Any, y_pred: Any, sample_weight: Any, top_k: int | None, class_id: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    kind = np.dtype(config.floatx())
    y_pred, y_true = squeeze_or_expand_to_same_rank(bare(as_dtype(plain(y_pred), kind)), plain(y_true))
    check_same_shape(y_true, y_pred)
    weights = None
    if sample_weight is not None:
        weights = np.expand_dims(bare(as_dtype(plain(sample_weight), kind)), -1)
        _, weights = squeeze_or_expand_to_same_rank(y_true, weights, expand_rank_1=False)
    if top_k is not None:
        y_pred = _keep_top_k(y_pred, top_k)
    if class_id is not None:
        if y_pred.ndim < 2:
            raise ValueError(f"class_id needs predictions of shape (batch, classes); received shape {y_pred.shape}")
        y_true, y_pred = y_true[..., class_id, None], y_pred[..., class_id, None]
    if weights is not None:
        try:
            weights = np.broadcast_to(weights, y_pred.shape)
        except ValueError as error:
            raise ValueError(
                f"sample_weight has shape {np.shape(sample_weight)} but y_pred has shape {y_pred.shape}: give one "
                "weight for each sample"
            ) from error
    return y_true != 0, y_pred, weights


def count_outcomes(
    y_true: Any,
    y_pred: Any,
    thresholds: Any,
    evenly: bool = False,
    top_k: int | None = None,
    class_id: int | None = None,
    sample_weight: Any = None,
    multi_label: bool = False,
    label_weights: Any = None,
) -> Counts:
    """Count outcomes at each threshold, where predictions above it are positive.

    The predictions are sorted into the gaps between the thresholds once; sums from the top over the gaps are
    then the positives at every threshold.

    Args:
        y_true: labels; what is not zero is positive.
        y_pred: predictions of the same shape.
        thresholds: the thresholds.
        evenly: whether they run from 0 to 1 in equal steps.
        top_k: predictions that are not among the `k` largest of the last axis are negative.
        class_id: the only class of the last axis that counts; None for all.
        sample_weight: weights of samples, or of predictions.
        multi_label: whether the last axis is counted label by label.
        label_weights: weights of the labels of the last axis, where they are counted together.

    Raises:
        ValueError: if shapes do not fit.
    """
    labels, y_pred, weights = _prepare(y_true, y_pred, sample_weight, top_k, class_id)
    if label_weights is not None and not multi_label:
        shares = np.broadcast_to(np.asarray(label_weights, y_pred.dtype), y_pred.shape)
        weights = shares if weights is None else weights * shares
    order = np.argsort(thresholds, kind="stable")
    ascending = np.asarray(thresholds, y_pred.dtype)[order]
    gaps = len(ascending) + 1
    index = _passed(y_pred, ascending, evenly)
    columns = 1
    if multi_label:
        columns = y_pred.shape[-1]
        index = index * columns + np.arange(columns)
    positive = _from_the_top(index, labels, weights, gaps, columns)
    negative = _from_the_top(index, ~labels, weights, gaps, columns)
    counts = (positive[1:], negative[1:], negative[0] - negative[1:], positive[0] - positive[1:])
    back = np.argsort(order)
    return Counts(*(count[back] if multi_label else count[back, 0] for count in counts))


def _from_the_top(
    index: np.ndarray, chosen: np.ndarray, weights: np.ndarray | None, gaps: int, columns: int
) -> np.ndarray:
    """For each gap and column, the weight of what lies in that gap or above."""
    share = None if weights is None else weights[chosen]
    held = np.bincount(index[chosen], share, minlength=gaps * columns).reshape(gaps, columns)
    return held[::-1].cumsum(axis=0)[::-1]
