"""Shapes and dtypes of operations on symbolic tensors, here and in the installed Keras."""

from __future__ import annotations

import pytest

import kerasish
from kerasish import ops

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.parity

# `o` is keras.ops, `x` is (None, 4) and `z` is (None, None, 4), of floats; `i` is (None, 4) of int32.
_CALLS = """
o.abs(i) | o.sin(i) | o.relu(x) | o.softmax(z) | o.gelu(x) | o.sigmoid(x) | o.leaky_relu(x) | o.round(x)
o.floor(i) | o.add(x, 1) | o.add(x, z) | o.divide(i, 2) | o.multiply(i, 2.5) | o.maximum(x, i) | o.equal(x, i)
o.logical_not(x) | o.power(i, 2) | o.where(o.greater(x, 0), x, 0.0) | o.clip(x, 0, 1) | o.isnan(x) | o.square(i)
o.sign(x) | o.sum(x, axis=-1) | o.sum(x, axis=0) | o.sum(i) | o.mean(i, axis=1, keepdims=True)
o.max(z, axis=(1, 2)) | o.argmax(x, axis=-1) | o.var(z, axis=0) | o.any(x, axis=1) | o.logsumexp(x, axis=1)
o.cumsum(i, axis=1) | o.norm(x, axis=1) | o.count_nonzero(x, axis=1) | o.average(x, axis=1) | o.median(x, axis=1)
o.quantile(x, 0.5, axis=1) | o.reshape(x, (-1, 2, 2)) | o.reshape(x, (-1, 8)) | o.reshape(z, (-1, 3, 4))
o.expand_dims(x, 1) | o.squeeze(x[:, :1], 1) | o.transpose(z, (0, 2, 1)) | o.transpose(x) | o.swapaxes(z, 1, 2)
o.moveaxis(z, 1, 0) | o.flip(x) | o.roll(x, 1, axis=1) | o.concatenate([x, x], axis=1)
o.concatenate([x, i], axis=0) | o.stack([x, x], axis=1) | o.split(x, 2, axis=1) | o.split(x, [1, 3], axis=-1)
o.unstack(x, axis=1) | o.tile(x, (1, 2)) | o.repeat(x, 2, axis=1) | o.hstack([x, x]) | o.pad(x, ((0, 0), (1, 2)))
o.broadcast_to(x[:, :1], (3, 4)) | o.zeros_like(i) | o.ones_like(x, "int32") | o.full_like(x, 2)
o.matmul(x, o.ones((4, 5))) | o.matmul(z, o.swapaxes(z, 1, 2)) | o.dot(x, o.ones((4, 5)))
o.tensordot(z, o.ones((4, 5)), axes=1) | o.einsum("bij,jk->bik", z, o.ones((4, 5))) | o.einsum("bi,bj->bij", x, x)
o.einsum("bi->b", x) | o.one_hot(i, 7) | o.one_hot(i, 7, axis=1, dtype="int32") | o.take(x, [0, 1], axis=1)
o.take_along_axis(x, i, axis=1) | o.top_k(x, 2) | o.sort(x) | o.argsort(x) | o.diff(x) | o.tril(x)
o.diagonal(z, 0, 1, 2) | x[:, 1] | x[:, 1:3] | x[..., None] | z[:, 0] | x[:, ::-1] | x[0] | o.cast(x, "float16")
o.convert_to_tensor(x) | o.stop_gradient(x) | o.nan_to_num(x) | o.isclose(x, x) | o.copy(x)
o.layer_normalization(x) | o.rms_normalization(x) | o.normalize(x) | o.moments(x, [0]) | o.glu(x)
o.batch_normalization(x, o.ones(4), o.ones(4), -1)
o.dot_product_attention(z[..., None], z[..., None], z[..., None]) | o.nanmean(x, axis=1) | o.trapezoid(x, axis=1)
o.arctan2(x, x) | o.logaddexp(x, x) | x + 1 | 1 - x | x * i | x / i | x**2 | x @ o.ones((4, 2)) | -x | x > 0
abs(x) | i // 2 | i % 2
"""
_EXPRESSIONS = [part.strip() for line in _CALLS.strip().splitlines() for part in line.split("|")]


def _specs(library: object, expression: str) -> list[tuple[tuple[int | None, ...], str]]:
    make = library.KerasTensor  # type: ignore[attr-defined]
    names = {
        "o": library.ops,  # type: ignore[attr-defined]
        "x": make((None, 4)),
        "z": make((None, None, 4)),
        "i": make((None, 4), dtype="int32"),
    }
    made = eval(expression, {}, names)
    return [(tuple(leaf.shape), leaf.dtype) for leaf in library.tree.flatten(made)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("expression", _EXPRESSIONS)
def test_spec(expression: str) -> None:
    assert _specs(kerasish, expression) == _specs(keras, expression)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: ops.matmul(x, ops.ones((3, 2))), "inner sizes 4 and 3"),
        (lambda x: ops.add(x, ops.ones((3,))), "cannot be broadcast"),
        (lambda x: ops.concatenate([x, x[:, :2]], axis=0), "other sizes agree"),
        (lambda x: ops.split(x, 3, axis=1), "equal parts"),
        (lambda x: ops.sum(x, axis=5), "axis"),
    ],
)
def test_what_does_not_fit_is_refused_at_once(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(kerasish.KerasTensor((None, 4)))  # type: ignore[operator]
