"""Python's operators and the methods of arrays, on tensors, variables, symbols, and arrays outside of a tape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.array import Array
from kerasish.backend.operators import (
    absolute,
    add,
    bitwise_and,
    bitwise_invert,
    bitwise_left_shift,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    cast_to,
    divide,
    equal,
    floor_divide,
    getitem,
    greater,
    greater_equal,
    less,
    less_equal,
    matmul,
    mod,
    multiply,
    negative,
    not_equal,
    plain_index,
    power,
    renewed,
    subtract,
)  # fmt: skip
from kerasish.backend.primitive import Primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor, Traceable
from kerasish.backend.variable import Variable


def _reflected(operation: Primitive) -> Callable[[Any, Any], Any]:
    return lambda self, other: operation(other, self)


def _direct(operation: Primitive) -> Callable[[Any, Any], Any]:
    return lambda self, other: operation(self, other)  # noqa: PLW0108 (only a function becomes a method)


_NUMBERS = (np.ndarray, np.generic, int, float, Traceable)


def _on_arrays(operation: Primitive, name: str, is_reflected: bool) -> Callable[[Any, Any], Any]:
    """An operator of arrays outside of a tape, augmented ones too; what is no tensor or number is left to NumPy."""
    ordinary = getattr(np.ndarray, name.replace("__i", "__"))

    def operator(self: Any, other: Any) -> Any:
        if not isinstance(other, _NUMBERS):
            return ordinary(self, other)
        return operation(other, self) if is_reflected else operation(self, other)

    return operator


_BINARY = {
    "add": add,
    "sub": subtract,
    "mul": multiply,
    "truediv": divide,
    "floordiv": floor_divide,
    "mod": mod,
    "pow": power,
    "matmul": matmul,
    "and": bitwise_and,
    "or": bitwise_or,
    "xor": bitwise_xor,
    "lshift": bitwise_left_shift,
    "rshift": bitwise_right_shift,
}
_COMPARE = {"eq": equal, "ne": not_equal, "lt": less, "le": less_equal, "gt": greater, "ge": greater_equal}

# Methods of arrays that tensors answer by way of the NumPy function of the same name.
_METHODS = [
    "all",
    "any",
    "argmax",
    "argmin",
    "argsort",
    "clip",
    "copy",
    "cumprod",
    "cumsum",
    "diagonal",
    "dot",
    "max",
    "mean",
    "min",
    "prod",
    "ravel",
    "repeat",
    "reshape",
    "round",
    "sort",
    "squeeze",
    "std",
    "sum",
    "swapaxes",
    "take",
    "trace",
    "transpose",
    "var",
]


def _numpy_method(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if name in ("reshape", "transpose") and len(args) > 1:
            args = (args,)
        return function(self, *args, **kwargs)

    method.__name__ = name
    return method


def _install() -> None:
    Variable._cast = staticmethod(cast_to)
    Variable._renew = staticmethod(renewed)
    for name, operation in _BINARY.items():
        setattr(Traceable, f"__{name}__", _direct(operation))
        setattr(Traceable, f"__r{name}__", _reflected(operation))
        for place in ("", "r", "i"):
            setattr(Array, f"__{place}{name}__", _on_arrays(operation, f"__{place}{name}__", place == "r"))
    for name, operation in _COMPARE.items():
        setattr(Traceable, f"__{name}__", _direct(operation))
    for cls in (Tensor, Variable, KerasTensor):  # __eq__ on a base would otherwise unset their hash
        setattr(cls, "__hash__", object.__hash__)  # noqa: B010
    methods: dict[str, Any] = {
        "__neg__": lambda self: negative(self),  # noqa: PLW0108 (only a function becomes a method)
        "__pos__": lambda self: self,
        "__abs__": lambda self: absolute(self),  # noqa: PLW0108
        "__invert__": lambda self: bitwise_invert(self),  # noqa: PLW0108
        "__getitem__": lambda self, index: getitem(self, index=plain_index(index)),
        "astype": lambda self, dtype, copy=True: cast_to(self, dtype=dtypes.standardize_dtype(dtype)),
        "flatten": lambda self: np.reshape(self, -1),
        "T": property(np.transpose),
    }
    for name, method in methods.items():
        setattr(Traceable, name, method)
    for name in _METHODS:
        for cls in (Tensor, Variable):
            if name not in cls.__dict__:
                setattr(cls, name, _numpy_method(name))


_install()
