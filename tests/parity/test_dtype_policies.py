"""Dtype policies against Keras's."""

import keras
import pytest

from kerasish import dtype_policies

pytestmark = pytest.mark.parity


@pytest.mark.parametrize(
    "name", ["float16", "float32", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16", "int32", "bool", "uint8"]
)
def test_policies_are_equal(name):
    ours, theirs = dtype_policies.get(name), keras.dtype_policies.get(name)
    for attribute in ("name", "compute_dtype", "variable_dtype", "quantization_mode"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
    assert repr(ours) == repr(theirs)
    assert dtype_policies.serialize(ours) == keras.dtype_policies.serialize(theirs)
    assert dtype_policies.get(keras.dtype_policies.serialize(theirs)) == ours
    assert keras.dtype_policies.get(dtype_policies.serialize(ours)) == theirs


@pytest.mark.parametrize("bad", ["float33", 3, "int8_from_nothing"])
def test_both_refuse(bad):
    for package in (dtype_policies, keras.dtype_policies):
        with pytest.raises(ValueError):
            package.get(bad)
