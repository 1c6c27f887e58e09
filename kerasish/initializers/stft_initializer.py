"""The short-time Fourier transform as the kernel of a convolution."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.typing import DTypeLike
from kerasish.initializers.initializer import Initializer
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

# Windows that are sums of cosines, sum_k (-1)^k a_k cos(2 pi k t), by their coefficients.
# Source: Harris, 1978, On the use of windows for harmonic analysis; Nuttall, 1981; D'Antona & Ferrero, 2006.
_COSINE_SUMS = {
    "boxcar": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}
_WINDOWS = (*_COSINE_SUMS, "bartlett", "cosine")


def _window(name: str, length: int, periodic: bool) -> np.ndarray:
    """The window of this name: `length` samples of a symmetric curve, or of one period of it."""
    if length == 1:
        return np.ones(1)
    samples = length + periodic
    if name == "bartlett":
        return np.bartlett(samples)[:length]
    if name == "cosine":
        return np.sin(np.pi * (np.arange(length) + 0.5) / samples)
    t = np.arange(length) / (samples - 1)
    return sum((-1) ** k * a * np.cos(2 * np.pi * k * t) for k, a in enumerate(_COSINE_SUMS[name]))


class STFT(Initializer):
    """Kernels of a convolution that computes one side of a short-time Fourier transform.

    The kernel of shape `(T, 1, F)` holds `w[t] cos(-2 pi t f / (2 F - 2))`, or the sine, for the times `t < T` and
    the frequencies `f < F`.

    Args:
        side: `"real"` for the cosines, `"imag"` for the sines.
        window: the name of a window (`"hann"`, `"hamming"`, `"blackman"`, `"blackmanharris"`, `"nuttall"`,
            `"flattop"`, `"bartlett"`, `"cosine"`, `"boxcar"`), an array of `T` values, or None for none.
        scaling: `"density"` divides by the window's L2 norm, `"spectrum"` by its sum, None by nothing.
        periodic: whether a named window is one period of a curve, for spectral analysis, rather than symmetric.

    Raises:
        ValueError: if an argument is not one of these, or the window has not the kernel's length.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.STFT("real", "hann", "density")((128, 1, 65)).shape
        (128, 1, 65)
    """

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ) -> None:
        if side not in ("real", "imag"):
            raise ValueError(f"side must be 'real' or 'imag'; received side={side!r}")
        if isinstance(window, str) and window not in _WINDOWS:
            raise ValueError(f"window must be an array, None or one of {_WINDOWS}; received window={window!r}")
        if scaling not in (None, "density", "spectrum"):
            raise ValueError(f"scaling must be 'density', 'spectrum' or None; received scaling={scaling!r}")
        self.side = side
        self.window = window
        self.scaling = scaling
        self.periodic = periodic

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        length, _, frequencies = shape
        angle = -2 * np.pi * np.outer(np.arange(length), np.arange(frequencies)) / (2 * (frequencies - 1))
        kernel = np.cos(angle) if self.side == "real" else np.sin(angle)
        if self.window is not None:
            kernel *= self._scaled_window(length)[:, None]
        return kernel[:, None].astype(dtypes.numpy_dtype(dtypes.standardize_dtype(dtype)))

    def _scaled_window(self, length: int) -> np.ndarray:
        named = isinstance(self.window, str)
        window = _window(self.window, length, self.periodic) if named else np.asarray(self.window, "float64")
        if window.shape != (length,):
            raise ValueError(f"the window has shape {window.shape}; a kernel of length {length} needs ({length},)")
        if self.scaling == "density":
            return window / np.sqrt(np.sum(window**2))
        return window / np.sum(np.abs(window)) if self.scaling == "spectrum" else window

    def get_config(self) -> dict[str, Any]:
        window = serialize_keras_object(self.window)
        return {"side": self.side, "window": window, "periodic": self.periodic, "scaling": self.scaling}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return super().from_config({**config, "window": deserialize_keras_object(config["window"])})
