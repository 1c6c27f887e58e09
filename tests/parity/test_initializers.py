"""Names, configs and statistics of initializers against Keras's."""

import keras
import numpy as np
import pytest
from keras.src import initializers as keras_initializers

from kerasish import initializers
from kerasish.initializers.serialization import NAMES

pytestmark = pytest.mark.parity

ARGUMENTS = {
    "Constant": {"value": 2.5},
    "GlorotNormal": {"seed": 1},
    "GlorotUniform": {},
    "HeNormal": {"input_axes": [1], "output_axes": [0]},
    "HeUniform": {},
    "LecunNormal": {},
    "LecunUniform": {"seed": 3},
    "Ones": {},
    "Orthogonal": {"gain": 2.0, "seed": 1},
    "RandomNormal": {"mean": 1.0},
    "RandomUniform": {"minval": -1.0},
    "STFT": {"side": "imag", "window": "hamming"},
    "TruncatedNormal": {"stddev": 2.0},
    "VarianceScaling": {"mode": "fan_out", "distribution": "normal"},
    "Zeros": {},
}


def test_the_accepted_spellings():
    assert {key: cls.__name__ for key, cls in keras_initializers.ALL_OBJECTS_DICT.items()} == NAMES


@pytest.mark.parametrize("name", ARGUMENTS)
def test_configs_are_equal_and_open_there(name):
    ours = getattr(initializers, name)(**ARGUMENTS[name])
    theirs = getattr(keras.initializers, name)(**ARGUMENTS[name])
    assert ours.get_config() == theirs.get_config()
    assert initializers.serialize(ours) == keras.initializers.serialize(theirs)
    assert type(keras.initializers.get(initializers.serialize(ours))) is type(theirs)
    assert type(initializers.get(keras.initializers.serialize(theirs))) is type(ours)


@pytest.mark.parametrize("name", ["Zeros", "Ones", "Constant"])
def test_constants_are_equal(name):
    ours, theirs = (getattr(package, name)(**ARGUMENTS[name]) for package in (initializers, keras.initializers))
    assert np.array_equal(ours((2, 3)), np.asarray(theirs((2, 3))))


def test_identity_is_equal_and_its_config_opens_there():
    ours = initializers.Identity(3.0)
    assert np.array_equal(ours((2, 3)), np.asarray(keras.initializers.Identity(3.0)((2, 3))))
    read = keras.initializers.get(initializers.serialize(ours))
    assert np.array_equal(ours((2, 3)), np.asarray(read((2, 3))))


@pytest.mark.parametrize("name", [n for n in ARGUMENTS if n not in ("Zeros", "Ones", "Constant", "STFT")])
def test_random_values_have_the_same_distribution(name):
    arguments = {key: value for key, value in ARGUMENTS[name].items() if key != "seed"}
    ours = getattr(initializers, name)(**arguments, seed=1)((200, 300))
    theirs = np.asarray(getattr(keras.initializers, name)(**arguments, seed=1)((200, 300)))
    levels = [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999]
    gap = np.abs(np.quantile(ours, levels) - np.quantile(theirs, levels)).max() / theirs.std()
    assert gap < 0.15 and abs(ours.std() / theirs.std() - 1) < 0.02
    assert abs(np.abs(ours).max() / np.abs(theirs).max() - 1) < 0.2


@pytest.mark.parametrize(
    "window",
    ["hann", "hamming", "blackman", "nuttall", "blackmanharris", "flattop", "bartlett", "cosine", "boxcar", None],
)
@pytest.mark.parametrize(("side", "scaling"), [("real", "density"), ("imag", "spectrum"), ("real", None)])
@pytest.mark.parametrize("periodic", [False, True])
def test_fourier_kernels_are_equal(window, side, scaling, periodic):
    pytest.importorskip("scipy")
    ours = initializers.STFT(side, window, scaling, periodic)((12, 1, 9))
    theirs = np.asarray(keras.initializers.STFT(side, window, scaling, periodic)((12, 1, 9)))
    assert np.allclose(ours, theirs, atol=5e-6)
