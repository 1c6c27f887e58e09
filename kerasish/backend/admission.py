"""The door for values from outside: what NumPy would turn into wrong numbers without a word is refused here."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.array import Array

# What holds numbers and nothing else, or is looked at when it becomes an array.
ADMITTED = frozenset({np.ndarray, Array, float, int, bool, list, tuple})


def refuse_unusable(x: Any, what: str) -> None:
    """Look at one value: None and masked arrays are no numbers, nor are lists and arrays that hold them.

    Args:
        x: anything.
        what: what it was meant for, for the error.

    Raises:
        ValueError: naming what came and what to do.
    """
    if x is None:
        raise ValueError(f"{what} is None where numbers are expected; NumPy would read it as NaN. {_CURE}")
    if isinstance(x, np.ndarray):
        if hasattr(x, "filled"):  # numpy.ma itself is not imported for the sake of a question
            raise ValueError(
                f"{what} is a masked array (numpy.ma) of shape {x.shape}, whose hidden values would be computed with. "
                "Put numbers in their place first, with `.filled(value)`; to leave samples out, give them the "
                "sample_weight 0."
            )
        if x.dtype.kind == "O" and any(item is None for item in x.flat):
            raise ValueError(f"{what} is an array of objects with None among them, of shape {x.shape}. {_CURE}")
    elif isinstance(x, (list, tuple)):
        for part in x:
            if type(part) not in _NUMBERS:
                refuse_unusable(part, f"an element of {what}")


_NUMBERS = (float, int, bool, str)
_CURE = "Leave the argument out, or put a number in place of what is missing."


def of_another_keras(x: Any) -> str:
    """What to say of an object that the other Keras has made, where one of this library's is wanted; "" of others.

    Args:
        x: an object, a function or a class.
    """
    kind = x if isinstance(x, type) or hasattr(x, "__qualname__") else type(x)
    home = str(getattr(kind, "__module__", ""))
    if home.split(".")[0] not in ("keras", "tf_keras", "tensorflow"):
        return ""
    return f". It comes from {home}: import one of the two alone, such as `import kerasish as keras`"


def as_array(x: Any, dtype: Any = None, what: str = "a value") -> np.ndarray:
    """`np.asarray(x, dtype)` of what can be computed with.

    Raises:
        ValueError: if `x` is, or holds, None or a masked array, or lists of different lengths.
    """
    if type(x) is not np.ndarray or x.dtype.kind == "O":
        refuse_unusable(x, what)
    try:
        return np.asarray(x, dtype)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ValueError(f"{what} is not rectangular: its rows have different lengths ({error})") from error
