"""What Keras keeps of its older self under `keras.legacy`."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {}, ("saving",))
