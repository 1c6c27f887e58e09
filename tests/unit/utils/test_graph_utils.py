import pytest

import kerasish as keras


def test_each_input_once_in_order():
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    both = keras.layers.Add()([a, b])
    total = keras.layers.Concatenate()([keras.layers.Dense(2)(b), both, a * 2.0])
    assert [x.name for x in keras.utils.get_source_inputs(total)] == ["b", "a"]


def test_an_input_is_its_own_source():
    a = keras.Input((3,))
    assert keras.utils.get_source_inputs(a) == [a]


def test_arrays_have_none():
    with pytest.raises(TypeError, match="symbolic"):
        keras.utils.get_source_inputs(3.0)
