"""One step of backpropagation, against the worked examples, the tape, and a step of SGD."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras
from kerasish import ops

sys.path.insert(0, str(Path(__file__).parent))
from sample_models import ACTIVATIONS, MODELS, make, points


def _half_square(y_true, y_pred):
    return ops.sum(0.5 * (y_true - y_pred) ** 2, axis=-1)


def _lecture():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid", use_bias=False)])
    model.set_weights([np.array([[0.35], [0.40]])])
    return model


def test_the_lecture_neuron_to_its_digits():
    step = keras.explain.backprop(_lecture(), [[0.50, 0.51]], [[0.10]], loss=_half_square, learning_rate=1.0)
    (neuron,), (weights,) = step.layers, step.weights
    assert neuron.sums.item() == pytest.approx(0.379, abs=5e-4)
    assert neuron.outputs.item() == pytest.approx(0.5936, abs=5e-5)
    assert neuron.output_gradient.item() == pytest.approx(0.4936, abs=5e-5)
    assert neuron.slopes.item() == pytest.approx(0.2412, abs=5e-5)
    assert weights.after.ravel() == pytest.approx([0.2905, 0.3393], abs=5e-5)
    assert step.prediction_after.item() == pytest.approx(0.5789, abs=5e-5)
    assert step.input_gradient.ravel() == pytest.approx([0.1191 * 0.35, 0.1191 * 0.40], abs=5e-5)
    text = str(step)
    assert "dJ/dw1 = dJ/dy1 × dy1/dz1 × dz1/dw1 = 0.4936 × 0.2412 × 0.5 = 0.0595" in text
    assert "z1 = 0.5 × 0.35 + 0.51 × 0.4 = 0.379" in text
    assert "after the step: 0.1147 (down by 0.0072)" in text


@pytest.mark.parametrize(("rate", "told"), [(0.0, "(unchanged)"), (-1.0, "(up by 0.0073)")])
def test_what_became_of_the_loss(rate, told):
    step = keras.explain.backprop(_lecture(), [[0.50, 0.51]], [[0.10]], loss=_half_square, learning_rate=rate)
    assert told in str(step)


@pytest.mark.parametrize("name", MODELS)
def test_gradients_and_loss_after_are_those_of_a_step_of_sgd(name):
    model, (x, y) = make(name), points()
    before = model.get_weights()
    step = keras.explain.backprop(model, x, y)
    for held, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(held, now)
    model.train_on_batch(x, y)  # SGD(0.1), the rate that the step takes from the compiled optimizer
    for variable, made in zip(model.trainable_variables, step.weights, strict=True):
        np.testing.assert_allclose(variable.numpy(), made.after, rtol=1e-5, atol=1e-6)
        assert made.path == variable.path


@pytest.mark.parametrize("name", MODELS)
def test_the_loss_after_is_the_loss_with_the_new_weights(name):
    model, (x, y) = make(name), points()
    first = keras.explain.backprop(model, x, y, apply=True)
    second = keras.explain.backprop(model, x, y)
    if name != "dropout":  # its next mask is another
        assert second.loss == pytest.approx(first.loss_after, rel=1e-5)
    for made, variable in zip(first.weights, model.trainable_variables, strict=True):
        np.testing.assert_array_equal(made.after, variable.numpy())


def test_random_states_and_moving_averages_are_left_alone():
    x, y = points()
    for name in ("dropout", "batch norm"):
        model = make(name)
        before = [v.numpy() for v in model.variables]
        keras.explain.backprop(model, x, y)
        for held, variable in zip(before, model.variables, strict=True):
            np.testing.assert_array_equal(held, variable.numpy())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_chain_multiplies_to_the_gradient(activation):
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(3, activation=activation), keras.layers.Dense(2, activation=activation)]
    model = keras.Sequential([keras.Input((2,)), *layers])
    x, y = np.random.default_rng(0).normal(size=(2, 5, 2)).astype("float32")
    step = keras.explain.backprop(model, x, y, loss="mse", learning_rate=0.1)
    for layer, (kernel, bias) in zip(step.layers, (step.weights[:2], step.weights[2:]), strict=True):
        assert layer.activation == activation or (activation == "linear" and layer.activation == "")
        delta = layer.output_gradient * layer.slopes
        np.testing.assert_allclose(delta, layer.sum_gradient, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(layer.inputs.T @ delta, kernel.gradient, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(delta.sum(axis=0), bias.gradient, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(layer.inputs @ layer.kernel + layer.bias, layer.sums, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("activation", "loss", "y"),
    [
        ("sigmoid", "binary_crossentropy", [[1.0, 0.0], [0.0, 0.0]]),
        ("softmax", "categorical_crossentropy", [[1.0, 0.0], [0.0, 1.0]]),
        ("softmax", "sparse_categorical_crossentropy", [1, 0]),
    ],
)
def test_a_loss_that_reads_the_sums_still_shows_the_chain(activation, loss, y):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation=activation)])
    step = keras.explain.backprop(model, [[0.5, -1.0], [2.0, 0.3]], y, loss=loss, learning_rate=0.1)
    (layer,) = step.layers
    target = np.eye(2)[y] if np.ndim(y) == 1 else np.array(y)
    scale = 4 if loss == "binary_crossentropy" else 2
    np.testing.assert_allclose(layer.sum_gradient, (layer.outputs - target) / scale, rtol=1e-4, atol=1e-6)
    if activation == "softmax":
        assert layer.slopes is None
        arrived = np.einsum("sk,skj->sj", layer.output_gradient, layer.jacobian)
        assert "sum over k of dJ/dyk × dyk/dz1" in str(step)
    else:
        arrived = layer.output_gradient * layer.slopes
    np.testing.assert_allclose(arrived, layer.sum_gradient, rtol=1e-3, atol=1e-5)


def test_where_an_output_is_read_twice_no_sum_is_claimed():
    model, (x, y) = make("functional"), points(2)
    step = keras.explain.backprop(model, x, y, detail=True)
    assert [layer.feeds for layer in step.layers] == [None, None, 3, None]
    stack = keras.explain.backprop(make("sequential"), x, y)
    assert [layer.feeds for layer in stack.layers] == [1, None]


def test_operations_are_those_on_the_tape():
    step = keras.explain.backprop(make("activation layer"), *points())
    assert [layer.operations for layer in step.layers] == [["dense"], ["tanh"], ["dense"]]


def test_fixed_biases_stay_fixed():
    model = make("sequential")
    model.layers[0].bias.trainable = False
    step = keras.explain.backprop(model, *points(1))
    assert step.detail and [w.path.split("/")[-1] for w in step.weights] == ["kernel", "kernel", "bias"]
    assert str(step).count("dJ/db") == 1


def test_a_large_network_is_summarized():
    model = keras.Sequential([keras.Input((50,)), keras.layers.Dense(40, "relu"), keras.layers.Dense(10, "softmax")])
    x = np.random.default_rng(0).normal(size=(8, 50))
    step = keras.explain.backprop(model, x, np.arange(8), loss="sparse_categorical_crossentropy", learning_rate=0.1)
    assert not step.detail
    assert "dense relu" in str(step) and "norm of gradient" in str(step)
    assert len(str(step)) < 3000
    largest = step.weights[0].gradient[np.unravel_index(np.abs(step.weights[0].gradient).argmax(), (50, 40))]
    assert f"{largest:.4f}" in str(step)
    assert "dz1" in str(keras.explain.backprop(make("sequential"), *points(300), detail=True))


def test_models_of_several_outputs_and_integer_inputs():
    inputs = keras.Input((3,), dtype="int32")
    found = keras.layers.Flatten()(keras.layers.Embedding(5, 2)(inputs))
    model = keras.Model(inputs, [keras.layers.Dense(1)(found), keras.layers.Dense(2)(found)])
    model.compile("sgd", loss=["mse", "mae"])
    step = keras.explain.backprop(model, np.array([[0, 1, 4]]), [np.ones((1, 1)), np.ones((1, 2))])
    assert step.input_gradient is None and step.loss_after < step.loss
    assert len(step.weights) == 5 and str(step)


def test_without_a_loss():
    with pytest.raises(ValueError, match=r"there is no loss.*not compiled.*loss=.*model\.compile"):
        keras.explain.backprop(_lecture(), [[0.5, 0.51]], [[0.1]])


def test_without_anything_to_learn():
    model = _lecture()
    model.trainable = False
    with pytest.raises(ValueError, match="has no trainable weights: set `trainable = True`"):
        keras.explain.backprop(model, [[0.5, 0.51]], [[0.1]], loss="mse")


def test_without_targets():
    with pytest.raises(ValueError, match="needs targets, give `y`"):
        keras.explain.backprop(_lecture(), [[0.5, 0.51]], loss="mse")


@pytest.mark.parametrize("rate", [float("nan"), "fast", keras.optimizers.schedules.CosineDecay(0.1, 10)])
def test_a_learning_rate_is_a_number(rate):
    with pytest.raises(ValueError, match="learning_rate must be a finite number"):
        keras.explain.backprop(_lecture(), [[0.5, 0.51]], [[0.1]], "mse", learning_rate=rate)


def test_an_optimizers_learning_rate_is_a_number():
    rate = keras.optimizers.SGD(0.25).learning_rate
    assert keras.explain.backprop(_lecture(), [[0.5, 0.51]], [[0.1]], "mse", learning_rate=rate).learning_rate == 0.25


def test_a_text_that_nobody_could_read_is_refused():
    model = keras.Sequential([keras.Input((400,)), keras.layers.Dense(300)])
    x, y = np.ones((1, 400)), np.ones((1, 300))
    with pytest.raises(ValueError, match=r"detail=True would write 120300 products.*fewer samples"):
        keras.explain.backprop(model, x, y, loss="mse", detail=True)
    assert not keras.explain.backprop(model, x, y, loss="mse").detail


def test_overflow_does_not_warn(recwarn):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "relu"), keras.layers.Dense(1)])
    model.set_weights([np.full(w.shape, 1e20) for w in model.get_weights()])
    step = keras.explain.backprop(model, np.ones((2, 2)), np.ones((2, 1)), loss="mse")
    assert step.loss == np.inf and not list(recwarn)
    assert "left their range" in str(step)


def test_a_bias_behind_softmax_shows_its_number_once_and_a_negative_rate_its_sign():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, "softmax")])
    model.set_weights([np.zeros((1, 2)), np.zeros(2)])
    text = str(keras.explain.backprop(model, [[1.0]], [[0.0, 1.0]], "categorical_crossentropy", learning_rate=-1.0))
    assert "dJ/db1 = dJ/dz1 × 1 = 0.5\n" in text
    assert "- (-1) × 0.5 = 0.5" in text


def test_the_layers_work_as_before_afterwards():
    model, (x, y) = make("sequential"), points()
    before = model.predict(x, verbose=0)
    own = [sorted(layer.__dict__) for layer in model.layers]
    with pytest.raises(ValueError):
        keras.explain.backprop(model, x, np.ones((16, 7)))
    keras.explain.backprop(model, x, y)
    assert own == [sorted(layer.__dict__) for layer in model.layers]
    np.testing.assert_array_equal(before, model.predict(x, verbose=0))


def _dense(samples, units=2):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(1)])
    return model, np.ones((samples, 2)), np.ones((samples, 1))


def _convolution():
    model = keras.Sequential([keras.Input((4, 1)), keras.layers.Conv1D(2, 2, name="conv"), keras.layers.Flatten()])
    return model, np.ones((1, 4, 1)), np.ones((1, 6))


def _called_twice():
    x, twice = keras.Input((2,)), keras.layers.Dense(2, name="twice")
    return keras.Model(x, twice(twice(x))), np.ones((1, 2)), np.ones((1, 2))


class _Bare(keras.Model):
    """A model with a variable that belongs to no layer."""

    def __init__(self):
        super().__init__()
        self.factor = keras.Variable(np.ones(2), name="factor")

    def call(self, x):
        return x * self.factor


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (_dense(100), "9 weights times 100 samples are 900 products.*Give fewer samples, or detail=True"),
        (_dense(1, 100), "401 weights times 1 sample are 401 products.*Give a smaller model, or detail=True"),
        (_dense(50_000), r"450000 products.*Give fewer samples\.$"),
        (_convolution(), "fully connected, called once, and given rows; conv is no such layer"),
        (_called_twice(), "twice is no such layer"),
        ((_Bare(), np.ones((1, 2)), np.ones((1, 2))), "factor is no such layer"),
    ],
)
def test_norms_come_with_the_reason(made, reason):
    model, x, y = made
    step = keras.explain.backprop(model, x, y, loss="mse")
    assert not step.detail and re.search(reason, step.reason) and step.reason in str(step)
    assert keras.explain.backprop(model, x, y, loss="mse", detail=False).reason == ""


def test_products_need_no_reason():
    step = keras.explain.backprop(*_dense(2), loss="mse")
    assert step.detail and step.reason == "" and "Norms" not in str(step)


def test_the_picture_shows_what_was_wanted_and_what_the_weights_become():
    pytest.importorskip("matplotlib")
    step = keras.explain.backprop(_lecture(), [[0.50, 0.51]], [[0.10]], loss=_half_square, learning_rate=1.0)
    texts = [text.get_text() for text in step.plot().axes[0].texts]
    assert {"w = 0.35 → 0.2905\ndJ/dw = 0.0595", "w = 0.4 → 0.3393\ndJ/dw = 0.0607"} <= set(texts)
    assert {"wanted 0.1\ny - wanted = 0.4936", "z = 0.379\ndJ/dz = 0.1191"} <= set(texts)


def test_the_picture_shows_the_gradient_of_a_bias_over_all_samples():
    pytest.importorskip("matplotlib")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    step = keras.explain.backprop(model, [[1.0], [3.0]], [[0.0], [0.0]], loss="mse", learning_rate=0.1)
    texts = [text.get_text() for text in step.plot().axes[0].texts]
    # dJ/dz of a sample is 2 × error / 2 samples: 1 and 3.
    assert "z = 1\ndJ/dz = 1\nb = 0 → -0.4\ndJ/db = 4" in texts
    model.layers[0].bias.trainable = False
    step = keras.explain.backprop(model, [[1.0], [3.0]], [[0.0], [0.0]], loss="mse", learning_rate=0.1)
    assert any("b = 0 (held fixed)" in text.get_text() for text in step.plot().axes[0].texts)


def test_a_weight_has_one_name_in_the_chain_and_in_the_update():
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(2, name="low"), keras.layers.Dense(1, name="top")])
    text = str(keras.explain.backprop(model, np.ones((1, 10)), np.ones((1, 1)), "mse"))
    assert "backward: low (w1,2 is the weight from input 1 to unit 2)\n" in text and "backward: top\n" in text
    for name in ("w10,2", "w2"):
        assert f"  dJ/d{name} = dJ/dy" in text and f", {name}: " in text
