"""Pickles from strangers that hold arrays, lists, numbers and texts, and nothing that is called or imported.

Python's unpickler calls whatever a pickle names, and `numpy.ndarray` itself, called with a buffer and a dtype of
objects, takes the bytes of the file for addresses in memory. Here every name stands for a stand-in of our own, which
notes what it is given; arrays are made from that afterwards, of plain numbers only.
"""

import io
import math
import pickle
import re
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# Opcodes of a fixed length that build numbers, lists and tuples, and look into the memo; the first few are those of
# which a list of numbers consists. With dicts, whose keys are hashed at once, the memo is looked at more closely.
_LISTS = rb"K.|M..|[]()ea]"
_OTHERS = rb"[N\x88\x89\x85-\x87tRb]|J.{4}|G.{8}|\x80.|\x95.{8}"
_OF_TEXTS = re.compile(rb"(?:(?:%b|\x94)++|[qh].|%b|j.{4})*+" % (_LISTS, _OTHERS), re.DOTALL)
_OF_DICTS = re.compile(rb"(?:(?:%b)++|%b|[}us])*+" % (_LISTS, _OTHERS), re.DOTALL)
# Opcodes with a text or bytes, by how many bytes their length takes.
_WITH_LENGTH = {b"U": 1, b"C": 1, b"\x8c": 1, b"\x8a": 1, b"T": 4, b"B": 4, b"X": 4, b"\x8d": 8, b"\x8e": 8}
# The indices that one byte gives; Python counts on from there.
_SHORT = 256


class _StandIn:
    """What a name in a pickle becomes: it may be called, and has no other uses.

    Args:
        call: what is called, or None.
    """

    __slots__ = ("_call",)

    def __init__(self, call: Callable[..., Any] | None = None) -> None:
        self._call = call

    def __call__(self, *args: Any) -> Any:
        if self._call is None:
            _refuse("it calls what is no function")
        return self._call(*args)

    def __setstate__(self, state: Any) -> NoReturn:
        _refuse("it changes what it names")


class _Dtype:
    """A dtype that a pickle describes, by its code."""

    __slots__ = ("code", "order")

    def __init__(self, code: Any, *_: Any) -> None:
        if not isinstance(code, (str, bytes)):
            _refuse(f"it has an array of {type(code).__name__}")
        self.code = code if isinstance(code, str) else code.decode("latin1")
        self.order: Any = "|"

    def __setstate__(self, state: Any) -> None:
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else None
        self.order = order.decode("latin1") if isinstance(order, bytes) else order

    def made(self) -> np.dtype[Any]:
        """The dtype of numbers."""
        if self.order not in ("|", "<", ">", "=") or not re.fullmatch(r"b1|[iu][1248]|f[248]", self.code):
            _refuse(f"it has an array of {self.code}, not of numbers")
        return np.dtype(self.code).newbyteorder(self.order)


class _Array:
    """An array that a pickle describes; what it is made of is looked at in `made`."""

    __slots__ = ("_state",)

    def __init__(self, *_: Any) -> None:
        self._state: Any = None

    def __setstate__(self, state: Any) -> None:
        self._state = state

    def made(self, texts: bool = False) -> Array:
        """The array of numbers, or of texts as lists of numbers."""
        if not isinstance(self._state, tuple) or len(self._state) != 5:
            _refuse("it has an array without values")
        _, shape, dtype, in_columns, values = self._state
        if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
            _refuse("it has an array without a shape")
        if not isinstance(dtype, _Dtype):
            _refuse("it has an array without a dtype")
        if texts:
            return _lists(values, shape, dtype)
        kind = dtype.made()
        if isinstance(values, str):
            values = values.encode("latin1")
        if not isinstance(values, bytes) or len(values) != math.prod(shape) * kind.itemsize:
            _refuse(f"it has an array of shape {shape} without as many values")
        return np.frombuffer(values, kind).reshape(shape, order="F" if in_columns else "C").copy()


def _lists(values: Any, shape: tuple[int, ...], dtype: _Dtype) -> Array:
    if dtype.code not in ("O", "O4", "O8") or not isinstance(values, list) or shape != (len(values),):
        _refuse("it has no array of lists")
    if not all(type(text) is list for text in values):
        _refuse("it has an array of other things than lists")
    found: Any = np.empty(shape, object)
    found[:] = values
    return found


def _refuse(reason: str) -> NoReturn:
    raise pickle.UnpicklingError(reason)


_ARRAY_TYPE = _StandIn()
_NAMES = {
    ("numpy", "dtype"): _StandIn(_Dtype),
    ("numpy", "ndarray"): _ARRAY_TYPE,
    ("numpy.core.multiarray", "_reconstruct"): _StandIn(_Array),
    ("numpy._core.multiarray", "_reconstruct"): _StandIn(_Array),
}


class _Unpickler(pickle.Unpickler):
    """Looks names up among the stand-ins, and imports nothing."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _NAMES:
            _refuse(f"it refers to {module}.{name}, which no data set needs")
        return _NAMES[module, name]


def _check_opcodes(data: bytes, at: int, plain: re.Pattern[bytes]) -> None:
    """Hold that there are only opcodes that data needs, and that the memo is used as Python uses it.

    The unpickler makes room for every index below the one that an opcode gives: sixteen bytes of a file for sixty
    gigabytes of memory. And a tuple of a tuple twice, of another twice, ... takes for ever to hash.
    """
    entries = 0
    twice: set[int] = set()  # what may be used again: texts and names
    is_text = False
    while True:
        end = plain.match(data, at).end()  # type: ignore[union-attr]
        opcode = data[end : end + 1]
        if opcode == b".":
            return
        if opcode in (b"q", b"r", b"\x94"):
            width = {b"q": 1, b"r": 4, b"\x94": 0}[opcode]
            index = int.from_bytes(data[end + 1 : end + 1 + width], "little") if width else entries
            if index > entries + _SHORT:
                _refuse("it asks for more memory than it needs")
            is_text = is_text and end == at
            (twice.add if is_text else twice.discard)(index)
            entries += 1
            at = end + 1 + width
        elif opcode in (b"h", b"j"):
            at = end + (2 if opcode == b"h" else 5)
            if int.from_bytes(data[end + 1 : at], "little") not in twice:
                _refuse("it has a value twice")
            is_text = True
        elif opcode == b"c":
            at = data.index(b"\n", data.index(b"\n", end) + 1) + 1
            is_text = True
        elif opcode == b"\x93":
            at = end + 1
            is_text = True
        elif opcode in _WITH_LENGTH:
            width = _WITH_LENGTH[opcode]
            at = end + 1 + width + int.from_bytes(data[end + 1 : end + 1 + width], "little")
            is_text = True
        else:
            _refuse(f"it has the opcode {opcode!r}, which no data set needs")


def _loaded(data: bytes, begin: int, plain: re.Pattern[bytes], encoding: str) -> Any:
    _check_opcodes(data, begin, plain)
    file = io.BytesIO(data)
    file.seek(begin)
    return _Unpickler(file, encoding=encoding).load()


def texts(data: bytes, begin: int = 0) -> Array:
    """An array of objects that are lists of numbers.

    Args:
        data: the bytes of a file.
        begin: where the pickle is in them.

    Raises:
        Exception: of any kind, if the pickle is damaged or holds something else.
    """
    found = _loaded(data, begin, _OF_TEXTS, "latin1")
    if not isinstance(found, _Array):
        _refuse("it is no array")
    array = found.made(texts=True)
    if sum(map(len, array)) > len(data):
        _refuse("it has the same list over and over")
    if not all(type(sum(text)) is int for text in array):
        _refuse("it has texts of other things than numbers")
    return array


def batch(data: bytes) -> dict[str, Any]:
    """A dict of arrays, texts and lists of numbers or texts.

    Raises:
        Exception: of any kind, if the pickle is damaged or holds something else.
    """
    found = _loaded(data, 0, _OF_DICTS, "bytes")
    if not isinstance(found, dict):
        _refuse("it is no dictionary")
    if not {type(key) for key in found} <= {str, bytes}:
        _refuse("it has keys that are no texts")
    return {key.decode() if isinstance(key, bytes) else key: _plain(value) for key, value in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, _Array):
        return value.made()
    is_list = type(value) is list and {type(entry) for entry in value} <= {int, str, bytes}
    if not is_list and not isinstance(value, (int, str, bytes)):
        _refuse(f"it holds a {type(value).__name__.lstrip('_').lower()}")
    return value
