"""NumPy's own functions on tensors: they compute what NumPy computes, are differentiated, or refuse by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kerasish.ops  # noqa: F401 (declares the rules)
from kerasish.backend import nest
from kerasish.backend.primitive import NUMPY_RULES
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable

_X = np.array([[0.3, 0.7, 0.2], [0.9, 0.1, 0.4]])
_Y = np.array([[0.5, 0.2, 0.6], [0.8, 0.3, 0.1]])
_S = np.array([[2.0, 0.3], [0.3, 1.0]])

# For each NumPy function the calls that are compared with NumPy on plain arrays; by default one of one or two arrays.
_CALLS: dict[Any, list[Callable[[Any], Any]]] = {
    np.sum: [np.sum, lambda x: np.sum(x, axis=0), lambda x: np.sum(x, 1, keepdims=True), lambda x: x.sum(axis=(0, 1)),
             np.add.reduce, lambda x: np.sum(x, axis=0, dtype="float64")],
    np.mean: [np.mean, lambda x: np.mean(x, axis=-1, keepdims=True), lambda x: x.mean(0)],
    np.prod: [np.prod, lambda x: x.prod(axis=1)],
    np.max: [np.max, lambda x: x.max(axis=0, keepdims=True), lambda x: np.maximum.reduce(x, axis=1)],
    np.min: [np.min, lambda x: x.min(axis=0)],
    np.var: [np.var, lambda x: np.var(x, axis=0, ddof=1), lambda x: x.var(axis=1)],
    np.std: [np.std, lambda x: np.std(x, axis=0, ddof=1), lambda x: x.std(axis=1)],
    np.argmax: [np.argmax, lambda x: x.argmax(axis=1)],
    np.cumsum: [np.cumsum, lambda x: x.cumsum(axis=1)],
    np.average: [np.average, lambda x: np.average(x, axis=0, weights=np.array([1.0, 3.0]))],
    np.median: [np.median, lambda x: np.median(x, axis=1, keepdims=True)],
    np.quantile: [lambda x: np.quantile(x, 0.3), lambda x: np.quantile(x, [0.1, 0.9], axis=1, method="lower")],
    np.percentile: [lambda x: np.percentile(x, 30, axis=0)],
    np.clip: [lambda x: np.clip(x, 0.2, 0.6), lambda x: np.clip(x, None, 0.5), lambda x: x.clip(min=0.3)],
    np.where: [lambda x: np.where(_X > 0.4, x, 0.0), lambda x: np.where(x > 0.4, 1.0, x), lambda x: np.where(x > 0.4)],
    np.power: [lambda x: np.power(x, 2), lambda x: x**3, lambda x: 2**x, lambda x: np.power(x, x)],
    np.reshape: [lambda x: np.reshape(x, (3, 2)), lambda x: np.reshape(x, -1), lambda x: x.reshape(3, 2),
                 lambda x: np.reshape(x, shape=(6,)), lambda x: x.flatten()],
    np.transpose: [np.transpose, lambda x: np.transpose(x, (1, 0)), lambda x: x.T, lambda x: x.transpose(1, 0)],
    np.swapaxes: [lambda x: np.swapaxes(x, 0, 1)],
    np.moveaxis: [lambda x: np.moveaxis(x, 0, -1)],
    np.squeeze: [lambda x: np.squeeze(x[:1]), lambda x: np.squeeze(x[:, :1], axis=1), lambda x: x[:1].squeeze(0)],
    np.expand_dims: [lambda x: np.expand_dims(x, 1), lambda x: np.expand_dims(x, axis=(0, -1))],
    np.broadcast_to: [lambda x: np.broadcast_to(x, (4, 2, 3))],
    np.concatenate: [lambda x: np.concatenate([x, _Y]), lambda x: np.concatenate((_Y, x, x), axis=1),
                     lambda x: np.concatenate([x, x], axis=None)],
    np.stack: [lambda x: np.stack([x, _Y], axis=1)],
    np.append: [lambda x: np.append(x, _Y), lambda x: np.append(x, _Y, axis=0)],
    np.hstack: [lambda x: np.hstack([x, _Y])],
    np.vstack: [lambda x: np.vstack([x, _Y])],
    np.dstack: [lambda x: np.dstack([x, _Y])],
    np.split: [lambda x: np.split(x, 3, axis=1), lambda x: np.split(x, [1], axis=0)],
    np.array_split: [lambda x: np.array_split(x, 2, axis=1)],
    np.hsplit: [lambda x: np.hsplit(x, 3)],
    np.vsplit: [lambda x: np.vsplit(x, 2)],
    np.dsplit: [lambda x: np.dsplit(np.expand_dims(x, -1), 1)],
    np.tile: [lambda x: np.tile(x, 2), lambda x: np.tile(x, (2, 1, 2))],
    np.repeat: [lambda x: np.repeat(x, 2), lambda x: np.repeat(x, [1, 2], axis=0), lambda x: x.repeat(2, axis=1)],
    np.roll: [lambda x: np.roll(x, 1), lambda x: np.roll(x, (1, -1), axis=(0, 1))],
    np.rot90: [np.rot90, lambda x: np.rot90(x, 2)],
    np.pad: [lambda x: np.pad(x, 1), lambda x: np.pad(x, ((0, 1), (1, 0)), mode="reflect"),
             lambda x: np.pad(x, 1, constant_values=2.0)],
    np.take: [lambda x: np.take(x, [0, 2]), lambda x: np.take(x, np.array([[0], [2]]), axis=1), lambda x: x.take([1])],
    np.take_along_axis: [lambda x: np.take_along_axis(x, np.array([[0], [2]]), axis=1)],
    np.diagonal: [np.diagonal, lambda x: np.diagonal(x, 1), lambda x: x.diagonal()],
    np.diag: [np.diag, lambda x: np.diag(x[0], 1)],
    np.tril: [np.tril, lambda x: np.tril(x, -1)],
    np.triu: [np.triu],
    np.meshgrid: [lambda x: np.meshgrid(x[0], x[1]), lambda x: np.meshgrid(x[0], x[1], indexing="ij")],
    np.sort: [np.sort, lambda x: np.sort(x, axis=0), lambda x: np.sort(x, axis=None)],
    np.argsort: [np.argsort, lambda x: np.argsort(x, axis=0)],
    np.argpartition: [lambda x: np.argpartition(x, 1)],
    np.searchsorted: [lambda x: np.searchsorted(np.array([0.2, 0.5]), x)],
    np.digitize: [lambda x: np.digitize(x, np.array([0.2, 0.5]))],
    np.isin: [lambda x: np.isin(x, [0.3, 0.1])],
    np.bincount: [lambda x: np.bincount(np.array([0, 2, 2]), x[0])],
    np.histogram: [lambda x: np.histogram(x, 3)],
    np.matmul: [lambda x: np.matmul(x, _Y.T), lambda x: x @ _Y.T, lambda x: _Y.T @ x, lambda x: _Y @ x[0],
                lambda x: x[None] @ _Y.T],
    np.dot: [lambda x: np.dot(x, _Y.T), lambda x: x.dot(_Y[0])],
    np.tensordot: [lambda x: np.tensordot(x, _Y), lambda x: np.tensordot(x, _Y, axes=([1], [1]))],
    np.einsum: [lambda x: np.einsum("ij,kj->ik", x, _Y), lambda x: np.einsum("ij->", x)],
    np.correlate: [lambda x: np.correlate(x[0], _Y[1]), lambda x: np.correlate(x[0], x.flatten(), mode="same"),
                   lambda x: np.correlate(x.flatten(), _Y[0], "full")],
    np.vdot: [lambda x: np.vdot(x, _Y)],
    np.cross: [lambda x: np.cross(x, _Y), lambda x: np.cross(x, _Y, axis=1)],
    np.trapezoid: [np.trapezoid, lambda x: np.trapezoid(x, dx=0.5, axis=0)],
    np.diff: [np.diff, lambda x: np.diff(x, n=2, axis=1)],
    np.linspace: [lambda x: np.linspace(x, 2 * x, 4), lambda x: np.linspace(x[0], x[1], num=3, endpoint=False)],
    np.vander: [lambda x: np.vander(x[0])],
    np.nan_to_num: [lambda x: np.nan_to_num(np.where(_X > 0.25, np.inf, x), posinf=3.0)],
    np.ldexp: [lambda x: np.ldexp(x, 2)],
    np.gcd: [lambda x: np.gcd((x * 10).astype("int32"), 4)],
    np.lcm: [lambda x: np.lcm((x * 10).astype("int32"), 4)],
    np.bitwise_and: [lambda x: (x * 10).astype("int32") & 3],
    np.bitwise_or: [lambda x: (x * 10).astype("int32") | 3],
    np.bitwise_xor: [lambda x: (x * 10).astype("int32") ^ 3],
    np.left_shift: [lambda x: (x * 10).astype("int32") << 1],
    np.right_shift: [lambda x: (x * 10).astype("int32") >> 1],
    np.invert: [lambda x: ~(x > 0.4)],
    np.full_like: [lambda x: np.full_like(x, 2.0)],
    np.empty_like: [lambda x: np.shape(np.empty_like(x))],
    np.arccosh: [lambda x: np.arccosh(x + 1)],
    np.round: [np.round, lambda x: np.round(x, 1), lambda x: x.round(1)],
    np.count_nonzero: [np.count_nonzero, lambda x: np.count_nonzero(x, axis=0)],
    np.linalg.det: [lambda x: np.linalg.det(x[:, :2] + _S)],
    np.linalg.inv: [lambda x: np.linalg.inv(x[:, :2] + _S)],
    np.linalg.slogdet: [lambda x: list(np.linalg.slogdet(x[:, :2] + _S))],
    np.linalg.eigh: [lambda x: np.linalg.eigh(x[:, :2] @ x[:, :2].T)[0]],
    np.linalg.eig: [lambda x: np.linalg.eig(x[:, :2] @ x[:, :2].T)[0]],
    np.linalg.cholesky: [lambda x: np.linalg.cholesky(x @ x.T)],
    np.linalg.solve: [lambda x: np.linalg.solve(_S, x), lambda x: np.linalg.solve(x[:, :2], _Y[:, 0])],
    np.linalg.qr: [lambda x: list(np.linalg.qr(x.T))],
    np.linalg.svd: [lambda x: np.linalg.svd(x, full_matrices=False)[1], lambda x: np.linalg.svd(x, compute_uv=False)],
    np.linalg.pinv: [np.linalg.pinv],
    np.linalg.norm: [np.linalg.norm, lambda x: np.linalg.norm(x, axis=1), lambda x: np.linalg.norm(x, ord=1, axis=0),
                     lambda x: np.linalg.norm(x, "nuc")],
}  # fmt: skip
for _reduction in (np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nanmedian,
                   np.nanargmax, np.nanargmin):  # fmt: skip
    _CALLS[_reduction] = [lambda x, f=_reduction: f(np.where(_X > 0.8, np.nan, x), axis=1, keepdims=True)]


def _default(function: Any) -> list[Callable[[Any], Any]]:
    if isinstance(function, np.ufunc) and function.nin == 2:
        return [lambda x: function(x, _Y), lambda x: function(_Y, x), lambda x: function(x, 0.5)]
    if function in (np.outer, np.inner, np.kron, np.isclose, np.allclose):
        return [lambda x: function(x, _Y)]
    return [function]


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}" if hasattr(function, "__module__") else function.__name__


def _plain(outputs: Any) -> list[np.ndarray]:
    return [np.asarray(y.value if isinstance(y, Tensor) else y) for y in nest.flatten(outputs)]


def test_what_is_called_below_has_a_rule() -> None:
    assert [_name(function) for function in _CALLS if function not in NUMPY_RULES] == []


@pytest.mark.parametrize("function", sorted(NUMPY_RULES, key=_name), ids=_name)
def test_a_rule_means_what_numpy_means(function: Any) -> None:
    for call in _CALLS.get(function) or _default(function):
        expected = _plain(call(_X))
        with GradientTape() as tape:
            found = _plain(call(tape.watch(_X)))
        variable = _plain(call(Variable(_X)))
        for got in (found, variable):
            assert len(got) == len(expected)
            for y, z in zip(got, expected, strict=True):
                assert y.shape == z.shape
                assert y.dtype.kind == z.dtype.kind
                np.testing.assert_allclose(y, z, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (np.fft.fft, "numpy.fft.fft"),
        (lambda x: np.interp(x, [0.0, 1.0], [0.0, 2.0]), "numpy.interp"),
        (lambda x: np.convolve(x[0], x[1]), "numpy.convolve"),
        (np.spacing, "numpy.spacing"),
        (np.frexp, "numpy.frexp"),
        (np.add.accumulate, "numpy.add.accumulate"),
        (lambda x: np.multiply.outer(x, x), "numpy.multiply.outer"),
        (lambda x: np.apply_along_axis(np.sum, 0, x), "numpy.apply_along_axis"),
    ],
)
def test_what_has_no_rule_refuses_by_name(call: Any, name: str) -> None:
    with GradientTape() as tape:
        x = tape.watch(_X)
        with pytest.raises(TypeError, match=name):
            call(x)


def test_unknown_options_are_refused() -> None:
    with GradientTape() as tape:
        x = tape.watch(_X)
        for call in (
            lambda: np.sum(x, where=_X > 0.5),
            lambda: np.max(x, initial=3.0),
            lambda: np.exp(x, where=_X > 0.5),
            lambda: np.reshape(x, (3, 2), order="F"),
            lambda: np.take(x, [0], mode="clip"),
            lambda: np.add(x, 1.0, out=np.zeros_like(_X)),
        ):
            with pytest.raises(TypeError):
                call()


def test_a_tensor_does_not_become_an_array_under_a_tape() -> None:
    with GradientTape() as tape:
        x = tape.watch(_X)
        with pytest.raises(TypeError, match="gradient would be lost"):
            np.asarray(x)
    np.testing.assert_array_equal(np.asarray(x), _X)


def test_numpy_on_symbolic_tensors() -> None:
    x = KerasTensor((None, 3))
    assert np.tanh(x).shape == (None, 3)
    assert np.sum(x, axis=0).shape == (3,)
    assert np.concatenate([x, x], axis=1).shape == (None, 6)
    with pytest.raises(TypeError, match=r"numpy.fft.* symbolic"):
        np.fft.fft(x)
