import numpy as np
import pytest

from kerasish import layers


def test_three_pieces():
    x = np.array([-2.0, 0.2, 1.0, 9.0], "float32")
    y = layers.ReLU(max_value=3.0, negative_slope=0.1, threshold=0.5)(x)
    np.testing.assert_allclose(y, [-0.25, -0.03, 1.0, 3.0], rtol=1e-6)


@pytest.mark.parametrize("arguments", [{"max_value": -1}, {"negative_slope": -0.1}, {"threshold": None}])
def test_numbers_are_not_negative(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        layers.ReLU(**arguments)
