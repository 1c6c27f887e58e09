"""Features with mean 0 and standard deviation 1."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend import config, dtypes
from kerasish.backend.admission import as_array
from kerasish.backend.operators import add, cast_to, divide, multiply, subtract
from kerasish.backend.typing import Axes
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.preprocessing.adapting import batches_of, is_one_array, tell_of_nan
from kerasish.layers.preprocessing.data_layer import DataWeights
from kerasish.ops.elementwise import maximum, sqrt
from kerasish.ops.shape import reshape


class Normalization(DataWeights, Layer):
    """`(inputs - mean) / sqrt(variance)`, with a mean and a variance for each feature.

    They are given, or `adapt` measures them on data before the training. A network learns faster from features of one
    size, and as a layer the numbers travel with the model.

    Args:
        axis: the axis, or axes, along which every index has its own mean and variance; None for one of each for all.
        mean, variance: known values, both or neither; broadcast to the sizes of the kept axes.
        invert: whether the layer goes the other way, `inputs * sqrt(variance) + mean`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Raises:
        ValueError: if only one of mean and variance is given, their shapes differ, or they have more axes than `axis`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.Normalization()
        >>> layer.adapt(np.array([[0.0, 10.0], [2.0, 30.0]], "float32"))
        >>> layer(np.array([[2.0, 20.0]], "float32"))
        array([[1., 0.]], dtype=float32)
    """

    def __init__(
        self,
        axis: Axes | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        if (mean is None) != (variance is None):
            raise ValueError(f"mean and variance go together; received mean={mean!r} and variance={variance!r}")
        if np.shape(mean) != np.shape(variance):
            raise ValueError(f"mean has shape {np.shape(mean)} and variance {np.shape(variance)}; they must be equal")
        if np.ndim(mean) > len(self.axis):
            raise ValueError(
                f"mean and variance have shape {np.shape(mean)}, but axis={self.axis} keeps {len(self.axis)} axes: "
                "give at most one axis of values for each"
            )
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self.supports_masking = True
        self._given: tuple[np.ndarray, np.ndarray] | None = None

    def build(self, input_shape: Any) -> None:
        """Make the mean and the variance for inputs of this shape.

        Raises:
            ValueError: if they do not have the axes, or a kept one is of unknown size.
        """
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                f"the layer {self.name!r} keeps axis={self.axis}, which inputs of shape {tuple(input_shape)} do not "
                "have"
            )
        self._kept = tuple(sorted(axis % rank for axis in self.axis))
        if any(input_shape[axis] is None for axis in self._kept):
            raise ValueError(
                f"the layer {self.name!r} needs to know the sizes of its inputs along axis={self.axis}; received shape "
                f"{tuple(input_shape)}"
            )
        self._shape = tuple(input_shape[axis] for axis in self._kept)
        self._broadcast = tuple(n if axis in self._kept else 1 for axis, n in enumerate(input_shape))
        if self.input_mean is None:
            self.adapt_mean = self._moment("mean", "zeros")
            self.adapt_variance = self._moment("variance", "ones")
            # Older Keras counted samples here; files still have a place for it.
            self.count = self.add_weight(name="count", shape=(), dtype="int32", initializer="zeros", trainable=False)
        else:
            self._given = (self._spread(self.input_mean, "mean"), self._spread(self.input_variance, "variance"))

    def _moment(self, name: str, initializer: str) -> Any:
        return self.add_weight(name=name, shape=self._shape, initializer=initializer, trainable=False)

    def _spread(self, value: Any, name: str) -> np.ndarray:
        """A given value in a shape that goes with the inputs."""
        value = np.asarray(value, dtypes.numpy_dtype(self.compute_dtype))
        try:
            return np.broadcast_to(value, self._shape).reshape(self._broadcast)
        except ValueError as error:
            raise ValueError(
                f"the {name} of the layer {self.name!r} has shape {value.shape}, which does not go with the sizes "
                f"{self._shape} of its inputs along axis={self.axis}"
            ) from error

    @property
    def mean(self) -> Any:
        """The mean, in a shape that goes with the inputs; None before the layer is built."""
        return self._moments()[0] if self.built else None

    @property
    def variance(self) -> Any:
        """The variance, in a shape that goes with the inputs."""
        return self._moments()[1]

    def _moments(self) -> tuple[Any, Any]:
        if self._given is not None:
            return self._given
        moments = (reshape(v, self._broadcast) for v in (self.adapt_mean, self.adapt_variance))
        mean, variance = (m if m.dtype == self._compute_kind else cast_to(m, dtype=self.compute_dtype) for m in moments)
        return mean, variance

    def adapt(self, data: Any) -> None:
        """Measure the mean and the variance.

        Args:
            data: an array, or something that yields batches: a list of arrays, a generator, a `PyDataset`.

        Raises:
            ValueError: if mean and variance were given, there is no batch, or shapes do not go together.
            TypeError: if what is yielded is no array.
        """
        if self.input_mean is not None:
            raise ValueError(f"the layer {self.name!r} was given its mean and variance, so it does not adapt to data")
        if is_one_array(data):
            array = as_array(data, what="the data to adapt to")
            self._prepare(array.shape)
            axes = tuple(axis for axis in range(array.ndim) if axis not in self._kept)
            self._set(np.mean(array, axis=axes), np.var(array, axis=axes))
            return
        count = 0
        mean, variance = np.float64(0), np.float64(0)
        for batch in batches_of(data, type(self).__name__):
            if not hasattr(batch, "shape"):
                raise TypeError(
                    f"{type(self).__name__}.adapt needs an array, or something that yields arrays; received "
                    f"{type(data).__name__} of {type(batch).__name__}. Wrap a list of numbers in np.array."
                )
            array = as_array(batch, np.float64, "the data to adapt to")
            self._prepare(array.shape)
            mean, variance, count = self._merged(array, mean, variance, count)
        if not count:
            raise ValueError(f"the layer {self.name!r} cannot adapt to no data: there was no batch, or no samples")
        self._set(mean, variance)

    def _prepare(self, shape: tuple[int, ...]) -> None:
        if not self.built:
            self.build(shape)
        rank = len(self._broadcast)
        if len(shape) != rank or tuple(shape[axis] for axis in self._kept) != self._shape:
            raise ValueError(
                f"the layer {self.name!r} was built for inputs with sizes {self._shape} along axis={self.axis} and "
                f"{rank} axes; adapt received shape {tuple(shape)}"
            )

    def _merged(self, array: np.ndarray, mean: Any, variance: Any, count: int) -> tuple[Any, Any, int]:
        """The moments of all data so far and a batch together (Chan, Golub and LeVeque, 1979)."""
        axes = tuple(axis for axis in range(array.ndim) if axis not in self._kept)
        more = int(np.prod([array.shape[axis] for axis in axes], dtype=np.int64))
        if not more:
            return mean, variance, count
        share = more / (count + more)
        own, apart = np.mean(array, axis=axes), np.mean(array, axis=axes) - mean
        spread = (1 - share) * variance + share * np.var(array, axis=axes) + share * (1 - share) * apart**2
        return (1 - share) * mean + share * own, spread, count + more

    def _set(self, mean: Any, variance: Any) -> None:
        tell_of_nan(self.name, mean)
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def finalize_state(self) -> None:
        """Nothing: what was measured is in use at once."""

    def call(self, inputs: Any) -> Any:
        """The inputs normalized, or the other way round."""
        if inputs.dtype != self._compute_kind:
            inputs = cast_to(inputs, dtype=self.compute_dtype)
        mean, variance = self._moments()
        deviation = maximum(sqrt(variance), config.epsilon())
        if self.invert:
            return add(mean, multiply(inputs, deviation))
        return divide(subtract(inputs, mean), deviation)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": _as_list(self.input_mean),
            "variance": _as_list(self.input_variance),
        }


def _as_list(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, float, list)) else np.asarray(value).tolist()
