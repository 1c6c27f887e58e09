"""Which dtype a layer computes in, and which its variables are kept in."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "dtype_policy": "DTypePolicy FloatDTypePolicy",
        "serialization": "deserialize get serialize",
    },
)
