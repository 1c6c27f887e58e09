"""`tf.TensorArray`: a list of tensors that loops fill, one by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from kerasish.compat.tensorflow.arguments import sizes
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.control import InvalidArgumentError, OutOfRangeError
from kerasish.compat.tensorflow.types import DType, TensorShape, as_dtype


class TensorArray:
    """Tensors of one dtype by their number: written, read, and put together.

    Writing changes the array and returns it, as TensorFlow does outside of graphs. The tape follows what is written.

    Args:
        dtype: that of the tensors.
        size: how many there are to begin with.
        dynamic_size: whether writing behind the last makes room.
        clear_after_read: whether a tensor may be read once only.
        element_shape: the shape of each, needed where some are never written.
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        self._dtype, self._grows = as_dtype(dtype), bool(dynamic_size)
        self._clears = clear_after_read is not False
        self._shape = None if element_shape is None else TensorShape(element_shape)
        self._parts: list[Any] = [None] * (0 if size is None else int(size))
        self._read: set[int] = set()

    @property
    def dtype(self) -> DType:
        """The dtype of the tensors."""
        return self._dtype

    @property
    def element_shape(self) -> TensorShape | None:
        """The shape of a tensor, as far as it was said or seen."""
        if self._shape is None:
            return next((TensorShape(part.shape) for part in self._parts if part is not None), None)
        return self._shape

    @property
    def dynamic_size(self) -> bool:
        """Whether writing behind the last makes room."""
        return self._grows

    def size(self, name: str | None = None) -> Any:
        """How many tensors there are."""
        return tensor(len(self._parts))

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Put a tensor at a place.

        Raises:
            OutOfRangeError: behind the last place, without `dynamic_size`.
        """
        place = int(index)
        if place < 0 or (place >= len(self._parts) and not self._grows):
            raise OutOfRangeError(
                f"TensorArray: there is no place {place} in an array of size {len(self._parts)}; give dynamic_size=True"
            )
        self._parts += [None] * (place + 1 - len(self._parts))
        self._parts[place] = tensor(value, self._dtype)
        self._read.discard(place)
        return self

    def read(self, index: Any, name: str | None = None) -> Any:
        """The tensor at a place.

        Raises:
            OutOfRangeError: if there is no such place.
            InvalidArgumentError: if it was read before, or never written with its shape unknown.
        """
        place = int(index)
        if not 0 <= place < len(self._parts):
            raise OutOfRangeError(f"TensorArray: there is no place {place} in an array of size {len(self._parts)}")
        if place in self._read:
            raise InvalidArgumentError(
                f"TensorArray: place {place} was read before; give clear_after_read=False to read it again"
            )
        found = self._part(place)
        if self._clears:
            self._read.add(place)
        return found

    def _part(self, place: int) -> Any:
        if (part := self._parts[place]) is not None:
            return part
        shape = self.element_shape
        if shape is None or not shape.is_fully_defined():
            raise InvalidArgumentError(f"TensorArray: place {place} was never written, and has no element_shape")
        return tensor(np.zeros(shape, str(self._dtype)))

    def stack(self, name: str | None = None) -> Any:
        """All tensors as one, with a new first axis."""
        if not self._parts:
            return tensor(np.zeros((0, *(self._shape or ())), str(self._dtype)))
        return ops.stack([self._part(place) for place in range(len(self._parts))])

    def gather(self, indices: Any, name: str | None = None) -> Any:
        """The tensors at some places, stacked."""
        return ops.stack([self._part(place) for place in np.asarray(indices).tolist()])

    def concat(self, name: str | None = None) -> Any:
        """All tensors behind each other along their first axis."""
        return ops.concatenate([self._part(place) for place in range(len(self._parts))], 0)

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """Put the rows of a tensor at the places from 0 on."""
        return self.scatter(range(np.shape(value)[0]), value)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """Put the rows of a tensor at some places."""
        rows = tensor(value)
        for row, place in enumerate(np.asarray(indices).tolist()):
            self.write(place, rows[row])
        return self

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """Cut a tensor along its first axis and put the parts at the places from 0 on."""
        rows, first = tensor(value), 0
        for place, length in enumerate(np.ravel(sizes(lengths)).tolist()):
            self.write(place, rows[first : first + length])
            first += length
        return self

    def identity(self) -> TensorArray:
        """The array itself."""
        return self

    def mark_used(self) -> None:
        """Nothing: writing has happened already."""

    def close(self, name: str | None = None) -> None:
        """Forget the tensors."""
        self._parts.clear()
