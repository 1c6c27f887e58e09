import warnings

import numpy as np
import pytest

import kerasish
from kerasish import layers

LETTERS = np.array(["A", "B", "A", "B", "A"])
NUMBERS = np.array([101, 101, 101, 102, 102])

# The expected bins are what Keras 3.15.1 computes with TensorFlow 2.21.


def test_bins_are_those_of_keras():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert layers.HashedCrossing(5)((LETTERS, NUMBERS)).tolist() == [1, 4, 1, 1, 3]
        assert layers.HashedCrossing(5)([LETTERS[:, None], NUMBERS[:, None]]).tolist() == [[1], [4], [1], [1], [3]]
        assert layers.HashedCrossing(1000)((LETTERS, NUMBERS, LETTERS)).tolist() == [795, 364, 795, 661, 779]
        assert layers.HashedCrossing(1000)((NUMBERS, NUMBERS)).tolist() == [13, 13, 13, 129, 129]
        assert layers.HashedCrossing(5)(("A", 101)).item() == 1


def test_rows():
    layer = layers.HashedCrossing(5, output_mode="one_hot")
    assert layer((LETTERS[:2, None], NUMBERS[:2, None])).tolist() == [[0, 1, 0, 0, 0], [0, 0, 0, 0, 1]]
    assert layer.get_config() == {
        "num_bins": 5, "output_mode": "one_hot", "sparse": False, "name": layer.name, "dtype": "float32",
    }  # fmt: skip


def test_in_a_model_of_two_inputs():
    inputs = {"letter": kerasish.Input((1,), dtype="string"), "number": kerasish.Input((1,), dtype="int64")}
    crossed = layers.HashedCrossing(5, output_mode="one_hot")([inputs["letter"], inputs["number"]])
    model = kerasish.Model(inputs, layers.Dense(1)(crossed))
    model.compile("sgd", "mse")
    x = {"letter": LETTERS[:, None], "number": NUMBERS[:, None]}
    assert len(model.fit(x, np.ones((5, 1)), epochs=2, verbose=0).history["loss"]) == 2
    assert model.predict(x, verbose=0).shape == (5, 1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.HashedCrossing(0), ValueError, "at least 1"),
        (lambda: layers.HashedCrossing(5, "count"), ValueError, "output modes"),
        (lambda: layers.HashedCrossing(5)(LETTERS), ValueError, "two or more inputs"),
        (lambda: layers.HashedCrossing(5)([LETTERS]), ValueError, "two or more inputs"),
        (lambda: layers.HashedCrossing(5)([LETTERS, NUMBERS[:2]]), ValueError, "one shape"),
        (lambda: layers.HashedCrossing(5)([LETTERS[None], NUMBERS[None]]), ValueError, "one shape"),
        (lambda: layers.HashedCrossing(5)([LETTERS, NUMBERS * 1.5]), TypeError, "float64"),
        (lambda: layers.HashedCrossing(5).compute_output_shape((None, 1)), ValueError, "two or more"),
        (lambda: layers.HashedCrossing(5).compute_output_shape(((None, 1), (None, 2))), ValueError, "one shape"),
    ],
)
def test_mistakes_are_told(call, error, message):
    with pytest.raises(error, match=message):
        call()
