"""Draws from distributions; each is a function of its seed alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import to_array
from kerasish.backend.random import generator
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor, Traceable
from kerasish.backend.trace import drawn
from kerasish.backend.typing import DTypeLike, Seed
from kerasish.ops.composite import composite
from kerasish.ops.core import convert_to_numpy
from kerasish.ops.indexing import take


def _float_dtype(dtype: DTypeLike, name: str) -> np.dtype[Any]:
    kind = dtypes.standardize_dtype(dtype)
    if not dtypes.is_float_dtype(kind):
        raise ValueError(f"keras.random.{name} draws floats; received dtype={kind!r}")
    return dtypes.numpy_dtype(kind)


def _sizes(shape: Any) -> tuple[int, ...]:
    return tuple(int(n) for n in shape)


def _scaled(x: np.ndarray, scale: Any, shift: Any) -> Any:
    """`scale x + shift` in the dtype of `x`, in place unless a gradient must pass."""
    if isinstance(scale, Traceable) or isinstance(shift, Traceable):
        return x * scale + shift
    if not (isinstance(scale, float) and scale == 1.0):
        x *= scale
    if not (isinstance(shift, float) and shift == 0.0):
        x += shift
    return x


def _standard_normal(rng: np.random.Generator, shape: tuple[int, ...], kind: np.dtype[Any]) -> np.ndarray:
    return np.asarray(rng.standard_normal(shape, np.float64 if kind.itemsize == 8 else np.float32), kind)


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: DTypeLike = None, seed: Seed = None) -> Any:
    """Numbers from the normal distribution.

    Args:
        shape: of the result.
        mean, stddev: of the distribution.
        dtype: a float type; `floatx()` by default.
        seed: a whole number, or a `SeedGenerator`, which gives other numbers at each call.

    Example:
        >>> import kerasish as keras
        >>> keras.random.normal((2, 3), seed=1).shape
        (2, 3)
    """
    sizes, kind = _sizes(shape), _float_dtype(dtype, "normal")
    return _scaled(drawn(lambda: _standard_normal(generator(seed), sizes, kind)), stddev, mean)


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: DTypeLike = None, seed: Seed = None) -> Any:
    """Numbers from the normal distribution, drawn again where they are more than two deviations from the mean.

    Args:
        shape: of the result.
        mean, stddev: of the distribution before it is cut.
        dtype: a float type; `floatx()` by default.
        seed: a whole number or a `SeedGenerator`.
    """
    sizes, kind = _sizes(shape), _float_dtype(dtype, "truncated_normal")
    return _scaled(drawn(lambda: _truncated(generator(seed), sizes, kind)), stddev, mean)


def _truncated(rng: np.random.Generator, shape: tuple[int, ...], kind: np.dtype[Any]) -> np.ndarray:
    x = _standard_normal(rng, shape, kind)
    flat = x.reshape(-1)
    outside = np.flatnonzero(np.abs(flat) > 2)
    while outside.size:
        flat[outside] = _standard_normal(rng, (outside.size,), kind)
        outside = outside[np.abs(flat[outside]) > 2]
    return flat.reshape(x.shape)


def _unit(rng: np.random.Generator, shape: tuple[int, ...], kind: np.dtype[Any]) -> np.ndarray:
    """Numbers from 0 up to, and without, 1."""
    if kind.itemsize >= 4:
        return np.asarray(rng.random(shape, kind.type))
    steps = 2**11 if kind.name == "float16" else 2**8  # as many as the mantissa tells apart: none rounds up to 1
    return (rng.integers(0, steps, shape) / steps).astype(kind)


def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: DTypeLike = None, seed: Seed = None) -> Any:
    """Numbers evenly distributed from `minval` up to, and without, `maxval`.

    Args:
        shape: of the result.
        minval, maxval: the bounds.
        dtype: a float type; `floatx()` by default. Whole numbers come from `randint`.
        seed: a whole number or a `SeedGenerator`.

    Example:
        >>> import kerasish as keras
        >>> x = keras.random.uniform((100,), 2.0, 3.0, seed=1)
        >>> bool((x >= 2.0).all() and (x < 3.0).all())
        True
    """
    sizes, kind = _sizes(shape), _float_dtype(dtype, "uniform")
    return _scaled(drawn(lambda: _unit(generator(seed), sizes, kind)), maxval - minval, minval)


def randint(shape: Any, minval: Any, maxval: Any, dtype: DTypeLike = "int32", seed: Seed = None) -> np.ndarray:
    """Whole numbers evenly distributed from `minval` up to, and without, `maxval`.

    Args:
        shape: of the result.
        minval, maxval: the bounds.
        dtype: an integer type.
        seed: a whole number or a `SeedGenerator`.

    Raises:
        ValueError: if `dtype` is not an integer type.
    """
    kind = dtypes.standardize_dtype(dtype)
    if not dtypes.is_int_dtype(kind):
        raise ValueError(f"keras.random.randint draws whole numbers; received dtype={kind!r}")
    low, high = (convert_to_numpy(bound) for bound in (minval, maxval))
    sizes, made = _sizes(shape), dtypes.numpy_dtype(kind)
    return drawn(lambda: np.asarray(generator(seed).integers(low, high, sizes), made))


def categorical(logits: Any, num_samples: int, dtype: DTypeLike = "int32", seed: Seed = None) -> np.ndarray:
    """Classes drawn with probabilities `softmax(logits)`.

    The largest of the logits with Gumbel noise is class `i` with its softmax probability.

    Args:
        logits: (batch, classes).
        num_samples: how many for each row.
        dtype: an integer type.
        seed: a whole number or a `SeedGenerator`.

    Returns:
        (batch, num_samples) classes.
    """
    values = convert_to_numpy(logits)
    if values.ndim != 2:
        raise ValueError(f"categorical needs logits of shape (batch, classes); received shape {values.shape}")
    size, kind = (values.shape[0], num_samples, values.shape[1]), dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))

    def draw() -> np.ndarray:
        return np.argmax(values[:, None, :] + generator(seed).gumbel(size=size), axis=-1).astype(kind)

    return drawn(draw)


def _mask_shape(inputs: Any, noise_shape: Any) -> tuple[int, ...]:
    if noise_shape is None:
        return tuple(inputs.shape)
    if len(noise_shape) != len(inputs.shape):
        raise ValueError(f"noise_shape={tuple(noise_shape)} needs as many sizes as the inputs, of shape {inputs.shape}")
    return tuple(n if m is None else int(m) for n, m in zip(inputs.shape, noise_shape, strict=True))


@composite
def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Seed = None) -> Any:
    """`inputs` with a share of the numbers set to 0, the others divided by what is left: `x / (1 - rate)`.

    Args:
        inputs: array of floats.
        rate: the probability of each to be dropped.
        noise_shape: the shape of the mask; along sizes of one all are dropped together, None takes the inputs' size.
        seed: a whole number or a `SeedGenerator`.

    Source:
        Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 2014.

    Example:
        >>> import kerasish as keras
        >>> x = keras.random.dropout(keras.ops.ones((1000,)), 0.5, seed=3)
        >>> sorted(set(x.tolist()))
        [0.0, 2.0]
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"dropout needs a rate from 0 to 1; received rate={rate}")
    x = inputs if hasattr(inputs, "shape") else to_array(inputs)
    if rate == 0:
        return x
    if rate == 1:
        return np.zeros_like(x)
    kind = x.dtype if isinstance(x, (np.ndarray, Tensor)) else dtypes.numpy_dtype(str(x.dtype))
    sizes = _mask_shape(x, noise_shape)
    mask = drawn(lambda: generator(seed).random(sizes, np.float32) >= rate)
    return x * (mask * kind.type(1 / (1 - rate)))


def _like_inputs(inputs: Any, *_: Any, **__: Any) -> KerasTensor:
    return KerasTensor(inputs.shape, inputs.dtype)


dropout.shape = _like_inputs


def shuffle(x: Any, axis: int = 0, seed: Seed = None) -> Any:
    """`x` with its slices along an axis in a random order.

    Args:
        x: array.
        axis: the axis.
        seed: a whole number or a `SeedGenerator`.

    Example:
        >>> import kerasish as keras
        >>> sorted(keras.random.shuffle([1, 2, 3], seed=1).tolist())
        [1, 2, 3]
    """
    x = x if hasattr(x, "shape") else to_array(x)
    count = x.shape[axis]
    return take(x, drawn(lambda: generator(seed).permutation(count)), axis=axis)


def binomial(shape: Any, counts: Any, probabilities: Any, dtype: DTypeLike = None, seed: Seed = None) -> np.ndarray:
    """How many of `counts` trials succeed, each with the probability given.

    Args:
        shape: of the result.
        counts: the numbers of trials.
        probabilities: of success.
        dtype: `floatx()` by default.
        seed: a whole number or a `SeedGenerator`.
    """
    kind, sizes = dtypes.numpy_dtype(dtypes.standardize_dtype(dtype)), _sizes(shape)
    trials, chance = to_array(counts).astype(np.int64), to_array(probabilities)
    return drawn(lambda: np.asarray(generator(seed).binomial(trials, chance, sizes), kind))


def gamma(shape: Any, alpha: Any, dtype: DTypeLike = None, seed: Seed = None) -> np.ndarray:
    """Numbers from the gamma distribution of shape `alpha` and scale 1.

    Args:
        shape: of the result.
        alpha: positive.
        dtype: a float type; `floatx()` by default.
        seed: a whole number or a `SeedGenerator`.
    """
    shape_of, sizes, kind = to_array(alpha), _sizes(shape), _float_dtype(dtype, "gamma")
    return drawn(lambda: np.asarray(generator(seed).standard_gamma(shape_of, sizes), kind))


def beta(shape: Any, alpha: Any, beta: Any, dtype: DTypeLike = None, seed: Seed = None) -> np.ndarray:
    """Numbers from the beta distribution, from 0 to 1.

    Args:
        shape: of the result.
        alpha, beta: positive; their share `alpha / (alpha + beta)` is the mean.
        dtype: a float type; `floatx()` by default.
        seed: a whole number or a `SeedGenerator`.
    """
    a, b, sizes, kind = to_array(alpha), to_array(beta), _sizes(shape), _float_dtype(dtype, "beta")
    return drawn(lambda: np.asarray(generator(seed).beta(a, b, sizes), kind))
