"""Losses by name: what `compile(loss="mse")` means."""

from __future__ import annotations

from typing import Any

from kerasish.losses.loss import Loss
from kerasish.saving.registry import Registry

_CLASSES = (
    "BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy CategoricalFocalCrossentropy "
    "CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber KLDivergence LogCosh "
    "Loss LossFunctionWrapper MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError "
    "MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky"
)
_FUNCTIONS = (
    "binary_crossentropy binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy "
    "categorical_generalized_cross_entropy categorical_hinge circle cosine_similarity dice hinge huber kl_divergence "
    "log_cosh mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error "
    "poisson sparse_categorical_crossentropy squared_hinge tversky"
)
_SHORT = {
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}
# Names that files of Keras 1 and 2 use.
_FORMER = {
    "cosine_proximity": "cosine_similarity",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
}

NAMES = {
    **{name: name for name in (*_CLASSES.split(), *_FUNCTIONS.split())},
    **_SHORT,
    **{short.upper(): name for short, name in _SHORT.items()},
    **_FORMER,
}
registry = Registry("loss", "keras.losses", NAMES, base=lambda: Loss)


def get(identifier: Any) -> Any:
    """The loss that an argument means: a name, a config, a class, an instance, a function or None.

    The name of a function gives the function, that of a class an instance.

    Raises:
        ValueError: if it means nothing, with the nearest names.

    Example:
        >>> get("mse").__name__
        'mean_squared_error'
        >>> get("Huber").name
        'huber_loss'
    """
    return registry.get(identifier)


def serialize(loss: Any) -> Any:
    """The config of a loss, or the name of a function.

    Example:
        >>> from kerasish.losses import MeanSquaredError
        >>> serialize(MeanSquaredError())["class_name"]
        'MeanSquaredError'
    """
    return registry.serialize(loss)


def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The loss of a config or a name.

    Args:
        name: what `serialize` returned.
        custom_objects: the caller's own classes and functions by name.

    Raises:
        ValueError: if nothing of that name is known.
    """
    return registry.deserialize(name, custom_objects)
