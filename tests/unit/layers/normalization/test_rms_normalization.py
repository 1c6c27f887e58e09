import numpy as np
import pytest

from kerasish import layers

X = np.random.default_rng(0).normal(3.0, 2.0, (4, 5, 6)).astype("float32")


@pytest.mark.parametrize("axis", [-1, [1, 2]])
def test_the_mean_square_is_one(axis):
    y = layers.RMSNormalization(axis)(X)
    axes = tuple(axis) if isinstance(axis, list) else axis
    np.testing.assert_allclose(np.square(y).mean(axes), 1, rtol=1e-5)


def test_mistakes():
    with pytest.raises(TypeError, match=r"axis=1\.5"):
        layers.RMSNormalization(1.5)
    with pytest.raises(ValueError, match="axis=4"):
        layers.RMSNormalization(4)(X)
