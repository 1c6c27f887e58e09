"""Linear algebra: norms, determinants, inverses, decompositions.

The derivatives are those of Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008), and of Townsend, "Differentiating the singular value decomposition" (2016).
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from kerasish._lazy import within
from kerasish.backend.halves import in_single
from kerasish.backend.operators import matmul, promote, to_array, to_float
from kerasish.backend.primitive import Primitive, numpy_rule, output_part, primitive, underivable
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor
from kerasish.backend.typing import TensorLike
from kerasish.ops.composite import composite_by
from kerasish.ops.reduction import count_nonzero
from kerasish.ops.specs import agreed, float_kind, matrices, shape_of, square


def _t(x: Any) -> Any:
    """The transposed matrices."""
    return np.swapaxes(x, -1, -2)


def _square(x: Any, name: str) -> np.ndarray:
    x = to_float(to_array(x))
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(f"{name} needs square matrices, of shape (..., n, n); received shape {x.shape}")
    return x


def _each(number: Any) -> Any:
    """One number for each matrix, to multiply it."""
    return np.expand_dims(number, (-2, -1))


det = primitive(
    "det",
    in_single(lambda x: np.linalg.det(_square(x, "det"))),
    lambda g, y, x: _each(g * y) * _t(np.linalg.inv(x)),
    numpy=np.linalg.det,
    shape=lambda x: KerasTensor(square(x, "det")[:-2], float_kind(x)),
    arguments=("x",),
    doc="The determinant of square matrices: the volume of what they make of the unit cube.",
)
inv = primitive(
    "inv",
    in_single(lambda x: np.linalg.inv(_square(x, "inv"))),
    lambda g, y, x: -matmul(matmul(_t(y), g), _t(y)),
    numpy=np.linalg.inv,
    shape=lambda x: KerasTensor(square(x, "inv"), float_kind(x)),
    arguments=("x",),
    doc="The inverse of square matrices.",
)


def _slogdet_forward(x: Any) -> tuple[Any, Any]:
    sign, logarithm = np.linalg.slogdet(_square(x, "slogdet"))
    return np.asarray(sign), np.asarray(logarithm)


slogdet = primitive(
    "slogdet",
    in_single(_slogdet_forward),
    lambda g, y, x: _each(g[1]) * _t(np.linalg.inv(x)),
    numpy=np.linalg.slogdet,
    shape=lambda x: (KerasTensor(square(x, "slogdet")[:-2], float_kind(x)),) * 2,
    arguments=("x",),
    doc="The sign of the determinant and the logarithm of its size, as a pair: no overflow.",
)


def logdet(x: TensorLike) -> Any:
    """The logarithm of the determinant of positive definite matrices."""
    return slogdet(x)[1]


def _solve_forward(a: Any, b: Any) -> Any:
    a, b = promote(_square(a, "solve"), to_float(to_array(b)))
    return np.linalg.solve(a, b[..., None])[..., 0] if b.ndim == a.ndim - 1 else np.linalg.solve(a, b)


def _solve_spec(a: Any, b: Any, **_: Any) -> KerasTensor:
    matrix, right = square(a, "solve"), shape_of(b)
    if len(right) not in (len(matrix) - 1, len(matrix)):
        raise ValueError(f"solve needs a vector or a matrix for each matrix; received shapes {matrix} and {right}")
    rows = right[-1] if len(right) == len(matrix) - 1 else right[-2]
    agreed(agreed(matrix[-1], matrix[-2], "solve"), rows, f"solve of shapes {matrix} and {right}")
    return KerasTensor(right, float_kind(a, b))


def _outer_columns(left: Any, right: Any, matrices: bool) -> Any:
    """`left rightᵀ`, of matrices or of vectors."""
    if matrices:
        return matmul(left, _t(right))
    return np.expand_dims(left, -1) * np.expand_dims(right, -2)


solve: Primitive = primitive(
    "solve",
    in_single(_solve_forward),
    lambda g, y, a, b: -_outer_columns(solve(_t(a), g), y, np.ndim(b) == np.ndim(a)),
    lambda g, y, a, b: solve(_t(a), g),
    numpy=np.linalg.solve,
    shape=_solve_spec,
    arguments=("a", "b"),
    doc="The solution `x` of `a x = b`; `b` holds a vector or a matrix for each matrix of `a`.",
)


def _triangle(x: Any, lower: bool) -> Any:
    return np.tril(x) if lower else np.triu(x)


def _triangular_forward(a: Any, b: Any, *, lower: bool) -> Any:
    return _solve_forward(_triangle(_square(a, "solve_triangular"), lower), b)


def _triangular_a_vjp(g: Any, y: Any, a: Any, b: Any, *, lower: bool) -> Any:
    back = _solve_triangular(_t(a), g, lower=not lower)
    return -_triangle(_outer_columns(back, y, np.ndim(b) == np.ndim(a)), lower)


_solve_triangular: Primitive = primitive(
    "solve_triangular",
    in_single(_triangular_forward),
    _triangular_a_vjp,
    lambda g, y, a, b, *, lower: _solve_triangular(_t(a), g, lower=not lower),
    shape=_solve_spec,
)


def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = False) -> Any:
    """The solution `x` of `a x = b`, where only a triangle of `a` counts.

    Args:
        a: (..., n, n).
        b: (..., n) or (..., n, m).
        lower: whether the lower triangle counts, not the upper.
    """
    return _solve_triangular(a, b, lower=bool(lower))


def _half_lower(x: Any) -> Any:
    """The lower triangle with its diagonal halved."""
    n = np.shape(x)[-1]
    return x * (np.tri(n) - 0.5 * np.eye(n)).astype(x.dtype)


def _cholesky_vjp(g: Any, y: Any, x: Any) -> Any:
    inverse = np.linalg.inv(y)
    middle = _half_lower(matmul(_t(y), g))
    share = matmul(matmul(_t(inverse), middle), inverse)
    return (share + _t(share)) / 2


_cholesky = primitive(
    "cholesky",
    in_single(lambda x: np.linalg.cholesky(_square(x, "cholesky"))),
    _cholesky_vjp,
    shape=lambda x: KerasTensor(square(x, "cholesky"), float_kind(x)),
)


def cholesky(x: TensorLike, upper: bool = False) -> Any:
    """The lower triangle `L` with `L Lᵀ = x`, of positive definite matrices; or its transpose.

    Args:
        x: (..., n, n).
        upper: whether to return `Lᵀ`.

    Raises:
        LinAlgError: if a matrix is not positive definite.
    """
    return _t(_cholesky(x)) if upper else _cholesky(x)


@composite_by(lambda x, upper=False: KerasTensor(square(x, "cholesky_inverse"), float_kind(x)))
def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """The inverse of the matrix whose Cholesky factor is `x`."""
    inverse = inv(_triangle(x, not upper))
    return matmul(inverse, _t(inverse)) if upper else matmul(_t(inverse), inverse)


def _qr_forward(x: Any, *, mode: str) -> tuple[Any, Any]:
    q, r = np.linalg.qr(to_float(to_array(x)), mode)  # type: ignore[call-overload]
    return q, r


def _qr_vjp(g: Any, y: Any, x: Any, *, mode: str) -> Any:
    q, r = output_part(y, 0), output_part(y, 1)
    if np.shape(r)[-1] != np.shape(r)[-2]:
        raise NotImplementedError("the derivative of qr needs mode='reduced' and no more columns than rows")
    m = matmul(r, _t(g[1])) - matmul(_t(g[0]), q)
    symmetric = _half_lower(m) + _t(_half_lower(m))  # the lower triangle, mirrored
    return _t(solve(r, _t(g[0] + matmul(q, symmetric))))


def _least(rows: int | None, columns: int | None) -> int | None:
    return None if rows is None or columns is None else builtins.min(rows, columns)


def _qr_spec(x: Any, *, mode: str) -> tuple[KerasTensor, KerasTensor]:
    stack, rows, columns = matrices(x, "qr")
    inner = rows if mode == "complete" else _least(rows, columns)
    return KerasTensor((*stack, rows, inner), float_kind(x)), KerasTensor((*stack, inner, columns), float_kind(x))


_qr = primitive("qr", in_single(_qr_forward), _qr_vjp, shape=_qr_spec)


def qr(x: TensorLike, mode: str = "reduced") -> tuple[Any, Any]:
    """`Q` with orthonormal columns and an upper triangle `R` with `Q R = x`.

    Args:
        x: (..., m, n).
        mode: `"reduced"`: `Q` is (m, min(m, n)); `"complete"`: (m, m).

    Returns:
        The pair (Q, R).
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(f'mode must be "reduced" or "complete"; received {mode!r}')
    return _qr(x, mode=mode)


def _gaps(values: Any) -> Any:
    """`1 / (vⱼ - vᵢ)` off the diagonal, 0 on it."""
    difference = np.expand_dims(values, -2) - np.expand_dims(values, -1)
    zero = np.eye(np.shape(values)[-1], dtype=bool)
    return np.where(zero, 0, 1 / np.where(zero, 1, difference))


def _eigh_forward(x: Any) -> tuple[Any, Any]:
    values, vectors = np.linalg.eigh(_square(x, "eigh"))
    return values, vectors


def _eigh_vjp(g: Any, y: Any, x: Any) -> Any:
    values, vectors = output_part(y, 0), output_part(y, 1)
    n = np.shape(values)[-1]
    middle = _gaps(values) * matmul(_t(vectors), g[1]) + np.expand_dims(g[0], -1) * np.eye(n, dtype=values.dtype)
    share = matmul(matmul(vectors, middle), _t(vectors))
    return (share + _t(share)) / 2


def _eigen_spec(x: Any) -> tuple[KerasTensor, KerasTensor]:
    shape = square(x, "the eigenvalues")
    return KerasTensor(shape[:-1], float_kind(x)), KerasTensor(shape, float_kind(x))


eigh = primitive(
    "eigh",
    in_single(_eigh_forward),
    _eigh_vjp,
    shape=_eigen_spec,
    numpy=np.linalg.eigh,
    arguments=("x",),
    doc="The eigenvalues, ascending, and the eigenvectors, in columns, of symmetric matrices, as a pair.",
)


def _eig_forward(x: Any) -> tuple[Any, Any]:
    values, vectors = np.linalg.eig(_square(x, "eig"))
    return values, vectors


eig = primitive(
    "eig",
    in_single(_eig_forward),
    underivable("eig"),
    shape=_eigen_spec,
    numpy=np.linalg.eig,
    arguments=("x",),
    doc="The eigenvalues and the eigenvectors, in columns, of square matrices, as a pair. Without a derivative.",
)


def _svd_forward(x: Any, *, full_matrices: bool) -> tuple[Any, Any, Any]:
    u, s, vt = np.linalg.svd(to_float(to_array(x)), full_matrices)
    return u, s, vt


def _svd_vjp(g: Any, y: Any, x: Any, *, full_matrices: bool) -> Any:
    u, s, v = output_part(y, 0), output_part(y, 1), _t(output_part(y, 2))
    rows, columns = np.shape(x)[-2:]
    if full_matrices and rows != columns:
        raise NotImplementedError("the derivative of svd needs full_matrices=False for matrices that are not square")
    gu, gs, gv = g[0], g[1], _t(g[2])
    k = np.shape(s)[-1]
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    gaps = _gaps(np.square(s))
    turn_u, turn_v = matmul(_t(u), gu), matmul(_t(v), gv)
    middle = (gaps * (turn_u - _t(turn_u))) * row + column * (gaps * (turn_v - _t(turn_v)))
    share = matmul(matmul(u, middle + np.expand_dims(gs, -1) * np.eye(k, dtype=s.dtype)), _t(v))
    if rows > k:  # directions that leave the space of u
        share = share + matmul((gu - matmul(u, turn_u)) / row, _t(v))
    if columns > k:
        share = share + matmul(u / row, _t(gv - matmul(v, turn_v)))
    return share


def _singular_vjp(g: Any, y: Any, x: Any) -> Any:
    u, _, vt = _svd(x, full_matrices=False)
    return matmul(u * np.expand_dims(g, -2), vt)


def _svd_spec(x: Any, *, full_matrices: bool) -> tuple[KerasTensor, KerasTensor, KerasTensor]:
    stack, rows, columns = matrices(x, "svd")
    k = _least(rows, columns)
    left, right = (rows, columns) if full_matrices else (k, k)
    shapes = ((*stack, rows, left), (*stack, k), (*stack, right, columns))
    u, s, v = (KerasTensor(shape, float_kind(x)) for shape in shapes)
    return u, s, v


_svd = primitive("svd", in_single(_svd_forward), _svd_vjp, shape=_svd_spec)
_singular_values = primitive(
    "singular_values",
    in_single(lambda x: np.linalg.svd(to_float(to_array(x)), compute_uv=False)),
    _singular_vjp,
    shape=lambda x: _svd_spec(x, full_matrices=False)[1],
)


def svd(x: TensorLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular value decomposition `x = U diag(s) Vᵀ`, `s` descending.

    Args:
        x: (..., m, n).
        full_matrices: whether `U` is (m, m) and `Vᵀ` (n, n), not (m, k) and (k, n) with k = min(m, n).
        compute_uv: whether to return all three, not `s` alone.

    Returns:
        `(U, s, Vᵀ)`, or `s`.
    """
    return _svd(x, full_matrices=bool(full_matrices)) if compute_uv else _singular_values(x)


def _lu_forward(x: Any) -> tuple[Any, Any]:
    """Gauss's elimination with row exchanges, both triangles in one matrix, for all matrices of a stack at once."""
    lu = np.array(to_float(to_array(x)))
    matrices(lu, "lu_factor")
    stack = lu.reshape(-1, *lu.shape[-2:])
    steps = builtins.min(stack.shape[-2:])
    pivots = np.zeros((len(stack), steps), np.int32)
    every = np.arange(len(stack))
    for k in range(steps):
        best = k + np.argmax(np.abs(stack[:, k:, k]), axis=1)
        pivots[:, k] = best
        stack[every, k], stack[every, best] = stack[every, best], stack[every, k].copy()
        pivot = stack[:, k, k][:, None]
        stack[:, k + 1 :, k] /= np.where(pivot == 0, 1, pivot)
        stack[:, k + 1 :, k + 1 :] -= stack[:, k + 1 :, k, None] * stack[:, k, None, k + 1 :]
    return stack.reshape(lu.shape), pivots.reshape(*lu.shape[:-2], steps)


def _lu_spec(x: Any) -> tuple[KerasTensor, KerasTensor]:
    stack, rows, columns = matrices(x, "lu_factor")
    return KerasTensor(shape_of(x), float_kind(x)), KerasTensor((*stack, _least(rows, columns)), "int32")


lu_factor = primitive(
    "lu_factor",
    in_single(_lu_forward),
    underivable("lu_factor"),
    shape=_lu_spec,
    arguments=("x",),
    doc="Gauss's elimination: the triangles `L` and `U` in one matrix, and the row that each row was exchanged with.",
)


def _pinv_forward(x: Any, *, rcond: Any) -> Any:
    x = to_float(to_array(x))
    if rcond is None:
        rcond = 10 * np.max(x.shape[-2:]) * np.finfo(x.dtype).eps
    return np.linalg.pinv(x, rcond)


def _pinv_vjp(g: Any, y: Any, x: Any, *, rcond: Any) -> Any:
    """Golub and Pereyra (1973), for changes that keep the rank."""
    p, pt, gt = y, _t(y), _t(g)
    rows, columns = (np.eye(n, dtype=x.dtype) for n in np.shape(x)[-2:])
    main = -matmul(matmul(pt, g), pt)
    left = matmul(matmul(rows - matmul(x, p), matmul(gt, p)), pt)
    right = matmul(pt, matmul(matmul(p, gt), columns - matmul(p, x)))
    return main + left + right


def _pinv_spec(x: Any, *, rcond: Any) -> KerasTensor:
    stack, rows, columns = matrices(x, "pinv")
    return KerasTensor((*stack, columns, rows), float_kind(x))


_pinv = primitive("pinv", in_single(_pinv_forward), _pinv_vjp, shape=_pinv_spec)


def pinv(x: TensorLike, rcond: Any = None) -> Any:
    """The pseudoinverse: of all matrices that come nearest to an inverse, the smallest.

    Args:
        x: (..., m, n).
        rcond: singular values below this share of the largest count as 0.

    Returns:
        (..., n, m).
    """
    return _pinv(x, rcond=rcond)


def lstsq(a: TensorLike, b: TensorLike, rcond: Any = None) -> Any:
    """The `x` that brings `a x` nearest to `b`, the smallest of several: `pinv(a) b`.

    Args:
        a: (m, n).
        b: (m,) or (m, k).
        rcond: singular values below this share of the largest count as 0.

    Returns:
        (n,) or (n, k).
    """
    return matmul(pinv(a, rcond), b)


@composite_by(lambda x, tol=None: KerasTensor(matrices(x, "matrix_rank")[0], "int32"))
def matrix_rank(x: Any, tol: Any = None) -> Any:
    """How many singular values are above `tol`, as int32.

    Args:
        x: (..., m, n).
        tol: by default the largest singular value, times max(m, n), times the rounding error of the dtype.
    """
    s = svd(x, compute_uv=False)
    if tol is None:
        values = s.numpy() if isinstance(s, Tensor) else s
        tol = values.max(-1, keepdims=True) * np.max(np.shape(x)[-2:]) * np.finfo(values.dtype).eps
    return count_nonzero(np.greater(s, tol), axis=-1)


for _function, _numpy in (
    (cholesky, np.linalg.cholesky), (qr, np.linalg.qr), (svd, np.linalg.svd), (pinv, np.linalg.pinv),
    (matrix_rank, np.linalg.matrix_rank),
):  # fmt: skip
    numpy_rule(_numpy)(_function)


# `keras.ops.linalg` is a public module, with operations that are defined in other files here.
__getattr__, __dir__ = within(
    "kerasish.ops",
    """
    cholesky cholesky_inverse det eig eigh inv jvp lstsq lu_factor matrix_rank norm pinv qr solve solve_triangular
    svd
    """,
)
