"""Which dtype a layer computes in, and which its variables are kept in."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "dtype_policy": "DTypePolicy FloatDTypePolicy",
        "dtype_policy_map": "DTypePolicyMap",
        "quantized_policies": "AWQDTypePolicy GPTQDTypePolicy Int4DTypePolicy QuantizedDTypePolicy "
        "QuantizedFloat8DTypePolicy",
        "serialization": "deserialize get serialize",
    },
)
