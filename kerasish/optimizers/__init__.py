"""Optimizers: from gradients to new values of the variables."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "adadelta": "Adadelta",
        "adagrad": "Adagrad",
        "adam": "Adam AdamW",
        "adamax": "Adamax",
        "ftrl": "Ftrl",
        "lamb": "Lamb",
        "lion": "Lion",
        "nadam": "Nadam",
        "rmsprop": "RMSprop",
        "lookup": "deserialize get serialize",
        "optimizer": "Optimizer",
        "sgd": "SGD",
    },
    ("schedules",),
)
