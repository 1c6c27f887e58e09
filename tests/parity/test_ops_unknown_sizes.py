"""Shapes and dtypes of operations on symbolic tensors with unknown sizes, here and in the installed Keras."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import kerasish
from kerasish import ops

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.parity

Shapes = dict[str, tuple[int | None, ...]]

# The symbolic tensors of the expressions below. Each expression is tried with all sizes known, with none, with some.
_INPUTS: dict[str, tuple[tuple[int, ...], str]] = {
    "x": ((6, 4), "float32"), "y": ((6, 4), "float32"), "z": ((2, 6, 4), "float32"), "v": ((4,), "float32"),
    "w": ((4,), "float32"), "m": ((1, 4), "float32"), "p": ((6, 2), "float32"), "s": ((), "float32"),
    "q": ((4, 4), "float32"), "Q": ((3, 4, 4), "float32"), "h": ((6, 4), "float16"), "i": ((6, 4), "int32"),
    "k": ((4,), "int32"), "l": ((6,), "int32"), "n": ((), "int32"), "B2": ((2,), "int32"), "u": ((6, 4), "uint8"),
    "b": ((6, 4), "bool"), "c": ((6, 4), "complex64"), "img": ((2, 8, 8, 4), "float32"),
    "a4": ((2, 6, 2, 4), "float32"),
}  # fmt: skip

_REDUCTIONS = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "logsumexp",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
    "nanargmax",
    "nanargmin",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
    "median",
    "norm",
]
_RUNNING = ["cumsum", "cumprod", "nancumsum", "nancumprod"]
_OF_TWO = [
    "add",
    "arctan2",
    "divide",
    "divide_no_nan",
    "equal",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "greater",
    "less",
    "logaddexp",
    "logical_and",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "not_equal",
    "power",
    "subtract",
    "isclose",
    "allclose",
    "ldexp",
]

_TABLE = r"""
o.softmax(x, axis=2) | o.softmax(z, axis=(1, 2)) | o.log_softmax(x, axis=0) | o.sparsemax(x, axis=0) | o.glu(x)
o.glu(x, axis=0) | o.glu(z, axis=5) | o.threshold(x, 0.1, 2.0) | o.normalize(x) | o.normalize(x, axis=0)
o.normalize(i) | o.moments(x, [0]) | o.moments(z, [0, 1], keepdims=True) | o.moments(h, [1])
o.layer_normalization(x) | o.layer_normalization(h) | o.rms_normalization(x) | o.rms_normalization(z, axis=(1, 2))
o.reshape(x, (-1, 2)) | o.reshape(x, (24,)) | o.reshape(x, (5, 5)) | o.reshape(z, (-1, 3, 4)) | o.reshape(z, (2, -1))
o.reshape(x, (-1, 7)) | o.reshape(x, (-1, -1)) | o.reshape(s, (1,)) | o.reshape(z, -1) | o.reshape(x, (0, -1))
o.expand_dims(x, 0) | o.expand_dims(x, -1) | o.expand_dims(x, (0, 2)) | o.expand_dims(x, 3) | o.expand_dims(x, -4)
o.squeeze(m) | o.squeeze(x) | o.squeeze(m, 5) | o.transpose(z) | o.transpose(z, (0, 2, 1)) | o.transpose(z, (0, 1))
o.transpose(z, (0, 1, 1)) | o.transpose(z, (0, 1, 3)) | o.transpose(z, (0, -1, 1)) | o.swapaxes(z, 0, 2)
o.swapaxes(z, 0, 3) | o.swapaxes(z, -1, 0) | o.moveaxis(z, 0, -1) | o.moveaxis(z, (0, 1), (2, 0))
o.moveaxis(z, 4, 0) | o.moveaxis(z, [0, 1], [-1, -2]) | o.broadcast_to(x, (3, 6, 4)) | o.broadcast_to(m, (5, 4))
o.broadcast_to(x, (6, 5)) | o.flip(x) | o.flip(x, 0) | o.flip(x, 2) | o.fliplr(x) | o.flipud(x) | o.fliplr(v)
o.flipud(s) | o.roll(x, 1) | o.roll(x, 1, 0) | o.roll(x, (1, 2), (0, 1)) | o.roll(x, 1, 3) | o.rot90(x)
o.rot90(z, 1, (1, 2)) | o.rot90(z, 3, (0, 3)) | o.rot90(v) | o.rot90(z,1,(1,1)) | o.tile(x, 2) | o.tile(x, (2, 3))
o.tile(x, (2, 1, 3)) | o.tile(z, (2,)) | o.repeat(x, 2) | o.repeat(x, 2, 0) | o.repeat(x, [1, 2, 3, 4], 1)
o.repeat(x, 2, 3) | o.repeat(z, 3, -1) | o.repeat(x, [1,2], 1) | o.pad(x, 1) | o.pad(x, ((0, 1), (2, 3)))
o.pad(x, (1, 2)) | o.pad(x, ((1, 1),)) | o.pad(z, ((0, 1), (2, 3))) | o.pad(x, 1, "reflect")
o.pad(x, ((0,0),(1,1)), constant_values=2.0) | o.pad(x, 2, mode="symmetric") | o.pad(i, 2) | o.concatenate([x, y])
o.concatenate([x, i], 1) | o.concatenate([x, z]) | o.concatenate([x, m], 0) | o.concatenate([x, m], 1)
o.concatenate([x, y], 2) | o.concatenate([x, y], -1) | o.concatenate([x,h])
o.concatenate([x, np.ones((6, 2), f)], 1) | o.stack([x, y]) | o.stack([x, i], 1) | o.stack([x, m])
o.stack([x, y], 3) | o.stack([x, y], -1) | o.stack([x]) | o.append(x, y) | o.append(x, z, 0) | o.hstack([x, y])
o.vstack([x, y]) | o.dstack([x, y]) | o.dstack([v, w]) | o.hstack([z, z]) | o.vstack([x, m]) | o.dstack([z, z])
o.split(x, 2) | o.split(x, 2, 1) | o.split(x, 5) | o.split(x, [1, 3]) | o.split(x, (2,), -1) | o.split(x, 2, 2)
o.array_split(x, 4) | o.array_split(x, 3, 1) | o.array_split(z, 2, -1) | o.hsplit(x, 2) | o.vsplit(x, 2)
o.dsplit(z, 2) | o.hsplit(v, 2) | o.dsplit(x, 2) | o.unstack(x) | o.unstack(x, axis=1) | o.unstack(x, 6)
o.unstack(x, axis=-1) | o.unstack(z, axis=3) | o.unstack(x, 4, 1) | o.take(x, [0, 2]) | o.take(x, [0, 2], 0)
o.take(x, [[0, 1]], 1) | o.take(x, 1, 1) | o.take(x, [0], 2) | o.take(x, i, 0) | o.take(x, l, 1)
o.take(np.ones((5, 3), f), i, 0) | o.take(x, n, 1) | o.take(x, i) | o.take_along_axis(x, i, 1)
o.take_along_axis(x, i, 0) | o.take_along_axis(x, i) | o.take_along_axis(x, l) | o.take_along_axis(x, l, 0)
o.take_along_axis(z, o.zeros((2, 6, 1), w32), 2) | o.take_along_axis(x, i, 2) | o.take_along_axis(x, k)
o.take_along_axis(np.ones((6, 3), f), i, 1) | o.get_item(x, 0) | o.get_item(x, (slice(None), 1)) | x[:, ::2]
x[..., 0] | x[-1] | x[:2, 1:] | x[7] | x[0, 5] | x[0, 0, 0] | z[:, 1:-1] | z[1, ..., 2:] | o.slice(x, (1, 1), (2, 2))
o.slice(x, B2, (2, 2)) | o.slice(x, (0, 0), (-1, 2)) | o.slice(z, [0, 0, 0], [1, 6, 4]) | o.slice(x, (0,), (1,))
o.slice(x, (0, n), (2, 2)) | o.slice_update(x, (0, 0), np.ones((2, 2), f)) | o.slice_update(x, B2, np.ones((2, 2), f))
o.slice_update(x, (0, 0), p) | o.slice_update(np.ones((8, 8), f), (0, 0), x)
o.slice_update(np.ones((8, 8), f), B2, np.ones((2, 2), f)) | o.slice_update(x, (0,0), i)
o.scatter(o.reshape(l, (-1, 1)), l, (7,)) | o.scatter(np.zeros((6, 1), w32), x, (7, 4))
o.scatter(o.zeros((4, 1), w32), v, (9,)) | o.scatter(p, v, (9,9)) | o.scatter_update(x, [[0, 1]], [2.0])
o.scatter_update(x, np.zeros((4, 2), w32), v) | o.scatter_update(x, o.cast(p, w32), l)
o.scatter_update(np.ones((9, 9), f), o.cast(p, w32), np.ones(6, f)) | o.scatter_update(x, [[0, 1]], [2.0], "add")
o.scatter_update(x, [[0, 1]], [2.0], "max") | o.segment_sum(x, l) | o.segment_sum(x, l, 3)
o.segment_max(x, l, num_segments=3) | o.segment_min(x, l) | o.segment_prod(x, l, 3)
o.segment_sum(x, np.zeros(6, w32)) | o.segment_sum(x, np.zeros(6, w32), 2) | o.segment_sum(x, i, 2)
o.segment_max(z, B2, 5) | o.segment_sum(s, n, 2) | o.diag(v) | o.diag(v, 1) | o.diag(x) | o.diag(x, -1) | o.diag(z)
o.diag(s) | o.diagflat(x) | o.diagflat(v, 2) | o.diagflat(x, -1) | o.diagonal(x) | o.diagonal(z)
o.diagonal(z, 1, 1, 2) | o.diagonal(z, -2, 2, 1) | o.diagonal(v) | o.diagonal(z, 0, 0, 3) | o.diagonal(z, 9)
o.diagonal(z,0,1,1) | o.trace(x) | o.trace(z) | o.trace(i) | o.trace(b) | o.trace(u) | o.trace(z, 1, 1, 2)
o.trace(v) | o.tril(x) | o.triu(z, 1) | o.triu(i) | o.tril(b) | o.meshgrid(v, w) | o.meshgrid(v, x, indexing="ij")
o.meshgrid(x, y) | o.meshgrid(s, v) | o.unravel_index(l, (2, 3)) | o.unravel_index(i, (2, 3, 4))
o.unravel_index(n, (2, 3)) | o.where(b, x, y) | o.where(b, x, 0) | o.where(b, i, 0.0) | o.where(o.greater(x, 0), x, m)
o.where(b, x, i) | o.where(b, z, y) | o.where(b, 1.0, 0) | o.where(b, h, 1.0) | o.where(b, np.ones((6,4),'int32'), i)
o.sort(x) | o.sort(x, None) | o.sort(x, 2) | o.sort(i, 0) | o.argsort(x) | o.argsort(x, None) | o.argsort(x, 2)
o.argsort(z, 0) | o.argpartition(x, 1) | o.argpartition(x, 1, None) | o.argpartition(x, 1, 0)
o.argpartition(x, 9, 1) | o.top_k(x, 2) | o.top_k(s, 1) | o.top_k(z, 1) | o.in_top_k(l, x, 2) | o.in_top_k(i, z, 2)
o.searchsorted(x, v) | o.digitize(x, v) | o.digitize(np.ones(3, f), v) | o.digitize(x, y) | o.isin(x, y)
o.isin(x, [1.0]) | o.isin(np.ones((2, 2), f), v) | o.isin(i, x) | o.bincount(k) | o.bincount(k, minlength=5)
o.bincount(i) | o.bincount(i, minlength=4) | o.bincount(l, weights=np.ones(6, f)) | o.histogram(x)
o.histogram(x, 4, (0, 1)) | o.histogram(h, 4) | o.unique(x) | o.unique(i) | o.unique(x, axis=0) | o.unique(x, size=3)
o.unique(x, return_index=True, return_inverse=True, return_counts=True)
o.unique(x, axis=1, size=2, return_counts=True) | o.unique(x, axis=0, return_inverse=True)
o.unique(x, size=3, return_inverse=True, return_index=True) | o.unique(x, axis=3) | o.quantile(x, 0.5)
o.quantile(x, [0.1, 0.5], axis=0) | o.quantile(x, 0.5, axis=-1, keepdims=True) | o.quantile(i, 0.5, axis=0)
o.quantile(h, 0.5) | o.quantile(x, s) | o.quantile(x, v, axis=0) | o.quantile(np.ones((3, 3), f), v, axis=0)
o.quantile(x, 0.5, axis=2) | o.percentile(x, 50) | o.percentile(x, v) | o.percentile(x, s, axis=0)
o.percentile(np.ones(3, f), v) | o.percentile(x, [10, 20], axis=1, keepdims=True) | o.nanquantile(x, 0.5)
o.nanquantile(x, v, axis=0) | o.nanpercentile(x, v) | o.nanpercentile(x, 50, axis=1) | o.nanquantile(i, .5)
o.matmul(x, q) | o.matmul(x, x) | o.matmul(z, q) | o.matmul(x, v) | o.matmul(v, q) | o.matmul(v, w) | o.matmul(s, v)
o.matmul(Q, z) | o.matmul(z, o.swapaxes(z, 1, 2)) | o.matmul(i, i[0]) | o.matmul(h, o.cast(q, "float16"))
o.matmul(x, Q) | o.dot(x, q) | o.dot(v, w) | o.dot(s, x) | o.dot(x, 2.0) | o.dot(z, q) | o.dot(z, Q) | o.dot(x, x)
o.dot(v, x) | o.dot(i, i[0]) | o.dot(np.ones((3, 6), f), x) | o.dot(h, h[0]) | o.dot(v, Q) | o.inner(x, y)
o.inner(x, v) | o.inner(v, w) | o.inner(x, p) | o.inner(z, x) | o.inner(s, x) | o.inner(i, k) | o.inner(x, 2.0)
o.inner(h, h) | o.vdot(x, y) | o.vdot(v, w) | o.vdot(x, i) | o.vdot(i, i) | o.vdot(s, s) | o.outer(x, y)
o.outer(v, w) | o.outer(i, x) | o.outer(s, v) | o.kron(x, q) | o.kron(i, i) | o.tensordot(x, q, 1)
o.tensordot(z, q, 1) | o.tensordot(x, y, 2) | o.tensordot(x, y, [[0], [0]]) | o.tensordot(x, y, 0)
o.tensordot(z, Q, [[2], [1]]) | o.tensordot(i, k, 1) | o.tensordot(h, h, 2) | o.cross(o.ones((6, 3)), x[:, :3])
o.cross(p, p) | o.cross(p, x[:, :3]) | o.cross(x, y) | o.cross(x[:, :3], y[:, :3], axis=0)
o.cross(z[..., :3], x[:, :3]) | o.cross(i[:, :3], x[:, :3]) | o.cross(x[:, :3], z[..., :3])
o.cross(z[...,:3], z[...,:3], axisc=0) | o.einsum("ij,jk->ik", x, q) | o.einsum("ij->j", x) | o.einsum("...i->...", z)
o.einsum("ij,ij->", x, y) | o.einsum("ii", q) | o.einsum("ij,jk", x, q) | o.einsum("bij,bjk->bik", Q, Q)
o.einsum("i,j->ij", v, w) | o.einsum("ij,kl->ijkl", x, i) | o.einsum("...ij,...jk->...ik", z, q)
o.einsum("ij,j", x, v) | o.einsum("ij,j", i, k) | o.einsum("ijk", x) | o.einsum("ij,ik->jk", x, p)
o.einsum("ij,jk->ik", np.ones((5, 6), f), x) | o.einsum("ij,kj->ik", x, Q) | o.einsum("...i,...i", x, z)
o.einsum("ij,ij->ij", x, m) | o.det(v) | o.slogdet(q) | o.logdet(q) | o.logdet(Q) | o.solve(np.eye(4, dtype=f), v)
o.solve(v, v) | o.qr(v) | o.svd(v) | o.lu_factor(v) | o.pinv(x) | o.pinv(z) | o.pinv(v) | o.lstsq(x, x)
o.matrix_rank(x) | o.matrix_rank(z) | o.matrix_rank(v) | o.matrix_rank(x, tol=0.1) | o.norm(q, ord="fro")
o.norm(x, ord=1, axis=0) | o.norm(z, ord="nuc", axis=(1, 2)) | o.norm(z, axis=(0, 1), keepdims=True)
o.norm(v, ord=3) | o.norm(x, ord="fro", axis=0) | o.norm(x, ord=7) | o.cdist(x, y) | o.cdist(z, z) | o.cdist(x, q)
o.cdist(i, i) | o.cdist(x, p) | o.cdist(v, v) | o.cdist(z, x) | o.diff(x) | o.diff(x, 2) | o.diff(x, 1, 0)
o.diff(x, 9) | o.diff(b) | o.diff(x, 1, 2) | o.diff(x, 0) | o.trapezoid(x) | o.trapezoid(x, y) | o.trapezoid(x, v)
o.trapezoid(x, axis=0) | o.trapezoid(z, axis=1, dx=2) | o.trapezoid(i) | o.trapezoid(v, w) | o.average(x, 1, v)
o.average(x, 1, y) | o.average(x, weights=y) | o.average(x, 0, l) | o.average(x, 1, l) | o.average(i, weights=i)
o.correlate(x, v) | o.extract_sequences(x, 2, 1) | o.extract_sequences(x, 3, 2) | o.extract_sequences(z, 2, 2)
o.rfft(z) | o.rfft(x, 3) | o.irfft((x, y)) | o.irfft((z, z), 5) | o.ifft2((v, w)) | o.fft(x) | o.fft((x, z))
o.stft(z, 3, 1, 4) | o.istft((z, z), 3, 1, 6) | o.ctc_decode(z, k) | o.ctc_decode(z, k, "beam_search", 5, 2)
o.psnr(x, y, 1.0) | o.psnr(i, i, 255) | o.vander(v) | o.vander(v, 3) | o.vander(k, 3, True) | o.vander(x)
o.linspace(s, s, 5) | o.linspace(v, w, 5) | o.linspace(v, w, 5, axis=-1) | o.linspace(0, v, 5)
o.linspace(x, v, 3, axis=1) | o.linspace(k, k, 3) | o.linspace(v, w, 3, axis=4) | o.linspace(v, l)
o.logspace(s, s, 4) | o.logspace(v, w, 4, axis=1) | o.logspace(0, v, 4) | o.logspace(k, k, 4) | o.geomspace(v, w, 4)
o.geomspace(s, s, 4) | o.geomspace(1.0, x, 4, axis=-1) | o.geomspace(k, k, 4) | o.full((2, 2), s) | o.full_like(x, 1)
o.full_like(x, v) | o.full_like(x, 2, w32) | o.zeros_like(x, w32) | o.ones_like(i, "float16")
o.one_hot(i, 5) | o.one_hot(i, 5, 0) | o.one_hot(i, 5, 1)
o.one_hot(i, 5, 3) | o.one_hot(n, 5) | o.one_hot(i, 5, dtype=w32) | o.one_hot(x, 5) | o.multi_hot(z, 5)
o.multi_hot(o.cast(z, w32), 5, -1, w32) | o.cast(x, w32) | o.cast(i, "bfloat16") | o.saturate_cast(x, "uint8")
o.saturate_cast(i, "float16") | o.convert_to_tensor(x) | o.view(x, w32) | o.view(x, "float16") | o.view(u, w32)
o.view(u, "int16") | o.view(x, "uint8") | o.view(x, "float64") | o.view(x) | o.convert_to_tensor(x, dtype="float16")
o.array(i) | o.view(s, "int16") | o.view_as_complex(p) | o.conv(img, np.ones((3, 3, 4, 5), f))
o.conv(img, np.ones((3, 3, 4, 5), f), 2, "same") | o.conv(z, np.ones((2, 4, 3), f), dilation_rate=2)
o.conv(img, np.ones((3, 3, 4, 5), f), data_format="channels_first") | o.conv(img, np.ones((9, 9, 4, 5), f))
o.depthwise_conv(img, np.ones((3, 3, 4, 2), f))
o.separable_conv(img, np.ones((3, 3, 4, 2), f), np.ones((1, 1, 8, 5), f))
o.conv_transpose(img, np.ones((3, 3, 5, 4), f), 2) | o.conv_transpose(img, np.ones((3, 3, 5, 4), f), 2, "same")
o.conv(x, np.ones((3, 3, 4, 5), f)) | o.conv(img, np.ones((3, 3, 3, 5), f)) | o.max_pool(img, 2)
o.max_pool(img, 2, 1, "same") | o.average_pool(img, (2, 3), 2) | o.average_pool(z, 2) | o.max_pool(img, 9)
o.max_pool(img, 2, data_format="channels_first") | o.depth_to_space(img, 2) | o.space_to_depth(img, 2)
o.space_to_depth(img, 3) | o.depth_to_space(img, 3) | o.space_to_depth(img, 2, "channels_first")
o.dot_product_attention(a4, a4, a4) | o.dot_product_attention(a4, a4, a4, is_causal=True)
o.dot_product_attention(a4, np.ones((2, 5, 2, 4), f), np.ones((2, 5, 2, 4), f))
o.dot_product_attention(a4, a4, a4, bias=np.ones((1,1,6,6),f)) | o.sparse_categorical_crossentropy(i, z[0])
o.sparse_categorical_crossentropy(l, s) | o.categorical_crossentropy(v, x) | o.clip(x, 0, 1) | o.clip(i, 0, 1)
o.clip(b, 0, 1) | o.clip(x, m, v) | o.clip(x, None, 1) | o.clip(h, 0.0, 1) | o.round(x, 1) | o.prod(x, 0, dtype=w32)
o.max(x, initial=3) | o.min(x, axis=1, initial=0.5) | o.select([b, b], [x, y], 0) | o.select([b], [x], m)
o.switch(n, [lambda t: t + 1, lambda t: t * 2], x)
o.switch(1, [lambda t: t + 1, lambda t: t * 2], x)
o.switch(n, [lambda t: o.sum(t,axis=0)], x) | o.cond(o.greater(s,0), lambda: None, lambda: None)
o.while_loop(lambda t: o.sum(t) < 3, lambda t: t + 1, x)
o.while_loop(lambda t, j: j < 3, lambda t, j: (t * 2, j + 1), (x, n))
o.while_loop(lambda t: o.sum(t) < 3, lambda t: (t + 1,), [x], maximum_iterations=3)
o.fori_loop(0, 3, lambda j, t: t + 1, x) | o.fori_loop(0, n, lambda j, t: t * 2, x)
o.map(lambda t: t + 1, x) | o.map(lambda t: o.sum(t), x)
o.map(lambda t: (t, o.sum(t)), x) | o.map(lambda t: t["a"], {"a": x}) | o.map(lambda t: o.cast(t, w32), z)
o.map(lambda t: t, s) | o.vectorized_map(lambda t: t + 1, x) | o.vectorized_map(lambda t: o.sum(t), z)
o.vectorized_map(lambda t: (t, t), x) | o.scan(lambda c, t: (c, c), v, None, 5)
o.scan(lambda c, t: (c + o.sum(t), t), s, x) | o.scan(lambda c, t: (c, t), v, z, reverse=True)
o.scan(lambda c, t: (c, t), v) | o.associative_scan(lambda a, b: a + b, x)
o.associative_scan(lambda a, b: a + b, x, axis=1) | o.associative_scan(lambda a, b: a + b, z, reverse=True, axis=-1)
o.associative_scan(lambda a, b: a + b, x, axis=3) | o.jvp(lambda t: o.sin(t), (x,), (y,))
o.jvp(lambda t: (o.sum(t), t), (x,), (y,)) | o.jvp(lambda t: (o.sum(t), t), (x,), (y,), has_aux=True)
o.jvp(lambda t: o.sum(t, axis=0), (x,), (x,))
"""


def _expressions() -> list[str]:
    found = [part.strip() for line in _TABLE.strip().splitlines() for part in re.split(r"(?<!\|)\|(?!\|)", line)]
    for name in _REDUCTIONS:
        found += [f"o.{name}(x)", f"o.{name}(z, axis=1, keepdims=True)", f"o.{name}(x, axis=2)"]
    for name in _RUNNING:
        found += [f"o.{name}(x)", f"o.{name}(i, axis=1)", f"o.{name}(u)"]
    for name in _OF_TWO:
        found += [f"o.{name}(x, i)", f"o.{name}(z, x)", f"o.{name}(x, m)"]
    return found


def _patterns(expression: str) -> Iterator[Shapes]:
    text = re.sub(r"lambda[^:]*:", " ", expression)
    names = [name for name in _INPUTS if re.search(rf"(?<![\w.'\"]){name}(?![\w'\"=(])", text)]
    axes = [(name, a) for name in names for a in range(len(_INPUTS[name][0]))]
    last = len(_INPUTS[names[0]][0]) - 1
    chosen = [
        (),
        axes,
        [part for part in axes if part[1] == 0],
        [part for part in axes if part[1] == 1],
        [part for part in axes if part == (names[0], last)],
        [part for part in axes if part[0] != names[0]],
    ]
    for unknown in dict.fromkeys(map(tuple, chosen)):
        yield {
            name: tuple(None if (name, a) in unknown else n for a, n in enumerate(_INPUTS[name][0])) for name in names
        }


def _leaves(made: Any) -> list[tuple[tuple[int | None, ...], str] | None]:
    return [
        None if leaf is None else (tuple(leaf.shape), kerasish.backend.standardize_dtype(leaf.dtype))
        for leaf in kerasish.tree.flatten(made)
    ]


def _spec(library: Any, expression: str, shapes: Shapes) -> Any:
    """Shapes and dtypes; None where the expression is refused."""
    symbols = {name: library.KerasTensor(shape, dtype=_INPUTS[name][1]) for name, shape in shapes.items()}
    try:
        made = eval(expression, {**symbols, "o": library.ops, "np": np, "f": "float32", "w32": "int32"})
    except Exception:
        return None
    return _leaves(library.tree.map_structure(lambda leaf: leaf, made))


def _agree(found: Any, expected: Any) -> bool:
    """Whether the same is known, or more: where one argument tells a size that another does not."""
    return len(found) == len(expected) and all(
        a == b
        or (
            len(a[0]) == len(b[0])
            and a[1] == b[1]
            and all(m == n or n is None for m, n in zip(a[0], b[0], strict=True))
        )
        for a, b in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("part", range(8))
def test_specs_are_keras(part: int) -> None:
    differing = []
    for expression in _expressions()[part::8]:
        for shapes in _patterns(expression):
            found, expected = _spec(kerasish, expression, shapes), _spec(keras, expression, shapes)
            if (found is None) != (expected is None) or (found is not None and not _agree(found, expected)):
                differing.append((expression, shapes, found, expected))
    assert not differing


def _values() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    values = {}
    for name, (shape, dtype) in _INPUTS.items():
        numbers = 0.2 + 0.5 * rng.random(shape)
        if name in ("q", "Q"):  # positive definite
            numbers = 2 * np.eye(4) + 0.1 * (numbers + np.swapaxes(numbers, -1, -2))
        values[name] = (numbers if dtype[0] in "fc" else 4 * numbers).astype(dtype)
    return {**values, "o": ops, "np": np, "f": "float32", "w32": "int32"}


def test_specs_are_what_comes_out() -> None:
    values, lying, compared = _values(), [], 0
    for expression in _expressions():
        spec = _spec(kerasish, expression, {name: shape for name, (shape, _) in _INPUTS.items()})
        try:
            with np.errstate(all="ignore"):
                made = eval(expression, dict(values))
        except Exception:  # what depends on values too
            continue
        if spec is None:
            lying.append((expression, spec, "computes"))
            continue
        came = [None if leaf is None else (np.shape(leaf), _dtype(leaf)) for leaf in kerasish.tree.flatten(made)]
        compared += 1
        if not _agree(came, spec):
            lying.append((expression, spec, came))
    assert not lying
    assert compared > 500


def _dtype(leaf: Any) -> str:
    return kerasish.ops.dtype(leaf)


# What Keras declares otherwise than its own operation computes it, for which the operation is right here.
@pytest.mark.parametrize(
    ("expression", "shape"),
    [
        ("o.rot90(x, 2)", (6, 4)),
        ("o.kron(z, x)", (2, 36, 16)),
        ("o.corrcoef(x)", (6, 6)),
        ("o.vstack([v, w])", (2, 4)),
        ("o.slogdet(Q)[0]", (3,)),
        ("o.quantile(z, [0.5], axis=(0, 1), keepdims=True)", (1, 1, 1, 4)),
    ],
)
def test_where_keras_declares_what_it_does_not_compute(expression: str, shape: tuple[int, ...]) -> None:
    known = {name: size for name, (size, _) in _INPUTS.items()}
    found = _spec(kerasish, expression, known)
    assert found is not None and found[0][0] == shape
    values = {name: value for name, value in _values().items() if name != "o"}
    assert tuple(eval(expression, {**values, "o": keras.ops}).shape) == shape


@pytest.mark.parametrize(
    "call",
    [
        lambda x: ops.reshape(x, (5, 5)),
        lambda x: ops.reshape(x, (-1, 7)),
        lambda x: ops.broadcast_to(x, (6, 5)),
        lambda x: ops.concatenate([x, x], axis=2),
        lambda x: ops.split(x, 2, axis=2),
        lambda x: ops.expand_dims(x, 4),
        lambda x: ops.moveaxis(x, 3, 0),
        lambda x: ops.cumsum(x, axis=2),
        lambda x: ops.softmax(x, axis=2),
        lambda x: ops.stack([x, x[:3]]),
        ops.inv,
        lambda x: ops.slice(x, (0, 0), (9, 2)),
        lambda x: ops.dsplit(x, 2),
        ops.vander,
    ],
)
def test_what_does_not_fit_is_refused_when_the_model_is_made(call: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        call(kerasish.KerasTensor((6, 4)))


@pytest.mark.parametrize("size", [4, None])
@pytest.mark.parametrize(
    "expression",
    ["o.inv(Q)", "o.det(Q)", "o.cholesky(Q)", "o.cholesky(Q, upper=True)", "o.cholesky_inverse(Q)", "o.solve(Q, Q)",
     "o.solve_triangular(Q, Q, lower=True)", "o.eigh(Q)", "o.logdet(Q)", "o.pinv(Q)", "o.matrix_rank(Q)"],
)  # fmt: skip
def test_matrices(expression: str, size: int | None) -> None:
    """On arrays of ones most of these fail: such a matrix is singular."""
    shapes: Shapes = {"Q": (None if size is None else 3, size, size)}
    expected = _spec(keras, expression, shapes)
    assert expected is not None
    assert _spec(kerasish, expression, shapes) == expected


def test_every_operation_on_matrices_has_a_rule() -> None:
    """Arrays of ones are singular: what runs on them says that no model can be made."""
    for name in ("det", "inv", "solve", "slogdet", "eigh", "eig", "lu_factor", "cholesky_inverse", "matrix_rank"):
        assert getattr(ops, name).has_shape_rule, name


def test_asking_for_a_shape_names_nothing() -> None:
    """The parts of an operation do not count when the next one of their kind is named."""
    x = kerasish.Input((4,))
    first = ops.sum(ops.norm(x, axis=-1))
    kerasish.backend.clear_session()
    x = kerasish.Input((4,))
    assert ops.sum(x).history.name == "sum"
    assert first.history.operation.name == "sum"


def test_models_run_what_they_were_promised() -> None:
    """Indices, starts and segments that are inputs themselves."""
    x, where = kerasish.Input((6, 4)), kerasish.Input((2,), dtype="int32")
    ids = kerasish.Input((), dtype="int32")
    model = kerasish.Model([x, where, ids], [ops.take(x, where[0], axis=1), ops.segment_sum(x, ids, 2)])
    values = np.arange(3 * 6 * 4, dtype="float32").reshape(3, 6, 4)
    taken, summed = model([values, np.array([[0, 5]] * 3, "int32"), np.array([0, 1, 0], "int32")])
    np.testing.assert_array_equal(taken, values[:, [0, 5]])
    np.testing.assert_array_equal(summed, [values[0] + values[2], values[1]])
    assert math.prod(summed.shape) == 2 * 6 * 4


def test_a_branch_is_chosen_when_the_model_runs() -> None:
    x, flag = kerasish.Input((4,)), kerasish.Input((4,))
    chosen = ops.cond(ops.sum(flag) > 0, lambda: x + 1, lambda: x * 2)
    model = kerasish.Model([x, flag], chosen)
    values = np.ones((2, 4), "float32") * 3
    np.testing.assert_array_equal(model([values, values]), values + 1)
    np.testing.assert_array_equal(model([values, -values]), values * 2)
