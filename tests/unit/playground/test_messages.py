"""Answers as text and bytes."""

import json

import numpy as np
import pytest

from kerasish.playground.messages import Binary, decode, encode


def test_arrays_travel_behind_a_header():
    arrays = {
        "a": np.arange(6, dtype="float64").reshape(2, 3).T,
        "none": np.zeros((0, 4)),
        "b": np.array([1, 255], "uint8"),
        "c": np.array([np.nan, np.inf], "float32"),
    }
    data = encode(Binary({"type": "frame", "loss": float("nan"), "text": "é"}, arrays))
    length = int.from_bytes(data[4:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert data[:4] == b"KPG1" and length % 8 == 0 and header["loss"] is None
    assert [(entry["dtype"], entry["offset"]) for entry in header["arrays"]] == [
        ("float32", 0),
        ("float32", 24),
        ("uint8", 24),
        ("float32", 32),
    ]
    found = decode(data)
    assert found.header["text"] == "é"
    for name, array in arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array)


def test_json_has_null_for_what_is_no_number():
    assert encode({"a": [np.float32("inf"), {"b": (1.5, float("nan"))}]}) == '{"a":[null,{"b":[1.5,null]}]}'


def test_other_bytes_are_refused():
    for data in (b"", b"KPG", b"KPG2" + bytes(8)):
        with pytest.raises(ValueError, match="begins with"):
            decode(data)
