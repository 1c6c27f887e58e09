import numpy as np
import pytest

from kerasish import layers


def test_length_one():
    y = layers.UnitNormalization()(np.array([[3.0, 4.0], [0.0, 0.0]], "float32"))
    np.testing.assert_allclose(y, [[0.6, 0.8], [0.0, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(layers.UnitNormalization((1, 2))(np.ones((1, 2, 2), "float32")), 0.5)


def test_the_axis_is_a_number():
    with pytest.raises(TypeError, match="axis='last'"):
        layers.UnitNormalization("last")
