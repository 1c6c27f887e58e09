"""Normalization over the batch."""

from __future__ import annotations

import math
from typing import Any, Unpack

import numpy as np

from kerasish import constraints, initializers, regularizers
from kerasish.backend.operators import cast_to, not_equal
from kerasish.backend.ranks import Replicas, active
from kerasish.backend.typing import ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.ops.batch_norm import batch_norm, batch_norm_with, observed
from kerasish.ops.core import stop_gradient
from kerasish.ops.elementwise import maximum, minimum, where
from kerasish.ops.ranks import summed_rows
from kerasish.ops.shape import moveaxis

# Added to the number of samples that a mask leaves, which may be 0.
_LEAST_WEIGHT = 1e-7


class BatchNormalization(Layer):
    """`gamma (x - mean) / √(variance + epsilon) + beta`, for each feature.

    In training, mean and variance are those of the batch, and moving averages of them are kept:
    `moving = momentum * moving + (1 - momentum) * batch`. In inference the moving averages take their place, and also
    in training where `trainable` is False.

    With `renorm` (Ioffe, 2017) training normalizes nearly as inference does, which helps where batches are small:
    `gamma (r (x - mean) / σ + d) + beta` with `σ = √(variance + epsilon)`, `r = σ / σ'`, `d = (mean - mean') / σ'`,
    where `mean'` and `σ'` are averages that move by `renorm_momentum`, and no gradient goes through `r` and `d`.

    Args:
        axis: the axis of the features; the others are averaged over.
        momentum: how slowly the moving averages follow.
        epsilon: keeps the division finite.
        center: whether there is a `beta`.
        scale: whether there is a `gamma`.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer: the first values.
        beta_regularizer, gamma_regularizer: penalties on the weights, added to the loss.
        beta_constraint, gamma_constraint: projections of the weights after each update.
        renorm: whether batches are renormalized.
        renorm_clipping: None, or bounds for the correction: `rmin` and `rmax` for `r`, `dmax` for the size of `d`.
        renorm_momentum: how slowly the averages follow that training normalizes by under `renorm`.
        synchronized: whether mean and variance are those of the whole batch where several processes share it
            (`keras.distribution`), each of which has too few rows for good ones. Training runs on the tape then.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, any rank; all weights have the size along `axis`.
    `mask`, of the shape of the input without its last axis, is true where an element counts in mean and variance.

    Raises:
        ValueError: if `renorm_clipping` is none, or the axis does not exist.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.BatchNormalization(epsilon=0.0)
        >>> layer(np.array([[1.0], [3.0]], "float32"), training=True)
        array([[-1.],
               [ 1.]], dtype=float32)

    Source: Ioffe & Szegedy, 2015, https://arxiv.org/abs/1502.03167; Ioffe, 2017, https://arxiv.org/abs/1702.03275
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        moving_mean_initializer: InitializerLike = "zeros",
        moving_variance_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.renorm = renorm
        self.renorm_clipping = _bounds(renorm_clipping) if renorm else renorm_clipping
        self.renorm_momentum = renorm_momentum
        self.synchronized = bool(synchronized)
        self.supports_masking = True
        self.gamma: Any = None
        self.beta: Any = None

    def build(self, input_shape: Shape) -> None:
        """Make the weights and the moving averages for inputs of this shape."""
        self.compute_output_shape(input_shape)
        rank, features = len(input_shape), input_shape[self.axis]
        if features is None:
            raise ValueError(
                f"the layer {self.name!r} needs to know the size of its inputs along axis {self.axis}; received shape "
                f"{tuple(input_shape)}"
            )
        if self.scale:
            self.gamma = self._weight("gamma", features)
        if self.center:
            self.beta = self._weight("beta", features)
        self.moving_mean = self._average("moving_mean", features, self.moving_mean_initializer)
        self.moving_variance = self._average("moving_variance", features, self.moving_variance_initializer)
        if self.renorm:
            self.moving_stddev = self._average("moving_stddev", features, self._first_deviation)
            self.renorm_mean = self._average("renorm_mean", features, self.moving_mean_initializer)
            self.renorm_stddev = self._average("renorm_stddev", features, self._first_deviation)
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: features})
        self._weight_kind = np.dtype(self.variable_dtype)
        self._last = self.axis % rank == rank - 1

    def _weight(self, name: str, features: int) -> Any:
        return self.add_weight(
            name=name,
            shape=(features,),
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            autocast=False,
        )

    def _average(self, name: str, features: int, initializer: Any) -> Any:
        return self.add_weight(name=name, shape=(features,), initializer=initializer, trainable=False, autocast=False)

    def _first_deviation(self, shape: Any, dtype: Any = None) -> Any:
        return np.sqrt(self.moving_variance_initializer(shape, dtype=dtype))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The inputs normalized: by the batch in training, by the moving averages otherwise."""
        kind = inputs.dtype
        is_wide = getattr(kind, "kind", "") == "f" and kind.itemsize > 2  # the dtype of a Variable is a name
        x = inputs if is_wide else cast_to(inputs, dtype="float32")
        if not self._last:
            x = moveaxis(x, self.axis, -1)
        if not training or not self._trainable:
            y = self._with(x, self.moving_mean, self.moving_variance, self.gamma, self.beta)
        elif mask is None and not self.renorm and not (self.synchronized and active()):
            gamma, beta = self.gamma, self.beta
            if x.dtype is not self._weight_kind:
                gamma, beta = _in(gamma, x), _in(beta, x)
            y = batch_norm(x, gamma, beta, self.epsilon, self._follow)
        else:
            counts = None if mask is None else self._counts(mask, inputs)
            mean, variance = _moments(x, counts, active() if self.synchronized else None)
            gamma, beta = self._renormalized(mean, variance) if self.renorm else (self.gamma, self.beta)
            y = self._with(x, observed(mean, variance, observe=self._follow), variance, gamma, beta)
        if not self._last:
            y = moveaxis(y, -1, self.axis)
        return y if y.dtype == self._compute_kind else cast_to(y, dtype=self.compute_dtype)

    def _with(self, x: Any, mean: Any, variance: Any, gamma: Any, beta: Any) -> Any:
        """`x` normalized by these."""
        if x.dtype is not self._weight_kind:
            mean, variance, gamma, beta = (_in(value, x) for value in (mean, variance, gamma, beta))
        return batch_norm_with(x, mean, variance, gamma, beta, epsilon=self.epsilon)

    def _renormalized(self, mean: Any, variance: Any) -> tuple[Any, Any]:
        """`gamma r` and `gamma d + beta`: what takes the place of gamma and beta in Ioffe (2017), algorithm 1."""
        bounds = self.renorm_clipping
        known = maximum(_in(self.renorm_stddev, mean), np.sqrt(mean.dtype.type(self.epsilon)))
        r = np.sqrt(variance + self.epsilon) / known
        d = (mean - _in(self.renorm_mean, mean)) / known
        if bounds.get("rmin") is not None:
            r = maximum(r, bounds["rmin"])
        if bounds.get("rmax") is not None:
            r = minimum(r, bounds["rmax"])
        if bounds.get("dmax") is not None:
            d = minimum(maximum(d, -bounds["dmax"]), bounds["dmax"])
        r, d = stop_gradient(r), stop_gradient(d)
        if self.gamma is not None:
            gamma = _in(self.gamma, mean)
            r, d = r * gamma, d * gamma
        return r, d if self.beta is None else d + _in(self.beta, mean)

    def _follow(self, mean: np.ndarray, variance: np.ndarray) -> None:
        """Move the moving averages towards the statistics of a batch."""
        _approach(self.moving_mean, mean, self.momentum)
        if not self.renorm:
            _approach(self.moving_variance, variance, self.momentum)
            return
        deviation = np.sqrt(variance + self.epsilon)
        _approach(self.renorm_mean, mean, self.renorm_momentum)
        _approach(self.renorm_stddev, deviation, self.renorm_momentum)
        known = _approach(self.moving_stddev, deviation, self.momentum)
        self.moving_variance.detach()
        np.maximum(known * known - self.epsilon, 0, out=self.moving_variance._value)

    def _counts(self, mask: Any, inputs: Any) -> Any:
        """Where an element counts, in the shape of the inputs with the features last."""
        mask = not_equal(mask if hasattr(mask, "shape") else np.asarray(mask), 0)
        if mask.ndim != inputs.ndim - 1:
            raise ValueError(
                f"the layer {self.name!r} needs a mask with one axis less than its inputs; received a mask of shape "
                f"{mask.shape} for inputs of shape {tuple(inputs.shape)}"
            )
        return np.moveaxis(np.broadcast_to(mask[..., None], inputs.shape), self.axis, -1)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The shape of the input.

        Raises:
            ValueError: if it does not have the axis.
        """
        if not -len(input_shape) <= self.axis < len(input_shape):
            raise ValueError(
                f"the layer {self.name!r} normalizes along axis={self.axis}, which inputs of shape "
                f"{tuple(input_shape)} do not have"
            )
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
            "synchronized": self.synchronized,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }


def _in(value: Any, x: Any) -> Any:
    """A weight in the dtype of what it meets."""
    if value is None or value.dtype == x.dtype:
        return value
    return cast_to(value, dtype=x.dtype.name)


def _approach(variable: Any, new: np.ndarray, momentum: float) -> np.ndarray:
    """Move an average towards a value, in place; returns its array."""
    variable.detach()
    value: np.ndarray = variable._value
    value *= momentum
    value += (1 - momentum) * new
    return value


def _moments(x: Any, counts: Any, replicas: Replicas | None = None) -> tuple[Any, Any]:
    """Mean and variance over all axes but the last, of all elements or of those that count, in all processes."""
    axes = tuple(range(x.ndim - 1))
    if replicas is not None:
        return _moments_of_all(x, counts, axes, replicas)
    if counts is None:
        mean = np.mean(x, axis=axes)
        return mean, np.mean(np.square(x - mean), axis=axes)
    weight = np.sum(counts, axis=axes, dtype=x.dtype) + x.dtype.type(_LEAST_WEIGHT)
    mean = np.sum(where(counts, x, 0), axis=axes) / weight
    variance = np.sum(np.square(where(counts, x - mean, 0)), axis=axes) / weight
    return mean, variance


def _moments_of_all(x: Any, counts: Any, axes: tuple[int, ...], replicas: Replicas) -> tuple[Any, Any]:
    """The same with the sums of all processes that share the batch."""
    if counts is None:
        own, least = np.full(x.shape[-1], math.prod(x.shape[:-1]), x.dtype), 0.0
    else:
        own, least = np.sum(counts, axis=axes, dtype=x.dtype), _LEAST_WEIGHT

    def average(terms: Any) -> Any:
        kept = terms if counts is None else where(counts, terms, 0)
        return summed_rows(np.sum(kept, axis=axes), replicas=replicas) / weight

    weight = summed_rows(own, replicas=replicas) + x.dtype.type(least)
    mean = average(x)
    return mean, average(np.square(x - mean))


def _bounds(clipping: Any) -> dict[str, Any]:
    """The bounds of a renormalization.

    Raises:
        ValueError: if there is another key, or no number lies between them.
    """
    bounds = dict(clipping or {})
    unknown = sorted(set(bounds) - {"rmin", "rmax", "dmax"})
    if unknown:
        raise ValueError(f"renorm_clipping has the bounds 'rmin', 'rmax' and 'dmax'; received {unknown}")
    low, high, shift = (bounds.get(key) for key in ("rmin", "rmax", "dmax"))
    if low is not None and high is not None and high < low:
        raise ValueError(f"renorm_clipping needs rmin <= rmax; received rmin={low} and rmax={high}")
    if shift is not None and shift < 0:
        raise ValueError(f"renorm_clipping needs dmax >= 0; received dmax={shift}")
    return bounds
