"""Models and data small enough to be trained and saved in a moment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish

RNG = np.random.default_rng(7)
X = RNG.normal(size=(24, 4)).astype("float32")
Y = np.eye(2, dtype="float32")[RNG.integers(0, 2, 24)]
FIT = {"batch_size": 8, "epochs": 2, "verbose": 0, "shuffle": False}


def make_model(keras: Any = kerasish, rate: float = 0.0, optimizer: Any = None, loss: Any = None) -> Any:
    """A compiled classifier of `keras`, which is this library or Keras."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Rescaling(0.5, offset=0.1),
            layers.Dense(6, kernel_regularizer="l2", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(rate),
            layers.Reshape((3, 2)),
            layers.Flatten(),
            layers.Dense(2),
            layers.Activation("softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(0.01) if optimizer is None else optimizer
    model.compile(optimizer, loss or "categorical_crossentropy", metrics=["accuracy"])
    return model


def train(model: Any) -> list[float]:
    """The losses of two more epochs."""
    return model.fit(X, Y, **FIT).history["loss"]


@pytest.fixture
def x() -> np.ndarray:
    return X


@pytest.fixture
def y() -> np.ndarray:
    return Y


@pytest.fixture(name="make_model")
def make_model_fixture() -> Callable[..., Any]:
    return make_model


@pytest.fixture(name="train")
def train_fixture() -> Callable[[Any], list[float]]:
    return train


@pytest.fixture
def trained() -> Any:
    """A model that has been trained for two epochs."""
    kerasish.utils.set_random_seed(1)
    model = make_model()
    train(model)
    return model


@pytest.fixture
def saved(trained: Any, tmp_path: Path) -> Callable[[str], str]:
    """A function that saves the trained model under a name, and returns the path."""

    def save(name: str) -> str:
        path = str(tmp_path / name)
        if name.startswith("model.weights"):
            trained.save_weights(path, max_shard_size=1e-7 if name.endswith(".json") else None)
        else:
            trained.save(path, zipped=None if "." in name else False)
        return path

    return save
