"""Fourier transforms: what goes forth comes back, and what does not fit is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.tape import GradientTape

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_parts_keep_the_dtype(dtype: str) -> None:
    x = RNG.normal(size=(2, 6)).astype(dtype)
    for part in (*ops.fft((x, x)), *ops.rfft(x), ops.irfft(ops.rfft(x))):
        assert part.dtype == dtype
    near = {"float16": 2e-2, "float32": 1e-5, "float64": 1e-12}[dtype]
    np.testing.assert_allclose(ops.irfft(ops.rfft(x)), x, atol=near)


@pytest.mark.parametrize("stride", [1, 3, 5])
@pytest.mark.parametrize(("window", "scale"), [("hann", 1), (np.arange(1.0, 6.0), 1), (None, "one over the stride")])
def test_a_signal_comes_back_from_its_frames(window: Any, scale: Any, stride: int) -> None:
    x = RNG.normal(size=(2, 30))
    back = ops.istft(ops.stft(x, 5, stride, 8, window), 5, stride, 8, 30, window)
    seen = back != 0  # a frame's window that is narrower than the stride leaves gaps
    expected = x[:, : back.shape[1]] * (1 if scale == 1 else 8 / stride)
    np.testing.assert_allclose(back[seen], expected[seen], atol=1e-12)
    assert seen.mean() > 0.7


def test_frames_that_overlap_add_up() -> None:
    frames = np.arange(1.0, 7.0).reshape(2, 3)
    from kerasish.ops.signal import overlap_added

    np.testing.assert_array_equal(overlap_added(frames, stride=2, size=5), [1, 2, 3 + 4, 5, 6])
    np.testing.assert_array_equal(overlap_added(frames, stride=4, size=7), [1, 2, 3, 0, 4, 5, 6])


def test_a_spectrum_can_be_learned_from() -> None:
    """The gradient of a signal's power at one frequency points along the tone of that frequency."""
    x = RNG.normal(size=32)
    with GradientTape() as tape:
        watched = tape.watch(x)
        real, imag = ops.rfft(watched)
        power = real[3] ** 2 + imag[3] ** 2
    slope = tape.gradient(power, watched)
    spectrum = np.abs(np.fft.rfft(slope))
    assert np.argmax(spectrum) == 3 and np.delete(spectrum, 3).max() < 1e-10


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ops.fft(np.ones(3)), ValueError, "fft takes a pair"),
        (lambda: ops.fft((np.ones(3), np.ones(4))), ValueError, "(3,) and (4,)"),
        (lambda: ops.fft2((np.ones(3), np.ones(3))), ValueError, "at least 2 axes"),
        (lambda: ops.irfft((np.ones(3, int), np.ones(3, int))), ValueError, "float type"),
        (lambda: ops.rfft(np.ones(3), 0), ValueError, "at least 1"),
        (lambda: ops.stft(np.ones(9, "int32"), 3, 2, 4), TypeError, "received int32"),
        (lambda: ops.stft(np.ones(9), 5, 2, 4), ValueError, "fft_length=4"),
        (lambda: ops.stft(np.ones(9), 3, 0, 4), ValueError, "sequence_stride=0"),
        (lambda: ops.stft(np.ones(9), 3, 2, 4, "blackman"), ValueError, "window='blackman'"),
        (lambda: ops.stft(np.ones(9), 3, 2, 4, np.ones(4)), ValueError, "shape (3,)"),
        (lambda: ops.stft(np.ones(3), 3, 2, 4, center=False), ValueError, "received 3"),
        (lambda: ops.istft((np.ones(3), np.ones(3)), 3, 2, 4), ValueError, "at least 2 axes"),
    ],
)
def test_what_does_not_fit_is_named(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call()
