import numpy as np
import pytest

from kerasish import layers

X = np.random.default_rng(0).normal(3.0, 2.0, (4, 5, 6)).astype("float32")


@pytest.mark.parametrize("axis", [-1, 1, [1, 2], (-1, 1)])
def test_each_sample_by_itself(axis):
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    y = layers.LayerNormalization(axis, epsilon=0.0)(X)
    np.testing.assert_allclose(y.mean(axes), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axes), 1, rtol=1e-5)
    np.testing.assert_allclose(layers.LayerNormalization(axis, epsilon=0.0)(X[:1]), y[:1], rtol=1e-5, atol=1e-5)


def test_weights():
    layer = layers.LayerNormalization(scale=False)
    layer.build((None, 5))
    assert [w.name for w in layer.weights] == ["beta"]
    layer = layers.LayerNormalization(center=False)
    layer.build((None, 5))
    assert [w.name for w in layer.weights] == ["gamma"]


def test_mistakes():
    with pytest.raises(TypeError, match="axis='last'"):
        layers.LayerNormalization("last")
    with pytest.raises(ValueError, match="axis=3"):
        layers.LayerNormalization(3)(X)
    with pytest.raises(ValueError, match="leave their number open"):
        layers.LayerNormalization().build((None, None))
