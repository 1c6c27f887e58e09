"""Initializers that keep the size of signals: the spread of a weight depends on how many meet in a unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.typing import DTypeLike, Seed
from kerasish.initializers import sampling
from kerasish.initializers.random_initializers import RandomInitializer

Axes = Sequence[int] | None

_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("uniform", "truncated_normal", "untruncated_normal")


def compute_fans(shape: Sequence[int], input_axes: Axes = None, output_axes: Axes = None) -> tuple[int, int]:
    """How many inputs a unit has and how many units an input reaches.

    A matrix is `(inputs, units)`; a convolution kernel is `(*window, inputs, units)`, whose window multiplies both.

    Args:
        shape: the sizes of the weight.
        input_axes: the axes that are inputs, where the shape is laid out otherwise.
        output_axes: the axes that are units; used together with `input_axes`.
    """
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[axis] for axis in input_axes), math.prod(shape[axis] for axis in output_axes)
    if len(shape) == 0:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


class VarianceScaling(RandomInitializer):
    """Random values of variance `scale / n`, where `n` counts the inputs or the units, or is their mean.

    A sum of `n` products with weights of variance `1 / n` is as large as one of them: signals keep their size from
    layer to layer.

    Args:
        scale: a positive number.
        mode: `"fan_in"` (inputs), `"fan_out"` (units) or `"fan_avg"` (the mean of both).
        distribution: `"truncated_normal"`, `"untruncated_normal"` or `"uniform"`, within `±sqrt(3 scale / n)`.
        seed: a whole number, a `SeedGenerator`, or None to draw one.
        input_axes: the axes of the shape that are inputs; by default the last but one and the window before it.
        output_axes: the axes of the shape that are units; given together with `input_axes`.

    Raises:
        ValueError: if an argument is not one of these.

    Example:
        >>> import kerasish as keras
        >>> values = keras.initializers.VarianceScaling(distribution="uniform", seed=1)((300, 100))
        >>> bool(abs(values).max() <= 0.1)
        True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Seed = None,
        input_axes: Axes = None,
        output_axes: Axes = None,
    ) -> None:
        if scale <= 0:
            raise ValueError(f"scale must be positive; received scale={scale}")
        if mode not in _MODES:
            raise ValueError(f"mode must be one of {_MODES}; received mode={mode!r}")
        distribution = distribution.lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in _DISTRIBUTIONS:
            raise ValueError(f"distribution must be one of {_DISTRIBUTIONS}; received distribution={distribution!r}")
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.input_axes = input_axes
        self.output_axes = output_axes
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return sampling.uniform(shape, -limit, limit, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return sampling.normal(shape, 0.0, math.sqrt(variance), dtype, self.seed)
        return sampling.truncated_normal(shape, 0.0, math.sqrt(variance) / sampling.TRUNCATED_STDDEV, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _NamedScaling(VarianceScaling):
    """A `VarianceScaling` whose scale, mode and distribution are settled by its name."""

    settled: tuple[float, str, str]

    def __init__(self, seed: Seed = None, input_axes: Axes = None, output_axes: Axes = None) -> None:
        super().__init__(*self.settled, seed=seed, input_axes=input_axes, output_axes=output_axes)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {key: config[key] for key in ("seed", "input_axes", "output_axes")}


class GlorotUniform(_NamedScaling):
    """Uniform values within `±sqrt(6 / (inputs + units))`: signals and gradients keep their size through tanh layers.

    Args:
        seed: a whole number, a `SeedGenerator`, or None to draw one.
        input_axes: the axes of the shape that are inputs (see `VarianceScaling`).
        output_axes: the axes of the shape that are units.

    Example:
        >>> import kerasish as keras
        >>> values = keras.initializers.GlorotUniform(seed=1)((200, 400))
        >>> bool(abs(values).max() <= 0.1)
        True

    Source: Glorot & Bengio, 2010, Understanding the difficulty of training deep feedforward neural networks, eq. 16,
    https://proceedings.mlr.press/v9/glorot10a.html
    """

    settled = (1.0, "fan_avg", "uniform")


class GlorotNormal(_NamedScaling):
    """Truncated normal values of variance `2 / (inputs + units)`.

    Args:
        seed: a whole number, a `SeedGenerator`, or None to draw one.
        input_axes: the axes of the shape that are inputs (see `VarianceScaling`).
        output_axes: the axes of the shape that are units.

    Source: Glorot & Bengio, 2010, eq. 12, https://proceedings.mlr.press/v9/glorot10a.html
    """

    settled = (1.0, "fan_avg", "truncated_normal")


class LecunNormal(_NamedScaling):
    """Truncated normal values of variance `1 / inputs`, as self-normalizing networks (selu) need them.

    Args:
        seed: a whole number, a `SeedGenerator`, or None to draw one.
        input_axes: the axes of the shape that are inputs (see `VarianceScaling`).
        output_axes: the axes of the shape that are units.

    Source: LeCun et al., 1998, Efficient BackProp, eq. 16; Klambauer et al., 2017, https://arxiv.org/abs/1706.02515
    """

    settled = (1.0, "fan_in", "truncated_normal")


class LecunUniform(_NamedScaling):
    """Uniform values within `±sqrt(3 / inputs)`.

    Args:
        seed: a whole number, a `SeedGenerator`, or None to draw one.
        input_axes: the axes of the shape that are inputs (see `VarianceScaling`).
        output_axes: the axes of the shape that are units.

    Source: LeCun et al., 1998, Efficient BackProp, eq. 16
    """

    settled = (1.0, "fan_in", "uniform")


class HeNormal(_NamedScaling):
    """Truncated normal values of variance `2 / inputs`: relu halves the variance, the 2 restores it.

    Args:
        seed: a whole number, a `SeedGenerator`, or None to draw one.
        input_axes: the axes of the shape that are inputs (see `VarianceScaling`).
        output_axes: the axes of the shape that are units.

    Source: He et al., 2015, Delving deep into rectifiers, eq. 10, https://arxiv.org/abs/1502.01852
    """

    settled = (2.0, "fan_in", "truncated_normal")


class HeUniform(_NamedScaling):
    """Uniform values within `±sqrt(6 / inputs)`.

    Args:
        seed: a whole number, a `SeedGenerator`, or None to draw one.
        input_axes: the axes of the shape that are inputs (see `VarianceScaling`).
        output_axes: the axes of the shape that are units.

    Source: He et al., 2015, Delving deep into rectifiers, eq. 10, https://arxiv.org/abs/1502.01852
    """

    settled = (2.0, "fan_in", "uniform")
