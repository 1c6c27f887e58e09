"""Losses and metrics by output: how settings and targets match the outputs, and what logs call them."""

import numpy as np
import pytest

import kerasish as keras

X = np.linspace(-1, 1, 24, dtype="float32").reshape(8, 3)
Y = X.sum(axis=1, keepdims=True)


def outputs(arrange):
    """A functional model whose three outputs `p`, `q` and `r` stand in a structure."""
    x = keras.Input((3,), name="x")
    p, q, r = (keras.layers.Dense(1, name=name, kernel_initializer="ones")(x) for name in "pqr")
    return keras.Model(x, arrange(p, q, r))


def fitted(model, y, **settings):
    model.compile(keras.optimizers.SGD(0.0), **settings)
    history = model.fit(X, y, verbose=0).history
    return {name: values[0] for name, values in history.items()}


STRUCTURES = {
    "list in dict": (lambda p, q, r: {"one": p, "rest": [q, r]}, ["one", "rest/q", "rest/r"]),
    "dict in dict": (lambda p, q, r: {"one": p, "rest": {"u": q, "v": r}}, ["one", "rest/u", "rest/v"]),
    "list in list": (lambda p, q, r: [p, [q, r]], ["p", "1/q", "1/r"]),
    "dict in list": (lambda p, q, r: [p, {"u": q, "v": r}], ["p", "1/u", "1/v"]),
}


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("one_for_all", [False, True])
def test_losses_nested_like_the_outputs(name, one_for_all):
    arrange, labels = STRUCTURES[name]
    loss = "mse" if one_for_all else arrange("mse", "mae", "mse")
    logs = fitted(outputs(arrange), arrange(Y, Y + 1, Y + 2), loss=loss)
    assert set(logs) == {"loss", *(f"{label}_loss" for label in labels)}
    assert [logs[f"{label}_loss"] for label in labels] == pytest.approx([0, 1, 4], abs=1e-5)
    assert logs["loss"] == pytest.approx(5, abs=1e-5)


def test_metrics_nested_like_the_outputs():
    arrange, _ = STRUCTURES["list in dict"]
    metrics = {"rest": [["mae"], ["mse", "mae"]]}
    logs = fitted(outputs(arrange), arrange(Y, Y + 1, Y + 2), loss="mse", metrics=metrics)
    assert {k: round(v, 4) for k, v in logs.items() if not k.endswith("loss")} == {"q_mae": 1, "r_mse": 4, "r_mae": 2}


class Pair(keras.Model):
    """Two outputs without names."""

    def __init__(self):
        super().__init__()
        self.a, self.b = keras.layers.Dense(1), keras.layers.Dense(1)

    def call(self, inputs):
        return self.a(inputs), self.b(inputs)


def test_outputs_without_names_are_told_by_their_losses():
    logs = fitted(Pair(), [Y, Y], loss=["mse", keras.losses.Huber()], metrics=[["mae"], ["mse", "mae"]])
    assert set(logs) == {"loss", "mse_loss", "huber_loss_loss", "mae", "mse", "mae_1"}


def test_metrics_of_one_name():
    model = keras.Sequential([keras.layers.Dense(1)])
    metrics = ["mse", "mae", "mae", keras.metrics.MeanAbsoluteError(name="mae")]
    logs = fitted(model, Y, loss="mse", metrics=metrics, weighted_metrics=["mae", "mae"])
    assert set(logs) == {"loss", "mse", "mae", "mae_1", "mae_2", "weighted_mae", "weighted_mae_1"}


def test_metric_objects_are_counted_once():
    model = outputs(lambda p, q, r: [p, q])
    logs = fitted(model, [Y, Y], loss="mse", metrics={"q": [keras.metrics.MeanAbsoluteError(name="own")]})
    assert set(logs) == {"loss", "p_loss", "q_loss", "q_own"}
    assert [metric.name for metric in model.metrics] == ["loss", "compile_metrics", "p_loss", "q_loss"]
    assert len(model.evaluate(X, [Y, Y], verbose=0)) == 4


@pytest.mark.parametrize("loss", ["crossentropy", "CE"])
@pytest.mark.parametrize(
    ("y", "units", "same"),
    [
        (np.arange(8) % 3, 3, "sparse_categorical_crossentropy"),
        (np.eye(3)[np.arange(8) % 3], 3, "categorical_crossentropy"),
        (np.arange(8) % 2, 1, "binary_crossentropy"),
    ],
)
def test_the_kind_of_crossentropy_follows_the_data(loss, y, units, same):
    keras.utils.set_random_seed(0)
    top = keras.layers.Dense(units, activation="softmax" if units > 1 else "sigmoid")
    model = keras.Sequential([keras.Input((3,)), top])
    assert fitted(model, y, loss=loss) == fitted(model, y, loss=same)


def test_one_output_and_targets_in_a_list_or_dict():
    single = outputs(lambda p, q, r: p)
    listed = outputs(lambda p, q, r: [p])
    for model, y in ((single, [Y]), (single, {"p": Y}), (listed, [Y]), (listed, Y), (single, Y)):
        assert fitted(model, y, loss=["mse"], metrics=["mae"])["mae"] == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="y has 2 parts; the model has one output, 'p'"):
        fitted(single, (Y, Y), loss="mse")


def test_the_metrics_of_an_inner_model_are_for_its_own_training():
    class Counted(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.mean = keras.metrics.Mean(name="seen")

        def call(self, inputs):
            self.mean.update_state(inputs)
            return inputs

    inner = keras.Sequential([keras.Input((3,)), Counted(), keras.layers.Dense(1)])
    assert set(fitted(inner, Y, loss="mse", metrics=["mae"])) == {"loss", "mae", "seen"}
    x = keras.Input((3,))
    outer = keras.Model(x, inner(x) * 2.0)
    assert set(fitted(outer, Y, loss="mse", metrics=["mape"])) == {"loss", "mape", "seen"}


@pytest.mark.parametrize("batch_size", [None, 4, 100])
@pytest.mark.parametrize("name", ["linear", "tanh"])
def test_predictions_are_the_callers_to_change(batch_size, name):
    inputs = keras.Input((3,))
    x = np.ones((40, 3), "float32")
    for outputs in (inputs, [inputs, inputs]):
        model = keras.Model(inputs, keras.tree.map_structure(keras.layers.Activation(name), outputs))
        for found in keras.tree.flatten(model.predict(x, batch_size=batch_size, verbose=0)):
            found[...] = 9
        np.testing.assert_array_equal(x, 1)


@pytest.mark.parametrize("order", ["pqr", "rqp", "rp"])
def test_losses_of_a_dict_are_listed_in_its_order(order: str) -> None:
    """`evaluate` returns a list, whose places are all that tells which output's loss a number is."""
    model = outputs(lambda p, q, r: {"p": p, "q": q * 2.0, "r": r * 3.0})
    model.compile("sgd", loss=dict.fromkeys(order, "mse"))
    values = model.evaluate(X, {"p": Y, "q": Y, "r": Y}, verbose=0)
    assert model.metrics_names[1:] == [f"{name}_loss" for name in order]
    told = model.evaluate(X, {"p": Y, "q": Y, "r": Y}, verbose=0, return_dict=True)
    assert values[1:] == [told[f"{name}_loss"] for name in order]
