"""Dtypes of operations and losses on float16 and bfloat16, here and in the installed Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kerasish import losses, ops
from kerasish.backend.dtypes import numpy_dtype

keras = pytest.importorskip("keras")
pytest.importorskip("ml_dtypes")

pytestmark = pytest.mark.parity

# `o` is keras.ops; `x` and `y` are (6, 4), `z` is (2, 6, 4), `v` and `w` are (4,), `q` and `Q` are positive definite
# matrices and `a` is (2, 6, 2, 4), all of the half type; `i` is (6, 4) of int32.
_CALLS = """
o.add(x, 1) | o.add(x, i) | o.multiply(x, 2.5) | o.divide(x, i) | o.power(x, 2) | o.maximum(x, i) | o.mod(x, 2)
o.where(x > 0, x, 1.0) | o.clip(x, 0, 1) | o.clip(x, None, 1) | o.exp(x) | o.log1p(x) | o.sqrt(x) | o.rsqrt(x)
o.sigmoid(x) | o.softplus(x) | o.gelu(x) | o.softmax(x) | o.log_softmax(x) | o.erf(x) | o.square(x) | o.round(x)
o.sum(x) | o.mean(x, axis=0) | o.var(z, axis=1) | o.std(x) | o.prod(x) | o.max(x, axis=0) | o.logsumexp(x, axis=1)
o.nanmean(x) | o.nanvar(x, axis=0) | o.median(x, axis=0) | o.quantile(x, 0.5) | o.average(x, 1, v) | o.norm(x)
o.norm(x, ord=1, axis=0) | o.norm(v, ord=3) | o.cumsum(x, axis=0) | o.cumprod(x, axis=1) | o.diff(x)
o.trapezoid(x) | o.matmul(x, q) | o.matmul(z, q) | o.matmul(Q, Q) | o.matmul(v, w) | o.matmul(x, v) | o.matmul(x, i[0])
o.dot(x, q) | o.dot(v, w) | o.dot(x, 2.0) | o.inner(x, y) | o.inner(v, w) | o.inner(x, 2.0) | o.vdot(x, y)
o.vdot(x, i) | o.outer(v, w) | o.tensordot(x, q, 1) | o.tensordot(x, y, 2) | o.kron(x, q) | o.cdist(x, y)
o.cdist(z, z) | o.correlate(v, w) | o.correlate(v, w, "full") | o.corrcoef(x) | o.corrcoef(v)
o.einsum("ij,jk->ik", x, q) | o.einsum("...i->...", z) | o.einsum("ij->j", x) | o.einsum("ij,kl->ijkl", x, i)
o.einsum("ii", q) | o.cross(x[:, :3], y[:, :3]) | o.cholesky_inverse(q) | o.solve_triangular(q, v) | o.trace(q)
o.layer_normalization(x) | o.rms_normalization(x) | o.normalize(x) | o.moments(x, [0])
o.batch_normalization(x, v, v, -1) | o.dot_product_attention(a, a, a) | o.binary_crossentropy(x, y)
o.categorical_crossentropy(x, y) | o.concatenate([x, i]) | o.stack([x, y]) | o.take(x, [0, 1]) | o.sort(x)
o.linspace(v, w, 5) | o.linspace(v, 1.0, 5) | o.geomspace(v, w, 4) | o.logspace(v, w, 4) | o.full_like(x, 2)
o.scatter_update(x, [[0, 1]], [2.0]) | o.scatter_update(x, [[0, 1]], [2.0], "add") | o.segment_sum(x, i[:, 0], 4)
o.psnr(x, y, 1.0) | o.vander(v) | o.saturate_cast(i, x.dtype) | o.nan_to_num(x) | o.isclose(x, y) | o.sparsemax(x)
"""
_EXPRESSIONS = [part.strip() for line in _CALLS.strip().splitlines() for part in line.split("|")]


def _arguments(library: Any, kind: str) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    matrix = 2 * np.eye(4) + 0.1
    shapes = {"x": (6, 4), "y": (6, 4), "z": (2, 6, 4), "v": (4,), "w": (4,), "a": (2, 6, 2, 4)}
    arrays = {name: 0.2 + 0.5 * rng.random(shape) for name, shape in shapes.items()} | {"q": matrix, "Q": [matrix] * 3}
    made = {name: library.ops.convert_to_tensor(np.asarray(array, numpy_dtype(kind))) for name, array in arrays.items()}
    return {**made, "i": library.ops.convert_to_tensor(np.arange(24, dtype="int32").reshape(6, 4) % 4)}


@pytest.mark.parametrize(("part", "kind"), [(0, "float16"), (1, "bfloat16"), (2, "float16"), (3, "bfloat16")])
def test_operations_keep_half_types(part: int, kind: str) -> None:
    import kerasish

    differing = []
    # Keras compiles every operation for every dtype: of float16, which NumPy knows itself, a third is compared
    for expression in _EXPRESSIONS[part :: 4 if kind == "bfloat16" else 12]:
        dtypes = []
        for library in (kerasish, keras):
            with np.errstate(all="ignore"):
                made = eval(expression, {**_arguments(library, kind), "o": library.ops})
            dtypes.append([kerasish.backend.standardize_dtype(leaf.dtype) for leaf in kerasish.tree.flatten(made)])
        if dtypes[0] != dtypes[1]:
            differing.append((expression, *dtypes))
    assert not differing


@pytest.mark.parametrize("name", ["det", "inv", "cholesky", "slogdet", "eigh", "qr", "svd", "pinv", "lu_factor"])
def test_decompositions_of_halves(name: str) -> None:
    """LAPACK knows no halves, and Keras's backend refuses; here they are computed in float32."""
    matrix = np.asarray(2 * np.eye(4) + 0.1, np.float32)
    for kind in ("float16", "bfloat16"):
        half = matrix.astype(numpy_dtype(kind))
        found, expected = getattr(ops, name)(half), getattr(ops, name)(half.astype(np.float32))
        for a, b in zip(_parts(found), _parts(expected), strict=True):
            assert a.dtype == (numpy_dtype(kind) if b.dtype == np.float32 else b.dtype)
            unit = 2.0 ** (-10 if kind == "float16" else -7)  # half of it is the rounding of the result
            np.testing.assert_allclose(a.astype(np.float32), b, rtol=unit, atol=unit * 1e-3)


def _parts(made: Any) -> tuple[Any, ...]:
    return made if isinstance(made, tuple) else (made,)


def test_a_product_of_halves_is_summed_in_single_precision() -> None:
    """4096 ones and a half: float16 would lose it on the way."""
    x = np.full((1, 4097), 1, np.float16)
    x[0, -1] = 0.5
    assert float(ops.matmul(x * 8, np.full((4097, 1), 2**-9, np.float16))[0, 0]) == 64.0  # 64.0078 to the nearest half


_LOSSES = [
    name
    for name in dir(keras.losses)
    if isinstance(getattr(keras.losses, name), type) and name not in ("Loss", "CTC") and name[0].isupper()
]


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", _LOSSES)
def test_losses_have_their_dtype(name: str, kind: str) -> None:
    p = np.full((4, 3), 1 / 3, np.float32)
    labels = "Sparse" in name or name in ("Circle", "CategoricalGeneralizedCrossEntropy")
    y = np.array([0, 1, 2, 0]) if labels else np.eye(4, 3, dtype=np.float32)
    expected = getattr(keras.losses, name)(dtype=kind)(y, p)
    for reduction in ("sum_over_batch_size", "sum", "none"):
        for weight in (None, np.ones(4, np.float32)):
            found = getattr(losses, name)(dtype=kind, reduction=reduction)(y, p, sample_weight=weight)
            assert found.dtype == numpy_dtype(str(expected.dtype))


def test_a_mean_of_halves_does_not_overflow() -> None:
    y = np.zeros((1000, 1), np.float16)
    found = losses.MeanSquaredError(dtype="float16")(y, y + 100)
    assert found.dtype == np.float16
    assert float(found) == 10000.0
