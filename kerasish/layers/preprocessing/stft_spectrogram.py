"""The short-time Fourier transform as a convolution, whose kernels may be trained."""

from __future__ import annotations

import math
import warnings
from typing import Any, Unpack

import numpy as np

from kerasish.backend import config
from kerasish.initializers.stft_initializer import STFT
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.ops.convolution import conv
from kerasish.ops.core import cast
from kerasish.ops.joining import concatenate
from kerasish.ops.shape import pad
from kerasish.ops.windows import places, standardized_padding
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")


class STFTSpectrogram(Layer):
    """The spectrum of each frame of a signal, by kernels that begin as cosines and sines and may be trained.

    Args:
        mode: what is returned of the spectrum `a + ib`. `"magnitude"`: `√(a² + b²)`; `"log"`: its logarithm;
            `"psd"`: the power `a² + b²`, twice at all frequencies but the first and the last; `"real"`: `a`;
            `"imag"`: `b`; `"angle"`: `atan2(b, a)`; `"stft"`: `a` and `b`, one behind the other.
        frame_length: the samples of a frame.
        frame_step: the samples between two frames; half a frame by default.
        fft_length: the samples of the transform, from `frame_length` on; the next power of two by default.
        window, periodic, scaling: those of `keras.initializers.STFT`.
        padding: `"valid"` or `"same"`.
        expand_dims: whether frequencies and channels have an axis each.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: `(batch, samples, channels)` becomes `(batch, frames, channels · bins)`, or with `expand_dims`
        `(batch, frames, bins, channels)`, of `fft_length // 2 + 1` bins, twice as many with `mode="stft"`. Channels
        first: `(batch, channels, samples)`, `(batch, channels · bins, frames)`, `(batch, channels, frames, bins)`.

    Raises:
        ValueError: if an argument is not one of these.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.STFTSpectrogram("magnitude", 64, 32, trainable=False)
        >>> layer(np.ones((2, 256, 1), "float32")).shape
        (2, 7, 33)

    Source: Cheuk et al., nnAudio, https://arxiv.org/abs/1912.12055 (2019).
    """

    real_kernel: Any
    imag_kernel: Any

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        if mode not in _MODES:
            raise ValueError(f"mode must be one of {', '.join(map(repr, _MODES))}; received mode={mode!r}")
        if frame_step is not None and not 1 <= frame_step <= frame_length:
            raise ValueError(
                "frame_step must lie between 1 and frame_length; received "
                f"frame_step={frame_step}, frame_length={frame_length}"
            )
        if fft_length is not None and fft_length < frame_length:
            raise ValueError(
                "fft_length must be at least frame_length; received "
                f"fft_length={fft_length}, frame_length={frame_length}"
            )
        if fft_length is not None and fft_length & (fft_length - 1):
            warnings.warn(f"fft_length should be a power of two; received fft_length={fft_length}", stacklevel=2)
        super().__init__(**kwargs)
        STFT("real", window, scaling, periodic)  # refuses what it does not know before there is an input
        self.mode = mode
        self.frame_length = frame_length
        self.frame_step = frame_step
        self.fft_length = fft_length
        self.window = window
        self.periodic = periodic
        self.scaling = scaling
        self.padding = standardized_padding(padding)
        self.expand_dims = expand_dims
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=3)
        self._step = frame_step or max(frame_length // 2, 1)
        self._bins = (fft_length or 2 ** math.ceil(math.log2(frame_length))) // 2 + 1

    def build(self, input_shape: Any) -> None:
        """Make the kernels; they are the same for each channel."""
        for side in ("real", "imag"):
            if self.mode == ("imag" if side == "real" else "real"):
                continue
            rule = STFT(side, self.window, self.scaling, self.periodic)
            shape = (self.frame_length, 1, self._bins)
            setattr(self, f"{side}_kernel", self.add_weight(shape, rule, name=f"{side}_kernel"))

    def call(self, inputs: Any) -> Any:
        """The spectrogram of each channel of each signal."""
        if str(inputs.dtype) not in ("float16", "float32", "float64"):
            raise TypeError(f"the layer {self.name!r} takes float16, float32 or float64; received {inputs.dtype}")
        x = inputs if self.data_format == "channels_first" else np.swapaxes(inputs, 1, 2)
        if self.mode == "real":
            y = self._transformed(x, self.real_kernel)
        elif self.mode == "imag":
            y = self._transformed(x, self.imag_kernel)
        else:
            y = self._of_both(self._transformed(x, self.real_kernel), self._transformed(x, self.imag_kernel))
        return self._arranged(y)

    def _transformed(self, x: Any, kernel: Any) -> Any:
        """`(batch, channels, frames, bins)` of `(batch, channels, samples)`."""
        batch, channels, samples = x.shape
        y = conv(
            np.reshape(x, (batch * channels, samples, 1)), cast(kernel, x.dtype), self._step, self.padding,
            data_format="channels_last",
        )  # fmt: skip
        return np.reshape(y, (batch, channels, *y.shape[1:]))

    def _of_both(self, real: Any, imag: Any) -> Any:
        if self.mode == "angle":
            return np.arctan2(imag, real)
        if self.mode == "stft":
            return concatenate([real, imag], axis=-1)
        power = np.square(real) + np.square(imag)
        if self.mode == "psd":
            return power + pad(power[..., 1:-1], ((0, 0), (0, 0), (0, 0), (1, 1)))
        size = np.sqrt(np.maximum(power, config.epsilon()))
        return size if self.mode == "magnitude" else np.log(np.maximum(size, config.epsilon()))

    def _arranged(self, y: Any) -> Any:
        """The axes that are asked for, of `(batch, channels, frames, bins)`."""
        batch, channels, frames, bins = y.shape
        if self.data_format == "channels_first":
            if self.expand_dims:
                return y
            return np.reshape(np.swapaxes(y, 2, 3), (batch, channels * bins, frames))
        if self.expand_dims:
            return np.transpose(y, (0, 2, 3, 1))
        return np.reshape(np.transpose(y, (0, 2, 1, 3)), (batch, frames, channels * bins))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of the spectrogram."""
        first = self.data_format == "channels_first"
        batch, samples, channels = input_shape
        if first:
            samples, channels = channels, samples
        bins = 2 * self._bins if self.mode == "stft" else self._bins
        (frames,) = places((samples,), (self.frame_length,), (self._step,), self.padding, (1,))
        if self.expand_dims:
            return (batch, channels, frames, bins) if first else (batch, frames, bins, channels)
        both = None if channels is None else channels * bins
        return (batch, both, frames) if first else (batch, frames, both)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "mode": self.mode,
            "frame_length": self.frame_length,
            "frame_step": self.frame_step,
            "fft_length": self.fft_length,
            "window": serialize_keras_object(self.window),
            "periodic": self.periodic,
            "scaling": self.scaling,
            "padding": self.padding,
            "data_format": self.data_format,
            "expand_dims": self.expand_dims,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A layer from the result of `get_config`, in which an array is a dict."""
        return cls(**{**config, "window": deserialize_keras_object(config.get("window", "hann"))})
