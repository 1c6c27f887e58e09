import numpy as np
import pytest

from kerasish import initializers
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable
from kerasish.saving import register_keras_serializable


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("glorot_uniform", "GlorotUniform"), ("GlorotUniform", "GlorotUniform"), ("he_normal", "HeNormal"),
        ("zeros", "Zeros"), ("zero", "Zeros"), ("one", "Ones"), ("normal", "RandomNormal"), ("stft", "STFT"),
        ("uniform", "RandomUniform"), ("orthogonal", "Orthogonal"), ("OrthogonalInitializer", "Orthogonal"),
    ],
)  # fmt: skip
def test_names(spelling, name):
    assert type(initializers.get(spelling)) is getattr(initializers, name)


def test_every_spelling_names_a_public_class():
    from kerasish.initializers.serialization import NAMES

    for spelling in NAMES:
        assert isinstance(initializers.get(spelling), initializers.Initializer)


def test_what_is_one_already_stays():
    made = initializers.HeNormal(3)
    assert initializers.get(made) is made and initializers.get(None) is None and initializers.get(np.ones) is np.ones
    assert isinstance(initializers.get(initializers.Zeros), initializers.Zeros)


def test_configs_go_round():
    made = initializers.VarianceScaling(2.0, "fan_out", "uniform", 4)
    config = initializers.serialize(made)
    assert config["module"] == "keras.initializers" and config["class_name"] == "VarianceScaling"
    for read in (initializers.deserialize, initializers.get):
        assert np.array_equal(read(config)((3, 3)), made((3, 3)))


def test_a_config_of_keras_2_is_read():
    old = {"class_name": "glorot_uniform", "config": {"seed": 1, "dtype": "float32"}}
    assert np.array_equal(initializers.get(old)((3, 3)), initializers.GlorotUniform(1)((3, 3)))


@pytest.mark.parametrize("make", [np.array, Variable])
def test_an_array_initializes_its_own_shape(make):
    initialize = initializers.get(make(np.array([1.5, 2.5])))
    assert initialize((2,), "int32").tolist() == [1, 2] and initialize([2]).dtype == "float32"
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        initialize((3,))


def test_a_tensor_initializes_too():
    with GradientTape() as tape:
        doubled = tape.watch(np.ones(2, "float32")) * 2
        initialize = initializers.get(doubled)
    assert initialize((2,)).tolist() == [2, 2]


@pytest.mark.parametrize("bad", [3, ["zeros"], 1.5])
def test_what_means_nothing_is_refused(bad):
    with pytest.raises(ValueError, match="initializer"):
        initializers.get(bad)


def test_a_misspelled_name_brings_the_nearest():
    with pytest.raises(ValueError, match=r"unknown initializer 'he_norml'.*'he_normal'"):
        initializers.get("he_norml")


def test_custom_initializers_have_names_too():
    @register_keras_serializable("test_initializers")
    class Sevens(initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return np.full(shape, 7, dtype)

    assert initializers.get("test_initializers>Sevens")((1,), "int32") == 7
    assert type(initializers.deserialize(initializers.serialize(Sevens()))) is Sevens
    assert type(initializers.deserialize("Sevens", {"Sevens": Sevens})) is Sevens
