"""Limits on weights, enforced after every step."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "constraints": "Constraint MaxNorm MinMaxNorm NonNeg UnitNorm max_norm=MaxNorm min_max_norm=MinMaxNorm "
        "non_neg=NonNeg unit_norm=UnitNorm",
        "serialization": "deserialize get serialize",
    },
)
