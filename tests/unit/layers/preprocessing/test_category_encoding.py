import numpy as np
import pytest

import kerasish
from kerasish import layers


def test_lists_and_single_numbers():
    assert layers.CategoryEncoding(3)([0, 2]).tolist() == [1, 0, 1]
    assert layers.CategoryEncoding(3, "one_hot")(2).tolist() == [[0, 0, 1]]
    assert layers.CategoryEncoding(3, "binary")([[1, 1]]).tolist() == [[0, 1, 0]]


def test_in_a_model_that_trains():
    model = kerasish.Sequential(
        [kerasish.Input((2,), dtype="int32"), layers.CategoryEncoding(4, "count"), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    x, y = np.array([[0, 0], [3, 1]]), np.ones((2, 1))
    losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_text_is_refused():
    with pytest.raises(TypeError, match="works with whole numbers"):
        layers.CategoryEncoding(3)(["a"])
