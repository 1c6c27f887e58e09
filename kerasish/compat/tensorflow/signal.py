"""`tf.signal`: frames, windows and Fourier transforms, with complex numbers where TensorFlow has them.

Nothing is derived through complex numbers; keras.ops.rfft and stft, which return their parts, have derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.ops.signal import overlap_added


def _raised_cosine(a: float, length: Any, periodic: bool, dtype: Any) -> Any:
    """`a - (1 - a) cos(2πn / N)`, where N is even for TensorFlow's periodic windows."""
    size = int(length)
    turn = size if periodic and size % 2 == 0 else size - 1
    curve = a - (1 - a) * np.cos(2 * np.pi * np.arange(size) / max(turn, 1)) if size > 1 else np.ones(size)
    return eager(curve.astype(str(dtype)))


def hann_window(window_length: Any, periodic: bool = True, dtype: Any = "float32", name: str | None = None) -> Any:
    return _raised_cosine(0.5, window_length, periodic, dtype)


def hamming_window(window_length: Any, periodic: bool = True, dtype: Any = "float32", name: str | None = None) -> Any:
    return _raised_cosine(0.54, window_length, periodic, dtype)


def frame(
    signal: Any,
    frame_length: Any,
    frame_step: Any,
    pad_end: bool = False,
    pad_value: Any = 0,
    axis: int = -1,
    name: str | None = None,
) -> Any:
    """Frames of an axis, which becomes two; with `pad_end` one begins wherever the signal lasts."""
    x, length, step = tensor(signal), int(frame_length), int(frame_step)
    axis = axis % len(x.shape)
    x = ops.moveaxis(x, axis, -1)
    if pad_end:
        missing = max(0, (-(-x.shape[-1] // step) - 1) * step + length - x.shape[-1])
        x = ops.pad(x, ((0, 0),) * (len(x.shape) - 1) + ((0, missing),), "constant", pad_value)
    made = ops.extract_sequences(x, length, step)
    return ops.moveaxis(made, (-2, -1), (axis, axis + 1))


def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Any:
    """Frames, each a step after the one before, added up."""
    x, step = tensor(signal), int(frame_step)
    return overlap_added(x, stride=step, size=(x.shape[-2] - 1) * step + x.shape[-1])


def _power_of_two(length: int) -> int:
    return 1 << (length - 1).bit_length()


def _complex_kind(x: np.ndarray) -> str:
    return "complex128" if x.dtype in ("float64", "complex128") else "complex64"


def rfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    x = np.asarray(input_tensor)
    size = None if fft_length is None else int(np.ravel(np.asarray(fft_length))[0])
    return eager(np.fft.rfft(x, size).astype(_complex_kind(x)))


def irfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
    x = np.asarray(input_tensor)
    size = None if fft_length is None else int(np.ravel(np.asarray(fft_length))[0])
    return eager(np.fft.irfft(x, size).astype("float64" if x.dtype == "complex128" else "float32"))


def _transform(function: Callable[..., Any]) -> Callable[..., Any]:
    def transformed(input: Any, name: str | None = None) -> Any:
        x = np.asarray(input)
        return eager(function(x).astype(_complex_kind(x)))

    return transformed


fft, ifft = _transform(np.fft.fft), _transform(np.fft.ifft)
fft2d, ifft2d = _transform(np.fft.fft2), _transform(np.fft.ifft2)


def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    return eager(np.fft.fftshift(np.asarray(x), axes))


def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    return eager(np.fft.ifftshift(np.asarray(x), axes))


def stft(
    signals: Any,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Callable[..., Any] | None = hann_window,
    pad_end: bool = False,
    name: str | None = None,
) -> Any:
    """The transforms of frames, each below a window; `fft_length` is a power of two by default."""
    length = int(frame_length)
    x = frame(signals, length, frame_step, pad_end)
    size = _power_of_two(length) if fft_length is None else int(fft_length)
    return rfft(x if window_fn is None else ops.multiply(x, window_fn(length, dtype=x.dtype)), size)


def inverse_stft(
    stfts: Any,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Callable[..., Any] | None = hann_window,
    name: str | None = None,
) -> Any:
    """Frames transformed back, each below a window, and added up."""
    length = int(frame_length)
    x = irfft(stfts, _power_of_two(length) if fft_length is None else int(fft_length))
    x = ops.pad(x[..., :length], ((0, 0),) * (len(x.shape) - 1) + ((0, max(0, length - x.shape[-1])),))
    return overlap_and_add(x if window_fn is None else ops.multiply(x, window_fn(length, dtype=x.dtype)), frame_step)


def inverse_stft_window_fn(
    frame_step: Any, forward_window_fn: Callable[..., Any] = hann_window, name: str | None = None
) -> Callable[..., Any]:
    """The window with which `inverse_stft` gives back what `stft` had: the first one, divided by its squares' sums."""

    def window(frame_length: Any, dtype: Any) -> Any:
        length, step = int(frame_length), int(frame_step)
        forward = np.asarray(forward_window_fn(length, dtype=dtype))
        count = -(-length // step)
        squares = np.pad(np.square(forward), (0, count * step - length)).reshape(count, step).sum(0)
        return eager(forward / np.tile(squares, count)[:length])

    return window


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log1p(np.asarray(hertz, "float64") / 700.0)


def linear_to_mel_weight_matrix(
    num_mel_bins: Any = 20,
    num_spectrogram_bins: Any = 129,
    sample_rate: Any = 8000,
    lower_edge_hertz: float = 125.0,
    upper_edge_hertz: float = 3800.0,
    dtype: Any = "float32",
    name: str | None = None,
) -> Any:
    """How much of each bin of a spectrum belongs to each band: triangles on the mel scale; nothing at 0 Hz."""
    pitch = _mel(np.linspace(0, float(sample_rate) / 2, int(num_spectrogram_bins))[1:])[:, None]
    corners = np.linspace(_mel(lower_edge_hertz), _mel(upper_edge_hertz), int(num_mel_bins) + 2)
    low, top, high = corners[:-2], corners[1:-1], corners[2:]
    bands = np.maximum(0, np.minimum((pitch - low) / (top - low), (high - pitch) / (high - top)))
    return eager(np.pad(bands, ((1, 0), (0, 0))).astype(str(dtype)))


def dct(input: Any, type: int = 2, n: Any = None, axis: int = -1, norm: str | None = None, name: Any = None) -> Any:
    """The cosine transform of type 2, `2 Σ x[k] cos(π n (2k + 1) / 2N)`, of the last axis."""
    if type != 2 or n is not None or axis != -1:
        raise NotImplementedError("signal.dct knows type 2 of the whole last axis here")
    x = tensor(input)
    size = x.shape[-1]
    k = np.arange(size)
    table = 2 * np.cos(np.pi * np.outer(2 * k + 1, k) / (2 * size))
    if norm == "ortho":
        table *= np.where(k == 0, np.sqrt(1 / (4 * size)), np.sqrt(1 / (2 * size)))
    return ops.matmul(x, table.astype(np.asarray(x).dtype))


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Any:
    x = tensor(log_mel_spectrograms)
    return ops.multiply(dct(x), np.float32(1 / np.sqrt(2.0 * x.shape[-1])))
