"""`keras.wrappers.scikit_learn`: Keras 2's estimators, which make their model with a function."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from kerasish.models import Model
from kerasish.utils.numerical_utils import to_categorical


class BaseWrapper:
    """What both estimators share.

    Args:
        build_fn: a function that returns a compiled model; a subclass may define `__call__` in its place.
        **sk_params: arguments of that function, and of the model's `fit`, `predict` and `evaluate`.

    Raises:
        ValueError: if an argument belongs to none of them.
    """

    def __init__(self, build_fn: Callable[..., Model] | None = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    def _maker(self) -> Callable[..., Model]:
        made = self.build_fn if self.build_fn is not None else getattr(self, "__call__", None)  # noqa: B004
        if made is None:
            raise ValueError(f"{type(self).__name__} needs a function that makes a model, as build_fn")
        return made

    def check_params(self, params: dict[str, Any]) -> None:
        """Refuse arguments that nothing takes."""
        makers = (self._maker(), Model.fit, Model.predict, Model.evaluate)
        known = {name for function in makers for name in inspect.signature(function).parameters}
        if unknown := sorted(set(params) - known - {"nb_epoch"}):
            raise ValueError(f"{type(self).__name__} received {unknown}, which neither build_fn nor fit takes")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**copy.deepcopy(self.sk_params), "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor."""
        self.build_fn = params.pop("build_fn", self.build_fn)
        self.check_params(params)
        self.sk_params.update(params)
        return self

    def filter_sk_params(self, fn: Callable[..., Any], override: dict[str, Any] | None = None) -> dict[str, Any]:
        """Those of the arguments that a function takes."""
        names = inspect.signature(fn).parameters
        return {**{key: value for key, value in self.sk_params.items() if key in names}, **(override or {})}

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Make a model and train it; returns its history."""
        maker = self._maker()
        self.model = maker(**self.filter_sk_params(maker))
        self.history = self.model.fit(x, self._targets(np.asarray(y)), **self.filter_sk_params(Model.fit, kwargs))
        return self.history

    def _targets(self, y: np.ndarray) -> np.ndarray:
        return y

    def _predicted(self, x: Any, kwargs: dict[str, Any]) -> np.ndarray:
        return self.model.predict(x, **self.filter_sk_params(Model.predict, kwargs))


class KerasClassifier(BaseWrapper):
    """A classifier; of labels that are numbers or text, or of one-hot rows."""

    _estimator_type = "classifier"

    def _targets(self, y: np.ndarray) -> np.ndarray:
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
            return y
        self.classes_, places = np.unique(np.ravel(y), return_inverse=True)
        return to_categorical(places) if self._is_categorical() else places

    def _is_categorical(self) -> bool:
        loss = getattr(self.model.loss, "name", self.model.loss)
        return getattr(loss, "__name__", loss) == "categorical_crossentropy"

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The class of each sample."""
        found = self._predicted(x, kwargs)
        return self.classes_[np.argmax(found, -1) if found.shape[-1] > 1 else (found[:, 0] > 0.5).astype(int)]

    def predict_proba(self, x: Any, **kwargs: Any) -> np.ndarray:
        """A column of probabilities for each class."""
        found = self._predicted(x, kwargs)
        return found if found.shape[-1] > 1 else np.hstack([1 - found, found])

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """The share of samples whose class is right."""
        y = np.asarray(y)
        wanted = self.classes_[np.argmax(y, -1)] if y.ndim == 2 and y.shape[1] > 1 else np.ravel(y)
        return float(np.mean(self.predict(x, **self.filter_sk_params(Model.predict, kwargs)) == wanted))


class KerasRegressor(BaseWrapper):
    """A model of a number."""

    _estimator_type = "regressor"

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The number for each sample."""
        return np.squeeze(self._predicted(x, kwargs), axis=-1)

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """The loss, with its sign turned: more is better."""
        found = self.model.evaluate(x, y, **{"verbose": 0, **self.filter_sk_params(Model.evaluate, kwargs)})
        return -float(found[0] if isinstance(found, list) else found)
