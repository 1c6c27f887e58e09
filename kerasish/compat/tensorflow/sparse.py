"""`tf.sparse`: tensors of which only the numbers that are not zero are kept, in rows and columns of their places."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend import dtypes
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arguments import sizes
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.types import DType, TensorShape


class SparseTensor:
    """Numbers and their places; the tape follows the numbers.

    Args:
        indices: `(numbers, axes)`, the place of each.
        values: `(numbers,)`.
        dense_shape: the shape of the whole.
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        self.values, size = tensor(values), tuple(sizes(dense_shape))
        self.indices = eager(np.asarray(indices, "int64").reshape(-1, len(size)))
        self.dense_shape = eager(np.array(size, "int64"))
        if len(self.indices) != self.values.shape[0]:
            raise ValueError(
                f"SparseTensor: {len(self.indices)} places and {self.values.shape[0]} values do not go together"
            )

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole."""
        return TensorShape(self.dense_shape.tolist())

    def get_shape(self) -> TensorShape:
        """The shape of the whole."""
        return self.shape

    @property
    def dtype(self) -> DType:
        """The dtype of the numbers."""
        return DType("string" if self.values.dtype == object else dtypes.standardize_dtype(self.values.dtype))

    def with_values(self, new_values: Any) -> SparseTensor:
        """Other numbers at the same places."""
        return SparseTensor(self.indices, new_values, self.dense_shape)

    def __mul__(self, other: Any) -> SparseTensor:
        whole = np.broadcast_to(np.asarray(other), self.shape) if np.ndim(other) else None
        factor = other if whole is None else whole[tuple(np.asarray(self.indices).T)]
        return self.with_values(ops.multiply(self.values, factor))

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self.indices!r}, values={self.values!r}, dense_shape={self.shape})"


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    x = np.asarray(tensor)
    places = np.argwhere(x != (b"" if x.dtype == object else 0))
    return SparseTensor(places, tensor[tuple(places.T)], x.shape)


def to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: str | None = None) -> Any:
    places, size = np.asarray(sp_input.indices), tuple(sp_input.shape)
    if sp_input.dtype == "string" or default_value is not None:
        nothing = b"" if default_value is None and sp_input.dtype == "string" else default_value
        made = np.full(size, nothing, np.asarray(sp_input.values).dtype)
        made[tuple(places.T)] = np.asarray(sp_input.values)
        return eager(made)
    return ops.scatter(places, sp_input.values, size)


def reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same, by rows and then columns."""
    places = np.asarray(sp_input.indices)
    order = np.lexsort(places.T[::-1])
    return SparseTensor(places[order], ops.take(sp_input.values, order, 0), sp_input.dense_shape)


def transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    size = np.asarray(sp_input.dense_shape)
    turned = np.arange(len(size))[::-1] if perm is None else np.asarray(perm)
    return reorder(SparseTensor(np.asarray(sp_input.indices)[:, turned], sp_input.values, size[turned]))


def eye(num_rows: Any, num_columns: Any = None, dtype: Any = "float32", name: str | None = None) -> SparseTensor:
    rows, columns = int(num_rows), int(num_rows if num_columns is None else num_columns)
    places = np.repeat(np.arange(min(rows, columns))[:, None], 2, 1)
    return SparseTensor(places, np.ones(len(places), str(dtype)), (rows, columns))


def sparse_dense_matmul(
    sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Any:
    """The product of two matrices of which one is sparse: each number takes a row of the other, and rows are summed."""
    if isinstance(b, SparseTensor):
        left, right = transpose(b) if not adjoint_b else b, sp_a
        flat = ops.swapaxes(right, 0, 1) if not adjoint_a else right
        return ops.swapaxes(sparse_dense_matmul(left, flat), 0, 1)
    places, rows = np.asarray(sp_a.indices), tuple(sp_a.shape)
    to, source = (places[:, 1], places[:, 0]) if adjoint_a else (places[:, 0], places[:, 1])
    other = ops.swapaxes(b, 0, 1) if adjoint_b else b
    taken = ops.multiply(ops.expand_dims(sp_a.values, -1), ops.take(other, source, 0))
    return ops.segment_sum(taken, to, rows[1] if adjoint_a else rows[0])


def reduce_sum(
    sp_input: Any, axis: Any = None, keepdims: Any = None, output_is_sparse: bool = False, name: str | None = None
) -> Any:
    if output_is_sparse:
        raise NotImplementedError("sparse.reduce_sum: the sum is dense here; leave output_is_sparse out")
    return ops.sum(to_dense(sp_input), sizes(axis), bool(keepdims))


def softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Softmax over the numbers that are there, along the last axis."""
    places, size = np.asarray(sp_input.indices), tuple(sp_input.shape)
    rows = np.ravel_multi_index(tuple(places[:, :-1].T), size[:-1])
    count = int(np.prod(size[:-1]))
    largest = ops.stop_gradient(ops.take(ops.segment_max(sp_input.values, rows, count), rows, 0))
    shares = ops.exp(ops.subtract(sp_input.values, largest))
    return sp_input.with_values(ops.divide(shares, ops.take(ops.segment_sum(shares, rows, count), rows, 0)))
