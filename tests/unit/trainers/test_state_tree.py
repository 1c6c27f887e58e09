import numpy as np
import pytest

import kerasish as keras


def model():
    layers = [keras.layers.Dense(3, name="hidden"), keras.layers.BatchNormalization(name="norm")]
    made = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1, name="top")], name="net")
    made.compile("adam", "mse", metrics=["mae"])
    made.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    return made


def test_a_tree_carries_the_state_over():
    first, second = model(), model()
    tree = first.get_state_tree()
    second.set_state_tree(tree)
    for a, b in zip(second.variables, first.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert int(second.optimizer.iterations) == 1


def test_values_are_copies():
    made = model()
    tree = made.get_state_tree("numpy_array")
    tree["trainable_variables"]["net"]["top"]["bias"][...] = 7.0
    assert made.get_layer("top").bias.numpy()[0] != 7.0


def test_a_part_of_a_tree():
    made = model()
    made.set_state_tree({"trainable_variables": {"net": {"top": {"bias": np.array([7.0])}}}})
    assert made.get_layer("top").bias.numpy()[0] == 7.0


def test_errors():
    made = model()
    with pytest.raises(ValueError, match="value_format"):
        made.get_state_tree("list")
    with pytest.raises(ValueError, match=r"received \['weights'\]"):
        made.set_state_tree({"weights": {}})
    twice = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="a"), keras.layers.Dense(2, name="b")])
    twice.layers[1].kernel.path = twice.layers[0].kernel.path
    with pytest.raises(ValueError, match="two variables have the path"):
        twice.get_state_tree()
