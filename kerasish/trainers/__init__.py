"""Training: the lifecycle of a model, and the data it is fed."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {"trainer": "Trainer"})
