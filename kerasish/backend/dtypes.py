"""Dtypes by name, and Keras's promotion rules: what type `a + b` has.

NumPy says `int32 + float32 = float64`; Keras says `float32`. The rules here are Keras's lattice:
booleans below integers below floats; within integers the smallest type that holds both; an integer with
a float takes the float's type; Python numbers are weak and take the other side's type.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from kerasish.backend import config

BOOL_TYPES = ("bool",)
SIGNED_TYPES = ("int8", "int16", "int32", "int64")
UNSIGNED_TYPES = ("uint8", "uint16", "uint32", "uint64")
INT_TYPES = UNSIGNED_TYPES + SIGNED_TYPES
FLOAT_TYPES = ("bfloat16", "float16", "float32", "float64")
COMPLEX_TYPES = ("complex64", "complex128")
ALLOWED_TYPES = BOOL_TYPES + INT_TYPES + FLOAT_TYPES + COMPLEX_TYPES + ("string",)

_PYTHON_TYPES = {bool: "bool", int: "int32", float: None, str: "string", complex: "complex64"}
_NUMPY_STRINGS = ("U", "S", "T", "O")


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype given as a name, a NumPy dtype, a Python type or None (the default float).

    Example:
        >>> standardize_dtype(np.float64), standardize_dtype(int), standardize_dtype(None)
        ('float64', 'int32', 'float32')

    Raises:
        ValueError: if `dtype` names no type that tensors can have.
    """
    if dtype is None:
        return config.floatx()
    if isinstance(dtype, str) and dtype in ALLOWED_TYPES:
        return dtype
    if isinstance(dtype, type) and dtype in _PYTHON_TYPES:
        return _PYTHON_TYPES[dtype] or config.floatx()
    return _standardize_other(dtype)


def _standardize_other(dtype: Any) -> str:
    if isinstance(dtype, str) and dtype in ("int", "float"):
        return "int32" if dtype == "int" else config.floatx()
    text = str(dtype).rsplit(".", 1)[-1]  # torch.float32, <dtype: 'float32'>
    if text in ALLOWED_TYPES:
        return text
    try:
        found = np.dtype(dtype)
    except TypeError as error:
        raise ValueError(f"unknown dtype {dtype!r}; expected one of {', '.join(ALLOWED_TYPES)}") from error
    if found.kind in _NUMPY_STRINGS:
        return "string"
    if found.name not in ALLOWED_TYPES:
        raise ValueError(f"unknown dtype {dtype!r}; expected one of {', '.join(ALLOWED_TYPES)}")
    return found.name


@lru_cache(maxsize=256)
def numpy_dtype(name: str) -> np.dtype[Any]:
    """The NumPy dtype of a standardized name; `bfloat16` needs the package ml_dtypes."""
    if name == "bfloat16":
        try:
            import ml_dtypes
        except ImportError as error:
            raise ImportError("bfloat16 arrays need ml_dtypes: pip install ml_dtypes") from error
        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(object if name == "string" else name)


def has_gradient(dtype: np.dtype[Any]) -> bool:
    """Whether numbers of a NumPy dtype have gradients: the real floats, `bfloat16` (to NumPy no float) among them."""
    return dtype.kind == "f" or (dtype.kind == "V" and dtype.name == "bfloat16")


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype is a float type."""
    return "float" in standardize_dtype(dtype)


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype is a signed or unsigned integer type."""
    return standardize_dtype(dtype) in INT_TYPES


def result_type(*dtypes: Any) -> str:
    """The dtype that an operation on arrays of these dtypes has, by Keras's promotion rules.

    Args:
        *dtypes: names, NumPy dtypes, or the Python types `int` and `float`, which are weak: they yield to
            the type of any array. None counts as `floatx()`.

    Example:
        >>> result_type("int32", "float32"), result_type("uint8", "int8"), result_type("float16", float)
        ('float32', 'int16', 'float16')
    """
    if not dtypes:
        return config.floatx()
    names = []
    for dtype in dtypes:
        if dtype is int or dtype is float:
            names.append(dtype.__name__)
        elif dtype is None:
            names.append(config.floatx())
        else:
            names.append(standardize_dtype(dtype))
    return _result_type(frozenset(names), config.floatx())


@lru_cache(maxsize=1024)
def _result_type(names: frozenset[str], floatx: str) -> str:
    if "string" in names:
        raise ValueError(f"strings do not take part in arithmetic; received dtypes {sorted(names)}")
    if names & set(COMPLEX_TYPES):
        wide = {"complex128", "float64"} & names
        return "complex128" if wide else "complex64"
    floats = [name for name in FLOAT_TYPES if name in names]
    if floats:
        return "float32" if floats == ["bfloat16", "float16"] else floats[-1]
    if "float" in names:
        return floatx
    return _integer_result(names, floatx)


def _integer_result(names: frozenset[str], floatx: str) -> str:
    signed = [name for name in SIGNED_TYPES if name in names]
    unsigned = [name for name in UNSIGNED_TYPES if name in names]
    if not signed and not unsigned:
        return "int32" if "int" in names else "bool"
    if not unsigned:
        return signed[-1]
    if not signed:
        return unsigned[-1]
    if unsigned[-1] == "uint64":
        return floatx  # no integer type holds both
    wider = SIGNED_TYPES[UNSIGNED_TYPES.index(unsigned[-1]) + 1]
    return max(signed[-1], wider, key=SIGNED_TYPES.index)
