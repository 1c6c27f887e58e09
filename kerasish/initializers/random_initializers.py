"""Initializers that draw at random: uniform, normal, truncated normal, orthogonal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend import budget, dtypes
from kerasish.backend.random import SeedGenerator, make_default_seed
from kerasish.backend.typing import DTypeLike, Seed
from kerasish.initializers import sampling
from kerasish.initializers.initializer import Initializer
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class RandomInitializer(Initializer):
    """An initializer with a seed.

    The seed is fixed when the initializer is made, given or not, so every call with the same shape returns the same
    values. Only a `SeedGenerator` as seed gives new values with each call.

    Args:
        seed: a whole number or a `SeedGenerator`; None draws a number, which `set_random_seed` makes repeatable.

    Raises:
        ValueError: if `seed` is something else.

    Attributes:
        is_random: whether the values are worth nothing to a variable that a file is about to set.
    """

    is_random = True

    def __init__(self, seed: Any = None) -> None:
        self._init_seed = seed
        if isinstance(seed, dict):
            seed = deserialize_keras_object(seed)
        if seed is None:
            seed = make_default_seed()
        elif not isinstance(seed, (int, np.integer, SeedGenerator)):
            raise ValueError(f"seed must be None, a whole number or a SeedGenerator; received seed={seed!r}")
        self.seed = int(seed) if isinstance(seed, bool) else seed

    def get_config(self) -> dict[str, Any]:
        return {"seed": serialize_keras_object(self._init_seed)}


class RandomNormal(RandomInitializer):
    """Normally distributed values.

    Args:
        mean: the mean.
        stddev: the standard deviation.
        seed: a whole number, a `SeedGenerator`, or None to draw one.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.RandomNormal(stddev=1.0, seed=1)((2, 3)).shape
        (2, 3)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Seed = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        return sampling.normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomInitializer):
    """Normally distributed values, none further than two standard deviations from the mean.

    Args:
        mean: the mean.
        stddev: the standard deviation before the tails are cut off; that of the values is 0.88 times as large.
        seed: a whole number, a `SeedGenerator`, or None to draw one.

    Example:
        >>> import kerasish as keras
        >>> values = keras.initializers.TruncatedNormal(stddev=0.5, seed=1)((1000,))
        >>> bool(abs(values).max() <= 1.0)
        True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Seed = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        return sampling.truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class RandomUniform(RandomInitializer):
    """Values that are equally likely anywhere between two bounds.

    Args:
        minval: the lower bound.
        maxval: the upper bound.
        seed: a whole number, a `SeedGenerator`, or None to draw one.

    Example:
        >>> import kerasish as keras
        >>> values = keras.initializers.RandomUniform(0.0, 1.0, seed=1)((1000,))
        >>> bool(values.min() >= 0 and values.max() <= 1)
        True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Seed = None) -> None:
        self.minval = minval
        self.maxval = maxval
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        return sampling.uniform(shape, self.minval, self.maxval, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class Orthogonal(RandomInitializer):
    """A random orthogonal matrix, which keeps lengths: repeated multiplication neither explodes nor vanishes.

    A normal matrix is factored as QR, and Q is returned with the signs of R's diagonal, which makes every orthogonal
    matrix equally likely. A shape of more than two sizes is filled as the matrix `(product of the others, last)`.

    Args:
        gain: multiplies the matrix.
        seed: a whole number, a `SeedGenerator`, or None to draw one.

    Raises:
        ValueError: when called with a shape of fewer than two sizes.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> q = keras.initializers.Orthogonal(seed=1)((3, 3))
        >>> bool(np.allclose(q @ q.T, np.eye(3), atol=1e-6))
        True

    Source: Saxe et al., 2014, Exact solutions to the nonlinear dynamics of learning, https://arxiv.org/abs/1312.6120
    """

    def __init__(self, gain: float = 1.0, seed: Seed = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        if len(shape) < 2:
            raise ValueError(f"Orthogonal needs a shape of at least two sizes; received shape={tuple(shape)}")
        name = dtypes.standardize_dtype(dtype)
        rows, columns = math.prod(shape[:-1]), shape[-1]
        budget.work(rows * columns * min(rows, columns), f"an orthogonal matrix of shape {(rows, columns)}")
        drawn = name if name == "float64" else "float32"  # LAPACK has no half precision
        tall = sampling.normal((max(rows, columns), min(rows, columns)), 0.0, 1.0, drawn, self.seed)
        q, r = np.linalg.qr(tall)
        q *= np.where(np.diagonal(r) < 0, -self.gain, self.gain).astype(q.dtype)
        matrix = q if rows >= columns else q.T
        return matrix.reshape(shape).astype(dtypes.numpy_dtype(name), copy=False)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}
