"""Learning rates that change with the step."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "learning_rate_schedule": "CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay "
        "LearningRateSchedule PiecewiseConstantDecay PolynomialDecay",
        "serialization": "deserialize serialize",
    },
)
