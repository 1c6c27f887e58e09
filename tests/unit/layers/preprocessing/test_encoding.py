import numpy as np
import pytest

from kerasish.layers.preprocessing.encoding import DROPPED, encode, encoded_shape

SAMPLES = np.array([[0, 2, 2], [1, DROPPED, -1]])


def test_one_row_for_each_element():
    assert encode(SAMPLES, "one_hot", 3, "float32").tolist() == [
        [[1, 0, 0], [0, 0, 1], [0, 0, 1]],
        [[0, 1, 0], [0, 0, 0], [0, 0, 0]],
    ]
    assert encode(SAMPLES[:, :1], "one_hot", 3, "float32").tolist() == [[1, 0, 0], [0, 1, 0]]


def test_one_row_for_each_sample():
    assert encode(SAMPLES, "multi_hot", 3, "float32").tolist() == [[1, 0, 1], [0, 1, 0]]
    assert encode(SAMPLES, "count", 3, "int32").tolist() == [[1, 0, 2], [0, 1, 0]]
    assert encode(SAMPLES, "count", 3, "float32", [[1, 0.5, 0.25], [2, 7, 7]]).tolist() == [[1, 0, 0.75], [0, 2, 0]]


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(3,), (1,), (4, 1), (4, 3), (4, 0), (0, 3), (2, 3, 4), (2, 3, 1)])
def test_shapes_are_as_foretold(mode, shape):
    found = encode(np.zeros(shape, int), mode, 5, "float32")
    assert found.shape == encoded_shape(shape, mode, 5)
    assert found.dtype == np.float32


def test_long_samples_take_no_more_memory_than_their_rows():
    indices = np.zeros((4, 100_000), int)
    assert encode(indices, "count", 20_000, "float32")[0, 0] == 100_000  # as one-hot rows it would be 32 GB
