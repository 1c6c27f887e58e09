"""Distillation: a small network learns from a large one what the labels do not say."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "distillation_loss": "DistillationLoss FeatureDistillation LogitsDistillation",
        "distiller": "Distiller",
    },
)
