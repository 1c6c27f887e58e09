import numpy as np

from kerasish import layers


def test_the_limit_far_below_zero():
    assert layers.ELU(2.0)(np.array([-50.0, 3.0], "float32")).tolist() == [-2.0, 3.0]
