"""Functional models beside Keras: the same graph, weights and data give the same values, logs and trained weights."""

import json

import keras
import numpy as np
import pytest

import kerasish

pytestmark = pytest.mark.parity

LIBRARIES = (keras, kerasish)


def residual(lib):
    x = inputs = lib.Input((6,), name="x")
    for _ in range(3):
        y = lib.layers.Dense(6, activation="tanh")(x)
        x = lib.layers.Add()([x, lib.layers.Dense(6)(y)])
    return lib.Model(inputs, lib.layers.Dense(2)(x), name="residual")


def operators(lib):
    x = lib.Input((6,), name="x")
    y = lib.layers.Dense(4)(x)
    gate = lib.ops.sigmoid(y[:, :2]) * 2.0 - 0.5
    z = lib.ops.concatenate([gate, y[:, 2:] ** 2], axis=-1) @ np.full((4, 2), 0.5, "float32")
    return lib.Model(x, lib.layers.Dense(2)(lib.ops.maximum(z, -z) / (1.0 + abs(z))))


def several_inputs(lib):
    a, b = lib.Input((6,), name="a"), lib.Input((3, 2), name="b")
    flat = lib.layers.Flatten()(b)
    merged = lib.layers.Concatenate()([lib.layers.Dense(4, "relu")(a), flat, lib.layers.Multiply()([a, flat])])
    return lib.Model([a, b], lib.layers.Dense(2)(merged))


def dict_inputs(lib):
    inputs = {"b": lib.Input((3, 2), name="b"), "a": lib.Input((6,), name="a")}
    x = inputs["a"] + lib.layers.Reshape((6,))(inputs["b"])
    return lib.Model(inputs, lib.layers.Dense(2)(x))


def several_outputs(lib):
    x = lib.Input((6,), name="x")
    h = lib.layers.Dense(5, "tanh")(x)
    return lib.Model(x, [lib.layers.Dense(2, name="left")(h), lib.layers.Dense(2, "softplus", name="right")(h)])


def dict_outputs(lib):
    x = lib.Input((6,), name="x")
    h = lib.layers.Dense(5, "tanh")(x)
    return lib.Model(x, {"right": lib.layers.Dense(2, name="r")(h), "left": lib.layers.Dense(2, name="l")(h)})


def shared(lib):
    a, b = lib.Input((6,), name="a"), lib.Input((6,), name="b")
    tower = lib.layers.Dense(4, "tanh", name="tower")
    again = lib.layers.Dense(4, name="again")
    x, y = again(tower(a)), again(again(tower(b)))
    return lib.Model([a, b], lib.layers.Dense(2)(lib.layers.Subtract()([x, y])))


def nested(lib):
    block_in = lib.Input((4,), name="block_in")
    block = lib.Model(block_in, [lib.layers.Dense(4, "tanh")(block_in), block_in * 0.5], name="block")
    stack = lib.Sequential([lib.Input((4,)), lib.layers.Dense(4), lib.layers.Dense(3)], name="stack")
    x = lib.Input((6,), name="x")
    first, half = block(lib.layers.Dense(4)(x))
    second, _ = block(first + half)
    return lib.Model(x, lib.layers.Dense(2)(stack(second)))


def from_the_middle(lib):
    x = lib.Input((6,), name="x")
    h = lib.layers.Dense(5, "tanh", name="hidden")(x)
    whole = lib.Model(x, lib.layers.Dense(3, name="top")(h))
    features = lib.Model(whole.inputs, [layer.output for layer in whole.layers[1:]])
    y = lib.Input((6,), name="y")
    return lib.Model(y, lib.layers.Dense(2)(lib.layers.Concatenate()(features(y))))


def with_state(lib):
    x = lib.Input((6,), name="x")
    h = lib.layers.BatchNormalization()(lib.layers.Dense(5)(x))
    h = lib.layers.LayerNormalization()(lib.layers.Activation("relu")(h))
    return lib.Model(x, lib.layers.Dense(2, kernel_regularizer="l2")(lib.layers.Dropout(0.0)(h)))


def custom_layer(lib):
    class Mix(lib.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = lib.layers.Dense(4, "tanh")

        def build(self, input_shape):
            self.scale = self.add_weight(shape=(4,), initializer="ones", name="scale")
            self.inner.build(input_shape)

        def call(self, x, gain=1.0):
            y = self.inner(x) * self.scale * gain
            self.add_loss(0.01 * lib.ops.sum(lib.ops.square(y)))
            return lib.ops.sin(y)

    x = lib.Input((6,), name="x")
    return lib.Model(x, lib.layers.Dense(2)(Mix(name="mix")(x, gain=1.5)))


def subclass_of_functional(lib):
    class Net(lib.Model):
        def __init__(self, units):
            x = lib.Input((6,), name="x")
            super().__init__(inputs=x, outputs=lib.layers.Dense(2)(lib.layers.Dense(units, "tanh")(x)))
            self.units = units

    return Net(5)


ARCHITECTURES = [
    residual, operators, several_inputs, dict_inputs, several_outputs, dict_outputs, shared, nested, from_the_middle,
    with_state, custom_layer, subclass_of_functional,
]  # fmt: skip


def pair(build, seed=0):
    """The model in both libraries, with the same weights."""
    rng = np.random.default_rng(seed)
    models = []
    for lib in LIBRARIES:
        lib.utils.clear_session(free_memory=False)
        models.append(build(lib))
    weights = [rng.standard_normal(w.shape).astype("float32") * 0.4 for w in models[0].get_weights()]
    for model, variables in zip(models, (models[0].weights, models[1].weights), strict=True):
        assert len(variables) == len(weights)
        model.set_weights([np.abs(w) if "variance" in v.path else w for v, w in zip(variables, weights, strict=True)])
    return models


def data_for(model, rows=24, seed=1):
    """Inputs in the model's structure, and targets for each output."""
    rng = np.random.default_rng(seed)

    def array(tensor):
        return rng.standard_normal((rows, *tensor.shape[1:])).astype("float32")

    return kerasish.tree.map_structure(array, model.input), kerasish.tree.map_structure(array, model.output)


@pytest.mark.parametrize("build", ARCHITECTURES, ids=lambda build: build.__name__)
def test_forward_logs_and_trained_weights(build):
    theirs, ours = pair(build)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert ours.output_names == theirs.output_names
    assert [tuple(t.shape) for t in ours.outputs] == [tuple(t.shape) for t in theirs.outputs]
    if build is not custom_layer:  # Keras leaves out the name of a layer whose `build` builds another one
        assert [w.path for w in ours.weights] == [w.path for w in theirs.weights]
    x, y = data_for(ours)
    kerasish.tree.map_structure(
        lambda a, b: np.testing.assert_allclose(a, np.asarray(b), rtol=1e-4, atol=1e-5), ours(x), theirs(x)
    )
    histories = []
    for lib, model in zip(LIBRARIES, (theirs, ours), strict=True):
        model.compile(lib.optimizers.SGD(0.02), "mse", metrics=_metrics(model))
        histories.append(model.fit(x, y, batch_size=6, epochs=2, shuffle=False, verbose=0).history)
    assert sorted(histories[0]) == sorted(histories[1])
    for key, values in histories[0].items():
        np.testing.assert_allclose(histories[1][key], values, rtol=1e-4, err_msg=key)
    for variable, a, b in zip(ours.weights, ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5, err_msg=variable.path)
    np.testing.assert_allclose(ours.evaluate(x, y, verbose=0), theirs.evaluate(x, y, verbose=0), rtol=1e-4)


def _metrics(model):
    if isinstance(model.output, dict):
        return {"left": ["mae"], "right": ["mae", "mse"]}
    return [["mae"], ["mse"]] if len(model.outputs) > 1 else ["mae"]


@pytest.mark.parametrize("build", [b for b in ARCHITECTURES if b not in (custom_layer, subclass_of_functional)],
                         ids=lambda build: build.__name__)  # fmt: skip
def test_configs_cross_over(build):
    theirs, ours = pair(build)
    x, _ = data_for(ours)
    for source, lib in ((ours, keras), (theirs, kerasish)):
        text = json.dumps(source.get_config())
        made = lib.Model.from_config(json.loads(text))
        made.set_weights(source.get_weights())
        assert [layer.name for layer in made.layers] == [layer.name for layer in source.layers]
        kerasish.tree.map_structure(
            lambda a, b: np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-4, atol=1e-5),
            made(x), source(x),
        )  # fmt: skip


@pytest.mark.parametrize("build", [residual, nested, operators], ids=lambda build: build.__name__)
def test_to_json_crosses_over(build):
    theirs, ours = pair(build)
    x, _ = data_for(ours)
    for source, lib in ((ours, keras), (theirs, kerasish)):
        made = lib.models.model_from_json(source.to_json())
        made.set_weights(source.get_weights())
        np.testing.assert_allclose(np.asarray(made(x)), np.asarray(source(x)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("loss", "weights", "metrics", "weighted"),
    [
        ("mse", None, None, None),
        (["mse", "mae"], [1.0, 2.0], [["mae"], ["mse"]], None),
        ({"left": "mse", "right": "mae"}, {"left": 0.5, "right": 1.0}, {"left": ["mae"], "right": "mse"}, None),
        ({"left": "mse", "right": "mae"}, None, None, {"left": ["mae"]}),
        ("mse", None, ["mae", "mae"], ["mse", "mse"]),
        (["mse", None], None, [["mae"], ["mse"]], None),
    ],
)
def test_losses_and_metrics_by_output(loss, weights, metrics, weighted):
    theirs, ours = pair(several_outputs)
    x, y = data_for(ours)
    weight = [np.linspace(0.5, 1.5, len(x), dtype="float32")] * 2
    histories = []
    for model in (theirs, ours):
        model.compile("sgd", loss, loss_weights=weights, metrics=metrics, weighted_metrics=weighted)
        fitted = model.fit(x, y, sample_weight=weight, batch_size=6, epochs=2, shuffle=False, verbose=0)
        histories.append(fitted.history)
    assert sorted(histories[0]) == sorted(histories[1])
    for key, values in histories[0].items():
        np.testing.assert_allclose(histories[1][key], values, rtol=1e-4, err_msg=key)


def test_targets_by_name():
    theirs, ours = pair(several_outputs)
    x, (left, right) = data_for(ours)
    for model in (theirs, ours):
        model.compile("sgd", {"left": "mse", "right": "mae"})
    y = {"left": left, "right": right}
    np.testing.assert_allclose(ours.evaluate(x, y, verbose=0), theirs.evaluate(x, y, verbose=0), rtol=1e-4)


def test_gradients():
    import jax

    theirs, ours = pair(shared)
    x, y = data_for(ours)
    with kerasish.GradientTape() as tape:
        loss = kerasish.ops.mean(kerasish.ops.square(ours(x, training=True) - y))
    found = tape.gradient(loss, ours.trainable_variables)

    def loss_of(values):
        out, _ = theirs.stateless_call(values, [v.value for v in theirs.non_trainable_variables], x, training=True)
        return ((out - y) ** 2).mean()

    expected = jax.grad(loss_of)([v.value for v in theirs.trainable_variables])
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_custom_train_step_does_what_the_ordinary_one_does():
    class Own(kerasish.Model):
        def train_step(self, data):
            x, y = data
            with kerasish.GradientTape() as tape:
                loss = self.compute_loss(y=y, y_pred=self(x, training=True))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            return {"loss": loss}

    theirs, plain = pair(residual)
    ours = Own(inputs=plain.inputs, outputs=plain.outputs)
    x, y = data_for(plain)
    y = y[0] if isinstance(y, list) else y
    for lib, model in zip(LIBRARIES, (theirs, ours), strict=True):
        model.compile(lib.optimizers.Adam(0.01), "mse")
        model.fit(x, y, batch_size=6, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_layers_are_sorted_as_keras_sorts_them():
    rng = np.random.default_rng(4)
    for _ in range(5):
        plan = [(rng.choice(6, 2), int(rng.integers(3))) for _ in range(8)]
        picks = rng.choice(8, 2, replace=False)
        orders = []
        for lib in LIBRARIES:
            lib.utils.clear_session(free_memory=False)
            inputs = [lib.Input((3,)) for _ in range(3)]
            pool, layers = list(inputs), [lib.layers.Dense(3) for _ in range(3)]
            for (i, j), which in plan:
                x, y = pool[-1 - i % len(pool)], pool[-1 - j % len(pool)]
                pool.append(layers[which](lib.layers.Add()([x, y])))
            model = lib.Model(inputs, [pool[3 + p] for p in picks] + [pool[-1]])
            orders.append([layer.name for layer in model.layers])
        assert orders[0] == orders[1]


NESTED = {
    "list in dict": lambda p, q, r: {"one": p, "rest": [q, r]},
    "dict in dict": lambda p, q, r: {"one": p, "rest": {"u": q, "v": r}},
    "dict in list": lambda p, q, r: [p, {"u": q, "v": r}],
}


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("loss", ["mse", ("mse", "mae", "huber")], ids=["one loss", "three"])
def test_losses_nested_like_the_outputs(name, loss):
    arrange = NESTED[name]

    def build(lib):
        x = lib.Input((6,), name="x")
        return lib.Model(x, arrange(*(lib.layers.Dense(1, name=part)(x) for part in "pqr")))

    theirs, ours = pair(build)
    x, y = data_for(ours)
    histories = []
    for model in (theirs, ours):
        model.compile("sgd", loss if isinstance(loss, str) else arrange(*loss))
        histories.append(model.fit(x, y, batch_size=6, shuffle=False, verbose=0).history)
    assert sorted(histories[0]) == sorted(histories[1])
    for key, values in histories[0].items():
        np.testing.assert_allclose(histories[1][key], values, rtol=1e-4, err_msg=key)


def test_masks_of_concatenated_inputs():
    def build(lib):
        a, b = lib.Input((4, 2), name="a"), lib.Input((4, 2), name="b")
        joined = lib.layers.Concatenate()([lib.layers.Masking()(a), lib.layers.Masking(1.0)(b)])
        return lib.Model([a, b], lib.layers.Dense(1)(joined))

    theirs, ours = pair(build)
    a, b = np.random.default_rng(0).random((2, 3, 4, 2), dtype="float32")
    a[:, 1] = 0
    b[:, 3] = 1
    b[0, 1] = 1
    losses = []
    for model in (theirs, ours):
        model.compile("sgd", "mse")
        losses.append(model.fit([a, b], np.ones((3, 4, 1)), verbose=0).history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-5)
