import numpy as np
import pytest

import kerasish as keras


@pytest.mark.parametrize("name", ["cpu", "cpu:0", "CPU:0", "/device:CPU:0"])
def test_the_cpu(name):
    with keras.device(name):
        np.testing.assert_array_equal(keras.ops.ones(2), [1.0, 1.0])


@pytest.mark.parametrize("name", ["gpu:0", "cpu:1", "", None])
def test_there_is_no_other(name):
    with pytest.raises(ValueError, match="only device here is 'cpu:0'"):
        keras.device(name)
