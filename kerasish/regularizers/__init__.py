"""Penalties on weights and activations, added to the loss."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "regularizers": "L1 L1L2 L2 OrthogonalRegularizer Regularizer l1=L1 l1_l2=L1L2 l2=L2 "
        "orthogonal_regularizer=OrthogonalRegularizer",
        "serialization": "deserialize get serialize",
    },
)
