import numpy as np
import pytest

from kerasish import layers


def test_the_difference():
    a, b = np.array([[1.0, 4.0]], "float32"), np.array([[3.0, 2.0]], "float32")
    assert layers.subtract([a, b]).tolist() == [[-2, 2]]


@pytest.mark.parametrize("count", [1, 3])
def test_there_are_two_inputs(count):
    with pytest.raises(ValueError, match=f"received {count}"):
        layers.Subtract()([np.ones((2, 3), "float32")] * count)
