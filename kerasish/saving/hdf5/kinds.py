"""What the values of a dataset or attribute are, and how they are arranged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kerasish.saving.hdf5.source import Fields, damaged

_MAX_AXES = 32
_CLASSES = (
    "integers", "floats", "times", "strings", "bits", "opaque bytes", "compound values", "references", "enumerations",
    "values of variable length", "arrays", "complex numbers",
)  # fmt: skip
# For the floats of IEEE 754: places of the sign, of the exponent and its size, of the mantissa and its size, the bias.
_FLOATS = {
    2: (15, 10, 5, 0, 10, 15),
    4: (31, 23, 8, 0, 23, 127),
    8: (63, 52, 11, 0, 52, 1023),
}
# The names and values of booleans: names are filled up to eight bytes, or, in newer files, are not.
_BOOLEANS = (b"FALSE\0\0\0TRUE\0\0\0\0\0\1", b"FALSE\0TRUE\0\0\1")


class Space(NamedTuple):
    """The shape of a dataset, None if it has none, and how far each axis may grow."""

    shape: tuple[int, ...] | None
    limits: tuple[int, ...]


def space_of(fields: Fields) -> Space:
    """The shape that a message describes.

    Raises:
        ValueError: if it is of an unknown version, or has too many axes.
    """
    version, axes, flags = fields.number(1), fields.number(1), fields.number(1)
    if version not in (1, 2) or axes > _MAX_AXES:
        raise damaged(f"the shape at byte {fields.at} has version {version} and {axes} axes")
    kind = fields.number(1)
    if version == 1:
        fields.take(4)
    elif kind == 2:
        return Space(None, ())
    shape = tuple(fields.numbers(axes, 8))
    return Space(shape, tuple(fields.numbers(axes, 8)) if flags & 1 else shape)


class Kind(NamedTuple):
    """What values are.

    Args:
        what: in words, for errors.
        size: the bytes of one.
        dtype: of numbers and of opaque bytes; None for all others.
        padding: of strings of a fixed length, what follows the text; None for all others.
        is_text: whether they are strings of variable length.
    """

    what: str
    size: int
    dtype: np.dtype | None = None
    padding: int | None = None
    is_text: bool = False


def kind_of(fields: Fields) -> Kind:
    """The kind of values that a message describes; what a value is made of is looked at for numbers alone.

    Raises:
        ValueError: if the message is too short.
    """
    number, bits, size = fields.number(1) & 15, fields.number(3), fields.number(4)
    what = _CLASSES[number] if number < len(_CLASSES) else f"values of the unknown class {number}"
    dtype = {0: _integer, 1: _float, 5: _opaque, 8: _boolean}.get(number, _none)(fields, bits, size)
    return Kind(what, size, dtype, bits & 15 if number == 3 else None, number == 9 and bits & 15 == 1)


def _none(fields: Fields, bits: int, size: int) -> None:
    return None


def _integer(fields: Fields, bits: int, size: int) -> np.dtype | None:
    if size not in (1, 2, 4, 8) or bits & ~0b1001 or (fields.number(2), fields.number(2)) != (0, 8 * size):
        return None
    return np.dtype(f"{_order(bits)}{'i' if bits & 8 else 'u'}{size}")


def _float(fields: Fields, bits: int, size: int) -> np.dtype | None:
    start, precision = fields.number(2), fields.number(2)
    form = (bits >> 8 & 255, *fields.numbers(4, 1), fields.number(4))
    is_plain = (start, precision) == (0, 8 * size) and bits & 0xFF & ~1 == 0x20
    return np.dtype(f"{_order(bits)}f{size}") if is_plain and _FLOATS.get(size) == form else None


def _order(bits: int) -> str:
    return ">" if bits & 1 else "<"


def _opaque(fields: Fields, bits: int, size: int) -> np.dtype | None:
    return np.dtype(f"V{size}") if 0 < size < 2**16 else None


def _boolean(fields: Fields, bits: int, size: int) -> np.dtype | None:
    """Booleans are kept as an enumeration of FALSE and TRUE, in bytes."""
    base = kind_of(fields.part(12))
    is_plain = size == 1 and bits & 0xFFFF == 2 and base.dtype is not None and base.dtype.itemsize == 1
    return np.dtype("?") if is_plain and fields.data[fields.position :].startswith(_BOOLEANS) else None
