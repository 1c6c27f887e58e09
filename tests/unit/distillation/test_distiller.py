"""Distillation: what each loss is, that a student learns by it, and files both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.distillation import DistillationLoss, Distiller, FeatureDistillation, LogitsDistillation

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 4)).astype("float32")
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
LABELS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def _network(hidden: int, seed: int, library: Any = keras, name: str = "net") -> Any:
    library.utils.set_random_seed(seed)
    inputs = library.Input((4,))
    features = library.layers.Dense(hidden, activation="tanh", name="hidden")(inputs)
    same = library.layers.Dense(3, name="shared")(features)
    return library.Model(inputs, library.layers.Dense(3, name="logits")(same), name=name)


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z)
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize("loss", ["kl_divergence", keras.losses.KLDivergence()])
def test_logits_are_compared_as_soft_probabilities(loss: Any) -> None:
    a, b = RNG.normal(size=(2, 5, 3))
    p, q = _softmax(a / 2), _softmax(b / 2)
    found = LogitsDistillation(2.0, loss).compute_loss(a.astype("float32"), b.astype("float32"))
    np.testing.assert_allclose(found, 4 * np.mean(np.sum(p * np.log(p / q), -1)), rtol=1e-5)


def test_other_losses_take_the_logits_and_outputs_may_be_left_out() -> None:
    a, b = RNG.normal(size=(2, 5, 3)).astype("float32")
    found = LogitsDistillation(2.0, "mse").compute_loss(a, b)
    np.testing.assert_allclose(found, np.mean((a - b) ** 2) / 4, rtol=1e-5)
    found = FeatureDistillation(["mae", None]).compute_loss([a, a], [b, b])
    np.testing.assert_allclose(found, np.mean(np.abs(a - b)), rtol=1e-5)


def test_a_student_learns_from_its_teacher_alone() -> None:
    teacher, student = _network(16, 1), _network(4, 2)
    before = [v.numpy() for v in teacher.variables]
    distiller = Distiller(teacher, student, LogitsDistillation(2.0), student_loss_weight=0.0)
    distiller.compile(keras.optimizers.Adam(0.02), LABELS)
    losses = distiller.fit(X, Y, epochs=20, verbose=0).history["distillation_loss"]
    assert losses[-1] < 0.2 * losses[0]
    assert distiller.why_not_recorded() is None
    for value, variable in zip(before, teacher.variables, strict=True):
        np.testing.assert_array_equal(value, variable.numpy())
    np.testing.assert_array_equal(distiller.predict(X, verbose=0), student.predict(X, verbose=0))


def test_the_parts_add_up() -> None:
    features = FeatureDistillation("mse", "shared", "shared")
    distiller = Distiller(_network(5, 1), _network(3, 2), [LogitsDistillation(), features], [0.5, 2.0], 0.25)
    distiller.compile("sgd", LABELS, metrics=["accuracy"])
    y_pred = distiller(X)
    total = distiller.compute_loss(X, Y, y_pred)

    def at(network: Any, name: str) -> Any:
        return keras.Model(network.inputs, network.get_layer(name).output)(X)

    logits, known = distiller.teacher(X), (at(distiller.teacher, "shared"), at(distiller.student, "shared"))
    far = 0.5 * LogitsDistillation().compute_loss(logits, y_pred) + 2.0 * np.mean((known[0] - known[1]) ** 2)
    np.testing.assert_allclose(total, 0.25 * LABELS(Y, y_pred) + 0.75 * far, rtol=1e-5)
    assert {"accuracy", "student_loss", "total_loss"} <= set(distiller.evaluate(X, Y, verbose=0, return_dict=True))


def test_weights_of_samples_count_for_the_labels() -> None:
    weight = np.array([1.0, 0.0] * 32, "float32")
    for loss in (keras.losses.MeanSquaredError(), "mse"):
        distiller = Distiller(_network(5, 1), _network(3, 2), FeatureDistillation(), student_loss_weight=1.0)
        distiller.compile("sgd", loss)
        y, p = np.zeros((64, 3), "float32"), distiller(X)
        expected = np.mean(np.mean(np.square(p), -1) * weight)
        np.testing.assert_allclose(distiller.compute_loss(X, y, p, weight), expected, rtol=1e-5)


def test_files_hold_both_networks_and_how_they_learn(tmp_path: Path) -> None:
    distiller = Distiller(_network(5, 1, name="big"), _network(3, 2, name="small"), LogitsDistillation(4.0))
    distiller.compile("adam", "mse")
    distiller.fit(X, np.zeros((64, 3), "float32"), verbose=0)
    distiller.save(tmp_path / "distiller.keras")
    again = keras.saving.load_model(tmp_path / "distiller.keras")
    assert type(again) is Distiller and again.distillation_losses[0].temperature == 4.0
    np.testing.assert_array_equal(again.predict(X, verbose=0), distiller.predict(X, verbose=0))
    np.testing.assert_array_equal(again.teacher(X), distiller.teacher(X))
    assert not again.teacher.trainable
    again.fit(X, np.zeros((64, 3), "float32"), verbose=0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda t, s: Distiller("t", s, LogitsDistillation()), "the teacher of a Distiller"),
        (lambda t, s: Distiller(t, s, None), "received None"),
        (lambda t, s: Distiller(t, s, [LogitsDistillation()], [1.0, 2.0]), "a weight for each of 1"),
        (lambda t, s: Distiller(t, s, LogitsDistillation(), student_loss_weight=1.5), "received 1.5"),
        (lambda t, s: Distiller(t, s, FeatureDistillation("mse", "nowhere")), "in the teacher 'net'"),
        (lambda t, s: Distiller(t, keras.Sequential([keras.Input((5,))]), LogitsDistillation()), "need inputs of one"),
        (lambda t, s: Distiller(t, s, LogitsDistillation()).compile("sgd"), "loss=None"),
        (lambda t, s: Distiller(t, s, LogitsDistillation()).compile("sgd", "mse", "mae"), "a list of metrics"),
        (lambda t, s: LogitsDistillation(0.0), "temperature above 0"),
        (lambda t, s: FeatureDistillation([None]), "not None"),
    ],
)
def test_what_does_not_fit_is_named(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(_network(5, 1), _network(3, 2))


def test_a_loss_of_one_s_own_returns_one_number() -> None:
    class Wide(DistillationLoss):
        def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
            return np.abs(teacher_outputs - student_outputs)

    distiller = Distiller(_network(5, 1), _network(3, 2), Wide())
    distiller.compile("sgd", LABELS)
    with pytest.raises(ValueError, match="must return one number"):
        distiller.compute_loss(X, Y)
    with pytest.raises(NotImplementedError, match="needs a method `compute_loss"):
        DistillationLoss().compute_loss(X, X)


@pytest.mark.parity
def test_losses_and_files_are_keras_s(tmp_path: Path) -> None:
    theirs = pytest.importorskip("keras")

    def made(library: Any) -> Any:
        d = library.distillation
        losses = [
            d.LogitsDistillation(2.0, library.losses.KLDivergence()),
            d.FeatureDistillation("mse", "shared", "shared"),
        ]
        found = d.Distiller(_network(5, 1, library, "big"), _network(3, 2, library, "small"), losses, [0.5, 2.0], 0.25)
        found.compile("sgd", library.losses.MeanSquaredError())
        return found

    own, known = made(keras), made(theirs)
    own.set_weights(known.get_weights())
    y = np.zeros((64, 3), "float32")
    expected = float(known.compute_loss(X, y, known(X)))
    np.testing.assert_allclose(float(own.compute_loss(X, y, own(X))), expected, rtol=1e-5)
    known.save(tmp_path / "theirs.keras")
    again = keras.saving.load_model(tmp_path / "theirs.keras", compile=False)
    np.testing.assert_allclose(again(X), np.asarray(known(X)), rtol=1e-5, atol=1e-6)
    own.save(tmp_path / "own.keras")
    back = theirs.saving.load_model(tmp_path / "own.keras")
    np.testing.assert_allclose(np.asarray(back(X)), own(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.asarray(back.teacher(X)), own.teacher(X), rtol=1e-5, atol=1e-6)
