import numpy as np
import pytest

import kerasish
from kerasish import layers

# What is expected here is what Keras 3.15.1 computes with TensorFlow 2.21, which this layer of Keras needs.


def test_places_of_numbers():
    layer = layers.IntegerLookup(vocabulary=[10, 20, 30], num_oov_indices=2)
    assert layer([[10, 5], [7, 30]]).tolist() == [[2, 1], [1, 4]]
    assert layer([[-10, -5], [7, 30]]).tolist() == [[0, 1], [1, 4]]
    assert layer(np.array([10.0, 5.0])).tolist() == [2, 1]
    assert layer.get_vocabulary() == [-1, -1, 10, 20, 30]


def test_hashed_places_of_unknown_numbers():
    made = {"vocabulary": [10, 20, 30], "num_oov_indices": 2, "oov_method": "farmhash"}
    assert layers.IntegerLookup(**made)([[10, 5], [7, 30]]).tolist() == [[2, 1], [0, 4]]
    assert layers.IntegerLookup(**made, salt=[1, 2])([[10, 5], [7, 30]]).tolist() == [[2, 1], [0, 4]]


def test_back_to_numbers():
    layer = layers.IntegerLookup(vocabulary=[10, 20, 30], invert=True, mask_token=0)
    y = layer([[0, 1], [2, 9]])
    assert y.tolist() == [[0, -1], [10, -1]] and y.dtype == np.int64


def test_adapt():
    layer = layers.IntegerLookup()
    layer.adapt(np.array([5, 5, 3, -1], "int32"))
    assert layer.get_vocabulary() == [-1, 5, 3]
    layer.adapt(7)
    assert layer.get_vocabulary() == [-1, 7]


def test_config_and_file(tmp_path):
    layer = layers.IntegerLookup(mask_token=np.int64(0), vocabulary=np.array([4, 7]))
    config = layer.get_config()
    assert config["vocabulary_dtype"] == "int64" and config["vocabulary"] == [4, 7] and "encoding" not in config
    assert layers.IntegerLookup.from_config(config).get_config() == config
    (tmp_path / "numbers.txt").write_text("12\n-3\n")
    assert layers.IntegerLookup(vocabulary=str(tmp_path / "numbers.txt")).get_vocabulary() == [-1, 12, -3]


def test_in_a_model_that_trains():
    layer = layers.IntegerLookup(output_mode="multi_hot")
    layer.adapt([[1, 2], [3, 4]])
    model = kerasish.Sequential([kerasish.Input((2,), dtype="int64"), layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    losses = model.fit(np.array([[1, 2], [3, 9]]), np.ones((2, 1)), epochs=10, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.IntegerLookup(vocabulary_dtype="int32"), ValueError, "int64"),
        (lambda: layers.IntegerLookup(salt=3), ValueError, "farmhash"),
        (lambda: layers.IntegerLookup(mask_token="a"), TypeError, "mask_token"),
        (lambda: layers.IntegerLookup(vocabulary=[1.5]), TypeError, "whole numbers"),
        (lambda: layers.IntegerLookup(vocabulary=[1])([1.5]), TypeError, "values that are none"),
        (lambda: layers.IntegerLookup(vocabulary=[1])(["a"]), TypeError, "received strings"),
        (lambda: layers.IntegerLookup().adapt([1.5, 2.0]), TypeError, "whole numbers"),
    ],
)
def test_mistakes_are_told(call, error, message):
    with pytest.raises(error, match=message):
        call()
