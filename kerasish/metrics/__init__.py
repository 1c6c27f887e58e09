"""Metrics: numbers that are followed while a model learns, and that need no gradient."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "accuracy_metrics": "Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy "
        "SparseTopKCategoricalAccuracy TopKCategoricalAccuracy binary_accuracy categorical_accuracy "
        "sparse_categorical_accuracy sparse_top_k_categorical_accuracy top_k_categorical_accuracy",
        "area_metrics": "AUC",
        "confusion_metrics": "FalseNegatives FalsePositives Precision Recall TrueNegatives TruePositives",
        "correlation_metrics": "ConcordanceCorrelation PearsonCorrelation concordance_correlation pearson_correlation",
        "determination_metrics": "R2Score",
        "f_score_metrics": "F1Score FBetaScore",
        "hinge_metrics": "CategoricalHinge Hinge SquaredHinge",
        "iou_metrics": "BinaryIoU IoU MeanIoU OneHotIoU OneHotMeanIoU",
        "serialization": "deserialize get serialize",
        "metric": "Metric",
        "operating_point_metrics": "PrecisionAtRecall RecallAtPrecision SensitivityAtSpecificity "
        "SpecificityAtSensitivity",
        "probabilistic_metrics": "BinaryCrossentropy CategoricalCrossentropy KLDivergence Poisson "
        "SparseCategoricalCrossentropy",
        "reduction_metrics": "Mean MeanMetricWrapper Sum",
        "regression_metrics": "CosineSimilarity LogCoshError MeanAbsoluteError MeanAbsolutePercentageError "
        "MeanSquaredError MeanSquaredLogarithmicError RootMeanSquaredError",
        "kerasish.losses.crossentropies": "binary_crossentropy binary_focal_crossentropy categorical_crossentropy "
        "categorical_focal_crossentropy sparse_categorical_crossentropy",
        "kerasish.losses.divergences": "kl_divergence poisson",
        "kerasish.losses.hinges": "categorical_hinge hinge squared_hinge",
        "kerasish.losses.regression": "huber log_cosh mean_absolute_error mean_absolute_percentage_error "
        "mean_squared_error mean_squared_logarithmic_error",
    },
)
