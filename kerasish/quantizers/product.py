"""Products of inputs with weights in few bits, and vectors looked up in such a table.

NumPy multiplies whole numbers without BLAS, a hundred times slower than floats. But sums of up to 1040 products of
numbers up to 127 are exact in single precision, so parts of the weights become floats, in an array that fits the cache,
and BLAS multiplies these. The whole weight becomes floats only for a gradient, or where an equation is no product of
matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import dtype_of
from kerasish.backend.primitive import Primitive
from kerasish.backend.tensor import Tensor
from kerasish.ops.contraction import einsum
from kerasish.ops.fused import rows_of
from kerasish.quantizers.stored import Stored

# Rows and columns of a part: 2 MB as floats. Both even, because two numbers of four bits share a byte.
_ROWS, _COLUMNS = 1024, 512


def _in_parts(inputs: np.ndarray, stored: Stored, kept: np.ndarray, *scales: Any) -> np.ndarray:
    """The product of a matrix with the whole numbers of the weight (with its real ones, where it has blocks)."""
    count, length, width = len(inputs), stored.layout.rows, stored.layout.columns
    sums = np.empty((count, width), np.float32)
    for left in range(0, width, _COLUMNS):
        columns = slice(left, left + _COLUMNS)
        into = sums[:, columns]
        for top in range(0, length, _ROWS):
            rows = slice(top, top + _ROWS)
            part = stored.tile(kept, rows, columns, *scales)
            if top:
                into += np.matmul(inputs[:, rows], part)
            else:
                np.matmul(inputs[:, rows], part, out=into)
    return sums


def _forward(
    x: np.ndarray,
    kept: np.ndarray,
    scale: np.ndarray,
    *rest: np.ndarray,
    stored: Stored,
    quantizer: Callable[..., Any] | None,
    summed: int,
    equation: str,
    axes: tuple[int, ...],
) -> np.ndarray:
    single = x.astype(np.float32, copy=False)
    if not summed:
        if quantizer is not None:
            whole, size = quantizer(single, axis=axes)
            single = whole.astype(np.float32) / size
        y = einsum(equation, single, stored.decode(kept, scale, *rest))
        return np.asarray(y).astype(x.dtype, copy=False)
    inputs, size = rows_of(single, summed), None
    if inputs.shape[1] != stored.layout.rows:
        raise ValueError(
            f"a weight of shape {stored.layout.shape} is summed over {stored.layout.rows} numbers; received inputs of "
            f"shape {x.shape}, of which that would be {inputs.shape[1]}"
        )
    if quantizer is not None:
        inputs, size = quantizer(inputs, axis=-1)
        inputs = inputs.astype(np.float32)
    y = _in_parts(np.asarray(inputs), stored, kept, scale, *rest)
    if not stored.block:
        y /= scale.reshape(-1)
    if size is not None:
        y /= size
    free = () if stored.layout.turned else stored.layout.shape[summed:]
    return y.reshape(*x.shape[: x.ndim - summed], *(free or (stored.layout.columns,))).astype(x.dtype, copy=False)


def _plain(x: Any) -> np.ndarray:
    return x.value if isinstance(x, Tensor) else x


def _vjp(i: int, g: Any, y: Any, x: Any, kept: Any, *scales: Any, stored: Stored, **settings: Any) -> Any:
    """The gradient of the inputs is that of a product with the weight as it is in real numbers, rounding or not."""
    if i:
        return None
    weight = stored.decode(_plain(kept), *map(_plain, scales)).astype(dtypes.numpy_dtype(dtype_of(g)))
    if not settings["summed"]:
        inputs, kernel, output = _letters(settings["equation"])
        return einsum(f"{output},{kernel}->{inputs}", g, weight)
    matrix = weight if stored.layout.turned else weight.reshape(stored.layout.rows, stored.layout.columns).T
    free = np.ndim(g) - (np.ndim(x) - settings["summed"])
    return np.reshape(np.matmul(rows_of(g, free), matrix), np.shape(x))


def _letters(equation: str) -> tuple[str, str, str]:
    """The axes of inputs, weight and output in an equation."""
    left, _, output = equation.partition("->")
    inputs, _, kernel = left.partition(",")
    return inputs, kernel, output


def _backward(
    g: np.ndarray, y: np.ndarray, arrays: list[Any], params: dict[str, Any], needs: list[bool], into: list[Any]
) -> list[Any]:
    return [np.asarray(_vjp(0, g, y, *arrays, **params)) if needs[0] else None, *(None for _ in arrays[1:])]


product = Primitive(
    "quantized_product",
    _forward,
    _vjp,
    _backward,
    doc="""The inputs times a weight in few bits, summed over axes.

    Arguments: inputs, and of the weight what is kept, the scales, and where there are blocks the zeros and the block of
    each row. Parameters: `stored`; `quantizer`, which makes whole numbers of the inputs, or None; `summed`, how many
    axes are summed where it comes down to a product of matrices, otherwise 0 and an `equation`; `axes` of the inputs
    that share a scale then.
    """,
)


def _rows_forward(
    places: np.ndarray, kept: np.ndarray, scale: np.ndarray, *rest: np.ndarray, stored: Stored, kind: str
) -> np.ndarray:
    return stored.rows_at(kept, places, scale, *rest).astype(dtypes.numpy_dtype(kind), copy=False)


# Vectors of a table by their indices. What is in few bits has no gradient.
rows = Primitive("quantized_rows", _rows_forward)
