"""Linear algebra with TensorFlow's arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from kerasish.compat.tensorflow.arguments import packed, sizes
from kerasish.compat.tensorflow.arrays import tensor


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    name: str | None = None,
) -> Any:
    if output_type is not None:
        raise NotImplementedError("matmul: cast the result, instead of output_type")
    if np.ndim(a) < 2 or np.ndim(b) < 2:
        raise ValueError(
            f"matmul takes matrices, or stacks of them; received shapes {np.shape(a)} and {np.shape(b)}. For a vector, "
            "write tf.linalg.matvec(a, b), or tf.tensordot(a, b, 1)"
        )
    return ops.matmul(_turned(packed(a), transpose_a, adjoint_a), _turned(packed(b), transpose_b, adjoint_b))


def _turned(x: Any, transpose: bool, adjoint: bool) -> Any:
    x = ops.swapaxes(x, -1, -2) if transpose or adjoint else x
    return ops.conj(x) if adjoint else x


def matvec(a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, **kwargs: Any) -> Any:
    product = ops.matmul(_turned(packed(a), transpose_a, adjoint_a), ops.expand_dims(packed(b), -1))
    return ops.squeeze(product, -1)


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Any:
    return _turned(packed(a), True, conjugate)


def adjoint(matrix: Any, name: str | None = None) -> Any:
    return _turned(packed(matrix), True, True)


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    return ops.einsum(equation, *inputs)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: str | None = None) -> Any:
    x = packed(tensor)
    axis = sizes(axis)
    if ord in ("euclidean", "fro"):
        return ops.sqrt(ops.sum(ops.square(x), axis, bool(keepdims)))
    if axis is None:
        return ops.norm(ops.reshape(x, (-1,)), ord, None, bool(keepdims))
    return ops.norm(x, ord, axis, bool(keepdims))


def trace(x: Any, name: str | None = None) -> Any:
    return ops.trace(packed(x), axis1=-2, axis2=-1)


def diag(diagonal: Any, name: str = "diag", k: int = 0, **kwargs: Any) -> Any:
    if k or kwargs:
        raise NotImplementedError("diag: the main diagonal alone is there, without further arguments; use numpy.diag")
    x = tensor(diagonal)
    return ops.multiply(ops.expand_dims(x, -1), ops.eye(x.shape[-1], dtype=x.dtype))


def diag_part(input: Any, name: str = "diag_part", k: int = 0, **kwargs: Any) -> Any:
    if kwargs:
        raise NotImplementedError(f"diag_part does not know {sorted(kwargs)} here; use keras.ops.diagonal")
    return ops.diagonal(packed(input), k, -2, -1)


def band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Any:
    x = packed(input)
    below, above = sizes(num_lower), sizes(num_upper)
    rows, columns = np.arange(np.shape(x)[-2])[:, None], np.arange(np.shape(x)[-1])
    inside = ((below < 0) | (rows - columns <= below)) & ((above < 0) | (columns - rows <= above))
    return ops.where(inside, x, ops.zeros_like(x))


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> Any:
    return ops.qr(packed(input), "complete" if full_matrices else "reduced")


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    if not compute_uv:
        return ops.svd(packed(tensor), full_matrices, False)
    u, s, v = ops.svd(packed(tensor), full_matrices, True)
    return s, u, ops.swapaxes(v, -1, -2)


def lstsq(matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None) -> Any:
    turned = ops.swapaxes(packed(matrix), -1, -2)
    square = ops.matmul(turned, matrix)
    if not l2_regularizer:
        return ops.lstsq(packed(matrix), packed(rhs))
    ridge = l2_regularizer * ops.eye(np.shape(matrix)[-1], dtype=square.dtype)
    return ops.solve(ops.add(square, ridge), ops.matmul(turned, rhs))


def triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None) -> Any:
    x = _turned(packed(matrix), adjoint, adjoint)
    return ops.solve_triangular(x, packed(rhs), lower != adjoint)
