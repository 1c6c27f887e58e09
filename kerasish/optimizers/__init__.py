"""Optimizers: from gradients to new values of the variables."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "adadelta": "Adadelta",
        "adafactor": "Adafactor",
        "adagrad": "Adagrad",
        "adam": "Adam AdamW",
        "adamax": "Adamax",
        "ftrl": "Ftrl",
        "lamb": "Lamb",
        "lion": "Lion",
        "loss_scale_optimizer": "LossScaleOptimizer",
        "multi_optimizer": "MultiOptimizer OptimizerMap",
        "muon": "Muon",
        "nadam": "Nadam",
        "rmsprop": "RMSprop",
        "serialization": "deserialize get serialize",
        "optimizer": "Optimizer",
        "schedule_free_adamw": "ScheduleFreeAdamW",
        "sgd": "SGD",
    },
    ("legacy", "schedules"),
)
