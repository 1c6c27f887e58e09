"""Linear algebra with TensorFlow's arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend.array import eager
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


def diag(
    diagonal: Any,
    name: str = "diag",
    k: int = 0,
    num_rows: int = -1,
    num_cols: int = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Any:
    """Matrices with one diagonal: on the main one, or `k` above it."""
    k = _one_diagonal("diag", k)
    x = tensor(diagonal)
    size = x.shape[-1] + abs(k)
    rows, columns = (size if n == -1 else int(n) for n in (num_rows, num_cols))
    place = np.eye(max(rows, x.shape[-1] - min(k, 0)), max(columns, x.shape[-1] + max(k, 0)), k, "bool")[
        :rows, :columns
    ]
    spread = ops.expand_dims(x, -1 if k >= 0 else -2)
    around = [(0, 0)] * len(x.shape[:-1])
    full = ops.broadcast_to(spread, (*x.shape, x.shape[-1]))
    full = ops.pad(full, (*around, (max(-k, 0), rows), (max(k, 0), columns)))[..., :rows, :columns]
    return ops.where(place, full, ops.cast(padding_value, x.dtype))


def _one_diagonal(what: str, k: Any) -> int:
    if np.ndim(k):
        raise NotImplementedError(f"{what}: one diagonal at a time is there; received k={k!r}")
    return int(k)


def diag_part(
    input: Any, name: str = "diag_part", k: int = 0, padding_value: Any = 0, align: str = "RIGHT_LEFT"
) -> Any:
    return ops.diagonal(packed(input), _one_diagonal("diag_part", k), -2, -1)


def set_diag(input: Any, diagonal: Any, name: str = "set_diag", k: int = 0, align: str = "RIGHT_LEFT") -> Any:
    """Matrices with other numbers on their main diagonal, or `k` above it."""
    k, x, line = _one_diagonal("set_diag", k), tensor(input), tensor(diagonal)
    rows, columns = x.shape[-2:]
    place = np.eye(rows, columns, k, "bool")
    number = np.clip(np.arange(columns) - max(k, 0), 0, line.shape[-1] - 1)
    return ops.where(place, ops.expand_dims(ops.take(line, number, -1), -2), x)


def tensor_diag(diagonal: Any, name: str | None = None) -> Any:
    x = tensor(diagonal)
    return ops.reshape(diag(ops.reshape(x, (-1,))), (*x.shape, *x.shape))


def tensor_diag_part(input: Any, name: str | None = None) -> Any:
    x = tensor(input)
    half = x.shape[: len(x.shape) // 2]
    count = int(np.prod(half))
    return ops.reshape(ops.diagonal(ops.reshape(x, (count, count))), half)


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


def eigvalsh(tensor: Any, name: str | None = None) -> Any:
    return ops.eigh(packed(tensor))[0]


def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    x = np.asarray(a)
    values = np.linalg.svd(x, compute_uv=False)
    least = (
        max(x.shape[-2:]) * np.finfo(x.dtype).eps * values.max(-1, keepdims=True) if tol is None else np.asarray(tol)
    )
    return eager(np.sum(values > least, -1).astype("int32"))


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """A tensor divided by its norm, and the norm."""
    x = packed(tensor)
    if axis is None:
        length = ops.reshape(norm(x, ord), (1,) * np.ndim(x))
    else:
        length = norm(x, ord, axis, True)
    return ops.divide(x, length), length


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """The `x` of `L Lᵀ x = rhs`, from the Cholesky factor `L`."""
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True)


def expm(input: Any, name: str | None = None) -> Any:
    """The exponential of matrices: Taylor's series of a matrix halved until it is small, and squared as often again."""
    x = tensor(input)
    largest = float(np.abs(np.asarray(x)).sum(-1).max(initial=0))
    halvings = max(0, int(np.ceil(np.log2(largest))) + 3) if largest else 0
    small = ops.divide(x, float(2**halvings))
    made = ops.add(ops.zeros_like(x), ops.eye(x.shape[-1], dtype=x.dtype))
    term = made
    for k in range(1, 13):
        term = ops.divide(ops.matmul(term, small), float(k))
        made = ops.add(made, term)
    for _ in range(halvings):
        made = ops.matmul(made, made)
    return made
