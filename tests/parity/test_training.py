"""Whole training runs beside Keras: the same weights and batches give the same weights after ten steps."""

import keras
import numpy as np
import pytest

import kerasish
from tests.optimizer_cases import TRAINED

REGRESSION = ["mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "poisson", "mse", "msle", "mape"]
BINARY = ["binary_crossentropy", "hinge", "squared_hinge", "binary_focal_crossentropy"]
CLASSES = ["categorical_crossentropy", "kl_divergence", "categorical_hinge", "sparse_categorical_crossentropy"]


def networks(top, units, seed=0):
    """The same three layers in both libraries, with the same weights."""
    rng = np.random.default_rng(seed)
    made = []
    for lib in (keras, kerasish):
        layers = [
            lib.Input((6,)),
            lib.layers.Dense(8, activation="tanh", name="layer_1"),
            lib.layers.Dense(7, activation="relu", name="layer_2"),
            lib.layers.Dense(units, activation=top, name="layer_3"),
        ]
        made.append(lib.Sequential(layers))
    weights = [rng.standard_normal(w.shape).astype("float32") * 0.5 for w in made[0].get_weights()]
    for model in made:
        model.set_weights(weights)
    return made


def data_for(kind, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((60, 6)).astype("float32")
    if kind == "regression":
        return x, (rng.random((60, 2)) + 0.5).astype("float32")
    if kind == "binary":
        return x, rng.integers(0, 2, (60, 2)).astype("float32")
    if kind == "classes":
        return x, np.eye(4, dtype="float32")[rng.integers(0, 4, 60)]
    return x, rng.integers(0, 4, 60)


def train_both(models, make_optimizer, loss, x, y, sample_weight=None):
    """Ten steps of six samples."""
    for lib, model in zip((keras, kerasish), models, strict=True):
        model.compile(make_optimizer(lib), loss if isinstance(loss, str) else loss(lib))
        weight = {} if sample_weight is None else {"sample_weight": sample_weight}
        model.fit(x, y, batch_size=6, epochs=1, shuffle=False, verbose=0, **weight)


def assert_same_weights(models, rtol=1e-5):
    for ours, theirs in zip(models[1].get_weights(), models[0].get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


@pytest.mark.parametrize(("cls", "arguments"), TRAINED)
def test_ten_steps_of_each_optimizer(cls, arguments):
    models = networks("softmax", 4)
    x, y = data_for("classes")
    train_both(models, lambda lib: getattr(lib.optimizers, cls)(**arguments), "categorical_crossentropy", x, y)
    assert_same_weights(models)


@pytest.mark.parametrize("loss", REGRESSION + BINARY + CLASSES)
def test_ten_steps_of_each_loss(loss):
    if loss in REGRESSION:
        models, (x, y) = networks("softplus", 2), data_for("regression")
    elif loss in BINARY:
        models, (x, y) = networks("sigmoid", 2), data_for("binary")
    else:
        models = networks("softmax", 4)
        x, y = data_for("labels" if loss.startswith("sparse") else "classes")
    train_both(models, lambda lib: lib.optimizers.Adam(0.01), loss, x, y)
    assert_same_weights(models)


@pytest.mark.parametrize(
    ("top", "units", "kind", "make"),
    [
        (None, 4, "labels", lambda lib: lib.losses.SparseCategoricalCrossentropy(from_logits=True)),
        (None, 4, "classes", lambda lib: lib.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)),
        (None, 2, "binary", lambda lib: lib.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)),
        ("sigmoid", 2, "binary", lambda lib: lib.losses.BinaryCrossentropy(label_smoothing=0.1)),
        (None, 2, "regression", lambda lib: lib.losses.Huber(delta=0.3, reduction="sum")),
        (None, 2, "regression", lambda lib: lib.losses.MeanSquaredError(reduction="sum")),
    ],
)
def test_ten_steps_of_configured_losses(top, units, kind, make):
    models, (x, y) = networks(top, units), data_for(kind)
    train_both(models, lambda lib: lib.optimizers.SGD(0.01), make, x, y)
    assert_same_weights(models)


def test_sample_weights():
    models, (x, y) = networks(None, 2), data_for("regression")
    weight = np.random.default_rng(5).random(60).astype("float32")
    train_both(models, lambda lib: lib.optimizers.Adam(0.01), "mse", x, y, sample_weight=weight)
    assert_same_weights(models)


def test_class_weight_and_history():
    models, (x, y) = networks("softmax", 4), data_for("labels")
    histories = []
    for model in models:
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy"])
        fitted = model.fit(
            x, y, batch_size=7, epochs=3, shuffle=False, verbose=0, class_weight={0: 2.0, 3: 0.5}, validation_split=0.2
        )
        histories.append(fitted.history)
    assert sorted(histories[0]) == sorted(histories[1])
    for key, theirs in histories[0].items():
        np.testing.assert_allclose(histories[1][key], theirs, rtol=1e-4)


def test_schedule_moves_the_learning_rate():
    models, (x, y) = networks(None, 2), data_for("regression")
    train_both(
        models,
        lambda lib: lib.optimizers.SGD(lib.optimizers.schedules.ExponentialDecay(0.1, decay_steps=3, decay_rate=0.5)),
        "mse",
        x,
        y,
    )
    assert_same_weights(models)


def test_regularizers_and_constraints():
    models = []
    for lib in (keras, kerasish):
        layers = [
            lib.Input((6,)),
            lib.layers.Dense(5, "tanh", kernel_regularizer="l2", activity_regularizer=lib.regularizers.L1(0.01)),
            lib.layers.Dense(
                2, kernel_constraint=lib.constraints.MaxNorm(0.8), bias_regularizer=lib.regularizers.L1L2(0.01, 0.02)
            ),
        ]
        models.append(lib.Sequential(layers))
    rng = np.random.default_rng(3)
    weights = [rng.standard_normal(w.shape).astype("float32") * 0.5 for w in models[0].get_weights()]
    for model in models:
        model.set_weights(weights)
    x, y = data_for("regression")
    train_both(models, lambda lib: lib.optimizers.SGD(0.1), "mse", x, y)
    assert_same_weights(models)
    np.testing.assert_allclose(models[1].evaluate(x, y, verbose=0), models[0].evaluate(x, y, verbose=0), rtol=1e-5)


def test_evaluate_predict_and_single_batches():
    models, (x, y) = networks("softmax", 4), data_for("labels")
    for model in models:
        model.compile(
            "sgd", "sparse_categorical_crossentropy", metrics=["accuracy", "sparse_top_k_categorical_accuracy"]
        )
    theirs, ours = models
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ours.evaluate(x, y, verbose=0), theirs.evaluate(x, y, verbose=0), rtol=1e-5)
    assert (
        ours.evaluate(x, y, verbose=0, return_dict=True).keys()
        == theirs.evaluate(x, y, verbose=0, return_dict=True).keys()
    )
    ours.reset_metrics()
    theirs.reset_metrics()
    np.testing.assert_allclose(ours.train_on_batch(x, y), theirs.train_on_batch(x, y), rtol=1e-5)
    np.testing.assert_allclose(ours.test_on_batch(x, y), theirs.test_on_batch(x, y), rtol=1e-5)
    np.testing.assert_allclose(ours.predict_on_batch(x), theirs.predict_on_batch(x), rtol=1e-5, atol=1e-6)
    assert_same_weights(models)


@pytest.mark.parametrize(
    "options",
    [
        {"loss": ["mse", "mse"]},
        {"loss": "mse", "metrics": [["mae"], ["mae"]], "weighted_metrics": [["mae"], ["mae"]]},
    ],
)
def test_evaluate_lists_results_of_one_name_as_often_as_keras(options):
    x = np.ones((4, 3), "float32")
    listed = []
    for lib in (keras, kerasish):
        entry, shared = lib.Input((3,)), lib.layers.Dense(2, name="shared", kernel_initializer="ones")
        model = lib.Model(entry, [shared(entry), shared(2.0 * entry)])
        model.compile("sgd", run_eagerly=True, **options)
        listed.append(model.evaluate(x, [x[:, :2], x[:, :2]], sample_weight=x[:, 0] * 2, verbose=0))
    np.testing.assert_allclose(listed[1], listed[0], rtol=1e-6)


def test_evaluate_lists_metrics_of_all_outputs_before_weighted_ones():
    x = np.arange(12, dtype="float32").reshape(4, 3)
    listed = []
    for lib in (keras, kerasish):

        class Twice(lib.Model):
            def call(self, x):
                return [x, 2 * x]

        model = Twice()
        metrics, weighted = [["mae"], ["cosine_similarity"]], [["mae"], ["mse"]]
        model.compile("sgd", "mse", metrics=metrics, weighted_metrics=weighted, run_eagerly=True)
        listed.append(model.evaluate(x, [x[:, ::-1], x], sample_weight=x[:, 0], verbose=0))
    np.testing.assert_allclose(listed[1], listed[0], rtol=1e-5)


def test_mixed_precision():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 5)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    models = []
    for lib in (keras, kerasish):
        layers = [
            lib.Input((5,)),
            lib.layers.Dense(8, "relu", dtype="mixed_float16"),
            lib.layers.BatchNormalization(dtype="mixed_float16"),
            lib.layers.Dense(1, dtype="float32"),
        ]
        models.append(lib.Sequential(layers))
    weights = [rng.standard_normal(w.shape).astype("float32") if w.ndim == 2 else w for w in models[0].get_weights()]
    histories = []
    for model in models:
        model.set_weights(weights)
        model.compile("sgd", "mse")
        histories.append(model.fit(x, y, epochs=4, shuffle=False, verbose=0).history["loss"])
        assert str(model.layers[0](x).dtype) == "float16"
        assert str(model.layers[0].kernel.dtype) == "float32"
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-3)
