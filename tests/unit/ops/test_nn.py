"""Activations where they are hardest: at large numbers, at their kinks, in half precision."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable

_SMOOTH = (
    ops.sigmoid, ops.softplus, ops.log_sigmoid, ops.silu, ops.gelu, ops.elu, ops.selu, ops.celu, ops.softmax,
    ops.log_softmax, ops.logsumexp, ops.squareplus, ops.softsign, ops.sparsemax, ops.tanh_shrink,
)  # fmt: skip


@pytest.mark.parametrize("function", _SMOOTH, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_numbers_neither_overflow_nor_warn(function: object, dtype: str) -> None:
    v = Variable(np.array([-1e4, -100.0, 0.0, 100.0, 1e4], dtype))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with GradientTape() as tape:
            y = function(v)  # type: ignore[operator]
        g = tape.gradient(y, v)
    assert np.isfinite(y.value).all()
    assert np.isfinite(g).all()
    assert y.value.dtype == g.dtype == dtype


def test_half_precision_stays() -> None:
    x = np.array([-3.0, 0.5], "float16")
    for function in _SMOOTH:
        assert function(x).dtype == np.float16


def test_small_sigmoids_keep_their_digits() -> None:
    x = np.array([-80.0, -40.0, -20.0], "float32")
    np.testing.assert_allclose(ops.sigmoid(x), np.exp(x.astype("float64")), rtol=1e-5)
    np.testing.assert_allclose(ops.log_sigmoid(x), x, rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "kink"),
    [(ops.relu, 0.0), (ops.relu6, 0.0), (ops.relu6, 6.0), (ops.hard_tanh, 1.0), (ops.hard_sigmoid, -3.0)],
)
def test_the_gradient_at_a_kink_is_zero(function: object, kink: float) -> None:
    v = Variable(np.array([kink]))
    with GradientTape() as tape:
        y = function(v)  # type: ignore[operator]
    assert tape.gradient(y, v) == 0.0


def test_ties_share_the_gradient() -> None:
    a, b = Variable(np.array([1.0, 2.0])), Variable(np.array([1.0, 0.0]))
    with GradientTape(persistent=True) as tape:
        larger = ops.maximum(a, b)
        top = ops.max(ops.stack([a, b]))
        peak = ops.max(np.ones(2) * a[0])
    np.testing.assert_array_equal(tape.gradient(larger, a), [0.5, 1.0])
    np.testing.assert_array_equal(tape.gradient(larger, b), [0.5, 0.0])
    np.testing.assert_array_equal(tape.gradient(top, a), [0.0, 1.0])
    np.testing.assert_array_equal(tape.gradient(peak, a), [1.0, 0.0])


def test_sparsemax_is_the_nearest_point_of_the_simplex() -> None:
    x = np.array([[0.1, 0.2, 3.0], [0.5, 0.45, 0.4]])
    y = ops.sparsemax(x)
    np.testing.assert_allclose(y, [[0.0, 0.0, 1.0], [0.5 - 0.35 / 3, 0.45 - 0.35 / 3, 0.4 - 0.35 / 3]])
    np.testing.assert_allclose(ops.sparsemax(x.T, axis=0), y.T)


def test_attention_of_masked_rows_is_finite() -> None:
    q = np.ones((1, 2, 1, 4), "float32")
    y = ops.dot_product_attention(q, q, q, mask=np.zeros((1, 1, 2, 2), bool))
    np.testing.assert_allclose(y, q)
    with pytest.raises(ValueError, match="needs query of shape"):
        ops.dot_product_attention(q[0], q, q)
    with pytest.raises(ValueError, match="cannot share"):
        ops.dot_product_attention(np.ones((1, 2, 3, 4)), np.ones((1, 2, 2, 4)), np.ones((1, 2, 2, 4)))


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_softmaxes_of_nothing(shape: tuple[int, ...]) -> None:
    v = Variable(np.zeros(shape, "float32"))
    for function in (ops.softmax, ops.log_softmax, ops.sparsemax):
        with GradientTape() as tape:
            y = function(v)
        assert y.shape == tape.gradient(y, v).shape == shape
    np.testing.assert_array_equal(ops.logsumexp(v), -np.inf)


def test_sparsemax_of_large_logits() -> None:
    """What counts are differences: float32 has no room for a 1 beside 2**25."""
    x = np.array([[2.0**25, 2.0**25, 0.0], [1.0, 0.5, -1.0]], np.float32)
    np.testing.assert_array_equal(ops.sparsemax(x), [[0.5, 0.5, 0.0], [0.75, 0.25, 0.0]])
    np.testing.assert_array_equal(ops.sparsemax(x + 2.0**25), ops.sparsemax(x + 2.0**25 - 2.0**25))


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_layer_normalization_of_nothing(shape: tuple[int, ...]) -> None:
    assert ops.layer_normalization(np.zeros(shape, np.float32)).shape == shape
