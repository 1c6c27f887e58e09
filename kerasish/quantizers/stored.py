"""How a weight is stored in few bits: its layout, from real numbers and back, and the part that is at hand.

Two types carry it. `Layout` is what a layer says of a weight; `Stored` is a layout with a number of bits and of blocks.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from kerasish.quantizers.integers import abs_max_quantize_grouped_with_zero_point, pack_int4, unpacked
from kerasish.quantizers.quantizer import AbsMaxQuantizer


class Layout(NamedTuple):
    """A weight as a matrix: a layer sums over its rows, and each column has a scale.

    Attributes:
        shape: of the weight as the layer makes it.
        summed: the axes of the weight that are the rows.
        scale_shape: of the scales of eight bits, as files have them.
        order: the axes of the weight in the order of `scale_shape`; None for their own.
        turned: whether it lies as `(columns, rows)`, as the rows of an embedding do, which are its columns.
        halved: the axis, as it lies, along which two numbers of four bits share a byte.
        zero_dtype: of the zeros of blocks.
    """

    shape: tuple[int, ...]
    summed: tuple[int, ...]
    scale_shape: tuple[int, ...]
    order: tuple[int, ...] | None = None
    turned: bool = False
    halved: int = -1
    zero_dtype: str = "int8"

    @property
    def rows(self) -> int:
        """How many numbers are summed."""
        return math.prod(self.shape[axis] for axis in self.summed)

    @property
    def columns(self) -> int:
        """How many sums there are."""
        return math.prod(self.shape) // self.rows

    @property
    def lying(self) -> tuple[int, int]:
        """The sizes of the matrix as it lies."""
        return (self.columns, self.rows) if self.turned else (self.rows, self.columns)


class Stored(NamedTuple):
    """A weight in so many bits.

    Attributes:
        layout: how it lies.
        bits: 8 or 4.
        block: how many rows share a scale and a zero; 0 for one scale for each column.
    """

    layout: Layout
    bits: int
    block: int = 0

    def variables(self) -> dict[str, tuple[tuple[int, ...], str | None]]:
        """The shapes and dtypes of what is kept, by the ends of the names; None for the layer's own dtype."""
        layout = self.layout
        if self.bits == 8:
            return {"": (layout.shape, "int8"), "_scale": (layout.scale_shape, None)}
        lying = list(layout.lying)
        lying[layout.halved] = (lying[layout.halved] + 1) // 2
        blocks = (math.ceil(layout.rows / self.block), layout.columns) if self.block else (layout.columns,)
        scale_shape = blocks[::-1] if layout.turned else blocks
        found: dict[str, tuple[tuple[int, ...], str | None]] = {
            "": (tuple(lying), "int8"),
            "_scale": (scale_shape, None),
        }
        if self.block:
            found["_zero"] = (scale_shape, layout.zero_dtype)
        return found

    def groups(self) -> np.ndarray:
        """The block of each row, as Keras's files have it."""
        return np.floor_divide(np.arange(self.layout.rows), self.block).astype(np.float32)

    # -- there -----------------------------------------------------------------------------------------------

    def encode(self, weight: np.ndarray, quantizer: Any = None) -> dict[str, np.ndarray]:
        """What is kept of a weight, by the ends of the names.

        Args:
            weight: real numbers of the layout's shape.
            quantizer: gives whole numbers and scales, in place of the largest number of each column.
        """
        layout = self.layout
        if self.bits == 8:
            whole, scale = (quantizer or AbsMaxQuantizer(layout.summed))(weight)
            scale = scale if layout.order is None else np.transpose(scale, layout.order)
            return {"": np.asarray(whole), "_scale": np.reshape(scale, layout.scale_shape)}
        matrix = weight.reshape(layout.lying)
        if self.block:
            parts = abs_max_quantize_grouped_with_zero_point(matrix.T if layout.turned else matrix, self.block)
            whole, scale, zero = (np.asarray(part.T if layout.turned else part) for part in parts)
            return {"": _packed(whole, layout), "_scale": scale, "_zero": zero}
        whole, scale = (quantizer or AbsMaxQuantizer(int(layout.turned), value_range=(-8, 7)))(matrix)
        return {"": _packed(np.asarray(whole), layout), "_scale": np.reshape(scale, layout.columns)}

    # -- and back --------------------------------------------------------------------------------------------

    def whole(self, kept: np.ndarray) -> np.ndarray:
        """The whole numbers in the weight's shape."""
        layout = self.layout
        if self.bits == 4:
            kept = unpacked(kept, layout.lying[layout.halved], layout.halved)
        return kept.reshape(layout.shape)

    def decode(self, kept: np.ndarray, scale: np.ndarray, zero: Any = None, groups: Any = None) -> np.ndarray:
        """The weight in real numbers."""
        layout, whole = self.layout, self.whole(kept).astype(np.float32)
        if self.bits == 8:
            return whole / self._in_place_of_weight(scale)
        matrix = whole.reshape(layout.lying)
        if self.block:
            matrix = self._unscaled(matrix, scale, zero, groups)
        else:
            matrix /= scale[:, None] if layout.turned else scale
        return matrix.reshape(layout.shape)

    def tile(
        self, kept: np.ndarray, rows: slice, columns: slice, scale: np.ndarray, zero: Any = None, groups: Any = None
    ) -> np.ndarray:
        """A part of the matrix in single precision: whole numbers, but real ones where there are blocks."""
        layout = self.layout
        part = (columns, rows) if layout.turned else (rows, columns)
        if self.bits == 4:
            place = layout.halved % 2
            start, stop = part[place].start, part[place].stop  # the start is even
            length = min(stop, layout.lying[place]) - start
            halves = slice(start // 2, (stop + 1) // 2)
            found = unpacked(kept[(part[0], halves) if place else (halves, part[1])], length, place)
        else:
            found = kept.reshape(layout.lying)[part]
        made = found.astype(np.float32)
        if self.block:
            across = (columns,) if layout.turned else (slice(None), columns)
            made = self._unscaled(made, scale[across], zero[across], groups[rows])
        return made.T if layout.turned else made

    def rows_at(
        self, kept: np.ndarray, places: np.ndarray, scale: np.ndarray, zero: Any = None, groups: Any = None
    ) -> np.ndarray:
        """The columns at these places, of a matrix that is turned: the vectors of an embedding."""
        found = kept[places]
        if self.bits == 4:
            found = unpacked(found, self.layout.rows, -1)
        made = found.astype(np.float32)
        if self.block:
            return self._unscaled(made, scale[places], zero[places], groups)
        made /= scale[places][..., None]
        return made

    def _unscaled(self, whole: np.ndarray, scale: np.ndarray, zero: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """Whole numbers as they lie, with the scale and the zero of their blocks taken off."""
        edges = [0, *np.flatnonzero(np.diff(groups)) + 1, len(groups)]
        for start, stop in pairwise(edges):  # the rows of a block lie together
            group, part = int(groups[start]), slice(start, stop)
            at = (..., part) if self.layout.turned else (part,)
            these = (..., slice(group, group + 1)) if self.layout.turned else (group,)
            whole[at] -= zero[these].astype(np.float32)
            whole[at] *= scale[these]
        return whole

    def _in_place_of_weight(self, scale: np.ndarray) -> np.ndarray:
        """Scales of eight bits in a shape that goes with the weight."""
        layout = self.layout
        order = layout.order or tuple(range(len(layout.shape)))
        sizes = [1 if axis in layout.summed else layout.shape[axis] for axis in order]
        return np.transpose(scale.reshape(sizes), np.argsort(order))


def _packed(whole: np.ndarray, layout: Layout) -> np.ndarray:
    return np.asarray(pack_int4(whole, axis=layout.halved)[0])
