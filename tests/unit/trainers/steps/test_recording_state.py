"""State that a recorded step reads and changes besides the layers' weights is what it would be on the tape."""

import types

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops

RNG = np.random.default_rng(0)
X = RNG.standard_normal((48, 5)).astype("float32")
Y = RNG.standard_normal((48, 2)).astype("float32")


def plain(eagerly, *hidden, loss="mse", optimizer="adam"):
    model = keras.Sequential([keras.Input((5,)), *hidden, layers.Dense(2)])
    model.compile(optimizer, loss, metrics=["mae"], run_eagerly=eagerly)
    return model


def fitted(model, **settings):
    """The history of some epochs, each of which ends in a smaller batch."""
    return model.fit(X, Y, **{"batch_size": 20, "epochs": 4, "shuffle": False, "verbose": 0, **settings}).history


def assert_same(build, train=fitted):
    """The recorded model, after it was trained and found to come to what the tape comes to."""
    runs = []
    for eagerly in (True, False):
        keras.utils.set_random_seed(1)
        model = build(eagerly)
        runs.append((train(model), [np.asarray(v) for v in model.variables], model))
    (expected, wanted, _), (history, found, model) = runs
    for key, values in expected.items():
        np.testing.assert_allclose(history[key], values, rtol=1e-4, err_msg=key)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    return model


class Adversaries(keras.Model):
    """Two networks that learn in turn, with optimizers that the model keeps as a user would."""

    def __init__(self):
        super().__init__()
        self.maker = keras.Sequential([keras.Input((3,)), layers.Dense(5)])
        hidden = layers.Dense(4, "tanh"), layers.Dropout(0.2)
        self.judge = keras.Sequential([keras.Input((5,)), *hidden, layers.Dense(1)])
        self.seeds = keras.random.SeedGenerator(2)

    def step(self, optimizer, part, x, sign):
        with keras.GradientTape() as tape:
            made = self.maker(keras.random.normal((len(x), 3), seed=self.seeds))
            loss = ops.mean(self.judge(x, training=True)) - ops.mean(self.judge(made, training=True))
            loss = sign * loss + ops.mean(ops.square(self.judge(x)))
        weights = part.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    def train_step(self, data):
        x = data[0]
        first = self.step(self.optimizers["judge"], self.judge, x, 1.0)
        return {"judge": first, "maker": self.step(self.optimizers["maker"], self.maker, x, -1.0)}


def test_an_optimizer_that_is_built_in_the_first_step_makes_one_step():
    def build(eagerly):
        model = Adversaries()
        model.optimizers = {"judge": keras.optimizers.Adam(0.01), "maker": keras.optimizers.Adam(0.01)}
        model.compile(run_eagerly=eagerly)
        return model

    model = assert_same(build)
    assert model.why_not_recorded() is None
    assert int(model.optimizers["maker"].iterations) == 12


def test_a_generator_of_seeds_that_no_layer_tracks_draws_once_a_step():
    seeds = []

    def noisy_loss(y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred + keras.random.normal((1, 2), seed=seeds[-1])), axis=-1)

    def build(eagerly):
        seeds.append(keras.random.SeedGenerator(4))
        return plain(eagerly, loss=noisy_loss)

    assert assert_same(build).why_not_recorded() is None
    np.testing.assert_array_equal(seeds[0].state, seeds[1].state)


@pytest.mark.filterwarnings("ignore:the loss does not depend on")
def test_a_weight_that_only_some_shapes_reach_has_no_gradient_in_others():
    class Branching(keras.Model):
        def __init__(self):
            super().__init__()
            self.many, self.few = layers.Dense(2), layers.Dense(2)

        def call(self, x):
            return self.many(x) if len(x) > 10 else self.few(x)

    def build(eagerly):
        model = Branching()
        model(X[:20]), model(X[:8])
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse", run_eagerly=eagerly)
        return model

    assert assert_same(build).why_not_recorded() is None


class OwnStep(keras.Model):
    """A model whose step returns what a function makes of it."""

    def __init__(self, told):
        super().__init__()
        self.dense = layers.Dense(2)
        self.told = told
        self.seen = keras.metrics.Mean(name="seen")
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        return self.dense(x)

    @property
    def metrics(self):
        return [self.seen]

    def train_step(self, data):
        x, y = data
        self.count.assign_add(1.0)
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.square(self(x, training=True) - y))
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        self.seen.update_state(loss)
        return {"told": self.told(self)}


USES_OF_A_RESULT = {
    "//": lambda m: m.seen.result() // 0.1,
    "%": lambda m: m.seen.result() % 0.1,
    "1 /": lambda m: 1 / m.seen.result(),
    "2 **": lambda m: 2 ** m.seen.result(),
    "abs": lambda m: abs(m.seen.result()),
    "==": lambda m: float(m.seen.result() != 0),
    "ops": lambda m: ops.exp(m.seen.result()),
    "its variables": lambda m: m.seen.total / m.seen.count,
    "a number of its variables": lambda m: float(m.seen.total) / 10.0,
}


@pytest.mark.parametrize("use", USES_OF_A_RESULT)
def test_the_result_of_a_metric_is_a_number_in_the_step_too(use):
    def build(eagerly):
        model = OwnStep(USES_OF_A_RESULT[use])
        model.compile("sgd", run_eagerly=eagerly)
        return model

    why = assert_same(build).why_not_recorded()
    assert "of a metric" in why or "the variable 'seen/total'" in why


LATE_DECISIONS = {
    "float": lambda m: 1.0 if float(m.count) > 7 else 0.0,
    "int": lambda m: 1.0 if int(m.optimizer.iterations) > 7 else 0.0,
    "numpy": lambda m: 1.0 if m.count.numpy() > 7 else 0.0,
    "array": lambda m: 1.0 if np.array(m.optimizer.iterations) > 7 else 0.0,
    "bool": lambda m: 1.0 if m.count > 7 else 0.0,
}


@pytest.mark.parametrize("kind", LATE_DECISIONS)
def test_a_variable_that_becomes_a_number_ends_the_recording(kind):
    """Long after the second step, which the tape checks, the number would be another."""

    def build(eagerly):
        model = OwnStep(LATE_DECISIONS[kind])
        model.compile("sgd", run_eagerly=eagerly)
        return model

    history = []
    model = assert_same(build, lambda model: history.append(fitted(model)) or history[-1])
    assert history[-1]["told"] == [0.0, 0.0, 1.0, 1.0]
    assert model.why_not_recorded() is not None


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_a_layer_that_computes_in_another_type_than_the_data_learns_on_the_tape(dtype):
    def build(eagerly):
        hidden = layers.Dense(4, dtype=dtype), layers.BatchNormalization(dtype=dtype)
        return plain(eagerly, *hidden, loss=keras.losses.MeanSquaredError(dtype="float32"))

    keras.utils.set_random_seed(1)
    losses = fitted(build(True))["loss"]
    assert losses[-1] < losses[0]


class Changing(keras.callbacks.Callback):
    """Calls a function with the model and the number of the epoch before each epoch."""

    def __init__(self, change):
        super().__init__()
        self.change = change

    def on_epoch_begin(self, epoch, logs=None):
        self.change(self.model, epoch)


SETTINGS = types.ModuleType("settings")
TABLE = np.ones(2, "float32")


class Strength:
    value = 0.0

    def __init__(self):
        self.value = 0.1


def anneal(model, epoch):
    model.strength.value = 0.1 * epoch


def regularize(model, epoch):
    model.layers[1].kernel_regularizer.l2 = 0.1 * epoch


def freeze(model, epoch):
    model.layers[1].trainable = epoch % 2 == 0


def set_in_the_module(model, epoch):
    SETTINGS.strength = 0.1 * epoch


def set_in_the_table(model, epoch):
    TABLE[1] = 0.1 * epoch


def set_in_the_class(model, epoch):
    type(model).strength_of_all = 0.1 * epoch


CHANGES = [anneal, regularize, freeze, set_in_the_module, set_in_the_table, set_in_the_class]


class Penalized(keras.Model):
    strength_of_all = 0.0

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        return loss + self.strength_of_all * ops.mean(ops.abs(y_pred))


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
def test_what_a_callback_changes_counts_from_the_next_step_on(change):
    def build(eagerly):
        strength = Strength()
        SETTINGS.strength = TABLE[1] = Penalized.strength_of_all = 0.0

        def loss(y_true, y_pred):
            factor = strength.value + SETTINGS.strength + float(TABLE[1])
            return factor * ops.mean(ops.square(y_true - y_pred), axis=-1)

        hidden = layers.Dense(4, "tanh", kernel_regularizer=keras.regularizers.L2(0.1))
        inputs = keras.Input((5,))
        model = Penalized(inputs, layers.Dense(2)(hidden(inputs)))
        model.compile("adam", loss, metrics=["mae"], run_eagerly=eagerly)
        model.strength = strength
        return model

    model = assert_same(build, lambda model: fitted(model, callbacks=[Changing(change)]))
    assert model.why_not_recorded() is None


def test_a_layer_that_is_frozen_in_a_fit_does_not_move():
    model = plain(False, layers.Dense(4, "tanh"))
    kernels = []

    def freeze_and_look(model, epoch):
        model.layers[0].trainable = epoch < 2
        kernels.append(model.layers[0].kernel.numpy())

    fitted(model, epochs=5, callbacks=[Changing(freeze_and_look)])
    assert (kernels[1] != kernels[2]).any()
    np.testing.assert_array_equal(kernels[2], kernels[4])


def test_a_model_of_which_everything_is_frozen_in_a_fit_goes_on_without_learning():
    def freeze_all(model, epoch):
        model.trainable = epoch < 2

    model = assert_same(lambda eagerly: plain(eagerly, layers.Dense(4, "tanh")),
                        lambda model: fitted(model, callbacks=[Changing(freeze_all)]))  # fmt: skip
    assert model.evaluate(X, Y, verbose=0)


def test_losses_that_layers_add_are_not_left_behind_as_tensors_of_the_recording():
    hidden = layers.Dense(4, activity_regularizer="l2", kernel_regularizer="l2")
    model = plain(False, hidden)
    fitted(model)
    assert [float(loss) for loss in model.losses] == pytest.approx([0.01 * np.sum(np.square(hidden.kernel.numpy()))])


def learn(model, x, y):
    with keras.GradientTape() as tape:
        loss = ops.mean(ops.square(model(x, training=True) - y))
    model.optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    return loss


def sets_the_rate_before(model, x, y):
    rate = model.optimizer.learning_rate
    rate.assign(rate * 0.5)
    return learn(model, x, y)


def clips_weights_before(model, x, y):
    model.dense.kernel.assign(ops.clip(model.dense.kernel, -0.1, 0.1))
    return learn(model, x, y)


def counts_before_and_after(model, x, y):
    model.count.assign_add(1.0)
    loss = learn(model, x, y)
    model.count.assign_add(1.0)
    return loss * model.count


def looks_back(model, x, y):
    """What was read before the optimizer's step is the former value after it too."""
    before = model.dense.kernel.value
    learn(model, x, y)
    model.dense.kernel.assign(0.5 * before + 0.5 * model.dense.kernel)
    return ops.mean(ops.abs(model.dense.kernel - before))


ORDERS = [sets_the_rate_before, clips_weights_before, counts_before_and_after, looks_back]


@pytest.mark.parametrize("order", ORDERS, ids=lambda f: f.__name__)
def test_what_a_step_sets_is_set_in_its_order(order):
    class Ordered(OwnStep):
        def train_step(self, data):
            return {"told": order(self, *data)}

    def build(eagerly):
        model = Ordered(None)
        model.compile("adam", run_eagerly=eagerly)
        return model

    model = assert_same(build)
    assert order is looks_back or model.why_not_recorded() is None


def test_masks_are_those_of_each_batch():
    """Batches that are recorded and checked have the same padding, the ones behind another."""
    x = RNG.standard_normal((48, 4, 5)).astype("float32")
    x[:32, 3:] = 0
    x[32:, 1:] = 0

    def build(eagerly):
        hidden = layers.Masking(), layers.Dense(3), layers.GlobalAveragePooling1D()
        model = keras.Sequential([keras.Input((4, 5)), *hidden, layers.Dense(2)])
        model.compile("sgd", "mse", run_eagerly=eagerly)
        return model

    def train(model):
        return model.fit(x, Y, batch_size=16, epochs=2, shuffle=False, verbose=0).history

    model = assert_same(build, train)
    assert model.why_not_recorded() is None
    expected = [np.asarray(model(row, training=True))[0] for row in x[:, None]]
    found = [model.predict(row, verbose=0)[0] for row in x[:, None]]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "mean"])
def test_logits_may_grow_far_beyond_those_of_the_recorded_step(loss):
    """exp(z - top) overflows if the largest logit is taken from the first batch."""
    x = np.repeat(np.array([[1.0], [1.0], [1000.0]], "float32"), 16, axis=0)
    y = np.tile(np.eye(3, dtype="float32"), (16, 1))

    class Own(keras.Model):
        def train_step(self, data):
            inputs, targets = data
            with keras.GradientTape() as tape:
                z = self(inputs)
                each = ops.categorical_crossentropy(targets, z, from_logits=True)
                value = ops.mean(each) if loss != "mean" else self.compute_loss(inputs, targets, z)
            self.optimizer.apply(tape.gradient(value, self.trainable_variables), self.trainable_variables)
            return {"told": value}

    def build(eagerly):
        inputs = keras.Input((1,))
        model = Own(inputs, layers.Dense(3)(inputs))
        model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True), run_eagerly=eagerly)
        return model

    def train(model):
        return model.fit(x, y, batch_size=16, epochs=1, shuffle=False, verbose=0).history

    model = assert_same(build, train)
    assert model.why_not_recorded() is None
    assert np.isfinite(model.get_weights()[0]).all()


MASKED = {
    "Add": lambda a, b: layers.Add()([layers.Masking()(a), layers.Masking()(b)]),
    "Concatenate": lambda a, b: layers.Concatenate()([layers.Masking()(a), b]),
    "Concatenate in time": lambda a, b: layers.Concatenate(axis=1)([layers.Masking()(a), layers.Masking()(b)]),
    "TimeDistributed": lambda a, b: layers.TimeDistributed(layers.Dense(3))(layers.Masking()(a)),
    "SpectralNormalization": lambda a, b: layers.SpectralNormalization(layers.Dense(3))(a),
}


@pytest.mark.parametrize("layer", MASKED)
def test_layers_that_join_masks_or_set_weights_are_recorded(layer):
    x = RNG.standard_normal((48, 4, 5)).astype("float32")
    x[::2, 1:] = 0

    def build(eagerly):
        inputs = keras.Input((4, 5)), keras.Input((4, 5))
        outputs = layers.Dense(2)(layers.GlobalAveragePooling1D()(MASKED[layer](*inputs)))
        model = keras.Model(inputs, outputs)
        model.compile("adam", "mse", run_eagerly=eagerly)
        return model

    def train(model):
        return model.fit((x, x[::-1]), Y, batch_size=16, epochs=2, shuffle=False, verbose=0).history

    assert assert_same(build, train).why_not_recorded() is None


def test_the_reason_names_the_layer_of_the_library_at_which_the_notes_end():
    class Asked(layers.Rescaling):
        def call(self, inputs):
            return super().call(inputs.numpy())

    Asked.call.__code__ = Asked.call.__code__.replace(co_filename=keras.ops.__file__)  # as if it were a file of ours
    model = plain(False, Asked(1.0, name="bins"), layers.Rescaling(1.0))
    fitted(model)
    assert "in the Asked 'bins'" in model.why_not_recorded()
