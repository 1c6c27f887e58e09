"""Copies of models with other weights, layers or inputs, and models as JSON."""

import json
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.models import clone_model, model_from_json

A = np.ones((2, 4), "float32")


def functional():
    x = keras.Input((4,), name="x")
    h = layers.Dense(4, activation="tanh", name="shared")
    return keras.Model(x, layers.Dense(2, name="top")(h(h(x)) + x * 2.0), name="net")


def revived():
    return keras.Model.from_config(functional().get_config())


def sequential():
    return keras.Sequential([keras.Input((4,), name="x"), layers.Dense(3, name="a"), layers.Dense(2)], name="stack")


@pytest.mark.parametrize("make", [functional, revived, sequential])
def test_a_clone_has_other_weights_and_the_same_function(make):
    model = make()
    model.compile("sgd", "mse")
    clone = clone_model(model)
    assert type(clone) is type(model) and clone.name == model.name and clone.compiled
    assert [layer.name for layer in clone.layers] == [layer.name for layer in model.layers]
    assert not {id(w) for w in clone.weights} & {id(w) for w in model.weights}
    assert not np.allclose(clone(A), model(A))
    clone.set_weights(model.get_weights())
    np.testing.assert_allclose(clone(A), model(A), rtol=1e-6)


def test_shared_layers_stay_shared():
    assert len(clone_model(functional()).weights) == 4


def test_other_inputs():
    model = clone_model(functional(), input_tensors=keras.Input((4,), name="new"))
    assert model.input_names == ["new"]
    middle = layers.Dense(4)(keras.Input((7,)))
    assert clone_model(functional(), input_tensors=middle)(A).shape == (2, 2)
    stack = clone_model(sequential(), input_tensors=keras.Input((4,), name="new"))
    assert stack.inputs[0].name == "new"


def test_inputs_in_their_structure():
    x, y = keras.Input((2,), name="x"), keras.Input((2,), name="y")
    clone = clone_model(keras.Model({"x": x, "y": y}, {"z": x + y}))
    found = clone({"x": np.ones((1, 2)), "y": np.ones((1, 2))})
    np.testing.assert_array_equal(found["z"], [[2, 2]])


def test_a_function_that_clones_layers():
    seen = []

    def clone(layer):
        seen.append(layer.name)
        if layer.name == "top":
            return layer
        return layers.Dense(4, name=f"{layer.name}_new")

    model = functional()
    made = clone_model(model, clone_function=clone)
    assert seen == ["shared", "top"]
    assert made.get_layer("top") is model.get_layer("top")
    assert made.get_layer("shared_new").activation.__name__ == "linear"


def test_a_function_that_calls_layers():
    def call(layer, *args, **kwargs):
        y = layer(*args, **kwargs)
        return y * 0.0 if layer.name == "top" else y

    assert np.all(clone_model(functional(), call_function=call)(A) == 0)


def test_inner_models():
    x = keras.Input((4,), name="x")
    model = keras.Model(x, functional()(sequential()(x) @ np.ones((2, 4), "float32")))
    outer, inner = [], []
    clone_model(model, clone_function=lambda layer: outer.append(layer.name) or layer)
    clone_model(model, clone_function=lambda layer: inner.append(layer.name) or layer, recursive=True)
    assert outer == ["stack", "net"]
    assert inner[0] == "a" and inner[-2:] == ["shared", "top"] and "net" not in inner


def test_a_subclassed_model():
    class Net(keras.Model):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.d = layers.Dense(units)

        def call(self, x):
            return self.d(x)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    net = Net(3)
    net(A)
    made = clone_model(net)
    assert type(made) is Net and made.weights[0] is not net.weights[0]  # built, like the one it was made of
    assert made(A).shape == (2, 3)
    with pytest.raises(ValueError, match="functional and sequential models"):
        clone_model(net, clone_function=lambda layer: layer)


def test_a_model_that_builds_itself_is_built_when_it_is_cloned():
    class Net(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.d = layers.Dense(3)

        def build(self, input_shape):
            self.d.build(input_shape)

        def call(self, x):
            return self.d(x)

    net = Net()
    net(A)
    assert [w.shape for w in clone_model(net).weights] == [w.shape for w in net.weights] == [(4, 3), (3,)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_tensors": A}, "symbolic tensors"),
        ({"input_tensors": [keras.Input((4,)), keras.Input((4,))]}, "structure of the inputs"),
        ({"clone_function": 3}, "clone_function must be a function"),
        ({"cache": {}}, r"does not know the argument\(s\) \['cache'\]"),
    ],
)
def test_arguments_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        clone_model(functional(), **arguments)


def test_arguments_that_do_not_fit_a_sequential():
    with pytest.raises(ValueError, match="call_function goes with functional models"):
        clone_model(sequential(), call_function=lambda layer, x: layer(x))
    with pytest.raises(ValueError, match="has one input"):
        clone_model(sequential(), input_tensors=[keras.Input((4,)), keras.Input((4,))])


# -- JSON ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [functional, sequential])
def test_json_round_trip(make):
    model = make()
    text = model.to_json(indent=1)
    assert set(json.loads(text)) >= {"module", "class_name", "config"}
    made = model_from_json(text)
    made.set_weights(model.get_weights())
    np.testing.assert_allclose(made(A), model(A), rtol=1e-6)
    assert made.to_json(indent=1) == text


def test_json_with_the_callers_own_layer():
    class Twice(layers.Layer):
        def call(self, x):
            return x * 2

    x = keras.Input((4,))
    text = keras.Model(x, Twice()(x)).to_json()
    np.testing.assert_array_equal(model_from_json(text, custom_objects={"Twice": Twice})(A), A * 2)
    with pytest.raises(ValueError, match="unknown class 'Twice'"):
        model_from_json(text)


def test_json_of_keras_2():
    text = json.dumps(
        {
            "class_name": "Sequential",
            "config": [
                {"class_name": "Dense", "config": {"units": 3, "batch_input_shape": [None, 4], "activation": "relu"}}
            ],
            "keras_version": "2.2.4",
        }
    )
    assert model_from_json(text).output_shape == (None, 3)


def test_json_that_is_no_model():
    with pytest.raises(ValueError, match="not JSON"):
        model_from_json("{")
    with pytest.raises(ValueError, match="not a model"):
        model_from_json(json.dumps(keras.saving.serialize_keras_object(layers.Dense(1))))


# -- compiled models -----------------------------------------------------------------------------------------------

DATA = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")


def trained(**settings: Any) -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    arguments = {"optimizer": keras.optimizers.Adam(0.05, amsgrad=True), "loss": "mse", "metrics": ["mae"]}
    model.compile(**{**arguments, **settings})
    model.fit(DATA, DATA[:, :1], verbose=0)
    return model


def test_the_clone_of_a_compiled_model_has_a_fresh_optimizer() -> None:
    model = trained()
    clone = keras.models.clone_model(model)
    assert clone.compiled
    assert clone.optimizer is not model.optimizer
    assert clone.optimizer.get_config() == model.optimizer.get_config()
    assert clone.optimizer.built
    assert int(clone.optimizer.iterations) == 0
    assert not any(np.any(v.numpy()) for v in clone.optimizer.variables if v is not clone.optimizer.learning_rate)
    assert clone.get_compile_config() == model.get_compile_config()
    clone.set_weights(model.get_weights())
    before = model.get_weights()
    assert sorted(clone.fit(DATA, DATA[:, :1], verbose=0).history) == ["loss", "mae"]
    assert all(map(np.array_equal, before, model.get_weights()))
    assert int(model.optimizer.iterations) == 1


def test_a_clone_has_metrics_of_its_own_and_the_same_functions() -> None:
    def squares(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean((y_true - y_pred) ** 2)

    metric = keras.metrics.MeanMetricWrapper(lambda y, p: (y - p) ** 2, name="own")
    model = trained(loss=squares, metrics=[metric, squares])
    seen = float(metric.result())
    clone = keras.models.clone_model(model)
    assert clone.loss is squares
    found = clone.evaluate(DATA, 0 * DATA[:, :1], verbose=0, return_dict=True)
    np.testing.assert_allclose(found["own"], found["loss"], rtol=1e-5)
    assert float(metric.result()) == seen > 0


@pytest.mark.parametrize(
    "settings",
    [
        {"clone_function": lambda layer: type(layer).from_config(layer.get_config())},
        {"input_tensors": "new"},
        {},
    ],
)
def test_every_way_to_clone_compiles(settings: dict[str, Any]) -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, [keras.layers.Dense(1, name=name)(inputs) for name in "ab"])
    model.compile("sgd", ["mse", "mae"], loss_weights=[1.0, 2.0], metrics=[["mae"], ["mse"]])
    if settings.get("input_tensors"):
        settings = {"input_tensors": keras.Input((3,))}
    clone = keras.models.clone_model(model, **settings)
    found = clone.fit(DATA, [DATA[:, :1], DATA[:, 1:2]], verbose=0).history
    assert sorted(found) == ["a_loss", "a_mae", "b_loss", "b_mse", "loss"]


def test_a_clone_of_a_subclass_is_compiled_when_its_compile_is_the_usual_one() -> None:
    class Net(keras.Model):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.dense = keras.layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

        def get_config(self) -> dict[str, Any]:
            return {}

    class Own(Net):
        def compile(self, speed: float) -> None:  # type: ignore[override]
            super().compile(keras.optimizers.SGD(speed), "mse")

    model = Net()
    model.compile("sgd", "mse")
    assert keras.models.clone_model(model).compiled
    other = Own()
    other.compile(0.1)
    with pytest.warns(UserWarning, match="has a `compile` of its own"):
        assert not keras.models.clone_model(other).compiled


def test_the_clone_of_a_model_that_is_not_compiled_is_not_compiled() -> None:
    assert not keras.models.clone_model(keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])).compiled


def test_a_text_that_asks_for_too_much_is_refused() -> None:
    config = json.loads(keras.Sequential([keras.Input((4,)), layers.Dense(2)]).to_json())
    config["config"]["layers"][1]["config"]["units"] = 10**9
    with pytest.raises(ValueError, match="asks for"):
        model_from_json(json.dumps(config))
    config["config"]["layers"][1]["config"]["units"] = {"a": 1}
    with pytest.raises(ValueError, match="units"):
        model_from_json(json.dumps(config))
