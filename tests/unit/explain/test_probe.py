"""What a recording keeps, and that it leaves the model as it was."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.explain.probe import (
    differentiate,
    listening,
    loss_of,
    one_batch,
    outputs_of_layers,
    preserved,
    record,
    slope,
)

X = np.array([[0.5, -1.0], [2.0, 0.3], [-0.7, 0.1]], "float32")
Y = np.array([[1.0], [0.0], [1.0]], "float32")


def _model(**kwargs):
    keras.utils.set_random_seed(0)
    hidden = keras.layers.Dense(3, activation="relu", name="hidden")
    model = keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(1, activation="sigmoid", name="top")])
    model.compile("sgd", "binary_crossentropy")
    return model


def test_activations_are_computed_apart_from_sums():
    model = _model()
    made = record(model, X, Y)
    hidden, top = made.calls
    kernel, bias = model.layers[0].get_weights()
    np.testing.assert_allclose(hidden.sums.value, X @ kernel + bias, rtol=1e-6)
    np.testing.assert_array_equal(hidden.outputs.value, np.maximum(hidden.sums.value, 0))
    assert (hidden.name, top.name) == ("hidden", "top")
    assert [node.primitive.name for node in made.nodes[:4]] == ["dense", "relu", "dense", "sigmoid"]


def test_gradients_are_those_of_a_tape():
    model = _model()
    made = record(model, X, Y, watch_inputs=True)
    with keras.GradientTape() as tape:
        watched = tape.watch(X)
        loss = model.compute_loss(x=watched, y=Y, y_pred=model(watched, training=True))
    *expected, by_input = tape.gradient(loss, [*model.trainable_variables, watched])
    for (variable, found), wanted in zip(made.weight_gradients(), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7, err_msg=variable.path)
    np.testing.assert_allclose(made.gradients([made.x])[0], by_input, rtol=1e-5, atol=1e-7)
    assert float(made.loss) == pytest.approx(float(loss))


def test_a_recording_keeps_the_weights_that_it_saw():
    model = _model()
    made = record(model, X, Y)
    seen = [leaf.value.copy() for leaf in made.leaves.values()]
    before = made.weight_gradients()
    model.train_on_batch(X, Y)
    for held, leaf in zip(seen, made.leaves.values(), strict=True):
        np.testing.assert_array_equal(held, leaf.value)
    for (_, first), (_, again) in zip(before, made.weight_gradients(), strict=True):
        np.testing.assert_array_equal(first, again)


def test_layers_are_as_before_even_after_an_error():
    model = _model()
    before = [dict(layer.__dict__) for layer in model.layers]
    with pytest.raises(RuntimeError, match="stop"), listening(model):
        raise RuntimeError("stop")
    assert before == [layer.__dict__ for layer in model.layers]


def test_preserved_puts_weights_random_states_and_metrics_back():
    dropout = keras.layers.Dropout(0.5, seed=3)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.BatchNormalization(), dropout])
    model.compile("sgd", "mse")
    model.train_on_batch(X, X)
    before = [v.numpy() for v in (*model.variables, *model.metrics_variables)]
    with preserved(model):
        model.train_on_batch(X, X)
        assert any((a != v.numpy()).any() for a, v in zip(before, model.variables, strict=False))
    for held, variable in zip(before, (*model.variables, *model.metrics_variables), strict=True):
        np.testing.assert_array_equal(held, variable.numpy())


def test_outputs_of_layers_are_those_of_prediction():
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dropout(0.9, name="drop"), keras.layers.Dense(1, name="top")]
    )
    found = dict(outputs_of_layers(model, X))
    np.testing.assert_array_equal(found["drop"], X)
    np.testing.assert_array_equal(found["top"], model.predict(X, verbose=0))


def test_layers_are_heard_in_a_model_that_remembers_its_pass():
    model = _model()
    for _ in range(6):
        answer = model(X)
        found = dict(outputs_of_layers(model, X))
        assert list(found) == ["hidden", "top"]
        np.testing.assert_allclose(found["top"], answer, rtol=1e-6)
    model.layers[1].set_weights([w + 1 for w in model.layers[1].get_weights()])
    np.testing.assert_allclose(dict(outputs_of_layers(model, X))["top"], model(X), rtol=1e-6)


def test_an_activation_of_the_users_stays_one_while_it_is_heard():
    layer = keras.layers.Dense(2, activation=lambda z: z * 2)
    model = keras.Sequential([keras.Input((2,)), layer])
    with listening(model):
        assert layer.activation.__module__ == __name__


def test_a_model_that_is_not_built_is_built():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert len(record(model, X, Y).calls) == 1


def test_a_model_that_is_one_layer_itself():
    class Line(keras.trainers.Trainer, keras.layers.Dense):
        pass

    model = Line(1)
    model.compile("sgd", "mse")
    made = record(model, X, Y)
    assert len(made.calls) == 1 and len(made.weight_gradients()) == 2


def test_the_loss_given_and_the_loss_compiled():
    model = _model()
    batch = one_batch(model, X, Y)
    p = np.array([[0.9], [0.2], [0.6]], "float32")
    assert float(loss_of(model, batch, p)) == pytest.approx(-np.log([0.9, 0.8, 0.6]).mean(), rel=1e-4)
    assert float(loss_of(model, batch, p, "mse")) == pytest.approx(np.mean([0.01, 0.04, 0.16]), rel=1e-5)


def test_differentiate():
    value, gradient = differentiate(lambda z: z**3, np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    assert (value.tolist(), gradient.tolist()) == ([1, 8], [3, 120])
    assert differentiate(lambda z: np.ones(2), np.array([1.0, 2.0]))[1].tolist() == [0, 0]
    assert differentiate(lambda z: z, np.array([1.0]))[1].tolist() == [1]


def test_slope_is_for_functions_of_one_sum():
    z = np.array([[-1.0, 0.5, 2.0], [3.0, -0.2, 0.1]])
    np.testing.assert_array_equal(slope(keras.activations.relu, z), z > 0)
    assert slope(keras.activations.softmax, z) is None
    assert slope(lambda a: a * np.mean(a, axis=-1, keepdims=True), z) is None
    assert slope(lambda a: a[:, :1], z) is None
