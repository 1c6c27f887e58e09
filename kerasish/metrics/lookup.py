"""Metrics by name: what `compile(metrics=["auc"])` means."""

from __future__ import annotations

from typing import Any

from kerasish.backend.names import to_snake_case
from kerasish.metrics.metric import Metric
from kerasish.saving.registry import Registry

_CLASSES = (
    "AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy "
    "CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge "
    "IoU KLDivergence LogCoshError Mean MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanMetricWrapper "
    "MeanSquaredError MeanSquaredLogarithmicError Metric OneHotIoU OneHotMeanIoU PearsonCorrelation Poisson Precision "
    "PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError SensitivityAtSpecificity "
    "SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SpecificityAtSensitivity "
    "SquaredHinge Sum TopKCategoricalAccuracy TrueNegatives TruePositives"
)
_SHORT = {
    "bce": "BinaryCrossentropy",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "mse": "MeanSquaredError",
    "msle": "MeanSquaredLogarithmicError",
}

NAMES = {
    **{name: name for name in _CLASSES.split()},
    **{to_snake_case(name): name for name in _CLASSES.split()},
    **_SHORT,
    **{short.upper(): name for short, name in _SHORT.items()},
}
registry = Registry("metric", "keras.metrics", NAMES, base=lambda: Metric)


def get(identifier: Any) -> Any:
    """The metric that an argument means: a name, a config, a class, an instance, a function or None.

    A name gives an instance. `"acc"` and the choice that `"accuracy"` makes between labels and one-hot labels are
    `compile`'s, which knows the shapes; here `"accuracy"` is `Accuracy`.

    Raises:
        ValueError: if it means nothing, with the nearest names.

    Example:
        >>> get("mse").name
        'mean_squared_error'
    """
    return registry.get(identifier)


def serialize(metric: Any) -> Any:
    """The config of a metric, or the name of a function.

    Example:
        >>> from kerasish.metrics import Mean
        >>> serialize(Mean())["class_name"]
        'Mean'
    """
    return registry.serialize(metric)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The metric of a config or a name.

    Args:
        config: what `serialize` returned.
        custom_objects: the caller's own classes and functions by name.

    Raises:
        ValueError: if nothing of that name is known.
    """
    return registry.deserialize(config, custom_objects)
