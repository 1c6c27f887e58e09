"""A variable's value, names, assignments, and how it answers in the place of an array."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import first_values, names
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable


def test_dtypes_of_what_it_is_made_from() -> None:
    assert Variable(1.5).dtype == "float32"
    assert Variable([1.0, 2.0]).dtype == "float32"
    assert Variable(3).dtype == "int32"
    assert Variable(True).dtype == "bool"
    assert Variable(np.zeros(2)).dtype == "float64"
    assert Variable(np.zeros(2, "int64")).dtype == "int64"
    assert Variable(1, dtype="float16").dtype == "float16"


def test_made_by_an_initializer() -> None:
    v = Variable(lambda shape, dtype: np.full(shape, 7, dtype), shape=(2, 3), dtype="int32")
    assert v.shape == (2, 3)
    assert v.ndim == 2
    assert v.size == 6
    with pytest.raises(ValueError, match="needs a shape"):
        Variable(lambda shape, dtype: np.zeros(shape))
    with pytest.raises(ValueError, match=r"made shape \(3,\); expected \(2,\)"):
        Variable(lambda shape, dtype: np.zeros(3), shape=(2,))
    with pytest.raises(ValueError, match="known and not negative"):
        Variable(lambda shape, dtype: np.zeros(shape), shape=(None, 2))


def test_the_value_is_copied_in_and_out() -> None:
    x = np.ones(2)
    v = Variable(x)
    x[:] = 5
    with pytest.raises(TypeError, match="cannot be changed in place"):
        v.value[:] = 5
    v.numpy()[:] = 5
    np.testing.assert_array_equal(v, [1.0, 1.0])


def test_assignments() -> None:
    v = Variable(np.array([1.0, 2.0], "float32"))
    np.testing.assert_array_equal(v.assign([3.0, 4.0]), [3.0, 4.0])
    np.testing.assert_array_equal(v.assign_add([1.0, 1.0]), [4.0, 5.0])
    np.testing.assert_array_equal(v.assign_sub(v), [0.0, 0.0])
    assert v.dtype == "float32"
    with pytest.raises(ValueError, match=r"shape \(2,\); received a value of shape \(3,\)"):
        v.assign(np.zeros(3))


def test_it_moves_into_a_view() -> None:
    flat = np.zeros(4)
    v = Variable(np.array([[1.0, 2.0]]))
    v.rehome(flat[1:3].reshape(1, 2))
    flat[1] = 9.0
    np.testing.assert_array_equal(v, [[9.0, 2.0]])
    v.assign([[5.0, 6.0]])
    np.testing.assert_array_equal(flat, [0.0, 5.0, 6.0, 0.0])


def test_names_and_paths() -> None:
    with names.name_scope("outer"), names.name_scope("inner"):
        v = Variable(0.0, name="scale")
    assert v.path == "outer/inner/scale"
    assert Variable(0.0).name != Variable(0.0).name
    for name in ("a/b", 3):
        with pytest.raises(ValueError, match="without '/'"):
            Variable(0.0, name=name)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="does not know"):
        Variable(0.0, trainabel=False)


@pytest.mark.parametrize(
    "call",
    [
        lambda v: v + 1,
        lambda v: 1 - v,
        lambda v: v * v,
        lambda v: v / 2,
        lambda v: 2**v,
        lambda v: -v,
        abs,
        lambda v: v @ v,
        lambda v: v[1],
        lambda v: v > 1.5,
        lambda v: v == 2.0,
        lambda v: v.sum(),
        lambda v: v.reshape(2, 1),
        lambda v: v.astype("int32"),
        np.exp,
        lambda v: np.stack([v, v]),
        list,
        len,
        lambda v: v.T,
        lambda v: v.mean(axis=0, keepdims=True),
    ],
)
def test_it_answers_like_its_array(call: Any) -> None:
    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(call(Variable(x)), call(x))


def test_numbers() -> None:
    assert float(Variable(2.5)) == 2.5
    assert int(Variable(3)) == 3
    assert bool(Variable(1))
    assert [10, 20, 30][Variable(1)] == 20  # type: ignore[call-overload]


def test_trainable_can_change() -> None:
    v = Variable(2.0)
    v.trainable = False
    with GradientTape() as tape:
        y = v * v
    assert tape.gradient(y, v) is None
    v.trainable = True
    with GradientTape() as tape:
        y = v * v
    assert float(tape.gradient(y, v)) == 4.0


def test_copies_are_independent() -> None:
    v = Variable(np.ones(2), name="v")
    for twin in (copy.deepcopy(v), pickle.loads(pickle.dumps(v))):
        twin.assign([5.0, 5.0])
        assert twin.name == "v"
        np.testing.assert_array_equal(v, [1.0, 1.0])


def test_numpy_does_not_write_into_it() -> None:
    v = Variable(np.ones(2))
    with pytest.raises(TypeError, match=r"variable\.assign"):
        np.add(v, 1.0, out=v)


def test_an_initializer_by_name():
    variable = Variable(shape=(2, 2), initializer="uniform")
    assert variable.shape == (2, 2) and variable.dtype == "float32"
    np.testing.assert_array_equal(Variable("ones", shape=(2,), dtype="int32").numpy(), [1, 1])
    with pytest.raises(ValueError, match="initializer"):
        Variable("no_such_thing", shape=(2,))
    with pytest.raises(ValueError, match="shape"):
        Variable("zeros")


def test_random_first_values_come_later_and_only_where_nothing_was_set() -> None:
    draw = keras.initializers.RandomNormal(seed=3)
    expected = draw((2, 3))
    with first_values.later():
        left, given, added = (keras.Variable(draw, shape=(2, 3)) for _ in range(3))
        ones = keras.Variable(keras.initializers.Ones(), shape=(2,))
        assert not left.numpy().any() and ones.numpy().all()
        given.assign(np.ones((2, 3)))
        added.assign_add(np.ones((2, 3)))
    assert np.array_equal(left.numpy(), expected)
    assert np.array_equal(given.numpy(), np.ones((2, 3)))
    assert np.array_equal(added.numpy(), expected + 1)
