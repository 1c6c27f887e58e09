import numpy as np
import pytest

from kerasish.initializers import STFT


def test_the_kernels_compute_a_fourier_transform():
    signal = np.random.default_rng(0).normal(size=16)
    real, imaginary = (STFT(side, None, None)((16, 1, 9), "float64")[:, 0] for side in ("real", "imag"))
    assert np.allclose(signal @ real + 1j * (signal @ imaginary), np.fft.rfft(signal))


@pytest.mark.parametrize("periodic", [False, True])
def test_a_window_given_by_name_equals_its_values(periodic):
    values = np.hanning(9)[:8] if periodic else np.hanning(8)
    named = STFT("real", "hann", "density", periodic)((8, 1, 5))
    assert np.allclose(named, STFT("real", values, "density")((8, 1, 5)))


def test_scaling():
    window = np.array([1.0, 3.0, 2.0, 0.0])
    raw = STFT(window=window, scaling=None)((4, 1, 3))
    assert np.allclose(STFT(window=window, scaling="spectrum")((4, 1, 3)), raw / 6)
    assert np.allclose(STFT(window=window, scaling="density")((4, 1, 3)), raw / np.sqrt(14), atol=1e-6)


def test_a_window_of_values_survives_the_config():
    made = STFT("imag", np.array([1.0, 2.0, 3.0, 4.0]), None)
    assert np.array_equal(made.clone()((4, 1, 3)), made((4, 1, 3)))


@pytest.mark.parametrize("bad", [{"side": "left"}, {"window": "round"}, {"scaling": "loud"}])
def test_wrong_arguments_are_named(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        STFT(**bad)


def test_a_window_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="length 8"):
        STFT(window=np.ones(7))((8, 1, 5))
