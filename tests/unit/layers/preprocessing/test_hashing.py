import numpy as np
import pytest

import kerasish
from kerasish import layers

# The expected bins are what Keras 3.15.1 computes with TensorFlow 2.21.


def test_bins_are_those_of_keras():
    assert layers.Hashing(3)([["A"], ["B"], ["C"]]).tolist() == [[1], [0], [1]]
    assert layers.Hashing(3, mask_value="")([["A"], [""]]).tolist() == [[1], [0]]
    assert layers.Hashing(3, salt=[133, 137])(["A", "B", "C", "D", "E"]).tolist() == [1, 2, 1, 0, 2]
    assert layers.Hashing(3, salt=133)(["A", "B"]).tolist() == [0, 0]


def test_numbers_are_hashed_as_they_are_written():
    assert layers.Hashing(5)([[1, 2, 3], [4, 5, 6]]).tolist() == [[4, 4, 1], [3, 1, 2]]
    assert layers.Hashing(5)(np.array([1.7, 2.2])).tolist() == [4, 4]
    assert layers.Hashing(5, mask_value=2)(np.array([1, 2, 3])).tolist() == [2, 0, 2]
    assert layers.Hashing(3)(np.array([-5, 2**62])).tolist() == [0, 0]
    assert layers.Hashing(3)(np.array([True])).tolist() == [0]


def test_rows():
    x = [["A", "B", "C"], ["D", "D", "D"]]
    assert layers.Hashing(4, output_mode="count")(x).tolist() == [[2, 0, 0, 1], [0, 0, 0, 3]]
    assert layers.Hashing(4, output_mode="multi_hot")(x).tolist() == [[1, 0, 0, 1], [0, 0, 0, 1]]
    assert layers.Hashing(4, output_mode="one_hot")([["A"], ["C"]]).tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
    assert layers.Hashing(4)("A").shape == ()


def test_config_and_dtypes():
    layer = layers.Hashing(3, output_mode="count", salt=4, mask_value="m")
    config = {key: layer.get_config()[key] for key in ("num_bins", "salt", "mask_value", "output_mode", "sparse")}
    assert config == {"num_bins": 3, "salt": [4, 4], "mask_value": "m", "output_mode": "count", "sparse": False}
    assert layers.Hashing.from_config(layer.get_config()).get_config() == layer.get_config()
    assert layers.Hashing(3)(["a"]).dtype == np.int64
    assert layers.Hashing(3, dtype="int32")(["a"]).dtype == np.int32
    assert layer(["a"]).dtype == np.float32


@pytest.mark.parametrize("shape", [(1,), (3,)])
@pytest.mark.parametrize("mode", ["int", "one_hot", "count"])
def test_symbolic_shapes_are_those_of_values(shape, mode):
    layer = layers.Hashing(4, output_mode=mode)
    symbol = layer(kerasish.Input(shape, dtype="string"))
    y = layer(np.full((2, *shape), "a"))
    assert symbol.shape == (None, *y.shape[1:])
    assert symbol.dtype == y.dtype.name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_bins": 0}, "at least 1"),
        ({"num_bins": None}, "at least 1"),
        ({"num_bins": 3, "dtype": "float32"}, "'int32' or 'int64'"),
        ({"num_bins": 3, "output_mode": "x"}, "output modes"),
        ({"num_bins": 3, "sparse": True}, "dense"),
        ({"num_bins": 3, "salt": "a"}, "salt"),
        ({"num_bins": 3, "salt": [1, 2, 3]}, "salt"),
    ],
)
def test_mistakes_are_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        layers.Hashing(**arguments)
