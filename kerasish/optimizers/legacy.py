"""Keras 2's optimizers, which Keras 3 has no longer: the names are there to say so."""

from __future__ import annotations

from typing import Any


class LegacyOptimizerWarning:
    """What stands under every name of `keras.optimizers.legacy`.

    Raises:
        ImportError: always, as in Keras 3.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise ImportError(
            "keras.optimizers.legacy ended with Keras 2. Use the optimizer of the same name in keras.optimizers, such "
            "as keras.optimizers.Adam; in place of decay=..., give it a schedule as learning_rate."
        )


Adagrad = Adam = Ftrl = RMSprop = SGD = Optimizer = LegacyOptimizerWarning

__all__ = ["SGD", "Adagrad", "Adam", "Ftrl", "Optimizer", "RMSprop"]
