import numpy as np
import pytest

from kerasish.backend.variable import Variable
from kerasish.layers.preprocessing.lookup_keys import as_keys, as_strings, as_whole_numbers


@pytest.mark.parametrize(
    "values",
    [
        ["a", "é"], ("a", "é"), np.array(["a", "é"]), np.array(["a", "é"], object), [b"a", "é".encode()],
        np.array([b"a", "é".encode()]), [np.str_("a"), np.str_("é")], np.array(["a", "é"], np.dtypes.StringDType()),
    ],
)  # fmt: skip
def test_strings_become_objects(values):
    found = as_strings(values, "it")
    assert found.dtype == object
    assert found.tolist() == ["a", "é"]
    assert all(type(entry) is str for entry in found)


@pytest.mark.parametrize(
    "values",
    [
        [1, 2], np.array([1, 2], "uint8"), np.array([1.0, 2.0]), Variable([1, 2]), [True, np.int64(2)],
        np.array([1, 2], object), [np.array(1), np.array(2)],
    ],
)  # fmt: skip
def test_whole_numbers_become_int64(values):
    found = as_whole_numbers(values, "it")
    assert found.dtype == np.int64
    assert found.tolist() == [1, 2]


def test_shapes_stay():
    assert as_keys("a", "it").shape == ()
    assert as_keys([["a"], ["b"]], "it").shape == (2, 1)
    assert as_keys(3, "it").shape == ()
    assert as_strings([], "it").dtype == object
    assert as_strings(np.zeros((0, 2)), "it").shape == (0, 2)


def test_other_encodings():
    assert as_strings("é".encode("latin-1"), "it", "latin-1").item() == "é"
    with pytest.raises(ValueError, match="utf-8"):
        as_strings("é".encode("latin-1"), "it")


@pytest.mark.parametrize(
    ("function", "values", "error", "message"),
    [
        (as_strings, [1, 2], TypeError, "it works with strings; received int64 values such as 1"),
        (as_strings, [1.5], TypeError, "received float64"),
        (as_strings, ["a", None], TypeError, "with None"),
        (as_strings, ["a", 1], TypeError, r"with 1 \(int\)"),
        (as_strings, np.array([1j]), TypeError, "complex128"),
        (as_strings, [["a"], ["a", "b"]], ValueError, "different lengths"),
        (as_whole_numbers, ["a"], TypeError, "received strings such as 'a'"),
        (as_whole_numbers, [1.5], TypeError, "values that are none"),
        (as_whole_numbers, [np.nan], TypeError, "values that are none"),
    ],
)
def test_what_is_neither_is_refused(function, values, error, message):
    with pytest.raises(error, match=message):
        function(values, "it")
