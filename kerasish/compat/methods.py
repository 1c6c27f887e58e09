"""Methods that models of Keras 2 had."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish import _older_names


def method(model: Any, name: str) -> Callable[..., Any]:
    """An older method of a model; it warns once."""
    _older_names.warn_of(
        f"model.{name}", f"model.{today}" if (today := _older_names.METHODS[name])[0] != "n" else today
    )
    return partial(_METHODS[name], model)


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


_METHODS: dict[str, Callable[..., Any]] = {
    "fit_generator": _fit_generator,
    "evaluate_generator": _evaluate_generator,
    "predict_generator": _predict_generator,
    "predict_classes": _predict_classes,
    "predict_proba": _predict_proba,
}
