"""keras.random: numbers drawn from distributions, the same ones again for the same seed."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "kerasish.backend.random": "SeedGenerator",
        "distributions": "beta binomial categorical dropout gamma normal randint shuffle truncated_normal uniform",
    },
)
