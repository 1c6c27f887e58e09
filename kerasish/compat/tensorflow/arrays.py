"""Making, cutting and joining tensors, where TensorFlow's way differs from the operation's."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from kerasish import ops
from kerasish.backend import dtypes, nest
from kerasish.backend.array import Array, eager
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Traceable
from kerasish.compat.tensorflow.arguments import packed, sizes
from kerasish.compat.tensorflow.types import float32, int32, int64


def tensor(value: Any, dtype: Any = None) -> Any:
    """A value as a tensor: whole Python numbers are int32, others float32, text is bytes; arrays keep their dtype."""
    value = packed(value)
    if _is_text(value):
        return eager(np.array(np.vectorize(_bytes, otypes=[object])(np.asarray(value, object))))
    made = value if isinstance(value, Traceable) else ops.convert_to_tensor(value)
    return eager(made if dtype is None else ops.cast(made, dtype))


def _is_text(value: Any) -> bool:
    leaf = value
    while isinstance(leaf, (list, tuple)) and leaf:
        leaf = leaf[0]
    return isinstance(leaf, (str, bytes)) or (isinstance(leaf, np.ndarray) and leaf.dtype.kind in "USO")


def _bytes(text: Any) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _comparing(operator: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The operator, which knows that the text of tensors is bytes: they may stand beside a script's own text."""

    def compared(self: Any, other: Any) -> Any:
        if self.dtype == object and self.size and isinstance(self.flat[0], bytes) and _is_text(other):
            other = tensor(other)
        return operator(self, other)

    return compared


for _name in ("__eq__", "__ne__"):
    setattr(Array, _name, _comparing(getattr(Array, _name)))


def _compared(x: Any, y: Any) -> tuple[Any, Any] | None:
    return (np.asarray(tensor(x)), np.asarray(tensor(y))) if _is_text(x) or _is_text(y) else None


def equal(x: Any, y: Any, name: str | None = None) -> Any:
    texts = _compared(x, y)
    return ops.equal(packed(x), packed(y)) if texts is None else eager(np.asarray(texts[0] == texts[1], bool))


def not_equal(x: Any, y: Any, name: str | None = None) -> Any:
    texts = _compared(x, y)
    return ops.not_equal(packed(x), packed(y)) if texts is None else eager(np.asarray(texts[0] != texts[1], bool))


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = "Const") -> Any:
    made = tensor(value, dtype)
    if shape is None:
        return made
    wanted = sizes(shape)
    if made.size == 1:
        return ops.broadcast_to(ops.reshape(made, ()), wanted)
    return ops.reshape(made, wanted)


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> Any:
    return tensor(value, dtype)


def identity(input: Any, name: str | None = None) -> Any:
    return ops.copy(tensor(input))


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    x = x if hasattr(x, "shape") else tensor(x)
    known = x.shape
    if len(known) != len(shape) or any(a is not None and a != b for a, b in builtins.zip(shape, known, strict=True)):
        raise ValueError(f"ensure_shape: a tensor of shape {tuple(known)} has not the shape {tuple(shape)}")
    return x


def shape(input: Any, out_type: Any = int32, name: str | None = None) -> Any:
    if isinstance(input, KerasTensor):
        return ops.shape(input)
    return eager(np.array(np.shape(packed(input)), str(out_type)))


def size(input: Any, out_type: Any = int32, name: str | None = None) -> Any:
    return eager(np.array(np.prod(np.shape(packed(input))), str(out_type)))


def rank(input: Any, name: str | None = None) -> Any:
    return eager(np.array(len(np.shape(packed(input))), "int32"))


def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Any:
    return ops.broadcast_to(tensor(value), sizes(dims))


def eye(num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = float32, name: Any = None) -> Any:
    made = ops.eye(num_rows, num_columns, dtype=dtype)
    return made if batch_shape is None else ops.broadcast_to(made, (*sizes(batch_shape), *made.shape))


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = "range") -> Any:
    if limit is None:
        start, limit = 0, start
    bounds = [np.asarray(part).item() for part in (start, limit, delta)]
    kinds = [np.asarray(part).dtype for part in (start, limit, delta) if isinstance(part, (np.ndarray, np.generic))]
    is_whole = all(isinstance(bound, int) for bound in bounds)
    kind = dtype or (dtypes.result_type(*kinds) if kinds else int32 if is_whole else float32)
    return eager(np.arange(*bounds).astype(str(kind)))


def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: int = 0) -> Any:
    return ops.linspace(tensor(start), tensor(stop), sizes(num), axis=axis)


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> Any:
    return ops.meshgrid(*args, indexing=indexing)


def split(value: Any, num_or_size_splits: Any, axis: int = 0, num: Any = None, name: str = "split") -> Any:
    parts = sizes(num_or_size_splits)
    if isinstance(parts, int):
        return list(ops.split(value, parts, axis))
    known = builtins.list(parts)
    if -1 in known:
        known[known.index(-1)] = np.shape(value)[axis] - sum(known) - 1
    if sum(known) != np.shape(value)[axis]:
        raise ValueError(f"split: the sizes {parts} do not add up to {np.shape(value)[axis]}, the size of axis {axis}")
    return list(ops.split(value, np.cumsum(known)[:-1].tolist(), axis))


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None) -> Any:
    around = tuple(tuple(side) for side in np.asarray(paddings).tolist())
    kind = mode.lower()
    return ops.pad(tensor, around, kind, constant_values if kind == "constant" else None)


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: Any = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Any:
    places, params = tensor(indices), params if isinstance(params, Traceable) else tensor(params)
    axis = batch_dims if axis is None else sizes(axis)
    within = np.shape(params)[axis]
    if isinstance(places, np.ndarray) and places.size and (places.min() < 0 or places.max() >= within):
        raise ValueError(
            f"gather: the indices go from {places.min()} to {places.max()}; axis {axis} has {within} places"
        )
    if batch_dims:
        rows = (gather(p, i, None, axis - 1, batch_dims - 1) for p, i in builtins.zip(params, places, strict=True))
        return ops.stack(builtins.list(rows))
    return ops.take(params, places, axis)


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None) -> Any:
    if batch_dims:
        rows = (gather_nd(p, i, batch_dims - 1) for p, i in builtins.zip(params, indices, strict=True))
        return ops.stack(builtins.list(rows))
    places, params = np.asarray(indices), params if hasattr(params, "shape") else tensor(params)
    return params[tuple(np.moveaxis(places, -1, 0))]


def tensor_scatter_nd_add(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    return ops.add(tensor, ops.scatter(indices, updates, np.shape(tensor)))


def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str = "boolean_mask") -> Any:
    places = np.nonzero(np.asarray(mask))
    rows = tensor if hasattr(tensor, "shape") else ops.convert_to_tensor(tensor)
    return rows[(builtins.slice(None),) * (sizes(axis) or 0) + places]


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    if x is None and y is None:
        return eager(np.argwhere(np.asarray(condition)).astype("int64"))
    if x is None or y is None:
        raise ValueError("where: x and y are given together, or neither of them")
    return ops.where(packed(condition), packed(x), packed(y))


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    first, count = np.ravel(np.asarray(begin)).tolist(), np.ravel(np.asarray(size)).tolist()
    cuts = (builtins.slice(b, None if n == -1 else b + n) for b, n in builtins.zip(first, count, strict=True))
    return tensor(input_)[tuple(cuts)]


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: Any = None,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    kind = dtype or (tensor(on_value).dtype if on_value is not None else float32)
    hot = ops.one_hot(tensor(indices), sizes(depth), -1 if axis is None else axis, "bool")
    on, off = (ops.cast(1 if on_value is None else on_value, kind), ops.cast(off_value or 0, kind))
    return ops.where(hot, on, off)


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    made = ops.sort(packed(values), axis)
    return ops.flip(made, axis) if _is_descending(direction) else made


def argsort(
    values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Any:
    value = np.asarray(values)
    if _is_descending(direction):  # equal values keep their order
        value = np.flip(value, axis)
        places = value.shape[axis] - 1 - np.flip(np.argsort(value, axis, kind="stable"), axis)
    else:
        places = np.argsort(value, axis, kind="stable")
    return eager(places.astype("int32"))


def _is_descending(direction: str) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"direction is 'ASCENDING' or 'DESCENDING'; received {direction!r}")
    return direction == "DESCENDING"


class TopK(NamedTuple):
    """The largest values of rows, and where they stand."""

    values: Any
    indices: Any


def top_k(input: Any, k: Any = 1, sorted: bool = True, index_type: Any = int32, name: str | None = None) -> TopK:
    values, places = ops.top_k(tensor(input), sizes(k), sorted)
    return TopK(values, ops.cast(places, index_type))


class Unique(NamedTuple):
    """Different values in the order in which they come first, and for each value its place among them."""

    y: Any
    idx: Any


def unique(x: Any, out_idx: Any = int32, name: str | None = None) -> Unique:
    values, first, inverse = np.unique(np.asarray(tensor(x)), return_index=True, return_inverse=True)
    order = np.argsort(first)
    places = np.argsort(order)[inverse]
    return Unique(eager(values[order]), eager(places.astype(str(out_idx))))


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = int32, name: str | None = None
) -> Any:
    rows, wanted = np.asarray(sorted_sequence), np.asarray(values)
    flat, asked = rows.reshape(-1, rows.shape[-1]), wanted.reshape(-1, wanted.shape[-1])
    found = [np.searchsorted(row, ask, side) for row, ask in builtins.zip(flat, asked, strict=True)]  # type: ignore[call-overload]
    return eager(np.stack(found).reshape(wanted.shape).astype(str(out_type)))


def argmax(input: Any, axis: Any = None, output_type: Any = int64, name: str | None = None) -> Any:
    return ops.cast(ops.argmax(packed(input), 0 if axis is None else sizes(axis)), output_type)


def argmin(input: Any, axis: Any = None, output_type: Any = int64, name: str | None = None) -> Any:
    return ops.cast(ops.argmin(packed(input), 0 if axis is None else sizes(axis)), output_type)


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    return None if isinstance(tensor, KerasTensor) else np.asarray(tensor)


def map_structure(func: Any, *structure: Any, **kwargs: Any) -> Any:
    return nest.map_structure(func, *structure)


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    return nest.flatten(structure)


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any], expand_composites: bool = False) -> Any:
    return nest.pack_sequence_as(structure, flat_sequence)


def is_nested(structure: Any) -> bool:
    return isinstance(structure, (list, tuple, dict))


newaxis = None


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool", name: str | None = None) -> Any:
    """Which places of sequences padded to one length are theirs."""
    given = np.asarray(lengths)
    most = np.max(given, initial=0) if maxlen is None else np.asarray(maxlen)
    return eager((np.arange(int(most)) < given[..., None]).astype(dtypes.numpy_dtype(str(dtype))))
