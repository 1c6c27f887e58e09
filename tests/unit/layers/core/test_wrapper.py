import numpy as np
import pytest

import kerasish
from kerasish import layers


class Twice(layers.Wrapper):
    def call(self, inputs):
        return self.layer(self.layer(inputs))


def test_the_layer_within_is_part_of_it(tmp_path):
    wrapper = Twice(layers.Dense(2))
    x = np.ones((3, 2), "float32")
    y = wrapper(x)
    assert len(wrapper.weights) == 2 and wrapper.layer.built
    model = kerasish.Sequential([kerasish.Input((2,)), wrapper])
    model.save(tmp_path / "model.keras")
    with kerasish.saving.CustomObjectScope({"Twice": Twice}):
        copy = kerasish.saving.load_model(tmp_path / "model.keras")
    assert copy(x).tolist() == y.tolist()


def test_a_layer_is_asked_for():
    with pytest.raises(ValueError, match=r"Twice holds a layer.*with parentheses"):
        Twice(layers.Dense)
    with pytest.raises(ValueError, match="received 'dense'"):
        layers.TimeDistributed("dense")
