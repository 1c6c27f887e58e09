"""The gradients of all losses against central differences, first and second order, in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish import losses
from kerasish.backend.tape import GradientTape

SHAPES = st.lists(st.integers(2, 4), min_size=1, max_size=3).map(tuple)
STEP = 1e-6


def _softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _numbers(rng, shape):
    return rng.normal(size=shape), rng.normal(size=shape)


def _positive(rng, shape):
    return rng.uniform(0.2, 2, shape), rng.uniform(0.2, 2, shape)


def _binary(rng, shape):
    return rng.integers(0, 2, shape).astype(float), rng.uniform(0.05, 0.95, shape)


def _binary_logits(rng, shape):
    return rng.integers(0, 2, shape).astype(float), rng.normal(size=shape)


def _one_hot(rng, shape):
    return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])], _softmax(rng.normal(size=shape))


def _one_hot_logits(rng, shape):
    return _one_hot(rng, shape)[0], rng.normal(size=shape)


def _sparse(rng, shape):
    return rng.integers(0, shape[-1], shape[:-1]), _softmax(rng.normal(size=shape))


def _sparse_logits(rng, shape):
    return rng.integers(0, shape[-1], shape[:-1]), rng.normal(size=shape)


def _embeddings(rng, shape):
    e = rng.normal(size=(6, 3))
    return rng.integers(0, 3, 6), e / np.linalg.norm(e, axis=1, keepdims=True)


# The function, its arguments, the data, and whether its second derivative is smooth.
CASES = [
    ("mean_squared_error", {}, _numbers, True),
    ("mean_absolute_error", {}, _numbers, False),
    ("mean_absolute_percentage_error", {}, _numbers, False),
    ("mean_squared_logarithmic_error", {}, _positive, True),
    ("cosine_similarity", {}, _numbers, True),
    ("cosine_similarity", {"axis": 0}, _numbers, True),
    ("huber", {"delta": 0.7}, _numbers, False),
    ("log_cosh", {}, _numbers, True),
    ("hinge", {}, _binary_logits, False),
    ("squared_hinge", {}, _numbers, False),
    ("categorical_hinge", {}, _one_hot_logits, False),
    ("kl_divergence", {}, _one_hot, True),
    ("poisson", {}, _positive, True),
    ("binary_crossentropy", {"label_smoothing": 0.1}, _binary, True),
    ("binary_crossentropy", {"from_logits": True}, _binary_logits, True),
    ("binary_focal_crossentropy", {"apply_class_balancing": True}, _binary, True),
    ("binary_focal_crossentropy", {"from_logits": True, "gamma": 1.5}, _binary_logits, True),
    ("categorical_crossentropy", {"label_smoothing": 0.1}, _one_hot, True),
    ("categorical_crossentropy", {"from_logits": True}, _one_hot_logits, True),
    ("categorical_focal_crossentropy", {}, _one_hot, True),
    ("categorical_focal_crossentropy", {"from_logits": True}, _one_hot_logits, True),
    ("sparse_categorical_crossentropy", {}, _sparse, True),
    ("sparse_categorical_crossentropy", {"from_logits": True}, _sparse_logits, True),
    ("sparse_categorical_crossentropy", {"from_logits": True, "ignore_class": 0}, _sparse_logits, True),
    ("categorical_generalized_cross_entropy", {"q": 0.6}, _sparse, True),
    ("dice", {}, _binary, True),
    ("tversky", {"alpha": 0.3, "beta": 0.6, "axis": -1}, _binary, True),
    ("circle", {"gamma": 2.0, "margin": 0.3}, _embeddings, False),
]
IDS = [f"{name}-{','.join(arguments)}" for name, arguments, _, _ in CASES]


def _central(function, x, direction):
    return (function(x + STEP * direction) - function(x - STEP * direction)) / (2 * STEP)


@pytest.mark.parametrize(("name", "arguments", "data", "smooth"), CASES, ids=IDS)
@given(shape=SHAPES, seed=st.integers(0, 2**16))
@settings(max_examples=8)
def test_gradients(name, arguments, data, smooth, shape, seed):
    rng = np.random.default_rng(seed)
    y_true, y_pred = data(rng, shape)
    function = getattr(losses, name)
    weights = rng.normal(size=np.shape(function(y_true, y_pred, **arguments)))
    direction = rng.normal(size=y_pred.shape)

    def total(p):
        return float(np.sum(function(y_true, p, **arguments) * weights))

    def slope(p):
        with GradientTape() as tape:
            p = tape.watch(p)
            result = np.sum(function(y_true, p, **arguments) * weights)
        return tape.gradient(result, p)

    np.testing.assert_allclose(
        np.sum(slope(y_pred) * direction), _central(total, y_pred, direction), rtol=1e-4, atol=1e-5
    )
    if not smooth:
        return
    with GradientTape() as outer:
        watched = outer.watch(y_pred)
        with GradientTape() as inner:
            result = np.sum(function(y_true, watched, **arguments) * weights)
        first = inner.gradient(result, watched)
        along = np.sum(first * direction)
    second = outer.gradient(along, watched)
    expected = _central(lambda p: float(np.sum(slope(p) * direction)), y_pred, direction)
    np.testing.assert_allclose(np.sum(second * direction), expected, rtol=1e-4, atol=1e-4)
