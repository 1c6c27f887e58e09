"""Sequential models from configurations of Keras 2."""

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
