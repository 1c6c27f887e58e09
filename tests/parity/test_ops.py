"""keras.ops here and in the installed Keras: the same values and dtypes, over floats, integers and booleans."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend import nest
from kerasish.backend.dtypes import standardize_dtype
from kerasish.ops.composite import Composite

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.parity

_RNG = np.random.default_rng(7)
_FLOATS = np.round(_RNG.uniform(0.1, 0.9, (2, 3)), 2).astype("float32")
_INPUTS = {
    "float32": (_FLOATS, np.round(_RNG.uniform(0.1, 0.9, (2, 3)), 2).astype("float32")),
    "int32": (np.array([[1, 5, 2], [3, 0, 4]], "int32"), np.array([[2, 5, 1], [1, 3, 2]], "int32")),
    "bool": (np.array([[True, False, True], [False, False, True]]), np.array([[True, True, False]] * 2)),
}
_HALF = _FLOATS.astype("float16")
_SQUARE = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]], "float32")
_NAN = np.array([[1.0, np.nan, 3.0], [np.nan, 5.0, 2.0]], "float32")
_DEEP = np.arange(128, dtype="float32").reshape(2, 4, 2, 8)
_SIGNAL = _RNG.uniform(-1, 1, (2, 20)).astype("float32")
_FRAMES = _RNG.uniform(-1, 1, (2, 4, 5)).astype("float32")
_WINDOW = np.array([0.1, 0.5, 1.0, 0.7, 0.2], "float32")
_LABELS, _LOGITS = np.array([[1, 2, 0], [2, 2, 1], [0, 0, 0]]), _RNG.normal(0, 2, (3, 6, 4)).astype("float32")
_IDS = np.array([0, 2, 0], "int32")

Call = Callable[[Any, np.ndarray, np.ndarray], Any]

# What is called in place of `op(x)` or `op(x, y)`; `o` is keras.ops of one library or the other.
_CALLS: dict[str, list[Call]] = {
    "arange": [lambda o, x, y: o.arange(4), lambda o, x, y: o.arange(1, 2, 0.25), lambda o, x, y: o.arange(3.0),
               lambda o, x, y: o.arange(1, 7, 2, dtype="float32")],
    "argpartition": [lambda o, x, y: o.sum(o.argpartition(x, 1), axis=-1)],
    "append": [lambda o, x, y: o.append(x, y), lambda o, x, y: o.append(x, y, axis=1)],
    "array": [lambda o, x, y: o.array(x), lambda o, x, y: o.array([1, 2]), lambda o, x, y: o.array([1.0, 2]),
              lambda o, x, y: o.array(True), lambda o, x, y: o.array([1], "float16")],
    "array_split": [lambda o, x, y: o.array_split(x, 2, axis=1)],
    "associative_scan": [lambda o, x, y: o.associative_scan(lambda a, b: a + b, o.array(x), axis=1),
                         lambda o, x, y: o.associative_scan(lambda a, b: a * b, o.array(x), reverse=True)],
    "average": [lambda o, x, y: o.average(x, axis=1), lambda o, x, y: o.average(x, weights=_FLOATS),
                lambda o, x, y: o.average(x, axis=1, weights=np.array([1.0, 2.0, 3.0], "float32"))],
    "batch_normalization": [
        lambda o, x, y: o.batch_normalization(_FLOATS, _FLOATS[0], _FLOATS[1], 1, _FLOATS[0], _FLOATS[1])],
    "bincount": [lambda o, x, y: o.bincount(_IDS), lambda o, x, y: o.bincount(_IDS, minlength=5),
                 lambda o, x, y: o.bincount(_IDS, weights=_FLOATS[0]), lambda o, x, y: o.bincount(_IDS[None])],
    "broadcast_to": [lambda o, x, y: o.broadcast_to(x, (2, 2, 3))],
    "cast": [lambda o, x, y, d=d: o.cast(x, d) for d in ("float16", "int8", "bool", "float32")],
    "cdist": [lambda o, x, y: o.cdist(_FLOATS, _FLOATS + 1)],
    "cholesky": [lambda o, x, y: o.cholesky(_SQUARE), lambda o, x, y: o.cholesky(_SQUARE, upper=True)],
    "cholesky_inverse": [lambda o, x, y: o.cholesky_inverse(np.tril(_SQUARE))],
    "clip": [lambda o, x, y: o.clip(x, 0, 1), lambda o, x, y: o.clip(x, 0.2, 0.5), lambda o, x, y: o.clip(x, y, 3)],
    "concatenate": [lambda o, x, y: o.concatenate([x, y], axis=1), lambda o, x, y: o.concatenate([x, _FLOATS])],
    "cond": [lambda o, x, y: o.cond(x[0, 0] > 0, lambda: x, lambda: y)],
    "convert_to_tensor": [lambda o, x, y: o.convert_to_tensor(x), lambda o, x, y: o.convert_to_tensor(1.5),
                          lambda o, x, y: o.convert_to_tensor([[1, 2]], "float32")],
    "correlate": [lambda o, x, y, m=m: o.correlate(x.reshape(-1), y[0], m) for m in ("valid", "same", "full")],
    "corrcoef": [lambda o, x, y: o.corrcoef(_FLOATS), lambda o, x, y: o.corrcoef(_FLOATS[0])],
    "depth_to_space": [lambda o, x, y: o.depth_to_space(_DEEP, 2),
                       lambda o, x, y: o.depth_to_space(_DEEP.swapaxes(1, 3), 2, "channels_first")],
    "space_to_depth": [lambda o, x, y, f=f: o.space_to_depth(np.arange(96.0, dtype="float32").reshape(2, 2, 4, 6), 2, f)
                       for f in ("channels_last", "channels_first")],
    "extract_sequences": [lambda o, x, y: o.extract_sequences(np.arange(14.0, dtype="float32").reshape(2, 7), 3, 2)],
    "fft": [lambda o, x, y: o.fft((_FLOATS, 1 - _FLOATS))],
    "fft2": [lambda o, x, y: o.fft2((_FLOATS, 1 - _FLOATS))],
    "ifft2": [lambda o, x, y: o.ifft2((_FLOATS, 1 - _FLOATS))],
    "rfft": [lambda o, x, y, n=n: o.rfft(_FLOATS, n) for n in (None, 5)],
    "irfft": [lambda o, x, y, n=n: o.irfft((_FLOATS, 1 - _FLOATS), n) for n in (None, 7)],
    "stft": [lambda o, x, y, w=w, c=c: o.stft(_SIGNAL, 5, 3, 8, w, c)
             for w, c in (("hann", True), (_WINDOW, False))],
    "istft": [lambda o, x, y, w=w, c=c, n=n: o.istft((_FRAMES, 1 - _FRAMES), 5, 3, 8, n, w, c)
              for w, c, n in (("hamming", True, None), (None, False, 12))],
    "ctc_loss": [lambda o, x, y, b=b, n=n: o.ctc_loss(_LABELS, _LOGITS, [2, 3, 0], n, b)
                 for b, n in ((0, [6, 5, 4]), (3, [2, 6, 6]))],
    "ctc_decode": [lambda o, x, y: o.ctc_decode(_LOGITS, [6, 5, 4]),
                   lambda o, x, y: o.ctc_decode(_LOGITS, [6, 5, 1], merge_repeated=False, mask_index=3)],
    "psnr": [lambda o, x, y: o.psnr(_FLOATS, _FLOATS + 0.1, 2.0)],
    "rearrange": [lambda o, x, y, p=p: o.rearrange(o.array(np.arange(24.0, dtype="float32").reshape(2, 3, 4)), p, k=2)
                  for p in ("a b (c k) -> (a c) k b", "a b (k c) -> b (a k c)")],
    "cross": [lambda o, x, y: o.cross(x, y)],
    "cumprod": [lambda o, x, y: o.cumprod(x), lambda o, x, y: o.cumprod(x, axis=1)],
    "cumsum": [lambda o, x, y: o.cumsum(x), lambda o, x, y: o.cumsum(x, axis=0),
               lambda o, x, y: o.cumsum(x, 0, "int8")],
    "custom_gradient": [lambda o, x, y: o.custom_gradient(lambda v: (v * 2, lambda upstream: upstream))(_FLOATS)],
    "det": [lambda o, x, y: o.det(_SQUARE)],
    "diag": [lambda o, x, y: o.diag(x), lambda o, x, y: o.diag(x[0], k=1)],
    "diff": [lambda o, x, y: o.diff(x), lambda o, x, y: o.diff(x, n=2), lambda o, x, y: o.diff(x, axis=0)],
    "digitize": [lambda o, x, y: o.digitize(x, np.array([0.2, 0.5, 2.0], "float32"))],
    "dot": [lambda o, x, y: o.dot(x, np.transpose(y)), lambda o, x, y: o.dot(x, y[0])],
    "dot_product_attention": [
        lambda o, x, y: o.dot_product_attention(*[np.tile(_FLOATS, 4).reshape(1, 3, 2, 4)] * 3, is_causal=True),
        lambda o, x, y: o.dot_product_attention(*[np.tile(_FLOATS, 4).reshape(1, 3, 2, 4)] * 3, scale=0.3),
        lambda o, x, y: o.dot_product_attention(*[np.tile(_FLOATS, 4).reshape(1, 3, 2, 4)] * 3,
                                                mask=np.tri(3, dtype=bool)[None, None])],
    "dsplit": [lambda o, x, y: o.dsplit(x[None], 3)],
    "eigh": [lambda o, x, y: o.eigh(_SQUARE)[0], lambda o, x, y: o.abs(o.eigh(_SQUARE)[1])],
    "eig": [lambda o, x, y: o.sort(o.real(o.eig(_SQUARE)[0]))],
    "einsum": [lambda o, x, y: o.einsum("ij,kj->ik", x, y), lambda o, x, y: o.einsum("ij->j", x),
               lambda o, x, y: o.einsum("...j,j", _FLOATS, _FLOATS[0])],
    "elu": [lambda o, x, y: o.elu(x), lambda o, x, y: o.elu(_FLOATS - 0.5, 0.3)],
    "empty": [lambda o, x, y: o.shape(o.empty((2, 3)))],
    "empty_like": [lambda o, x, y: o.shape(o.empty_like(x))],
    "equal": [lambda o, x, y: o.equal(x, y), lambda o, x, y: o.equal(x, 1)],
    "expand_dims": [lambda o, x, y: o.expand_dims(x, 0), lambda o, x, y: o.expand_dims(x, (0, -1))],
    "eye": [lambda o, x, y: o.eye(3), lambda o, x, y: o.eye(2, 3, 1, "int32")],
    "flip": [lambda o, x, y: o.flip(x), lambda o, x, y: o.flip(x, 1)],
    "fori_loop": [lambda o, x, y: o.fori_loop(0, 3, lambda i, v: v + i, 1)],
    "full": [lambda o, x, y: o.full((2, 2), 3), lambda o, x, y: o.full((2, 2), 3.5, "int32")],
    "full_like": [lambda o, x, y: o.full_like(x, 1)],
    "gelu": [lambda o, x, y: o.gelu(x), lambda o, x, y: o.gelu(x, approximate=False)],
    "geomspace": [lambda o, x, y: o.geomspace(1.0, 8.0, 4)],
    "get_item": [lambda o, x, y: o.get_item(x, (slice(None), 1))],
    "fold": [lambda o, x, y: o.fold(np.arange(96, dtype="float32").reshape(2, 12, 4), (3, 3), 2)],
    "glu": [lambda o, x, y: o.glu(_FLOATS, axis=0)],
    "histogram": [lambda o, x, y: o.histogram(_FLOATS[0], 4), lambda o, x, y: o.histogram(_FLOATS[0], 2, (0.0, 1.0))],
    "hsplit": [lambda o, x, y: o.hsplit(x, 3)],
    "identity": [lambda o, x, y: o.identity(3)],
    "in_top_k": [lambda o, x, y: o.in_top_k(np.array([1, 2]), _FLOATS, 2)],
    "inv": [lambda o, x, y: o.inv(_SQUARE)],
    "kaiser": [lambda o, x, y: o.kaiser(5, 2.0)],
    "layer_normalization": [lambda o, x, y: o.layer_normalization(_FLOATS),
                            lambda o, x, y: o.layer_normalization(_FLOATS, _FLOATS[0], _FLOATS[1], epsilon=0.1),
                            lambda o, x, y: o.layer_normalization(_HALF, axis=0)],
    "ldexp": [lambda o, x, y: o.ldexp(_FLOATS, np.array([1, 2, 3]))],
    "linspace": [lambda o, x, y: o.linspace(0, 1, 5), lambda o, x, y: o.linspace(x, y, 3, endpoint=False),
                 lambda o, x, y: o.linspace(0.0, 2.0, 4, axis=-1, dtype="float16")],
    "logdet": [lambda o, x, y: o.logdet(_SQUARE)],
    "logspace": [lambda o, x, y: o.logspace(0.0, 2.0, 3)],
    "lstsq": [lambda o, x, y: o.lstsq(np.transpose(_FLOATS), _FLOATS[0])],
    "lu_factor": [lambda o, x, y: o.lu_factor(_SQUARE[::-1].copy())],
    "map": [lambda o, x, y: o.map(lambda v: o.add(v, 1), o.array(x))],
    "matmul": [lambda o, x, y: o.matmul(x, np.transpose(y)), lambda o, x, y: o.matmul(x, _FLOATS[0])],
    "matrix_rank": [lambda o, x, y: o.matrix_rank(_FLOATS)],
    "max": [lambda o, x, y: o.max(x), lambda o, x, y: o.max(x, 1, True), lambda o, x, y: o.max(x, initial=3)],
    "min": [lambda o, x, y: o.min(x), lambda o, x, y: o.min(x, (0, 1), True), lambda o, x, y: o.min(x, initial=0)],
    "meshgrid": [lambda o, x, y: o.meshgrid(x[0], y[1]), lambda o, x, y: o.meshgrid(x[0], y[1], indexing="ij")],
    "moments": [lambda o, x, y: o.moments(_FLOATS, [0]), lambda o, x, y: o.moments(_HALF, [0, 1], keepdims=True)],
    "moveaxis": [lambda o, x, y: o.moveaxis(x[None], 0, -1)],
    "multi_hot": [lambda o, x, y: o.multi_hot(np.array([[0, 2], [1, 1]]), 4), lambda o, x, y: o.multi_hot(_IDS, 4)],
    "nan_to_num": [lambda o, x, y: o.nan_to_num(_NAN), lambda o, x, y: o.nan_to_num(x, nan=3.0),
                   lambda o, x, y: o.nan_to_num(np.array([np.inf, -np.inf], "float32"), posinf=9.0)],
    "norm": [lambda o, x, y, p=p, a=a: o.norm(x, ord=p, axis=a) for p, a in (
        (None, None), (1, 0), (3, -1), (np.inf, 1), (-np.inf, 1), (0, 1), ("fro", (0, 1)), ("nuc", (0, 1)),
        (2, (0, 1)), (-1, (0, 1)), (None, (0, 1)), (-2, None))],
    "normalize": [lambda o, x, y, p=p: o.normalize(x, axis=0, order=p) for p in (1, 2, 3)],
    "one_hot": [lambda o, x, y: o.one_hot(_IDS, 4), lambda o, x, y: o.one_hot(np.array([[-1, 5], [0, 1]]), 3, axis=0),
                lambda o, x, y: o.one_hot(_IDS, 3, axis=1, dtype="int32")],
    "ones": [lambda o, x, y: o.ones((2, 3)), lambda o, x, y: o.ones(2, "int32")],
    "ones_like": [lambda o, x, y: o.ones_like(x), lambda o, x, y: o.ones_like(x, "float16")],
    "pad": [lambda o, x, y: o.pad(x, ((1, 0), (0, 2))), lambda o, x, y: o.pad(x, 1, mode="reflect"),
            lambda o, x, y: o.pad(x, ((1, 1), (2, 0)), mode="symmetric"),
            lambda o, x, y: o.pad(_FLOATS, ((0, 1), (0, 0)), constant_values=5.0)],
    "percentile": [lambda o, x, y: o.percentile(x, 30.0), lambda o, x, y: o.percentile(x, [20.0, 70.0], axis=1)],
    "pinv": [lambda o, x, y: o.pinv(_FLOATS)],
    "power": [lambda o, x, y: o.power(x, y), lambda o, x, y: o.power(x, 2), lambda o, x, y: o.power(x, 0.5)],
    "qr": [lambda o, x, y: [o.abs(v) for v in o.qr(_SQUARE)], lambda o, x, y: o.shape(o.qr(_FLOATS, "complete")[0])],
    "quantile": [lambda o, x, y, m=m: o.quantile(x, [0.15, 0.5, 0.9], axis=1, method=m, keepdims=True)
                 for m in ("linear", "lower", "higher", "midpoint", "nearest")],
    "nanquantile": [lambda o, x, y: o.nanquantile(_NAN, [0.15, 0.9], axis=1)],
    "nanpercentile": [lambda o, x, y: o.nanpercentile(_NAN, 30.0, axis=1, keepdims=True)],
    "repeat": [lambda o, x, y: o.repeat(x, 2), lambda o, x, y: o.repeat(x, np.array([1, 2, 0]), axis=1)],
    "reshape": [lambda o, x, y: o.reshape(x, (3, 2)), lambda o, x, y: o.reshape(x, (-1,))],
    "rms_normalization": [lambda o, x, y: o.rms_normalization(_FLOATS),
                          lambda o, x, y: o.rms_normalization(_FLOATS, _FLOATS[0], epsilon=0.1)],
    "roll": [lambda o, x, y: o.roll(x, 1), lambda o, x, y: o.roll(x, -1, axis=1)],
    "rot90": [lambda o, x, y, k=k: o.rot90(x, k) for k in (0, 1, 2, 3, -1)],
    "round": [lambda o, x, y: o.round(x), lambda o, x, y: o.round(_FLOATS * 10, 1)],
    "saturate_cast": [lambda o, x, y: o.saturate_cast(np.array([-300.7, 12.9, 1e9], "float32"), "int8"),
                      lambda o, x, y: o.saturate_cast(np.array([-3, 300], "int32"), "uint8"),
                      lambda o, x, y: o.saturate_cast(np.array([-3e9, 3e9, 7.5], "float32"), "int32")],
    "scan": [lambda o, x, y: o.scan(lambda c, v: (c + v, c * v), o.array(x[0]), o.array(x)),
             lambda o, x, y: o.scan(lambda c, v: (c + v, c + v), o.array(x[0]), o.array(x), reverse=True)],
    "scatter": [lambda o, x, y: o.scatter(np.array([[0, 1], [1, 0], [0, 1]]), _FLOATS[0], (2, 2))],
    "scatter_update": [lambda o, x, y, r=r: o.scatter_update(_FLOATS, np.array([[0, 1], [1, 0]]), _FLOATS[1, :2], r)
                       for r in (None, "add", "max", "min", "mul")],
    "searchsorted": [lambda o, x, y: o.searchsorted(np.array([0.2, 0.5, 3.0], "float32"), x.astype("float32"))],
    "segment_max": [lambda o, x, y: o.segment_max(x[0], _IDS, 3)],
    "segment_min": [lambda o, x, y: o.segment_min(x[0], _IDS, 3)],
    "segment_prod": [lambda o, x, y: o.segment_prod(x[0], _IDS, 4)],
    "segment_sum": [lambda o, x, y: o.segment_sum(x[0], _IDS, 4), lambda o, x, y: o.segment_sum(_FLOATS.T, _IDS, 2)],
    "select": [lambda o, x, y: o.select([x > 1, y > 1], [x, y], 0)],
    "slice": [lambda o, x, y: o.slice(o.array(x), np.array([1, 2]), (1, 2))],
    "slice_update": [lambda o, x, y: o.slice_update(o.array(x), np.array([1, 0]), o.array(y[:1, :2]))],
    "slogdet": [lambda o, x, y: o.slogdet(_SQUARE)],
    "softmax": [lambda o, x, y: o.softmax(x), lambda o, x, y: o.softmax(x, axis=0),
                lambda o, x, y: o.softmax(x, (0, 1)),
                lambda o, x, y: o.softmax(x, axis=None)],
    "log_softmax": [lambda o, x, y: o.log_softmax(x), lambda o, x, y: o.log_softmax(x, axis=0)],
    "solve": [lambda o, x, y: o.solve(_SQUARE, _FLOATS[0]), lambda o, x, y: o.solve(_SQUARE, _FLOATS.T)],
    "solve_triangular": [lambda o, x, y, low=low: o.solve_triangular(_SQUARE, _FLOATS.T, lower=low)
                         for low in (True, False)],
    "sort": [lambda o, x, y: o.sort(x), lambda o, x, y: o.sort(x, axis=0)],
    "split": [lambda o, x, y: o.split(x, 3, axis=1), lambda o, x, y: o.split(x, [1], axis=0)],
    "squeeze": [lambda o, x, y: o.squeeze(x[None]), lambda o, x, y: o.squeeze(x[:, :1], axis=1)],
    "stack": [lambda o, x, y: o.stack([x, y], axis=1), lambda o, x, y: o.stack([x, _FLOATS])],
    "svd": [lambda o, x, y: [o.abs(v) for v in o.svd(_FLOATS, full_matrices=False)],
            lambda o, x, y: o.svd(_FLOATS, compute_uv=False), lambda o, x, y: o.shape(o.svd(_FLOATS)[2])],
    "swapaxes": [lambda o, x, y: o.swapaxes(x, 0, 1)],
    "switch": [lambda o, x, y: o.switch(1, [lambda v: v, lambda v: v + v], o.array(x))],
    "take": [lambda o, x, y: o.take(x, _IDS), lambda o, x, y: o.take(x, np.array([[-1, 0]]), axis=1)],
    "take_along_axis": [lambda o, x, y: o.take_along_axis(x, np.array([[0], [2]]), axis=1)],
    "tensordot": [lambda o, x, y: o.tensordot(x, y), lambda o, x, y: o.tensordot(x, y, axes=[[1], [1]])],
    "threshold": [lambda o, x, y: o.threshold(x, 0.5, 0.1)],
    "tile": [lambda o, x, y: o.tile(x, 2), lambda o, x, y: o.tile(x, (2, 1, 2))],
    "top_k": [lambda o, x, y: o.top_k(x, 2), lambda o, x, y: o.top_k(np.array([1.0, 2.0, 2.0, 0.0], "float32"), 3)],
    "trapezoid": [lambda o, x, y: o.trapezoid(x), lambda o, x, y: o.trapezoid(x, dx=0.5, axis=0),
                  lambda o, x, y: o.trapezoid(_FLOATS, _FLOATS[0])],
    "tri": [lambda o, x, y: o.tri(3), lambda o, x, y: o.tri(2, 3, 1, "int32")],
    "unique": [lambda o, x, y: o.unique(x), lambda o, x, y: o.unique(x, return_index=True, return_counts=True),
               lambda o, x, y: o.unique(x[0], size=4, fill_value=0),
               lambda o, x, y: o.unique(_IDS, return_inverse=True)],
    "unfold": [lambda o, x, y: o.unfold(np.arange(54, dtype="float32").reshape(2, 3, 3, 3), 2)],
    "unravel_index": [lambda o, x, y: o.unravel_index(np.array([3, 5]), (2, 3))],
    "unstack": [lambda o, x, y: o.unstack(x, axis=1)],
    "vander": [lambda o, x, y: o.vander(x[0]), lambda o, x, y: o.vander(x[0], 2, increasing=True)],
    "vectorize": [lambda o, x, y: o.vectorize(lambda a, b: a + b)(o.array(x), o.array(y)),
                  lambda o, x, y: o.vectorize(lambda a, b: a * o.sum(b), excluded={1})(o.array(x), o.array(y)),
                  lambda o, x, y: o.vectorize(o.matmul, signature="(m,n),(n)->(m)")(o.array([x, y]), o.array(x[0])),
                  lambda o, x, y: o.vectorize(lambda a: (o.sum(a), a), signature="(n)->(),(n)")(o.array(x))],
    "vectorized_map": [lambda o, x, y: o.vectorized_map(lambda v: o.add(v, 1), o.array(x))],
    "view": [lambda o, x, y: o.view(_FLOATS, "int32")],
    "view_as_complex": [lambda o, x, y: o.view_as_complex(_FLOATS[:, :2])],
    "vsplit": [lambda o, x, y: o.vsplit(x, 2)],
    "where": [lambda o, x, y: o.where(x > 0, x, y), lambda o, x, y: o.where(x > 0, x, 0.5), lambda o, x, y: o.where(x)],
    "while_loop": [lambda o, x, y: o.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v + v), (0, o.array(x)))],
    "zeros": [lambda o, x, y: o.zeros((2, 3)), lambda o, x, y: o.zeros(2, "bool")],
    "dtype": [lambda o, x, y: np.zeros(1, o.dtype(o.array(x)))],
    "jvp": [lambda o, x, y: o.jvp(lambda v: v * v, (o.array(_FLOATS),), (o.array(_FLOATS),))],
    "stop_gradient": [lambda o, x, y: o.stop_gradient(o.array(x))],
    "is_tensor": [lambda o, x, y: o.is_tensor(o.array(x)), lambda o, x, y: o.is_tensor([1])],
    "categorical_crossentropy": [lambda o, x, y: o.categorical_crossentropy(_FLOATS, _FLOATS),
                                 lambda o, x, y: o.categorical_crossentropy(_FLOATS, _FLOATS, from_logits=True)],
    "sparse_categorical_crossentropy": [lambda o, x, y: o.sparse_categorical_crossentropy(_IDS[:2], _FLOATS),
                                        lambda o, x, y: o.sparse_categorical_crossentropy(_IDS[:2], _FLOATS, True)],
    "binary_crossentropy": [lambda o, x, y: o.binary_crossentropy(_FLOATS, _FLOATS),
                            lambda o, x, y: o.binary_crossentropy(_FLOATS, _FLOATS, True)],
}  # fmt: skip


def _table(names: str, *calls: Callable[..., Any]) -> None:
    """Enter the same calls, `(f, x, y)`, for several functions."""
    for name in names.split():
        _CALLS[name] = [
            lambda o, x, y, name=name, call=call: call(getattr(o, name), x, y)  # type: ignore[misc]
            for call in calls
        ]


_table("bartlett blackman hamming hanning", lambda f, x, y: f(5))
_table("conv", lambda f, x, y: f(x[..., None], y.reshape(2, 1, 3)))
_table("conv_transpose", lambda f, x, y: f(x[..., None], y.reshape(2, 3, 1)))
_table("depthwise_conv", lambda f, x, y: f(x[..., None], y.reshape(2, 1, 3)))
_table("separable_conv", lambda f, x, y: f(x[..., None], y[:, :2].reshape(2, 1, 2), y[:, :2].reshape(1, 2, 2)))
_table("max_pool average_pool", lambda f, x, y: f(x[..., None], 2, 1))
_table("adaptive_average_pool adaptive_max_pool", lambda f, x, y: f(x[..., None], 2))
_table("hstack vstack dstack", lambda f, x, y: f([x, y]))
_REDUCED = (lambda f, x, y: f(x), lambda f, x, y: f(x, axis=1), lambda f, x, y: f(x, axis=(0, 1), keepdims=True))
_table("sum mean prod var std all any amax amin ptp logsumexp median", *_REDUCED)
_table("nansum nanprod nanmean nanvar nanstd nanmax nanmin nanmedian", *_REDUCED, lambda f, x, y: f(_NAN, axis=1))
_table("argmax argmin nanargmax nanargmin", lambda f, x, y: f(x), lambda f, x, y: f(x, axis=1, keepdims=True))
_table(
    "add subtract multiply divide maximum minimum less greater not_equal less_equal greater_equal",
    lambda f, x, y: f(x, y + y),
    lambda f, x, y: f(x, _FLOATS),
    lambda f, x, y: f(x, 2),
    lambda f, x, y: f(2.5, x),
    lambda f, x, y: f(x, _HALF),
    lambda f, x, y: f(x, np.array([[2, 3, 4]], "uint8")),
)
_PROMOTING = ("add", "multiply", "divide", "maximum", "less")
_table("mod fmod floor_divide", lambda f, x, y: f(x, np.maximum(y, np.ones((), y.dtype))), lambda f, x, y: f(-x, 2.0))

# Where this library means to differ, or what is no function of arrays.
_EXEMPT = {
    "convert_to_numpy": "returns a NumPy array in both",
    "sparsemax": "Keras's does not add to one: its threshold sums all partial sums in place of the last",
}


def _default(name: str) -> list[Call]:
    function = getattr(ops, name)
    signature = inspect.signature(function.forward if isinstance(function, Composite) else function)
    needed = [p for p in signature.parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    assert len(needed) <= 2, f"{name} needs an entry in the table"
    if len(needed) == 1:
        return [lambda o, x, y: getattr(o, name)(x)]
    return [lambda o, x, y: getattr(o, name)(x, y), lambda o, x, y: getattr(o, name)(x, _FLOATS)]


def _leaves(outputs: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in nest.flatten(outputs)]


@pytest.mark.parametrize("name", [name for name in ops.__all__ if name not in _EXEMPT])
def test_value_and_dtype(name: str) -> None:
    compared = 0
    for i, call in enumerate(_CALLS.get(name) or _default(name)):
        # Keras compiles every operation for every dtype: the further calls of a function, which differ in its
        # options, are compared for one
        for x, y in _INPUTS.values() if i == 0 or name in _PROMOTING else [_INPUTS["float32"]]:
            try:
                with np.errstate(all="ignore"):
                    expected = _leaves(call(keras.ops, x, y))
            except Exception:  # Keras itself does not take these dtypes
                continue
            with np.errstate(all="ignore"):
                found = _leaves(call(ops, x, y))
            compared += 1
            assert len(found) == len(expected)
            for got, wanted in zip(found, expected, strict=True):
                assert got.shape == wanted.shape
                assert standardize_dtype(got.dtype) == standardize_dtype(wanted.dtype)
                near = 2e-3 if got.dtype == np.float16 else 3e-6
                np.testing.assert_allclose(got, wanted, rtol=near, atol=near)
    assert compared


def test_every_public_name_is_keras_s() -> None:
    assert set(ops.__all__) <= set(dir(keras.ops))
    assert all(callable(getattr(ops, name)) for name in ops.__all__)
