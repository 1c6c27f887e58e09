import numpy as np
import pytest

from kerasish import initializers
from kerasish.initializers.variance_scaling_initializers import compute_fans


@pytest.mark.parametrize(
    ("shape", "fans"), [((), (1, 1)), ((7,), (7, 7)), ((3, 5), (3, 5)), ((2, 3, 5, 7), (30, 42)), ((4, 5, 7), (20, 28))]
)
def test_fans(shape, fans):
    assert compute_fans(shape) == fans


def test_fans_of_named_axes():
    assert compute_fans((2, 3, 5, 7), input_axes=[0, 1], output_axes=[2, -1]) == (6, 35)
    assert compute_fans((2, 3), input_axes=[1]) == (2, 3)


NAMED = {
    "GlorotUniform": 2 / (300 + 700),
    "GlorotNormal": 2 / (300 + 700),
    "LecunUniform": 1 / 300,
    "LecunNormal": 1 / 300,
    "HeUniform": 2 / 300,
    "HeNormal": 2 / 300,
}


@pytest.mark.parametrize("name", NAMED)
def test_the_variance_is_that_of_the_paper(name):
    values = getattr(initializers, name)(seed=1)((300, 700))
    assert abs(values.var() / NAMED[name] - 1) < 0.02 and abs(values.mean()) < 1e-3
    widest = np.abs(values).max() / np.sqrt(NAMED[name])
    assert widest <= (np.sqrt(3) if "Uniform" in name else 2 / 0.8796) * 1.0001


@pytest.mark.parametrize("distribution", ["uniform", "truncated_normal", "untruncated_normal", "Normal"])
@pytest.mark.parametrize(("mode", "fan"), [("fan_in", 50), ("fan_out", 800), ("fan_avg", 425)])
def test_scale_over_fan(distribution, mode, fan):
    values = initializers.VarianceScaling(3.0, mode, distribution, seed=2)((50, 800))
    assert abs(values.var() * fan / 3 - 1) < 0.03


def test_normal_means_truncated():
    assert initializers.VarianceScaling(distribution="normal").get_config()["distribution"] == "truncated_normal"


def test_axes_change_the_fan():
    turned = initializers.HeUniform(seed=1, input_axes=[1], output_axes=[0])
    assert np.array_equal(turned((4, 9)), initializers.HeUniform(seed=1)((9, 4)).reshape(4, 9))
    assert turned.clone().input_axes == [1]


@pytest.mark.parametrize("bad", [{"scale": 0.0}, {"scale": -1}, {"mode": "fan"}, {"distribution": "cauchy"}])
def test_wrong_arguments_are_named(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        initializers.VarianceScaling(**bad)
