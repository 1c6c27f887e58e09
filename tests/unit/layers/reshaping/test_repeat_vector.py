import numpy as np
import pytest

from kerasish import layers


def test_the_vector_at_each_step():
    assert layers.RepeatVector(2)(np.array([[1, 2]])).tolist() == [[[1, 2], [1, 2]]]


def test_the_number_of_steps():
    with pytest.raises(TypeError, match=r"n=2\.5"):
        layers.RepeatVector(2.5)
    with pytest.raises(ValueError, match="n=0"):
        layers.RepeatVector(0)
