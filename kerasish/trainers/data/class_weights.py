"""The weight of each sample by its label: `class_weight`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config
from kerasish.trainers.data.lazy_rows import LazyRows

BALANCED = "balanced"


def checked_class_weight(class_weight: Any) -> Any:
    """A dict from labels to weights, `"balanced"`, or None.

    Args:
        class_weight: one of them, or an array or list with the weight of label 0, 1, ...

    Raises:
        ValueError: if it is something else, or a key is no number.
    """
    if class_weight is None or (isinstance(class_weight, str) and class_weight == BALANCED):
        return class_weight
    if isinstance(class_weight, dict):
        odd = [key for key in class_weight if not isinstance(key, (int, float, np.number))]
        if odd:
            raise ValueError(f"the keys of class_weight are labels, which are numbers; received {odd[0]!r}")
        return class_weight
    weights = None if isinstance(class_weight, (str, bytes)) else np.asarray(class_weight)
    if weights is None or weights.ndim != 1 or weights.dtype.kind not in "iuf":
        raise ValueError(
            "class_weight is a dict from labels to weights, an array with the weight of label 0, 1, ..., or "
            f"'balanced'; received {class_weight!r:.80}"
        )
    return _Listed(enumerate(weights.tolist()))


class _Listed(dict[int, float]):
    """Weights that were given in a row, so that each label must have one."""


def weights_for(y: Any, sample_weight: Any, class_weight: Any) -> Any:
    """The samples' weights, from `sample_weight` or from `class_weight`, as `checked_class_weight` returns it.

    Raises:
        ValueError: if both are given, or there are no labels to weigh, or a label has no weight in a list of them.
    """
    if class_weight is None:
        return sample_weight
    if sample_weight is not None:
        raise ValueError("class_weight and sample_weight cannot both be given: multiply them into one")
    return _weights_of(y, class_weight)


def _weights_of(y: Any, class_weight: Any) -> np.ndarray:
    """The weight of each sample, from its label.

    Args:
        y: labels, of shape `(n,)` or `(n, 1)`, or one-hot rows.
        class_weight: the weight of each label, where those that are missing weigh 1; or `"balanced"`: `n / (k * n_c)`
            for the `n_c` samples of a class, where there are `n` samples of `k` classes.
    """
    if not isinstance(y, (np.ndarray, LazyRows)):
        raise ValueError("class_weight works with one array of labels as y")
    labels = np.asarray(y).reshape(len(y), -1)
    labels = np.argmax(labels, axis=1) if labels.shape[1] > 1 else np.round(labels[:, 0])
    if isinstance(class_weight, str):
        known, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
        return (len(labels) / (len(known) * counts)).astype(config.floatx())[places.reshape(-1)]
    if isinstance(class_weight, _Listed) and not set(np.unique(labels).tolist()) <= class_weight.keys():
        raise ValueError(
            f"class_weight has {len(class_weight)} numbers, for the labels 0 to {len(class_weight) - 1}; the labels "
            f"run from {labels.min():g} to {labels.max():g}"
        )
    weights = np.ones(len(y), config.floatx())
    for label, weight in class_weight.items():
        weights[labels == label] = weight
    return weights
