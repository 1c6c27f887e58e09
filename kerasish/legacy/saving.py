"""The configs of Keras 2, under the name that they have here; see `kerasish.utils.legacy`."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__, {"kerasish.utils.legacy.serialization": "deserialize_keras_object serialize_keras_object"}
)
