import numpy as np
import pytest

from kerasish import layers

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


def _norm(layer):
    kernel = layer.kernel.numpy()
    return np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)[0]


@pytest.mark.parametrize(
    ("within", "x"),
    [
        (layers.Dense(5), X),
        (layers.EinsumDense("ab,bcd->acd", (2, 4)), X),
        (layers.Embedding(7, 3), np.array([[1, 2]])),
    ],
)
def test_the_greatest_stretch_becomes_1(within, x):
    layer = layers.SpectralNormalization(within, power_iterations=2)
    layer.build(x.shape)
    within.set_weights([w * 7 + 0.1 for w in within.get_weights()])
    for _ in range(20):
        y = layer(x, training=True)
    assert _norm(layer) == pytest.approx(1, abs=1e-3)
    assert y.dtype == np.float32
    kernel = layer.kernel.numpy()
    layer(x, training=False)
    assert layer.kernel.numpy().tolist() == kernel.tolist()


def test_weights_of_zero_stay():
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    assert layer(X, training=True).tolist() == [[0, 0]] * 4


def test_a_kernel_is_asked_for():
    with pytest.raises(ValueError, match="neither a kernel nor embeddings"):
        layers.SpectralNormalization(layers.Flatten())(X)
    with pytest.raises(ValueError, match="at least 1"):
        layers.SpectralNormalization(layers.Dense(2), power_iterations=0)
