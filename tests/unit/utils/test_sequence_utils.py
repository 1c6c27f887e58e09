import keras
import numpy as np
import pytest

import kerasish

SEQUENCES = [[1], [2, 3], [], [4, 5, 6, 7]]


@pytest.mark.parametrize("maxlen", [None, 1, 3, 6])
@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("truncating", ["pre", "post"])
@pytest.mark.parametrize("dtype, value", [("int32", 0.0), ("float32", -1.5)])
def test_like_keras(maxlen, padding, truncating, dtype, value):
    arguments = {"maxlen": maxlen, "padding": padding, "truncating": truncating, "dtype": dtype, "value": value}
    ours = kerasish.utils.pad_sequences(SEQUENCES, **arguments)
    theirs = keras.utils.pad_sequences(SEQUENCES, **arguments)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


def test_sequences_of_arrays_and_of_text():
    rows = [np.ones((2, 3)), np.full((1, 3), 2.0)]
    np.testing.assert_array_equal(kerasish.utils.pad_sequences(rows), keras.utils.pad_sequences(rows))
    words = kerasish.utils.pad_sequences([["a"], ["b", "c"]], dtype=object, value="-")
    assert words.tolist() == [["-", "a"], ["b", "c"]]


def test_nothing_to_fill_up():
    assert kerasish.utils.pad_sequences([]).shape == (0, 0)
    assert kerasish.utils.pad_sequences([[1, 2]], maxlen=0).shape == (1, 0)


@pytest.mark.parametrize(
    ("sequences", "arguments", "message"),
    [
        (3, {}, "list of sequences"),
        ([[1], 2], {}, "entry 1 is 2"),
        ([[1]], {"padding": "left"}, "padding"),
        ([[1]], {"truncating": "left"}, "truncating"),
        ([[1]], {"value": "x"}, "dtype=object"),
        ([[[1, 2]], [[1]]], {}, "sequence 1 have shape"),
    ],
)
def test_errors(sequences, arguments, message):
    with pytest.raises(ValueError, match=message):
        kerasish.utils.pad_sequences(sequences, **arguments)


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(ValueError, match=r"sequence 1 holds what is no int32: \['b', 'c'\].*dtype=object"):
        kerasish.utils.pad_sequences([[1], ["b", "c"]])
    with pytest.raises(TypeError, match=r"sequence 0 holds what is no int32: \[1, None\]"):
        kerasish.utils.pad_sequences([[1, None]])
