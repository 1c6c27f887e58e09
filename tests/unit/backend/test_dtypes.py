"""Promotion against Keras's own table, 64-bit types by hand (JAX computes them in 32 bits)."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend import config, dtypes
from kerasish.backend.operators import dtype_of, promote, to_array

keras = pytest.importorskip("keras")

_NARROW = [t for t in dtypes.ALLOWED_TYPES if t not in ("int64", "uint64", "float64", "string") and "complex" not in t]
_WEAK: list[Any] = [int, float, None]


@pytest.mark.parity
@pytest.mark.parametrize("first", [*_NARROW, *_WEAK])
def test_pairs_promote_as_in_keras(first: Any) -> None:
    for second in [*_NARROW, *_WEAK]:
        if {first, second} == {"uint32", "int32"} or "uint32" in (first, second):
            continue  # an int64, which JAX cuts to 32 bits
        expected = keras.backend.result_type(first, second)
        assert dtypes.result_type(first, second) == expected, (first, second)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (("int64", "int32"), "int64"),
        (("int64", "float32"), "float32"),
        (("int64", "float16"), "float16"),
        (("float64", "float32"), "float64"),
        (("float64", "int8"), "float64"),
        (("float64", "bfloat16"), "float64"),
        (("uint32", "int32"), "int64"),
        (("uint32", "int8"), "int64"),
        (("uint64", "int8"), "float32"),
        (("uint64", "uint8"), "uint64"),
        (("uint64", "bool"), "uint64"),
        (("int64", int), "int64"),
        (("int64", float), "float32"),
        (("float64", float), "float64"),
        (("bool", int), "int32"),
        (("bool", float), "float32"),
        ((int, float), "float32"),
        (("bfloat16", "float16"), "float32"),
        (("complex64", "float32"), "complex64"),
        (("complex64", "float64"), "complex128"),
        (("uint8", "int8", "float16"), "float16"),
        (("uint8", "int8", "int64"), "int64"),
        (("uint8", "uint16", "int8"), "int32"),
        ((), "float32"),
    ],
)
def test_the_whole_lattice(kinds: tuple[Any, ...], expected: str) -> None:
    for order in itertools.permutations(kinds):
        assert dtypes.result_type(*order) == expected


def test_weak_floats_follow_floatx() -> None:
    config.set_floatx("float64")
    try:
        assert dtypes.result_type("int32", float) == "float64"
        assert to_array(1.5).dtype == np.float64
    finally:
        config.set_floatx("float32")
    assert dtypes.result_type("int32", float) == "float32"


def test_standardize() -> None:
    assert dtypes.standardize_dtype(None) == "float32"
    assert dtypes.standardize_dtype(float) == "float32"
    assert dtypes.standardize_dtype("int") == "int32"
    assert dtypes.standardize_dtype(np.dtype("uint8")) == "uint8"
    assert dtypes.standardize_dtype(np.float16) == "float16"
    assert dtypes.standardize_dtype(bool) == "bool"
    assert dtypes.standardize_dtype(np.dtype("<U3")) == "string"
    with pytest.raises(ValueError, match="unknown dtype 'float33'"):
        dtypes.standardize_dtype("float33")


def test_a_numpy_scalar_is_not_weak() -> None:
    """A NumPy float64 is a Python float by inheritance, yet its dtype counts."""
    assert dtype_of(np.float64(1.0)) == np.float64
    a, b = promote(np.float64(1.0), np.float64(2.0))
    assert a.dtype == b.dtype == np.float64
    assert dtype_of(1.0) is float
    assert dtype_of(True) == "bool"
    assert dtype_of([1.0]) == np.float32
    assert dtype_of([1]) == np.int32


_OPERATIONS = (
    ops.add, ops.multiply, ops.divide, ops.power, ops.floor_divide, ops.mod, ops.maximum, ops.hypot, ops.divide_no_nan,
    ops.heaviside, ops.nextafter,
)  # fmt: skip


@pytest.mark.parametrize("operation", _OPERATIONS, ids=lambda o: o.__name__)
def test_python_numbers_take_the_float_type_beside_them(operation: Any) -> None:
    for kind in ("float16", "float32", "float64"):
        x = np.array([1.0, 2.0], kind)
        for number in (2, 2.0, True):
            assert operation(x, number).dtype == operation(number, x).dtype == kind


@pytest.mark.parity
@pytest.mark.parametrize("operation", _OPERATIONS, ids=lambda o: o.__name__)
def test_operations_promote_as_in_keras(operation: Any) -> None:
    kinds = ["bool", "int32", "uint8", "float16", "float32"]
    theirs = getattr(keras.ops, operation.__name__)
    for first, second in itertools.product(kinds, [*kinds, 2, 2.0]):
        a, b = np.ones(2, first), second if isinstance(second, (int, float)) else np.ones(2, second)
        try:
            expected = str(theirs(a, b).dtype)
        except (TypeError, ValueError):
            continue  # not defined for these
        assert dtypes.standardize_dtype(operation(a, b).dtype) == expected, (first, second)


@pytest.mark.parametrize(
    "activation", ["elu", "gelu", "hard_sigmoid", "leaky_relu", "selu", "celu", "soft_shrink", "sinc"]
)
def test_bfloat16_stays(activation: str) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.array([-1.0, 0.5], ml_dtypes.bfloat16)
    assert getattr(ops, activation)(x).dtype == x.dtype
