"""Models with the manners of scikit-learn: `fit(X, y)`, `predict(X)`, and attributes that end in an underscore.

scikit-learn clones an estimator from the arguments of its constructor, so these are kept as they came; everything
that fitting makes is made in `fit`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np

from kerasish._extras import missing
from kerasish.backend.config import floatx
from kerasish.models.cloning import clone_model
from kerasish.models.model import Model
from kerasish.utils.numerical_utils import to_categorical

try:
    from sklearn.base import (
        BaseEstimator,
        ClassifierMixin,
        ClassNamePrefixFeaturesOutMixin,
        RegressorMixin,
        TransformerMixin,
    )
    from sklearn.utils.metadata_routing import MetadataRequest
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_array, check_is_fitted, validate_data
except ImportError as error:
    raise missing("keras.wrappers needs scikit-learn 1.6 or later", "sklearn") from error

ModelMaker = Callable[..., Model]


class _Estimator(BaseEstimator):
    """What the three wrappers share: how a model is found, trained and asked."""

    def __init__(
        self,
        model: Model | ModelMaker,
        warm_start: bool = False,
        model_kwargs: Mapping[str, Any] | None = None,
        fit_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True  # weights begin with random numbers
        return tags

    @property
    def epoch_(self) -> int:
        """How many epochs the last `fit` took."""
        check_is_fitted(self)
        return len(self.history_.epoch)

    def set_fit_request(self, **kwargs: bool | str | None) -> Self:
        """Ask for arguments of `fit` to be handed on by what this estimator is a part of.

        Args:
            **kwargs: for each argument's name: whether it is wanted, or the name that it has there.

        Raises:
            RuntimeError: if scikit-learn's metadata routing is not enabled.
        """
        from sklearn import get_config

        if not get_config()["enable_metadata_routing"]:
            raise RuntimeError(
                "set_fit_request needs scikit-learn's metadata routing: call "
                "sklearn.set_config(enable_metadata_routing=True) first"
            )
        request: MetadataRequest = self._get_metadata_request()
        for name, alias in kwargs.items():
            request.fit.add_request(param=name, alias=alias)
        self._metadata_request = request
        return self

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Self:
        """Train a model on samples.

        Args:
            X: an array or data frame, a row for each sample.
            y: what they are.
            **kwargs: arguments of `model.fit`, before those of `fit_kwargs`.

        Raises:
            ValueError: if the samples or targets cannot be used.
            RuntimeError: if the model is not compiled.
        """
        X, y = self._checked(X, y)
        targets = self._to_targets(y)
        model = self._ready_model(X, targets)
        options = {**(self.fit_kwargs or {}), **kwargs}
        self.history_ = model.fit(X, targets, **options)
        self.model_ = model
        return self

    def _checked(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        return validate_data(self, X, y)

    def _ready_model(self, X: np.ndarray, y: np.ndarray) -> Model:
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        if isinstance(self.model, Model):
            made = clone_model(self.model)
        elif callable(self.model):
            made = self.model(X=X, y=y, **(self.model_kwargs or {}))
        else:
            raise TypeError(
                f"{type(self).__name__} needs a compiled model, or a function of X and y that makes one, as model; "
                f"received {type(self.model).__name__}"
            )
        if not made.compiled or made.loss is None or made.optimizer is None:
            raise RuntimeError(
                f"the model of {type(self).__name__} is not compiled: call model.compile(optimizer, loss) before it "
                "is given, or in the function that makes it"
            )
        return made

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        settings = {"verbose": (self.fit_kwargs or {}).get("verbose", "auto")}
        return np.asarray(self.model_.predict(X, **settings))

    def _to_targets(self, y: np.ndarray) -> np.ndarray:
        """What the model is to learn, two-dimensional as its outputs are."""
        return np.reshape(y, (-1, 1)) if np.ndim(y) == 1 else y

    def predict(self, X: Any) -> np.ndarray:
        """The model's outputs, one number for each sample where it has one.

        Raises:
            NotFittedError: if `fit` was not called.
        """
        found = self._outputs(X)
        return found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found


class SKLearnClassifier(ClassifierMixin, _Estimator):
    """A model that tells classes apart, as an estimator of scikit-learn.

    The classes may be of any kind; the model is trained on columns of zeros and ones, one for each class, so it ends
    in as many units as there are classes, with a softmax and `categorical_crossentropy`.

    Args:
        model: a compiled model, of which each `fit` takes a copy with new weights; or a function that makes a
            compiled model, called with `X` and `y` (the columns) by name.
        warm_start: whether another `fit` goes on with the model of the one before.
        model_kwargs: further arguments for that function.
        fit_kwargs: arguments for `model.fit`, such as `epochs`.

    Attributes:
        model_: the trained model.
        history_: what its `fit` returned.
        classes_: the classes, sorted.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> def make(X, y):
        ...     model = keras.Sequential([keras.layers.Dense(y.shape[1], activation="softmax")])
        ...     model.compile(keras.optimizers.SGD(1.0), "categorical_crossentropy")
        ...     return model
        >>> X = np.array([[0.0], [1.0], [4.0], [5.0]])
        >>> labels = np.array(["low", "low", "high", "high"])
        >>> classifier = keras.wrappers.SKLearnClassifier(make, fit_kwargs={"epochs": 99, "verbose": 0})
        >>> classifier.fit(X, labels).predict(X)
        array(['low', 'low', 'high', 'high'], dtype='<U4')
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # of what model it is a wrapper, it cannot know
        return tags

    def _to_targets(self, y: np.ndarray) -> np.ndarray:
        check_classification_targets(y)
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "Classifier can't train when only one class is present: all of y is "
                f"{self.classes_[0]!r}. Give it samples of at least two classes."
            )
        return to_categorical(places, len(self.classes_))

    def predict(self, X: Any) -> np.ndarray:
        """The class of each sample: the one with the largest output.

        Raises:
            NotFittedError: if `fit` was not called.
        """
        outputs = self._outputs(X)
        return self.classes_[np.argmax(outputs, axis=-1)]

    def decision_function(self, X: Any) -> np.ndarray:
        """The model's outputs: a column for each class, also where there are two (as in Keras, not in scikit-learn).

        Raises:
            NotFittedError: if `fit` was not called.
        """
        return self._outputs(X)


class SKLearnRegressor(RegressorMixin, _Estimator):
    """A model that predicts a number, as an estimator of scikit-learn.

    Args:
        model: a compiled model, of which each `fit` takes a copy with new weights; or a function that makes a
            compiled model, called with `X` and `y` (a column) by name.
        warm_start: whether another `fit` goes on with the model of the one before.
        model_kwargs: further arguments for that function.
        fit_kwargs: arguments for `model.fit`, such as `epochs`.

    Attributes:
        model_: the trained model.
        history_: what its `fit` returned.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.1), "mse")
        >>> X = np.array([[-1.0], [0.0], [1.0]])
        >>> line = keras.wrappers.SKLearnRegressor(model, fit_kwargs={"epochs": 150, "verbose": 0})
        >>> line.fit(X, 2 * X[:, 0] + 1).predict(X).round(3)
        array([-1.,  1.,  3.], dtype=float32)
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags

    def _checked(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        return validate_data(self, X, y, y_numeric=True)


class SKLearnTransformer(TransformerMixin, ClassNamePrefixFeaturesOutMixin, _Estimator):
    """A model whose outputs are features for what comes after it in a `Pipeline`.

    Args:
        model: a compiled model, of which each `fit` takes a copy with new weights; or a function that makes a
            compiled model, called with `X` and `y` by name.
        warm_start: whether another `fit` goes on with the model of the one before.
        model_kwargs: further arguments for that function.
        fit_kwargs: arguments for `model.fit`, such as `epochs`.

    Attributes:
        model_: the trained model.
        history_: what its `fit` returned.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.layers.Dense(2)])
        >>> model.compile("sgd", "mse")
        >>> X = np.random.rand(8, 3)
        >>> halves = keras.wrappers.SKLearnTransformer(model, fit_kwargs={"verbose": 0})
        >>> halves.fit(X, X[:, :2]).transform(X).shape
        (8, 2)
        >>> halves.get_feature_names_out().tolist()
        ['sklearntransformer0', 'sklearntransformer1']
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _checked(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None: a model learns its features from it")
        return validate_data(self, X, y, multi_output=True, y_numeric=True)

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Self:
        super().fit(X, y, **kwargs)
        self._n_features_out = self.model_.predict(np.zeros((1, self.n_features_in_)), verbose=0).size
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The model's outputs, a row of numbers for each sample.

        Raises:
            NotFittedError: if `fit` was not called.
        """
        found = self._outputs(X)
        return check_array(found.reshape(len(found), -1), dtype=floatx())
