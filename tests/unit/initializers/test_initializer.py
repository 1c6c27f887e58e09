import numpy as np
import pytest

from kerasish.initializers import Initializer, RandomNormal


class Filled(Initializer):
    def __init__(self, value):
        self.value = value

    def __call__(self, shape, dtype=None):
        return np.full(shape, self.value, dtype)

    def get_config(self):
        return {"value": self.value}


def test_a_subclass_clones_by_its_config():
    twin = Filled(3).clone()
    assert type(twin) is Filled and twin((2,), "int32").tolist() == [3, 3]


def test_the_base_asks_for_a_call():
    with pytest.raises(NotImplementedError, match="Initializer must define `__call__"):
        Initializer()((2,))


def test_a_clone_keeps_the_seed_that_was_given_and_only_that():
    assert np.array_equal(RandomNormal(seed=3).clone()((4,)), RandomNormal(seed=3)((4,)))
    unseeded = RandomNormal()
    assert not np.array_equal(unseeded.clone()((4,)), unseeded((4,)))


def test_the_dtype_that_keras_2_wrote_is_dropped():
    config = {"mean": 1.0, "stddev": 0.0, "seed": None, "dtype": "float32"}
    assert RandomNormal.from_config(config)((2,)).tolist() == [1, 1]
