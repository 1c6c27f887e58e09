"""Operations made of several, computed in one go because networks spend their time in them."""

from __future__ import annotations

import math
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


def rows_of(x: Any, axes: int = 1) -> Any:
    """An array as a matrix: its last axes together are the columns."""
    if np.ndim(x) == 2 and axes == 1:
        return x
    shape = np.shape(x)
    cut = len(shape) - axes
    return np.reshape(x, (math.prod(shape[:cut]), math.prod(shape[cut:])))


def _dense_forward(x: Any, kernel: Any, bias: Any = None, *, activation: str | None = None, summed: int = 1) -> Any:
    if x.dtype != kernel.dtype:
        x, kernel = promote(x, kernel)
    y = np.dot(rows_of(x, summed), rows_of(kernel, kernel.ndim - summed))
    if bias is not None:
        y += bias.reshape(-1)
    if activation is not None:
        IN_PLACE[activation](y)
    return y.reshape(*x.shape[: x.ndim - summed], *kernel.shape[summed:])


def delta_of(g: Any, y: Any, activation: str | None) -> Any:
    """The gradient with respect to the weighted sums."""
    return g if activation is None else g * _SLOPE[activation](y)


def _matrices(g: Any, y: Any, x: Any, kernel: Any, activation: str | None, summed: int) -> tuple[Any, Any, Any]:
    """The gradient of the weighted sums, the inputs, and the kernel."""
    free = np.ndim(kernel) - summed
    return rows_of(delta_of(g, y, activation), free), rows_of(x, summed), rows_of(kernel, free)


def _dense_vjp(
    i: int, g: Any, y: Any, x: Any, kernel: Any, bias: Any = None, *, activation: str | None = None, summed: int = 1
) -> Any:
    delta, rows, matrix = _matrices(g, y, x, kernel, activation, summed)
    if i == 0:
        return np.reshape(np.matmul(delta, np.transpose(matrix)), np.shape(x))
    if i == 1:
        return np.reshape(np.matmul(np.transpose(rows), delta), np.shape(kernel))
    return np.reshape(np.sum(delta, axis=0), np.shape(bias))


def _dense_backward(
    g: np.ndarray, y: np.ndarray, arrays: list[Any], params: dict[str, Any], needs: list[bool], into: list[Any]
) -> list[Any]:
    """All three gradients from one delta, written where the caller keeps them."""
    x, kernel = arrays[0], arrays[1]
    delta, rows, matrix = _matrices(g, y, x, kernel, params.get("activation"), params.get("summed", 1))
    shares: list[Any] = [None] * len(arrays)
    if needs[1]:
        rows = rows if rows.dtype == delta.dtype else rows.astype(delta.dtype)
        out = None if into[1] is None else into[1].reshape(matrix.shape)
        shares[1] = _home(np.matmul(rows.T, delta, out=out), kernel, into[1])
    if len(needs) > 2 and needs[2]:
        out = None if into[2] is None else into[2].reshape(-1)
        shares[2] = _home(np.add.reduce(delta, axis=0, out=out), arrays[2], into[2])
    if needs[0]:
        shares[0] = np.matmul(delta, matrix.T).reshape(x.shape)
    return shares


def _home(made: np.ndarray, argument: np.ndarray, place: Any) -> np.ndarray:
    """A gradient in its argument's shape; the very array, if it was written where it is kept."""
    return made.reshape(argument.shape) if place is None else place


def _dense_spec(
    x: Any, kernel: Any, bias: Any = None, *, activation: str | None = None, summed: int = 1
) -> KerasTensor:
    shape = (*x.shape[: len(x.shape) - summed], *kernel.shape[summed:])
    return KerasTensor(shape, dtypes.result_type(dtype_of(x), kernel.dtype))


dense = primitive(
    "dense",
    _dense_forward,
    variadic=_dense_vjp,
    backward=_dense_backward,
    shape=_dense_spec,
    optional=True,
    doc="""`activation(x @ kernel + bias)`: a layer of perceptrons.

    With delta = g * activation'(y) the gradients are delta @ kernel.T, x.T @ delta and the sum of delta's rows.

    Parameters: `activation`; `summed`, how many axes of inputs and kernel the sum goes over, 1 by default: the last of
    the inputs, the first of the kernel, whose others, and the bias's, are the output's last.
    """,
    plan="kerasish.ops.plans.dense:dense",
)
