"""Steps of users' own code, recorded or not, give what they give on the tape."""

import random
from types import SimpleNamespace

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops

RNG = np.random.default_rng(0)
X = RNG.standard_normal((48, 5)).astype("float32")
Y = RNG.standard_normal((48, 2)).astype("float32")
STATE = SimpleNamespace()
SCALE = 1.0
SETTINGS = {"scale": 1.0}


class Own(layers.Layer):
    """A dense layer whose output goes through a function `(layer, x, training)`."""

    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function
        self.inner = layers.Dense(4, "tanh")
        self.count = 0
        self.seen = []
        self.rng = np.random.default_rng(5)
        self.seeds = keras.random.SeedGenerator(3)

    def build(self, input_shape):
        self.inner.build(input_shape)
        self.mean = self.add_weight(shape=(4,), initializer="zeros", trainable=False)
        self.steps = self.add_weight(shape=(), initializer="zeros", dtype="int32", trainable=False)

    def call(self, x, training=False):
        return self.function(self, self.inner(x), training)


def counter(layer, x, training):
    layer.count += 1
    return x * float(1 + layer.count % 3)


def drawn_by_numpy(layer, x, training):
    return x + np.random.standard_normal(4).astype("float32")


def drawn_by_python(layer, x, training):
    return x * random.random()


def drawn_by_a_generator_of_its_own(layer, x, training):
    return x + layer.rng.standard_normal(4).astype("float32")


def drawn_by_keras(layer, x, training):
    return x + keras.random.normal(tuple(x.shape), seed=layer.seeds)


def drawn_by_a_key(layer, x, training):
    return x * keras.random.uniform((4,), seed=layer.seeds.next())


def drawn_without_a_seed(layer, x, training):
    return x + keras.random.normal((4,))


def of_a_global(layer, x, training):
    return x * SCALE


def of_a_setting(layer, x, training):
    return x * SETTINGS["scale"]


def of_an_object(layer, x, training):
    STATE.calls += 1
    return x * float(STATE.calls)


def of_an_object_within(layer, x, training):
    STATE.deep.calls += 1
    return x * float(STATE.deep.calls)


def branch_on_shape(layer, x, training):
    if len(x) < 10:
        return x
    return 2.0 * x


def branch_on_values(layer, x, training):
    if ops.mean(x) > 0:
        return x
    return -x


def number_of_values(layer, x, training):
    return x / (1.0 + float(ops.max(ops.abs(x))))


def numpy_of_values(layer, x, training):
    return x * np.abs(ops.stop_gradient(x).numpy()).max()


def places_of_values(layer, x, training):
    return x * ops.cast(len(ops.nonzero(x > 0.1)[0]), "float32")


def where_of_values(layer, x, training):
    return x + ops.mean(ops.cast(ops.where(x > 0.1)[0], "float32"))


def appends(layer, x, training):
    layer.seen.append(1)
    return x


def moving_average(layer, x, training):
    if training:
        layer.mean.assign(0.9 * layer.mean + 0.1 * ops.mean(x, axis=0))
    return x - layer.mean


def read_before_and_after(layer, x, training):
    before = x - layer.mean
    layer.mean.assign_add(ops.mean(x, axis=0))
    return before + layer.mean


def counts_in_a_variable(layer, x, training):
    layer.steps.assign_add(1)
    return x / ops.cast(layer.steps, "float32")


def adds_a_loss(layer, x, training):
    layer.add_loss(0.1 * ops.mean(ops.square(x)))
    return x


def in_place(layer, x, training):
    kept = x
    x *= 2.0
    x += kept
    return x


def closed_over():
    scale = [1.0]

    def function(layer, x, training):
        scale[0] += 0.5
        return x * scale[0]

    return function


def prints(layer, x, training):
    STATE.text = f"{ops.sum(x)}"
    return x


RECORDED = (drawn_by_keras, drawn_without_a_seed, of_a_global, of_a_setting, branch_on_shape, moving_average,
            read_before_and_after, counts_in_a_variable, adds_a_loss, in_place)  # fmt: skip
TAPED = {
    counter: "sets its attribute 'count'",
    drawn_by_numpy: "random numbers",
    drawn_by_python: "random numbers",
    drawn_by_a_generator_of_its_own: "Generator has changed",
    drawn_by_a_key: "becomes an array",
    of_an_object: "attribute of a SimpleNamespace has changed",
    of_an_object_within: "something else",
    branch_on_values: "whether a tensor is true in branch_on_values",
    number_of_values: "a tensor becomes a `float` in number_of_values",
    numpy_of_values: "by `numpy()`, in numpy_of_values",
    places_of_values: "the size of what `nonzero` returns in places_of_values",
    where_of_values: "the size of what `nonzero` returns in where_of_values",
    appends: "list has changed",
    closed_over: "list has changed",
    prints: "printed",
}


def begin():
    global SCALE
    SCALE, SETTINGS["scale"], STATE.calls = 1.0, 1.0, 0
    STATE.deep = SimpleNamespace(calls=0)
    keras.utils.set_random_seed(1)


def trained(function, eagerly, *fits):
    """The model, its variables and its losses after three epochs, of which each ends in a smaller batch."""
    begin()
    model = keras.Sequential([keras.Input((5,)), Own(closed_over() if function is closed_over else function),
                              layers.Dense(2)])  # fmt: skip
    begin()
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=eagerly)
    losses = []
    for prepare in fits or (lambda model: None,):
        prepare(model)
        losses += model.fit(X, Y, batch_size=20, epochs=3, shuffle=False, verbose=0).history["loss"]
    return model, [np.asarray(v) for v in model.variables], losses


def assert_same(function, *fits):
    model, found, losses = trained(function, False, *fits)
    _, expected, expected_losses = trained(function, True, *fits)
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    return model


@pytest.mark.parametrize("function", RECORDED, ids=lambda f: f.__name__)
def test_what_is_made_of_operations_is_recorded(function):
    model = assert_same(function)
    assert model.why_not_recorded() is None


@pytest.mark.parametrize("function", TAPED, ids=lambda f: f.__name__)
def test_what_python_does_itself_stays_on_the_tape(function):
    model = assert_same(function)
    assert TAPED[function] in model.why_not_recorded()


@pytest.mark.parametrize("function", [number_of_values, counter, in_place], ids=lambda f: f.__name__)
def test_single_batches_tell_the_reason_too(function):
    model = keras.Sequential([keras.Input((5,)), Own(function), layers.Dense(2)])
    model.compile("sgd", "mse")
    for _ in range(3):
        model.train_on_batch(X[:8], Y[:8])
    reason = model.why_not_recorded()
    assert TAPED[function] in reason if function in TAPED else reason is None
    model.evaluate(X, Y, verbose=0)
    assert model.why_not_recorded() == reason


def test_side_effects_happen_once_in_each_step():
    for function in (counter, appends):
        recorded, taped = (trained(function, eagerly)[0].layers[0] for eagerly in (False, True))
        assert recorded.count == taped.count
        assert recorded.seen == taped.seen


def test_changes_between_fits_are_seen():
    def double_the_global(model):
        global SCALE
        SCALE *= 2.0

    def change_the_setting(model):
        SETTINGS["scale"] += 1.0

    def change_an_attribute(model):
        model.layers[0].function = in_place

    def freeze(model):
        model.layers[0].inner.trainable = False
        model.compile("adam", "mse", run_eagerly=model.run_eagerly)

    nothing = lambda model: None  # noqa: E731
    assert assert_same(of_a_global, nothing, double_the_global).why_not_recorded() is None
    assert assert_same(of_a_setting, nothing, change_the_setting).why_not_recorded() is None
    assert assert_same(branch_on_shape, nothing, change_an_attribute).why_not_recorded() is None
    assert assert_same(in_place, nothing, freeze).why_not_recorded() is None


def test_a_callback_that_changes_a_setting_is_seen():
    def with_callback(eagerly):
        begin()
        hidden = [layers.Dense(4, "tanh"), layers.Dropout(0.5, seed=1)]
        model = keras.Sequential([keras.Input((5,)), *hidden, layers.Dense(2)])
        model.compile("sgd", "mse", run_eagerly=eagerly)

        class Less(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                model.layers[1].rate = 0.5 - 0.1 * epoch

        history = model.fit(X, Y, batch_size=16, epochs=4, shuffle=False, verbose=0, callbacks=[Less()])
        return history.history["loss"]

    np.testing.assert_allclose(with_callback(False), with_callback(True), rtol=1e-5)


class OwnStep(keras.Model):
    """A model with a step of its own."""

    def __init__(self, step):
        super().__init__()
        self.step = step
        self.body = keras.Sequential([keras.Input((5,)), layers.Dense(4, "tanh"), layers.Dropout(0.2), layers.Dense(2)])
        self.seen = keras.metrics.Mean(name="seen")
        self.count = 0

    def call(self, x, training=False):
        return self.body(x, training=training)

    def train_step(self, data):
        return self.step(self, data)

    @property
    def metrics(self):
        return [self.seen]


def with_a_tape(model, data):
    x, y = data
    with keras.GradientTape() as tape:
        loss = ops.mean(ops.square(model(x, training=True) - y))
    gradients = tape.gradient(loss, model.trainable_variables)
    model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    model.seen.update_state(loss)
    return {m.name: m.result() for m in model.metrics} | {"last": loss}


def in_two_halves(model, data):
    """As in a GAN: the second half sees the weights that the first has changed."""
    x, y = data
    for part in (model.body.layers[0], model.body.layers[-1]):
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.square(model(x, training=True) - y))
        model.optimizer.apply(tape.gradient(loss, part.trainable_variables), part.trainable_variables)
        model.seen.update_state(loss)
    return {"seen": model.seen.result()}


def with_clipped_gradients(model, data):
    x, y = data
    with keras.GradientTape() as tape:
        loss = ops.mean(ops.square(model(x, training=True) - y))
    gradients = [ops.clip(g, -0.01, 0.01) for g in tape.gradient(loss, model.trainable_variables)]
    model.optimizer.apply(gradients, model.trainable_variables)
    model.seen.update_state(loss)
    return {"seen": model.seen.result()}


def with_a_penalty_on_gradients(model, data):
    x, y = data
    with keras.GradientTape() as outer:
        with keras.GradientTape() as inner:
            loss = ops.mean(ops.square(model(x, training=True) - y))
        gradients = inner.gradient(loss, model.trainable_variables)
        loss = loss + 0.1 * sum(ops.sum(ops.square(g)) for g in gradients)
    model.optimizer.apply(outer.gradient(loss, model.trainable_variables), model.trainable_variables)
    model.seen.update_state(loss)
    return {"seen": model.seen.result()}


def that_counts(model, data):
    model.count += 1
    return with_a_tape(model, data)


def that_computes_with_a_result(model, data):
    logs = with_a_tape(model, data)
    return {"seen": 1.0 - logs["seen"]}


STEPS = {
    with_a_tape: None,
    in_two_halves: None,
    with_clipped_gradients: None,
    with_a_penalty_on_gradients: None,
    that_counts: "sets its attribute 'count'",
    that_computes_with_a_result: "result of a metric",
}


@pytest.mark.parametrize("step", STEPS, ids=lambda f: f.__name__)
def test_own_steps(step):
    runs = []
    for eagerly in (False, True):
        keras.utils.set_random_seed(1)
        model = OwnStep(step)
        model.compile("adam", run_eagerly=eagerly)
        history = model.fit(X, Y, batch_size=20, epochs=4, shuffle=False, verbose=0).history
        runs.append((model, history))
        assert model.count == (12 if step is that_counts else 0)
    (model, history), (taped, expected) = runs
    why = model.why_not_recorded()
    assert (why is None) if STEPS[step] is None else STEPS[step] in why, why
    for key, values in expected.items():
        np.testing.assert_allclose(history[key], values, rtol=1e-4)
    for a, b in zip(model.variables, taped.variables, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", ["loss", "metric", "compute_loss", "compute_metrics", "several", "masked", "weights"])
def test_other_parts_of_ones_own(kind):
    def own_loss(y_true, y_pred):
        y_true -= 0.1
        return ops.mean(ops.square(y_true - y_pred), axis=-1)

    class Last(keras.metrics.Metric):
        def __init__(self):
            super().__init__(name="last")
            self.value = self.add_variable((), "zeros")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.value.assign(ops.mean(ops.abs(y_true - y_pred)))

        def result(self):
            return self.value + 0.0

    class OwnLoss(keras.Model):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return super().compute_loss(x, y, y_pred, sample_weight, training) + 0.1 * ops.mean(ops.abs(y_pred))

    class OwnMetrics(keras.Model):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            return {**super().compute_metrics(x, y, y_pred, sample_weight), "rows": float(len(x))}

    runs = []
    before = Y.copy()
    for eagerly in (False, True):
        keras.utils.set_random_seed(1)
        x, y, weight, loss, metrics = X, Y, None, "mse", None
        inputs = keras.Input((5,))
        outputs = layers.Dense(2, name="a")(layers.Dense(4, "tanh")(inputs))
        if kind == "loss":
            loss = own_loss
        if kind == "metric":
            metrics = [Last(), lambda y_true, y_pred: ops.mean(y_true * y_pred, axis=-1)]
        if kind == "weights":
            weight = np.linspace(0, 1, 48).astype("float32")
            metrics = ["mae"]
        if kind == "several":
            outputs = {"a": outputs, "b": layers.Dense(3, "softmax", name="b")(layers.Dense(3, "relu")(inputs))}
            y, loss = {"a": Y, "b": np.arange(48) % 3}, {"a": "mse", "b": "sparse_categorical_crossentropy"}
            metrics = {"b": ["accuracy"], "a": ["mae"]}
        if kind == "masked":
            inputs = keras.Input((6,), dtype="int32")
            z = layers.Embedding(9, 4, mask_zero=True)(inputs)
            outputs = layers.Dense(2)(z)
            x = runs[0][3] if runs else RNG.integers(0, 9, (48, 6))
            y, metrics = np.ones((48, 6, 2)), ["mae"]
        cls = {"compute_loss": OwnLoss, "compute_metrics": OwnMetrics}.get(kind, keras.Model)
        model = cls(inputs, outputs)
        model.compile("adam", loss, metrics=metrics, run_eagerly=eagerly)
        history = model.fit(x, y, batch_size=20, epochs=4, shuffle=False, verbose=0, sample_weight=weight,
                            validation_data=(x, y)).history  # fmt: skip
        assert eagerly or model.why_not_recorded() is None
        runs.append((history, model.evaluate(x, y, verbose=0), model.get_weights(), x))
    (history, found, weights, _), (expected, judged, wanted, _) = runs
    assert history.keys() == expected.keys()
    for key in expected:
        np.testing.assert_allclose(history[key], expected[key], rtol=1e-4)
    np.testing.assert_allclose(found, judged, rtol=1e-4)
    for a, b in zip(weights, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(Y, before)


def test_another_models_layers_do_not_make_a_model_forget():
    model = keras.Sequential([keras.Input((5,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=16, verbose=0)
    steps = model._engine.kept(model).steps
    layers.Dense(3).build((None, 2))
    assert model._engine.kept(model).steps is steps
    model.layers[0].activation = keras.activations.tanh
    assert model._engine.kept(model) is None
