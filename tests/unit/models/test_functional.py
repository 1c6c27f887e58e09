"""Models given by symbolic inputs and outputs."""

import copy
import json
import pickle

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops


def two_inputs():
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    return keras.Model([a, b], layers.Dense(2, name="top")(layers.concatenate([a, b])), name="two")


A, B = np.ones((2, 4), "float32"), np.full((2, 3), 2.0, "float32")


# -- making one ----------------------------------------------------------------------------------------------


def test_a_model_of_inputs_and_outputs():
    model = two_inputs()
    assert type(model).__name__ == "Functional" and isinstance(model, keras.Model)
    assert [layer.name for layer in model.layers][:2] == ["a", "b"]
    assert model.input_names == ["a", "b"] and model.output_names == ["top"]
    assert model.input_shape == [(None, 4), (None, 3)] and model.output_shape == (None, 2)
    assert model.get_layer("top") is model.layers[-1]
    assert model.built and len(model.weights) == 2


def test_names_count_up_per_class():
    keras.utils.clear_session()
    x = keras.Input((2,))
    assert [keras.Model(x, x + 1.0).name for _ in range(2)] == ["functional", "functional_1"]
    assert keras.Model(x, x * 2.0).output_names == ["multiply"]


def test_inputs_and_outputs_by_keyword_and_trainable():
    x = keras.Input((2,))
    model = keras.Model(inputs=x, outputs=layers.Dense(1)(x), name="m", trainable=False)
    assert model.name == "m" and not model.trainable and model.trainable_weights == []


def test_a_layer_called_twice_is_one_layer():
    x = keras.Input((4,))
    dense = layers.Dense(4)
    model = keras.Model(x, dense(dense(x)))
    assert len(model.layers) == 2 and len(model.weights) == 2
    np.testing.assert_allclose(model(A), dense(dense(A)))


def test_operators_ops_and_numpy_functions():
    x = keras.Input((4,))
    y = np.exp(-x) + ops.tanh(x) * 2.0 - x[:, :1] ** 2
    y = np.concatenate([y, ops.mean(y, axis=1, keepdims=True)], axis=1)
    model = keras.Model(x, np.sum(y, axis=-1))
    data = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")
    z = np.exp(-data) + np.tanh(data) * 2 - data[:, :1] ** 2
    expected = np.concatenate([z, z.mean(1, keepdims=True)], 1).sum(-1)
    np.testing.assert_allclose(model(data), expected, rtol=1e-5)
    assert model.layers == model.operations[:1]


def test_models_within_models():
    x = keras.Input((4,))
    inner = keras.Model(x, [layers.Dense(4)(x), x * 2.0], name="inner")
    stack = keras.Sequential([layers.Dense(3), layers.Dense(2)], name="stack")
    y = keras.Input((4,))
    first, double = inner(y)
    model = keras.Model(y, stack(first + inner(double)[0]))
    assert [layer.name for layer in model.layers if layer.weights] == ["inner", "stack"]
    expected = stack(inner(A)[0] + inner(inner(A)[1])[0])
    np.testing.assert_allclose(model(A), expected, rtol=1e-5)


def test_a_functional_model_in_a_sequential():
    x = keras.Input((4,))
    inner = keras.Model(x, layers.Dense(3)(x))
    for front in ([keras.Input((4,))], []):
        model = keras.Sequential([*front, inner, layers.Dense(1)])
        assert model.output_shape == (None, 1) and model(A).shape == (2, 1)


def test_outputs_of_every_layer():
    model = two_inputs()
    features = keras.Model(model.inputs, [layer.output for layer in model.layers])
    shapes = [f.shape for f in features([A, B])]
    assert shapes == [(2, 4), (2, 3), (2, 7), (2, 2)]


def test_from_a_sequential():
    stack = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])
    assert keras.Model(stack.inputs, stack.outputs)(A).shape == (2, 2)
    assert keras.Model(stack.inputs, stack.layers[0].output)(A).shape == (2, 3)
    added = keras.Sequential()
    for layer in (keras.Input((4,)), layers.Dense(3), layers.Dense(2)):
        added.add(layer)
    np.testing.assert_array_equal(keras.Model(added.inputs, added.layers[0].output)(A), added.layers[0](A))


def test_a_sequential_is_built_by_a_symbolic_call():
    keras.utils.clear_session()
    stack = keras.Sequential([layers.Dense(3)], name="stack")
    x = keras.Input((4,))
    model = keras.Model(x, stack(x))
    assert [w.path for w in model.weights] == ["stack/dense/kernel", "stack/dense/bias"]
    assert stack.input_shape == (None, 4)


def test_from_the_middle_of_another_model():
    x = keras.Input((4,))
    h = layers.Dense(3, name="lower")(x)
    y = layers.Dense(2, name="upper")(h)
    upper = keras.Model(h, y)
    assert [layer.name for layer in upper.layers][1:] == ["upper"] and upper.input_shape == (None, 3)
    np.testing.assert_allclose(upper(keras.Model(x, h)(A)), keras.Model(x, y)(A), rtol=1e-6)
    assert keras.Model(upper.inputs, upper.outputs)(B).shape == (2, 2)


def test_an_input_may_be_an_output():
    x = keras.Input((4,))
    np.testing.assert_array_equal(keras.Model(x, [x, x])(A), [A, A])


def test_constants_among_the_arguments():
    class Mix(layers.Layer):
        def build(self, *args, **kwargs):
            self.built = True

        def call(self, a, b=None, scale=1.0):
            return a + b * scale

    x = keras.Input((4,))
    np.testing.assert_allclose(keras.Model(x, Mix()(x, b=np.ones(4, "float32"), scale=3.0))(A), A + 3)
    np.testing.assert_allclose(keras.Model(x, Mix()(np.ones(4, "float32"), x * 2))(A), 1 + A * 2)


def test_values_are_let_go_when_nobody_needs_them():
    x = y = keras.Input((4,))
    for _ in range(50):
        y = layers.Dense(4)(y)
    assert keras.Model(x, y)._plan.size <= 2


# -- subclasses ----------------------------------------------------------------------------------------------


def test_a_subclass_that_gives_inputs_and_outputs():
    class Net(keras.Model):
        def __init__(self, units, **kwargs):
            x = keras.Input((4,))
            super().__init__(inputs=x, outputs=layers.Dense(units)(x), **kwargs)
            self.units = units

    net = Net(3)
    assert type(net) is Net and net(A).shape == (2, 3) and len(net.layers) == 2
    assert Net(2)(A).shape == (2, 2)
    assert net.get_config()["units"] == 3
    assert Net.from_config(net.get_config())(A).shape == (2, 3)


def test_a_subclass_with_its_own_call():
    class Doubled(keras.Model):
        def __init__(self, inputs, outputs, **kwargs):
            super().__init__(inputs=inputs, outputs=outputs, **kwargs)
            self.extra = layers.Dense(1)

        def call(self, x, training=None):
            return self.extra(super().call(x) * 2.0)

    x = keras.Input((4,))
    net = Doubled(x, layers.Dense(3)(x))
    assert net(A).shape == (2, 1) and len(net.weights) == 4
    net.compile("sgd", "mse")
    net.fit(A, np.ones((2, 1)), verbose=0)


def test_other_subclasses_stay_what_they_are():
    class Base(keras.Model):
        pass

    class Plain(Base):
        def __init__(self):
            super().__init__()
            self.d = layers.Dense(1)

        def call(self, x):
            return self.d(x)

    class Graph(keras.Model):
        def __init__(self):
            x = keras.Input((4,))
            super().__init__(x, x + 1.0)

    Graph()
    assert Plain()(A).shape == (2, 1)
    assert not hasattr(Plain(), "operations")


# -- calling it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [[A, B], (A, B), {"a": A, "b": B}, {"b": B, "a": A, "more": B}])
def test_ways_to_give_two_inputs(data):
    model = two_inputs()
    expected = model.layers[-1](np.concatenate([A, B], 1))
    np.testing.assert_allclose(model(data), expected, rtol=1e-6)
    np.testing.assert_allclose(model.predict(data, verbose=0), expected, rtol=1e-6)


def test_dicts_of_inputs_and_outputs():
    inputs = {"second": keras.Input((3,), name="b"), "first": keras.Input((4,), name="a")}
    sums = {"y": ops.sum(inputs["first"], axis=1), "x": ops.sum(inputs["second"], axis=1)}
    model = keras.Model(inputs, sums)
    found = model({"first": A, "second": B, "third": A})
    assert list(found) == ["y", "x"]
    np.testing.assert_array_equal(found["y"], [4, 4])
    np.testing.assert_array_equal(found["x"], [6, 6])


def test_nested_inputs_and_outputs():
    a, b, c = (keras.Input((2,)) for _ in range(3))
    model = keras.Model([a, {"b": b, "c": [c]}], {"sum": [a + b, (b + c,)]})
    one = np.ones((1, 2), "float32")
    found = model([one, {"b": one * 2, "c": [one * 3]}])
    np.testing.assert_array_equal(found["sum"][0], one * 3)
    np.testing.assert_array_equal(found["sum"][1][0], one * 5)
    with pytest.raises(ValueError, match="missing"):
        model([one, {"b": one}])


def test_a_list_of_one_output_comes_alone():
    x = keras.Input((4,))
    assert keras.Model([x], [x * 2.0])(A).shape == (2, 4)
    assert keras.Model([x], [x * 2.0])([A]).shape == (2, 4)


@pytest.mark.parametrize("data", [A.astype("float64"), A.astype("int32"), A.tolist(), A[..., None], [A], {"a": A}])
def test_data_is_fitted_to_the_input(data):
    x = keras.Input((4,), name="a")
    found = keras.Model(x, x * 2.0)(data)
    assert found.dtype == "float32"
    np.testing.assert_array_equal(found, A * 2)


def test_a_last_axis_of_one_may_be_missing():
    x = keras.Input((1,))
    assert keras.Model(x, x + 1.0)(np.ones(3)).shape == (3, 1)


def test_floats_given_to_an_integer_input():
    x = keras.Input((2,), dtype="int32")
    assert keras.Model(x, layers.Embedding(5, 3)(x))(np.ones((1, 2), "float32")).shape == (1, 2, 3)


def test_an_optional_input():
    class Either(layers.Layer):
        def build(self, *args, **kwargs):
            self.built = True

        def call(self, x, extra=None):
            return x if extra is None else x + extra

        def compute_output_shape(self, *shapes):
            return shapes[0]

    x, extra = keras.Input((4,), name="x"), keras.Input((4,), name="extra", optional=True)
    model = keras.Model([x, extra], Either()(x, extra))
    np.testing.assert_array_equal(model([A, None]), A)
    np.testing.assert_array_equal(model([A, A]), A * 2)
    with pytest.raises(ValueError, match=r"'x'.*not optional"):
        model([None, A])


def test_training_reaches_the_layers():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dropout(0.999, seed=1)(x))
    np.testing.assert_array_equal(model(A), A)
    assert np.any(model(A, training=True) != A)
    always = keras.Model(x, layers.Dropout(0.999, seed=1)(x, training=True))
    assert np.any(always(A) != A)
    np.testing.assert_array_equal(always(A, training=False), A)
    outer = keras.Model(x, model(x, training=True))
    assert np.any(outer(A) != A)


def test_gradients_flow_to_inputs_and_weights():
    model = two_inputs()
    with keras.GradientTape() as tape:
        a = tape.watch(A)
        loss = ops.sum(model([a, B]))
    gradients = tape.gradient(loss, [a, *model.trainable_variables])
    np.testing.assert_allclose(gradients[0], np.tile(model.layers[-1].kernel.numpy()[:4].sum(1), (2, 1)), rtol=1e-5)
    np.testing.assert_allclose(gradients[2], [2, 2])


def test_a_call_on_other_shapes_infers_them_anew():
    x = keras.Input((None, 4))
    model = keras.Model(x, layers.Dense(2)(x))
    assert model.output_shape == (None, None, 2)
    assert model(keras.Input(batch_shape=(5, 7, 4))).shape == (5, 7, 2)
    assert model.compute_output_shape((3, 6, 4)) == (3, 6, 2)
    assert two_inputs().compute_output_shape([(3, 4), (3, 3)]) == (3, 2)


def test_a_copy_has_its_own_weights():
    model = two_inputs()
    twin = copy.deepcopy(model)
    np.testing.assert_array_equal(twin([A, B]), model([A, B]))
    twin.set_weights([w * 0 for w in twin.get_weights()])
    assert np.all(twin([A, B]) == 0) and np.any(model([A, B]) != 0)


def test_more_operations_than_python_may_nest():
    x = y = keras.Input((2,))
    for _ in range(1500):
        y = y + 1.0
    model = keras.Model(x, y)
    for made in (model, copy.deepcopy(model)):
        np.testing.assert_array_equal(made(np.zeros((1, 2), "float32")), [[1500, 1500]])


def test_pickling():
    x = y = keras.Input((4,))
    for _ in range(100):
        y = layers.Dense(4)(y)
    model = keras.Model(x, y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model))(A), model(A))


def test_it_trains():
    keras.utils.set_random_seed(0)
    model = two_inputs()
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((64, 4)), rng.standard_normal((64, 3))
    y = a[:, :2] - b[:, :2]
    model.compile(keras.optimizers.Adam(0.05), "mse")
    losses = model.fit({"a": a, "b": b}, y, epochs=40, verbose=0).history["loss"]
    assert losses[-1] < 0.01 < losses[0]


# -- errors --------------------------------------------------------------------------------------------------


def test_a_disconnected_graph_names_the_tensor():
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    y = layers.concatenate([a, b])
    with pytest.raises(ValueError, match="disconnected: an output depends on 'b'"):
        keras.Model(a, y)
    with pytest.raises(ValueError, match=r"another tensor of that name"):
        keras.Model([keras.Input((4,), name="a"), b], y)


def test_two_layers_of_one_name():
    x = keras.Input((4,))
    y = layers.Dense(2, name="twin")(layers.Dense(4, name="twin")(x))
    with pytest.raises(ValueError, match="two layers or operations named 'twin'"):
        keras.Model(x, y)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([A], r"'two' takes 2 input\(s\), \['a', 'b'\]; received 1 of shapes \[\(2, 4\)\]"),
        (A, r"'two' takes 2 input\(s\).*received one of shape \(2, 4\)"),
        ([A, B, B], r"received 3 of shapes"),
        ([B, A], r"input 'a' of the model 'two' does not fit: expected shape \(None, 4\), received shape \(2, 3\)"),
        ({"a": A, "c": B}, r"takes the inputs \['a', 'b'\].*keys \['a', 'c'\]: \['b'\] missing"),
        ([A, None], r"input 'b' of the model 'two' is None"),
        ([A[0], B], r"input 'a'.*received shape \(4,\)"),
        ([np.ones((2, 4, 2)), B], r"received shape \(2, 4, 2\)"),
    ],
)
def test_inputs_that_do_not_fit(data, message):
    with pytest.raises(ValueError, match=message):
        two_inputs()(data)


def test_inputs_as_two_arguments():
    with pytest.raises(ValueError, match="takes its inputs as one argument"):
        two_inputs()(A, B)


def test_what_is_no_symbolic_tensor():
    x = keras.Input((4,))
    with pytest.raises(ValueError, match=r"outputs of the model.*symbolic tensors"):
        keras.Model(x, A)
    with pytest.raises(ValueError, match=r"inputs of the model.*symbolic tensors"):
        keras.Model(A, x)
    with pytest.raises(ValueError, match="has no outputs"):
        keras.Model(x, [])
    with pytest.raises(TypeError, match="inputs and outputs"):
        keras.Model(x)


def test_layers_cannot_be_set():
    with pytest.raises(AttributeError, match="cannot be set"):
        two_inputs().layers = []


# -- configs -------------------------------------------------------------------------------------------------


def test_config_round_trip():
    model = two_inputs()
    config = json.loads(json.dumps(model.get_config()))
    made = keras.Model.from_config(config)
    made.set_weights(model.get_weights())
    np.testing.assert_array_equal(made([A, B]), model([A, B]))
    assert json.loads(json.dumps(made.get_config())) == config
    assert [layer["name"] for layer in config["layers"]] == [layer.name for layer in model.layers]
    assert config["input_layers"] == [["a", 0, 0], ["b", 0, 0]] and config["output_layers"] == ["top", 0, 0]


def test_a_config_of_keras_2():
    dense = {"class_name": "Dense", "name": "d", "config": {"name": "d", "units": 4, "activation": "relu"}}
    config = {
        "name": "old",
        "layers": [
            {"class_name": "InputLayer", "name": "x", "config": {"batch_input_shape": [None, 4], "name": "x"},
             "inbound_nodes": []},
            {**dense, "inbound_nodes": [[["x", 0, 0, {}]], [["d", 0, 0, {}]]]},
            {"class_name": "Add", "name": "add", "config": {"name": "add"},
             "inbound_nodes": [[["d", 0, 0, {}], ["d", 1, 0, {}]]]},
        ],
        "input_layers": [["x", 0, 0]],
        "output_layers": [["add", 0, 0]],
    }  # fmt: skip
    model = keras.Model.from_config(config)
    d = model.get_layer("d")
    np.testing.assert_allclose(model(A), d(A) + d(d(A)), rtol=1e-6)


def test_a_config_of_keras_2_with_an_inner_model():
    entrance = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4]}, "inbound_nodes": []}
    inner = {
        "class_name": "Functional", "name": "inner",
        "config": {
            "name": "inner",
            "layers": [
                {**entrance, "name": "i", "config": {**entrance["config"], "name": "i"}},
                {"class_name": "Dense", "name": "d", "config": {"name": "d", "units": 4},
                 "inbound_nodes": [[["i", 0, 0, {}]]]},
            ],
            "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]],
        },
    }  # fmt: skip
    config = {
        "name": "outer",
        "layers": [
            {**entrance, "name": "x", "config": {**entrance["config"], "name": "x"}},
            {**inner, "inbound_nodes": [[["x", 0, 0, {}]], [["inner", 1, 0, {}]]]},
        ],
        "input_layers": [["x", 0, 0]],
        "output_layers": [["inner", 2, 0]],
    }
    model = keras.Model.from_config(config)
    inner = model.get_layer("inner")
    np.testing.assert_allclose(model(A), inner(inner(A)), rtol=1e-6)


def test_configs_that_make_no_sense():
    config = json.loads(json.dumps(two_inputs().get_config()))
    missing = {**config, "layers": [layer for layer in config["layers"] if layer["name"] != "b"]}
    with pytest.raises(ValueError, match="refers to a layer 'b'"):
        keras.Model.from_config(missing)
    with pytest.raises(ValueError, match="no call 3"):
        keras.Model.from_config({**config, "output_layers": ["top", 3, 0]})
    loop = json.loads(json.dumps(config))
    loop["layers"][2]["inbound_nodes"][0]["args"][0][0]["config"]["keras_history"] = ["top", 0, 0]
    with pytest.raises(ValueError, match="cannot be put in order"):
        keras.Model.from_config(loop)


def test_an_operation_that_has_no_config():
    x = keras.Input((4,))
    model = keras.Model(x, ops.custom_gradient(lambda y: (y, lambda g: g))(x))
    with pytest.raises(ValueError, match="cannot be written to a config"):
        model.get_config()


def test_an_unknown_operation_in_a_config():
    x = keras.Input((4,))
    config = json.loads(json.dumps(keras.Model(x, x + 1.0).get_config()))
    config["layers"][1]["class_name"] = "Explode"
    with pytest.raises(ValueError, match="unknown operation 'Explode'"):
        keras.Model.from_config(config)


# -- keras.Function ------------------------------------------------------------------------------------------


def test_a_function_of_symbols():
    x = keras.Input((4,), name="x")
    double = keras.Function(x, {"twice": x * 2.0, "sum": ops.sum(x, axis=1)}, name="double")
    found = double(A)
    np.testing.assert_array_equal(found["twice"], A * 2)
    assert double.compute_output_shape((3, 4)) == {"twice": (3, 4), "sum": (3,)}
    assert double(keras.Input((4,)))["sum"].shape == (None,)
    with pytest.raises(ValueError, match="'x' of the model 'double'"):
        double(B)
