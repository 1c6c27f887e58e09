"""Sequential models: configurations of Keras 2, and data whose rank is not quite the input's."""

import numpy as np
import pytest

import kerasish as keras

INPUT = {"class_name": "InputLayer", "config": {"batch_shape": (None, 3), "dtype": "float32", "name": "i"}}
DENSE = {"class_name": "Dense", "config": {"units": 2, "name": "d"}}
FIRST = {"class_name": "Dense", "config": {"units": 2, "name": "d", "batch_input_shape": [None, 3]}}


@pytest.mark.parametrize("layers", [[INPUT, DENSE], [FIRST, {"class_name": "Dropout", "config": {"rate": 0.5}}]])
def test_a_config_whose_classes_have_no_modules(layers):
    model = keras.Sequential.from_config({"name": "old", "layers": layers})
    assert (model.name, model.input_shape, model.count_params()) == ("old", (None, 3), 8)
    assert model.layers[0].name == "d"


def test_a_last_axis_of_size_one_may_be_missing_or_too_many():
    """As in Keras: grey pictures without a channel, numbers without a feature axis, and columns of one."""
    pictures = np.random.default_rng(0).random((8, 10, 10)).astype("float32")
    model = keras.Sequential([keras.Input((10, 10, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()])
    whole = model.predict(pictures[..., None], verbose=0)
    for _ in range(5):  # the later calls are remembered
        np.testing.assert_array_equal(model.predict(pictures, verbose=0), whole)
        np.testing.assert_array_equal(model(pictures), whole)
    histories = []
    for x in (pictures, pictures[..., None], list(pictures)):
        keras.utils.set_random_seed(3)
        twin = keras.models.clone_model(model)
        twin.compile("sgd", "mse")
        histories.append(twin.fit(np.array(x), np.ones_like(whole), epochs=2, shuffle=False, verbose=0).history)
    assert histories[0] == histories[1] == histories[2]
    line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    assert line.predict(np.ones(5, "float32"), verbose=0).shape == (5, 1)
    flat = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    np.testing.assert_array_equal(flat(np.ones((3, 4, 1), "float32")), flat(np.ones((3, 4), "float32")))
    with pytest.raises(ValueError, match="does not fit"):
        flat(np.ones((3, 4, 2), "float32"))
    with pytest.raises(ValueError, match="does not fit"):
        model(np.ones((3, 10), "float32"))


def test_one_array_in_a_list_is_taken_and_several_are_refused():
    model, x = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]), np.ones((3, 4), "float32")
    np.testing.assert_array_equal(model([x]), model(x))
    with pytest.raises(ValueError, match="has one input; received 2 arrays"):
        model([x, x])
