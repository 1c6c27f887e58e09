"""Activations beside their derivatives, against central differences."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.activations.serialization import NAMES


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"softmax", "log_softmax", "sparsemax", "glu", "threshold"}))
def test_slopes_are_the_differences(name):
    curves = keras.explain.activations(name, low=-2.97, high=3.03)
    z, step = curves.z.astype("float64"), 1e-4
    function = getattr(keras.activations, name)
    differences = (function(z + step) - function(z - step)) / (2 * step)
    near_a_kink = np.abs(np.diff(curves.slopes[name], append=curves.slopes[name][-1])) > 0.05
    fine = ~(near_a_kink | np.roll(near_a_kink, 1))
    np.testing.assert_allclose(curves.slopes[name][fine], differences[fine], rtol=1e-3, atol=1e-3)


def test_names_functions_and_dicts():
    assert list(keras.explain.activations().values)[:3] == ["linear", "sigmoid", "tanh"]
    chosen = keras.explain.activations({"steep": lambda z: 3 * z, "relu": "relu"})
    assert chosen.slopes["steep"] == pytest.approx(3.0)
    assert "steep" in str(chosen)


@pytest.mark.parametrize("name", ["softmax", "sparsemax"])
def test_an_activation_of_several_sums_is_refused(name):
    pytest.importorskip("kerasish")
    z = np.linspace(-1, 1, 6).reshape(2, 3).astype("float32")
    from kerasish.explain.probe import slope

    assert slope(getattr(keras.activations, name), z) is None


def test_an_unknown_name():
    with pytest.raises(ValueError, match="sigmoid"):
        keras.explain.activations("sigmoyd")


def test_softmax_of_one_sum_is_no_curve_either():
    with pytest.raises(ValueError, match="softmax makes each output from several"):
        keras.explain.activations("softmax")


@pytest.mark.parametrize("arguments", [([],), ("relu", 3.0, 3.0)])
def test_nothing_to_draw(arguments):
    with pytest.raises(ValueError, match="nothing to draw"):
        keras.explain.activations(*arguments)


def test_what_is_no_activation():
    with pytest.raises(TypeError, match="a name or a function, or several of them; received 5"):
        keras.explain.activations(5)


def test_where_a_slope_is_the_steepest():
    curves = keras.explain.activations(["linear", "relu", "elu", "hard_sigmoid", "tanh", "hard_silu"])
    told = {row[0]: row[-1] for row in curves.blocks()[0].rows}
    assert told == {
        "linear": "1 everywhere",
        "relu": "1 above 0",
        "elu": "1 above 0",
        "hard_sigmoid": "0.167 from -3 to 3",
        "tanh": "1 at 0",
        "hard_silu": "1.5 at 3",
    }
