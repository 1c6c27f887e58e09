"""keras.wrappers: models as estimators of scikit-learn (extra `sklearn`)."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__, {"sklearn_wrapper": "SKLearnClassifier SKLearnRegressor SKLearnTransformer"}
)
