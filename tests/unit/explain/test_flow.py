"""Gradient flow: verdicts on networks that are sick in a known way."""

import sys
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras

sys.path.insert(0, str(Path(__file__).parent))
from sample_models import MODELS, make, points


def _deep(activation, initializer="glorot_uniform", depth=10, units=16):
    keras.utils.set_random_seed(0)
    stack = [keras.layers.Dense(units, activation, kernel_initializer=initializer) for _ in range(depth)]
    return keras.Sequential([keras.Input((2,)), *stack, keras.layers.Dense(1)])


def _flow(model):
    x, y = points(32)
    return keras.explain.gradient_flow(model, x / x.std(), y, loss="mse")


def test_deep_sigmoids_vanish_and_relu_with_he_normal_does_not():
    sick, well = _flow(_deep("sigmoid")), _flow(_deep("relu", "he_normal"))
    assert sick.verdict == "vanishing" and sick.layers[0].verdict == "vanishing"
    assert sick.layers[-1].verdict == "healthy"
    assert "he_normal" in sick.advice and "BatchNormalization" in sick.advice
    sizes = [layer.weight_gradient for layer in sick.layers]
    assert sizes[0] < 1e-4 * sizes[-1]
    assert well.verdict == "healthy" and well.layers[0].gradient > 0.01 * well.layers[-1].gradient


def test_large_weights_explode():
    flow = _flow(_deep("linear", keras.initializers.RandomNormal(stddev=3.0)))
    assert flow.verdict == "exploding" and "clipnorm" in flow.advice


def test_overflow_is_told_and_does_not_warn(recwarn):
    model = _deep("linear", keras.initializers.RandomNormal(stddev=1e6))
    assert _flow(model).verdict == "exploding"
    assert "nan" in str(_flow(model)) or "inf" in str(_flow(model))
    assert not recwarn.list


def test_dead_units():
    model = _deep("relu", depth=2)
    model.layers[1].bias.assign(np.full(16, -100.0))
    flow = _flow(model)
    assert flow.verdict == "dead"
    assert [layer.dead for layer in flow.layers[:2]][1] == 1.0
    assert "leaky_relu" in flow.advice


def test_saturated_units():
    model = _deep("tanh", depth=2)
    model.layers[1].set_weights([40 * w for w in model.layers[1].get_weights()])
    model.layers[0].set_weights([40 * w for w in model.layers[0].get_weights()])
    flow = _flow(model)
    assert flow.layers[0].saturated > 0.8 and flow.layers[1].saturated > 0.8
    fresh = _flow(_deep("tanh", depth=2))
    assert fresh.layers[0].saturated < 0.2 and fresh.verdict == "healthy"


def test_relu_has_no_flat_end_on_its_right():
    assert all(layer.saturated is None for layer in _flow(_deep("relu")).layers)


@pytest.mark.parametrize("name", MODELS)
def test_every_kind_of_model(name):
    model = make(name)
    before = [v.numpy() for v in model.variables]
    flow = keras.explain.gradient_flow(model, *points())
    for held, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(held, variable.numpy())
    assert flow.layers and all(layer.output >= 0 for layer in flow.layers)
    assert any(layer.weight_gradient for layer in flow.layers)
    assert flow.verdict in str(flow)


def test_names_of_layers_that_are_called_twice():
    names = [layer.name for layer in keras.explain.gradient_flow(make("shared"), *points()).layers]
    assert names[1] == f"{names[0]} (2)"


def test_norms_are_those_of_the_tape():
    model, (x, y) = make("sequential"), points()
    with keras.GradientTape() as tape:
        loss = model.compute_loss(x=x, y=y, y_pred=model(x, training=True))
    kernel, bias = tape.gradient(loss, model.layers[0].trainable_variables)
    found = keras.explain.gradient_flow(model, x, y).layers[0]
    assert found.weight_gradient == pytest.approx(np.sqrt((kernel**2).sum() + (bias**2).sum()), rel=1e-5)
    assert found.activation == "sigmoid" and found.kind == "Dense"
    assert found.output == pytest.approx(float(np.sqrt(np.mean(model.layers[0](x) ** 2))), rel=1e-5)


def test_without_a_loss():
    with pytest.raises(ValueError, match="there is no loss"):
        keras.explain.gradient_flow(_deep("relu"), *points())


def _spoilt(what):
    model, (x, y) = _deep("tanh", depth=2), points(8)
    x, y, weight = x.astype("float32"), y.astype("float32").ravel(), np.ones(8, "float32")
    if what == "weights":
        model.layers[1].bias.assign(np.full(16, np.inf))
    else:
        {"x": x[3:5, 1:], "y": y[3:5], "sample_weight": weight[3:5]}[what][...] = np.nan
    return keras.explain.gradient_flow(model, x, y.tolist(), loss="mse", sample_weight=weight)


@pytest.mark.parametrize(
    ("what", "cause"),
    [
        ("x", "x holds nan or infinity in 2 of 8 samples, column 1:"),
        ("y", "y holds nan or infinity in 2 of 8 samples:"),
        ("sample_weight", "sample_weight holds nan or infinity in 2 of 8 samples:"),
        ("weights", "dense_1/bias hold nan or infinity: start again"),
    ],
)
def test_nan_that_was_there_before_is_named(what, cause, recwarn):
    keras.utils.clear_session()
    flow = _spoilt(what)
    assert flow.verdict == "not finite" and cause in flow.advice
    assert "exploding" not in str(flow) and not recwarn.list
