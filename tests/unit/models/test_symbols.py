"""What Python does with symbolic tensors."""

import numpy as np
import pytest

import kerasish as keras


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (bool, TypeError),
        (lambda x: x > 0 and 1, TypeError),
        (range, TypeError),
        (len, TypeError),
        (float, ValueError),
        (int, ValueError),
        (np.asarray, ValueError),
        (list, NotImplementedError),
    ],
)
def test_python_control_flow_on_symbols(use, error):
    with pytest.raises(error, match="symbolic tensor 'keras_tensor"):
        use(keras.layers.Dense(2, name="d")(keras.Input((4,))))


def test_symbols_are_found_in_lists():
    a, b = keras.Input((4,)), keras.Input((4,))
    assert a == a and a != b and b in [a, b] and [a, b].index(b) == 1 and len({a, b, a}) == 2
    equal = keras.ops.equal(a, b)
    assert keras.Model([a, b], equal)([np.ones((2, 4)), np.ones((2, 4))]).all()


@pytest.mark.parametrize("step", [2, 3, 5])
def test_every_so_manieth_of_an_unknown_number_is_unknown(step):
    """Of 2 and of 3 numbers, every third is one: that does not make it known."""
    symbol = keras.KerasTensor((None, None, 4))
    assert symbol[:, ::step].shape == (None, None, 4)
    assert symbol[:, :1].shape == (None, 1, 4)
    assert keras.ops.max_pool(symbol, step).shape == (None, None, 4)
    volume = keras.KerasTensor((None, None, None, None, 8))
    assert keras.ops.average_pool(volume, step, 1).shape == (None, None, None, None, 8)


def test_symbols_are_dense():
    symbol = keras.Input((4,))
    assert symbol.sparse is False and symbol.ragged is False
    with pytest.raises(ValueError, match="every tensor is a dense array"):
        keras.KerasTensor((None, 4), sparse=True)


@pytest.mark.parametrize("tensor", [np.ones((2, 4)), 3])
def test_an_input_stands_for_a_symbolic_tensor_alone(tensor):
    with pytest.raises(ValueError, match=f"must be a symbolic one.*received {type(tensor).__name__}"):
        keras.Input((4,), tensor=tensor)
