"""Arrays outside of a tape have the manners of tensors: they are values, which nobody changes in place."""

import collections
import copy
import operator
import pickle

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.array import Array, bare, eager

AUGMENTED = ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul"]
BITWISE = ["iand", "ior", "ixor", "ilshift", "irshift"]
Pair = collections.namedtuple("Pair", "a b")


def tensor(dtype="float32"):
    return eager(np.array([[1, 2], [3, 4]], dtype))


@pytest.mark.parametrize("name", AUGMENTED + BITWISE)
def test_augmented_operators_rebind(name):
    x = y = tensor("int32" if name in BITWISE else "float32")
    expected = getattr(operator, name[1:] + "_" * (name in ("iand", "ior")))(np.array(x), np.array(x))
    y = getattr(operator, name)(y, x)
    assert y is not x
    np.testing.assert_array_equal(x, tensor())
    np.testing.assert_allclose(y, expected, rtol=1e-6)
    assert type(y) is Array
    assert not y.flags.writeable


def test_what_shares_memory_with_the_callers_array_leaves_it_alone():
    data = np.ones((4, 2), "float32")
    for view in (ops.convert_to_tensor(data), ops.reshape(data, (2, 4)), eager(data)[1:], eager(data).T):
        view -= 1
        assert not view.any()
    np.testing.assert_array_equal(data, 1)
    data[0] = 5  # the caller's own array can still be written to


def test_writing_raises_with_the_cure():
    x = tensor()
    with pytest.raises(TypeError, match=r"ops\.slice_update.*np\.array\(x\)"):
        x[0] = 0
    for write in (lambda: x.fill(0), x.sort, lambda: np.add(x, 1, out=x), lambda: np.copyto(x, 0)):
        with pytest.raises(ValueError, match="read-only"):
            write()
    np.testing.assert_array_equal(x, [[1, 2], [3, 4]])


@pytest.mark.parametrize("copied", [lambda x: x.numpy(), np.array, lambda x: x.copy()], ids=["numpy", "array", "copy"])
def test_copies_can_be_written_to(copied):
    x = tensor()
    own = copied(x)
    own[0] = 0
    np.testing.assert_array_equal(x, [[1, 2], [3, 4]])


def test_operators_promote_as_operations_do():
    whole = tensor("int32")
    assert (whole / 2).dtype == "float32"
    assert (2 / whole).dtype == "float32"
    assert (whole * 1.5).dtype == "float32"
    assert (tensor("float16") + tensor("float32")).dtype == "float32"


def test_what_is_no_number_is_left_to_numpy():
    x = tensor()
    np.testing.assert_array_equal(operator.add(x, [1, 2]), [[2, 4], [4, 6]])
    with pytest.raises((TypeError, np.exceptions.DTypePromotionError)):
        x + "a"


def test_functions_of_numpy_see_plain_arrays():
    found = np.sort(tensor()[:, ::-1], axis=1)
    assert type(found) is Array
    np.testing.assert_array_equal(found, [[1, 2], [3, 4]])
    assert isinstance(np.concatenate([tensor(), tensor()]), Array)


def test_eager_goes_into_structures():
    plain = np.zeros(2)
    found = eager({"a": [plain, (plain, 1)], "b": Pair(plain, None)})
    assert type(found["a"][0]) is type(found["a"][1][0]) is type(found["b"].a) is Array
    assert type(found["b"]) is Pair
    assert found["a"][1][1] == 1
    assert plain.flags.writeable


def test_bare_gives_the_plain_view_and_leaves_all_else():
    x = tensor()
    assert type(bare(x)) is np.ndarray
    assert np.shares_memory(bare(x), x)
    assert bare(3) == 3


def test_it_is_copied_and_pickled_with_its_values():
    x = tensor()
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert not np.shares_memory(twin, x)
        np.testing.assert_array_equal(twin, x)
        twin += 1
    np.testing.assert_array_equal(x, [[1, 2], [3, 4]])


def test_a_mask_belongs_to_one_array_and_not_to_what_is_made_of_it():
    x = tensor()
    x._keras_mask = np.array([True, False])
    assert (x + 1)._keras_mask is None
    assert x.numpy().__class__ is np.ndarray
    assert tensor()._keras_mask is None


def test_it_shows_itself_as_an_array():
    assert repr(tensor()) == repr(np.array(tensor()))
