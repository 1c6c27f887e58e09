import numpy as np
import pytest

from kerasish.backend.tape import GradientTape
from kerasish.ops import batch_norm as module
from kerasish.ops.batch_norm import batch_norm, batch_norm_with, observed

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(7, 3), (2, 4, 3), (2, 3, 2, 3)])
@pytest.mark.parametrize("weights", ["both", "gamma", "beta", "neither"])
def test_the_backward_in_place_equals_the_plain_derivative(shape, weights, monkeypatch):
    arrays = [RNG.normal(1.0, 2.0, shape)]
    arrays.append(RNG.normal(size=3) if weights in ("both", "gamma") else None)
    arrays.append(RNG.normal(size=3) if weights in ("both", "beta") else None)
    scale = RNG.normal(size=shape)

    def gradients():
        with GradientTape() as tape:
            inputs = [a if a is None else tape.watch(a) for a in arrays]
            loss = np.sum(batch_norm(*inputs, 0.1, lambda mean, variance: None) ** 2 * scale)
        return tape.gradient(loss, [x for x in inputs if x is not None])

    in_place = gradients()
    monkeypatch.setattr(module._batch_norm, "backward", None)
    for a, b in zip(in_place, gradients(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_gradients_are_written_where_they_are_kept():
    x, gamma, beta = RNG.normal(size=(5, 3)), RNG.normal(size=3), RNG.normal(size=3)
    found = module._Found()
    params = {"epsilon": 0.1, "observe": lambda mean, variance: None, "found": found}
    y = module._forward(x, gamma, beta, **params)
    into = [None, np.empty(3), np.empty(3)]
    shares = module._backward(np.ones_like(y), y, [x, gamma, beta], params, [False, True, True], into)
    assert shares[0] is None
    assert shares[1] is into[1]
    assert shares[2] is into[2]
    assert shares[2].tolist() == [5, 5, 5]


def test_large_means_do_not_hurt_the_variance():
    x = (1e4 + RNG.normal(size=(1000, 2))).astype("float32")
    seen = []
    batch_norm(x, None, None, 0.0, lambda mean, variance: seen.append((mean, variance)))
    ((mean, variance),) = seen
    np.testing.assert_allclose(mean, x.mean(0, dtype=float), rtol=1e-6)
    np.testing.assert_allclose(variance, x.var(0, dtype=float), rtol=1e-3)


def test_given_statistics():
    x, mean, variance = RNG.normal(size=(5, 3)), RNG.normal(size=3), RNG.uniform(1, 2, 3)
    y = batch_norm_with(x, mean, variance, np.full(3, 2.0), np.full(3, 1.0), epsilon=0.5)
    np.testing.assert_allclose(y, 2 * (x - mean) / np.sqrt(variance + 0.5) + 1)
    np.testing.assert_allclose(
        batch_norm_with(x, mean, variance, None, None, epsilon=0.5), (x - mean) / np.sqrt(variance + 0.5)
    )


def test_an_observer_is_told():
    seen = []
    assert observed(np.ones(2), np.zeros(2), observe=lambda *s: seen.append(s)).tolist() == [1, 1]
    assert len(seen) == 1
