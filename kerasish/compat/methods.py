"""Methods and parts that models of Keras 2 had."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish import _older_names
from kerasish.backend import nest


def method(model: Any, name: str) -> Any:
    """An older method or part of a model; it warns once."""
    today = _older_names.METHODS[name]
    _older_names.warn_of(f"model.{name}", today if today.startswith("np.") else f"model.{today}")
    return CompiledMetrics(model) if name == "compiled_metrics" else partial(_METHODS[name], model)


def _fit_generator(model: Any, generator: Any, steps_per_epoch: Any = None, epochs: int = 1, **settings: Any) -> Any:
    return model.fit(generator, steps_per_epoch=steps_per_epoch, epochs=epochs, **settings)


def _evaluate_generator(model: Any, generator: Any, steps: Any = None, callbacks: Any = None, **settings: Any) -> Any:
    return model.evaluate(generator, steps=steps, callbacks=callbacks, **{"verbose": 0, **settings})


def _predict_generator(model: Any, generator: Any, steps: Any = None, callbacks: Any = None, **settings: Any) -> Any:
    return model.predict(generator, steps=steps, callbacks=callbacks, **{"verbose": 0, **settings})


def _predict_classes(model: Any, x: Any, batch_size: int = 32, verbose: Any = 0) -> np.ndarray:
    """The class of each sample: the largest output, or, of one output, whether it is above one half."""
    found = model.predict(x, batch_size=batch_size, verbose=verbose)
    return np.argmax(found, axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")


def _predict_proba(model: Any, x: Any, batch_size: int = 32, verbose: Any = 0) -> np.ndarray:
    return model.predict(x, batch_size=batch_size, verbose=verbose)


def _compiled_loss(
    model: Any, y_true: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None
) -> Any:
    """The loss of `compile`, and those that are handed over; the metric `loss` hears of it."""
    if model._compile_loss is None:
        raise ValueError(f"the model {model.name!r} was compiled without a loss, so compiled_loss has none to compute")
    total = model._compile_loss(y_true, y_pred, sample_weight)
    for extra in regularization_losses or ():
        total = total + np.sum(extra)
    model._loss_tracker.update_state(total, sample_weight=len(next(nest.iterate(y_pred))))
    return total


class CompiledMetrics:
    """The metrics of `compile`, as a step of one's own updated them.

    Args:
        model: whose they are.
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    @property
    def metrics(self) -> list[Any]:
        """The metrics one by one."""
        found = self._model._compile_metrics
        return [] if found is None else found.metrics

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        self._model._update_metrics(y_true, y_pred, sample_weight)

    def reset_state(self) -> None:
        """Start every metric anew."""
        for metric in self.metrics:
            metric.reset_state()


_METHODS: dict[str, Callable[..., Any]] = {
    "fit_generator": _fit_generator,
    "evaluate_generator": _evaluate_generator,
    "predict_generator": _predict_generator,
    "predict_classes": _predict_classes,
    "predict_proba": _predict_proba,
    "compiled_loss": _compiled_loss,
}
