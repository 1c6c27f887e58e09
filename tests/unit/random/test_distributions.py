"""Draws: shapes, dtypes, bounds, moments, and the same ones again for the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import random

_N = 20_000
_DRAWS: dict[str, Any] = {
    "normal": lambda seed: random.normal((_N,), 1.0, 2.0, seed=seed),
    "truncated_normal": lambda seed: random.truncated_normal((_N,), 1.0, 2.0, seed=seed),
    "uniform": lambda seed: random.uniform((_N,), -1.0, 3.0, seed=seed),
    "randint": lambda seed: random.randint((_N,), -2, 5, seed=seed),
    "gamma": lambda seed: random.gamma((_N,), 3.0, seed=seed),
    "beta": lambda seed: random.beta((_N,), 2.0, 3.0, seed=seed),
    "binomial": lambda seed: random.binomial((_N,), 10, 0.3, seed=seed),
    "categorical": lambda seed: random.categorical(np.log([[0.2, 0.5, 0.3]]), _N, seed=seed)[0],
    "dropout": lambda seed: random.dropout(np.ones(_N, "float32"), 0.25, seed=seed),
    "shuffle": lambda seed: random.shuffle(np.arange(_N), seed=seed),
}
# Mean and variance; a truncated normal of two deviations has 0.774 of the variance.
_MOMENTS = {
    "normal": (1.0, 4.0), "truncated_normal": (1.0, 0.774 * 4), "uniform": (1.0, 16 / 12), "randint": (1.0, 4.0),
    "gamma": (3.0, 3.0), "beta": (0.4, 0.04), "binomial": (3.0, 2.1), "categorical": (1.1, 0.49),
    "dropout": (1.0, 0.25 / 0.75),
}  # fmt: skip


@pytest.mark.parametrize("name", _DRAWS)
def test_the_seed_decides(name: str) -> None:
    draw = _DRAWS[name]
    np.testing.assert_array_equal(draw(3), draw(3))
    assert (np.asarray(draw(3)) != draw(4)).any()
    seeds, again = random.SeedGenerator(3), random.SeedGenerator(3)
    first, second = draw(seeds), draw(seeds)
    assert (np.asarray(first) != second).any()
    np.testing.assert_array_equal(draw(again), first)
    keras.utils.set_random_seed(11)
    unseeded = draw(None)
    keras.utils.set_random_seed(11)
    np.testing.assert_array_equal(draw(None), unseeded)


@pytest.mark.parametrize("name", _MOMENTS)
def test_moments(name: str) -> None:
    x = np.asarray(_DRAWS[name](5), "float64")
    mean, variance = _MOMENTS[name]
    assert abs(x.mean() - mean) < 5 * np.sqrt(variance / _N)
    assert abs(x.var() - variance) < 0.1 * variance


def test_bounds_and_dtypes() -> None:
    assert np.abs((_DRAWS["truncated_normal"](1) - 1) / 2).max() <= 2
    x = _DRAWS["uniform"](1)
    assert x.dtype == np.float32
    assert x.min() >= -1
    assert x.max() < 3
    assert set(_DRAWS["randint"](1).tolist()) == set(range(-2, 5))
    for kind in ("float16", "float32", "float64"):
        assert random.normal((2,), dtype=kind).dtype == kind
        unit = random.uniform((100_000,), dtype=kind)
        assert unit.dtype == kind
        assert unit.max() < 1
    assert random.randint((2,), 0, 9, dtype="uint8").dtype == np.uint8
    assert sorted(_DRAWS["shuffle"](1).tolist()) == list(range(_N))
    assert random.shuffle(np.arange(6).reshape(2, 3), axis=1, seed=1).shape == (2, 3)


def test_dropout() -> None:
    x = np.arange(1, 13, dtype="float32").reshape(3, 4)
    assert random.dropout(x, 0.0) is x
    np.testing.assert_array_equal(random.dropout(x, 1.0), np.zeros((3, 4)))
    kept = random.dropout(np.ones((50, 4), "float32"), 0.5, noise_shape=(None, 1), seed=1)
    assert ((kept == 0).all(1) | (kept == 2).all(1)).all()
    assert random.dropout(keras.KerasTensor((None, 4), "float16"), 0.5).shape == (None, 4)
    v = keras.Variable(np.ones(1000))
    with keras.GradientTape() as tape:
        y = random.dropout(v, 0.5, seed=2)
    np.testing.assert_array_equal(tape.gradient(y, v), y.value)
    with pytest.raises(ValueError, match="rate from 0 to 1"):
        random.dropout(x, 1.5)
    with pytest.raises(ValueError, match="noise_shape"):
        random.dropout(x, 0.5, noise_shape=(1,))


def test_the_gradient_passes_mean_and_deviation() -> None:
    m, s = keras.Variable(np.array(1.0)), keras.Variable(np.array(2.0))
    with keras.GradientTape() as tape:
        x = random.normal((5,), m, s, dtype="float64", seed=1)
    gm, gs = tape.gradient(x, [m, s])
    assert float(gm) == 5.0
    np.testing.assert_allclose(gs, ((x.value - 1) / 2).sum())


def test_wrong_dtypes() -> None:
    with pytest.raises(ValueError, match="draws floats"):
        random.uniform((2,), dtype="int32")
    with pytest.raises(ValueError, match="whole numbers"):
        random.randint((2,), 0, 3, dtype="float32")
    with pytest.raises(ValueError, match="shape"):
        random.categorical(np.zeros(3), 2)
