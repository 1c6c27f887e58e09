"""Losses: how far predictions are from their targets, as a number to make small."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "circles": "Circle circle",
        "connectionist": "CTC ctc",
        "crossentropies": "binary_crossentropy binary_focal_crossentropy categorical_crossentropy "
        "categorical_focal_crossentropy categorical_generalized_cross_entropy sparse_categorical_crossentropy",
        "crossentropy_losses": "BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy "
        "CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy SparseCategoricalCrossentropy",
        "divergences": "KLDivergence Poisson kl_divergence poisson",
        "hinges": "CategoricalHinge Hinge SquaredHinge categorical_hinge hinge squared_hinge",
        "serialization": "deserialize get serialize",
        "loss": "Loss LossFunctionWrapper",
        "overlap": "Dice Tversky dice tversky",
        "regression": "CosineSimilarity Huber LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError "
        "MeanSquaredLogarithmicError cosine_similarity huber log_cosh mean_absolute_error "
        "mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error",
    },
)
