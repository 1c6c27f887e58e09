"""The configs of Keras 2: an object as its class name and its arguments, without the module of the class."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {"serialization": "deserialize_keras_object serialize_keras_object"})
