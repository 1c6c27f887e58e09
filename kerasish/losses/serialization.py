"""Losses by name: what `compile(loss="mse")` means."""

from __future__ import annotations

from typing import Any

from kerasish.backend.admission import of_another_keras
from kerasish.saving.registry import Registry, names_of
from kerasish.saving.serialization import serialize_keras_object

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
    **names_of("kerasish.losses"),
    **_SHORT,
    **{short.upper(): name for short, name in _SHORT.items()},
    **_FORMER,
}
_registry = Registry("loss", "keras.losses", NAMES)


def get(identifier: Any) -> Any:
    """The loss that an argument means: a name, a config, a class, an instance, a function or None.

    The name of a function gives the function, that of a class an instance.

    Raises:
        ValueError: if it means nothing, with the nearest names; or is another Keras's, through which no gradient comes.

    Example:
        >>> get("mse").__name__
        'mean_squared_error'
        >>> get("Huber").name
        'huber_loss'
    """
    elsewhere = of_another_keras(identifier)
    if elsewhere:
        raise ValueError(f"no gradient comes through the loss {identifier!r:.100}{elsewhere}")
    return _registry.get(identifier)


def serialize(loss: Any) -> Any:
    """The config of a loss, or the name of a function.

    Example:
        >>> from kerasish.losses import MeanSquaredError
        >>> serialize(MeanSquaredError())["class_name"]
        'MeanSquaredError'
    """
    return serialize_keras_object(loss)


def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The loss of a config or a name, which may be one of `custom_objects`; ValueError where nothing has it."""
    return _registry.deserialize(name, custom_objects)
