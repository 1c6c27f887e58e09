import numpy as np
import pytest

import kerasish
from kerasish import layers


def test_rows_of_indices():
    table = np.arange(6.0).reshape(3, 2)
    layer = layers.Embedding(3, 2, weights=[table])
    assert layer(np.array([[2, 0]])).tolist() == [[[4.0, 5.0], [0.0, 1.0]]]
    assert layer(np.array([2.0])).tolist() == [[4.0, 5.0]]  # what a data set holds as floats


def test_a_row_used_twice_gets_both_gradients():
    layer = layers.Embedding(3, 2, weights=np.ones((3, 2)))
    with kerasish.GradientTape() as tape:
        loss = np.sum(layer(np.array([1, 1, 2])))
    assert tape.gradient(loss, layer.embeddings).tolist() == [[0, 0], [2, 2], [1, 1]]


def test_an_index_without_a_row_is_told():
    with pytest.raises(IndexError, match=r"'words' has rows for the indices from 0 to 2; received indices from 1 to 7"):
        layers.Embedding(3, 2, name="words")(np.array([1, 7]))


@pytest.mark.parametrize(("sizes", "name"), [((0, 2), "input_dim"), ((2, -1), "output_dim"), ((2.5, 1), "input_dim")])
def test_sizes_are_positive_whole_numbers(sizes, name):
    with pytest.raises(ValueError, match=name):
        layers.Embedding(*sizes)


def test_mask():
    indices = np.array([[1, 0]])
    assert layers.Embedding(3, 2, mask_zero=True).compute_mask(indices).tolist() == [[True, False]]
    assert layers.Embedding(3, 2).compute_mask(indices) is None


def test_half_precision():
    layer = layers.Embedding(3, 2, dtype="mixed_float16")
    assert layer(np.array([1])).dtype == np.float16
    assert layer.embeddings.dtype == "float32"
