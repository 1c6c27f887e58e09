"""Operations made of several, computed in one go because networks spend their time in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import dtype_of, promote
from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor

# Activations computed in place on the weighted sums, and their slope told from the output alone.
IN_PLACE: dict[str, Callable[[np.ndarray], Any]] = {
    "relu": lambda y: np.maximum(y, 0, out=y),
    "tanh": lambda y: np.tanh(y, out=y),
}
_SLOPE: dict[str, Callable[[Any], Any]] = {
    "relu": lambda y: y > 0,
    "tanh": lambda y: 1 - y * y,
}
FUSED_ACTIVATIONS = tuple(IN_PLACE)


def _dense_forward(x: Any, kernel: Any, bias: Any = None, *, activation: str | None = None) -> Any:
    if x.dtype != kernel.dtype:
        x, kernel = promote(x, kernel)
    y = np.dot(x, kernel) if x.ndim == 2 else np.matmul(x, kernel)
    if bias is not None:
        y += bias
    if activation is not None:
        IN_PLACE[activation](y)
    return y


def delta_of(g: Any, y: Any, activation: str | None) -> Any:
    """The gradient with respect to the weighted sums."""
    return g if activation is None else g * _SLOPE[activation](y)


def _rows(a: Any) -> Any:
    return a if np.ndim(a) == 2 else np.reshape(a, (-1, np.shape(a)[-1]))


def _dense_vjp_x(g: Any, y: Any, x: Any, kernel: Any, bias: Any = None, *, activation: str | None = None) -> Any:
    return np.matmul(delta_of(g, y, activation), np.transpose(kernel))


def _dense_vjp_kernel(g: Any, y: Any, x: Any, kernel: Any, bias: Any = None, *, activation: str | None = None) -> Any:
    return np.matmul(np.transpose(_rows(x)), _rows(delta_of(g, y, activation)))


def _dense_vjp_bias(g: Any, y: Any, x: Any, kernel: Any, bias: Any = None, *, activation: str | None = None) -> Any:
    return np.sum(_rows(delta_of(g, y, activation)), axis=0)


def _dense_backward(
    g: np.ndarray, y: np.ndarray, arrays: list[Any], params: dict[str, Any], needs: list[bool], into: list[Any]
) -> list[Any]:
    """All three gradients from one delta, written where the caller keeps them."""
    x, kernel = arrays[0], arrays[1]
    delta = delta_of(g, y, params.get("activation"))
    rows = _rows(delta)
    shares: list[Any] = [None] * len(arrays)
    if needs[1]:
        inputs = _rows(x)
        if inputs.dtype != rows.dtype:
            inputs = inputs.astype(rows.dtype)
        shares[1] = np.matmul(inputs.T, rows, out=into[1])
    if len(needs) > 2 and needs[2]:
        shares[2] = np.add.reduce(rows, axis=0, out=into[2])
    if needs[0]:
        shares[0] = np.matmul(delta, kernel.T)
    return shares


def _dense_spec(x: Any, kernel: Any, bias: Any = None, *, activation: str | None = None) -> KerasTensor:
    return KerasTensor((*x.shape[:-1], kernel.shape[-1]), dtypes.result_type(dtype_of(x), kernel.dtype))


dense = primitive(
    "dense",
    _dense_forward,
    _dense_vjp_x,
    _dense_vjp_kernel,
    _dense_vjp_bias,
    backward=_dense_backward,
    shape=_dense_spec,
    optional=True,
    doc="""`activation(x @ kernel + bias)`: a layer of perceptrons.

    With delta = g * activation'(y) the gradients are delta @ kernel.T, x.T @ delta and the sum of delta's rows.
    """,
)
