"""Sound as a picture: how loud each pitch is at each time."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend import dtypes
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.preprocessing.data_layer import DataLayer
from kerasish.ops.core import cast, convert_to_tensor
from kerasish.ops.fourier import stft
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


def _mel(hertz: Any) -> Any:
    """The pitch of a frequency on the mel scale, in which equal steps sound equal."""
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)


class MelSpectrogram(DataLayer):
    """The power of a signal in bands of equal width to the ear, over time.

    The squared sizes of its short-time Fourier transform are summed under triangles whose corners lie evenly on the mel
    scale, `1127 log(1 + hertz / 700)`; in decibels, `10 log₁₀(power / ref_power)`.

    Args:
        fft_length: the samples of a frame.
        sequence_stride: the samples between the beginnings of two frames.
        sequence_length: the samples that the window covers; `fft_length` by default.
        window: `"hann"`, `"hamming"`, an array of `sequence_length` numbers, or None for none.
        sampling_rate: samples per second.
        num_mel_bins: how many bands.
        min_freq: the lowest frequency, in hertz.
        max_freq: the highest; half the sampling rate by default.
        power_to_db: whether the result is in decibels.
        top_db: how many decibels below the loudest of the batch everything softer is raised to.
        mag_exp: the power to which the sizes of the transform are raised: 1 for amplitudes, 2 for power.
        min_power: the least power that is told from silence.
        ref_power: the power of 0 decibels.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: `(samples,)` or `(batch, samples)` becomes `(num_mel_bins, frames)` or `(batch, num_mel_bins, frames)`, with
        `samples // sequence_stride + 1` frames.

    Raises:
        ValueError: if `sequence_length` is greater than `fft_length`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000).astype("float32")
        >>> picture = keras.layers.MelSpectrogram(512, 128, sampling_rate=8000, num_mel_bins=40)(tone)
        >>> picture.shape, int(np.argmax(picture[:, 30]))
        ((40, 63), 9)

    Source: Stevens, Volkmann and Newman, A scale for the measurement of the psychological magnitude pitch (1937).
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.fft_length = fft_length
        self.sequence_stride = sequence_stride
        self.sequence_length = sequence_length or fft_length
        if self.sequence_length > fft_length:
            raise ValueError(
                "MelSpectrogram needs a sequence_length of at most fft_length; received "
                f"sequence_length={sequence_length}, fft_length={fft_length}"
            )
        self.window = window
        self.sampling_rate = sampling_rate
        self.num_mel_bins = num_mel_bins
        self.min_freq = min_freq
        self.max_freq = max_freq or int(sampling_rate / 2)
        self.power_to_db = power_to_db
        self.top_db = top_db
        self.mag_exp = mag_exp
        self.min_power = min_power
        self.ref_power = ref_power
        self._bands = self.linear_to_mel_weight_matrix(
            num_mel_bins, fft_length // 2 + 1, sampling_rate, min_freq, self.max_freq, self._kind
        )

    @property
    def _kind(self) -> str:
        """The dtype of the computation: a spectrum needs single precision at least."""
        return self.compute_dtype if self.compute_dtype in ("float32", "float64") else "float32"

    def _as_data(self, value: Any) -> Any:
        return convert_to_tensor(value)

    def call(self, inputs: Any) -> Any:
        """The spectrogram of a signal, or of each of a batch."""
        real, imag = stft(
            cast(inputs, self._kind), self.sequence_length, self.sequence_stride, self.fft_length, self.window
        )
        power = np.square(real) + np.square(imag)
        if self.mag_exp != 2:
            power = np.power(power, self.mag_exp / 2)
        heard = np.matmul(power, self._bands)
        if self.power_to_db:
            heard = self._in_decibels(heard)
        return cast(np.swapaxes(heard, -1, -2), self.compute_dtype)

    def _in_decibels(self, power: Any) -> Any:
        loudness = np.log10(np.maximum(power, self.min_power)) * 10.0
        loudness = loudness - float(10.0 * np.log10(max(abs(self.ref_power), self.min_power)))
        return np.maximum(loudness, np.max(loudness) - self.top_db)

    def linear_to_mel_weight_matrix(
        self,
        num_mel_bins: int = 20,
        num_spectrogram_bins: int = 129,
        sampling_rate: float = 8000,
        lower_edge_hertz: float = 125.0,
        upper_edge_hertz: float = 3800.0,
        dtype: str = "float32",
    ) -> np.ndarray:
        """How much of each bin of a spectrum belongs to each band: triangles on the mel scale, with tops of 1.

        Args:
            num_mel_bins: how many bands.
            num_spectrogram_bins: how many bins, evenly from 0 to half the sampling rate; the first belongs to none.
            sampling_rate: samples per second.
            lower_edge_hertz: where the lowest band begins.
            upper_edge_hertz: where the highest ends.
            dtype: of the result.

        Returns:
            `(num_spectrogram_bins, num_mel_bins)`.
        """
        pitch = _mel(np.linspace(0, sampling_rate / 2, num_spectrogram_bins))[:, None]
        corners = np.linspace(_mel(lower_edge_hertz), _mel(upper_edge_hertz), num_mel_bins + 2)
        low, middle, high = corners[:-2], corners[1:-1], corners[2:]
        bands = np.maximum(np.minimum((pitch - low) / (middle - low), (high - pitch) / (high - middle)), 0)
        bands[0] = 0
        return bands.astype(dtypes.numpy_dtype(dtype))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of the spectrogram."""
        *rest, samples = input_shape
        margin = self.fft_length // 2 * 2 - self.fft_length
        frames = None if samples is None else 1 + (samples + margin) // self.sequence_stride
        return (*rest, self.num_mel_bins, frames)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fft_length": self.fft_length,
            "sequence_stride": self.sequence_stride,
            "sequence_length": self.sequence_length,
            "window": serialize_keras_object(self.window),
            "sampling_rate": self.sampling_rate,
            "num_mel_bins": self.num_mel_bins,
            "min_freq": self.min_freq,
            "max_freq": self.max_freq,
            "power_to_db": self.power_to_db,
            "top_db": self.top_db,
            "mag_exp": self.mag_exp,
            "min_power": self.min_power,
            "ref_power": self.ref_power,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A layer from the result of `get_config`, in which an array is a dict."""
        return cls(**{**config, "window": deserialize_keras_object(config.get("window", "hann"))})
