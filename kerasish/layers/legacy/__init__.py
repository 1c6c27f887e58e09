"""Layers of Keras 1 and 2 that Keras 3 has no longer; models of old files are made of them."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "batch_normalization_by_mode": "BatchNormalizationByMode",
        "cosine_merge": "CosineMerge",
        "highway": "Highway",
        "locally_connected": "LocallyConnected1D LocallyConnected2D",
        "maxout_dense": "MaxoutDense",
        "parametric_softplus": "ParametricSoftplus",
        "s_relu": "SReLU",
    },
)
