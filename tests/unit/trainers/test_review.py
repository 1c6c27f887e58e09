"""What a replayed training step must not do: use what was true only when it was recorded, or lend its arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, losses, ops
from kerasish.trainers.steps.steps import AT_ONCE, SHAPES

RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 5)).astype("float32")
Y = RNG.normal(size=(48, 3)).astype("float32")
LABELS = RNG.integers(0, 3, 48)
WEIGHTS = RNG.random(48).astype("float32")


def _network(first: Any = None) -> Any:
    first = layers.Dense(6, activation="tanh") if first is None else first
    return keras.Sequential([keras.Input((5,)), first, layers.Dense(3)])


def _fit(model: Any, y: Any = Y, epochs: int = 3, **options: Any) -> list[float]:
    return model.fit(X, y, batch_size=16, epochs=epochs, verbose=0, shuffle=False, **options).history["loss"]


def _both(run: Callable[[bool], list[float]]) -> None:
    """The same run on the tape and replayed gives the same losses."""
    found = []
    for eagerly in (True, False):
        keras.utils.set_random_seed(1)
        found.append(run(eagerly))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-4, atol=1e-6)


def test_an_optimizer_that_is_compiled_again_trains_the_present_values():
    def run(eagerly: bool) -> list[float]:
        model, first, second = _network(), keras.optimizers.SGD(0.05), keras.optimizers.Adam(0.01)
        history = []
        for optimizer in (first, second, first):
            model.compile(optimizer, "mse", run_eagerly=eagerly)
            history += _fit(model)
        return history

    _both(run)


def test_models_that_share_a_layer_are_trained_in_turn():
    def run(eagerly: bool) -> list[float]:
        shared = layers.Dense(6, activation="tanh")
        one, two = _network(shared), _network(shared)
        one.compile("sgd", "mse", run_eagerly=eagerly)
        two.compile("adam", "mae", run_eagerly=eagerly)
        return [loss for _ in range(3) for model in (one, two) for loss in _fit(model)]

    _both(run)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_callback_trains_another_model_with_a_shared_layer(frozen):
    def run(eagerly: bool) -> list[float]:
        shared = layers.Dense(6, activation="tanh")
        one, two = _network(shared), _network(shared)
        two.compile("adam", "mae", run_eagerly=eagerly)
        two.optimizer.build(two.trainable_variables)
        shared.trainable = not frozen
        one.compile("sgd", "mse", run_eagerly=eagerly)

        class Other(keras.callbacks.Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                if batch == 1:
                    shared.trainable = True
                    _fit(two, epochs=1)
                    shared.trainable = not frozen

        return _fit(one, callbacks=[Other()])

    _both(run)


@pytest.mark.parametrize("what", ["fit", "compile"])
def test_a_callback_may_fit_or_compile_its_own_model(what):
    def run(eagerly: bool) -> list[float]:
        model = _network()
        model.compile("sgd", "mse", run_eagerly=eagerly)

        class Inner(keras.callbacks.Callback):
            steps = 0

            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                Inner.steps += 1
                if Inner.steps == 5 and what == "fit":
                    _fit(model, epochs=1)
                elif Inner.steps == 5:
                    model.compile("adam", "mae", run_eagerly=eagerly)

        return _fit(model, callbacks=[Inner()])

    _both(run)


def _functional(step: Callable[[Any], Any]) -> Any:
    inputs = keras.Input((5,))
    return keras.Model(inputs, layers.Dense(3)(step(layers.Dense(6)(inputs))))


@pytest.mark.parametrize(
    "step",
    [
        lambda h: h + ops.stop_gradient(h * h),
        lambda h: h + ops.round(ops.exp(h)),
        lambda h: h + ops.one_hot(ops.argmax(h * h, -1), 6),
        lambda h: h * ops.cast(h * h > 0.5, "float32"),
    ],
)
def test_what_leads_to_the_loss_only_without_a_derivative_has_no_gradient(step, monkeypatch):
    """Its gradient has no place to come from: memory that nobody has written would be taken for it."""
    from kerasish.backend import room

    keep = room.Room.keep

    def poisoned(self: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        array = keep(self, shape, dtype)
        if array.dtype.kind == "f":
            array[...] = np.nan
        return array

    monkeypatch.setattr(room.Room, "keep", poisoned)

    def run(eagerly: bool) -> list[float]:
        model = _functional(step)
        model.compile("sgd", "mse", run_eagerly=eagerly)
        return _fit(model)

    _both(run)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0), LABELS),
        (losses.MeanSquaredError(reduction="mean_with_sample_weight"), Y),
        (losses.Hinge(), np.concatenate([-np.ones((16, 3)), np.zeros((16, 3)), np.ones((16, 3))])),
        (losses.CategoricalFocalCrossentropy(from_logits=True), np.eye(3)[LABELS]),
        (losses.Circle(), LABELS),
    ],
)
def test_what_a_loss_learns_from_one_batch_is_not_used_for_the_next(loss, y, weighted):
    def run(eagerly: bool) -> list[float]:
        model = _network()
        if isinstance(loss, losses.Circle):
            model.add(layers.UnitNormalization())
        model.compile("sgd", loss, run_eagerly=eagerly)
        return _fit(model, y, sample_weight=WEIGHTS if weighted else None)

    _both(run)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_metric_may_keep_what_it_is_given(weighted):
    class Keeper(keras.metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="keeper")
            self.pairs: list[Any] = []

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.pairs.append((y_true, y_pred))

        def result(self) -> float:
            return float(np.mean([np.mean((p - t) ** 2) for t, p in self.pairs])) if self.pairs else 0.0

        def reset_state(self) -> None:
            self.pairs = []

    kept = []

    def absolute(y_true: Any, y_pred: Any) -> Any:
        kept.append(y_pred)
        return ops.mean(ops.abs(y_true - y_pred), -1)

    model = _network()
    model.compile("sgd", "mse", **{"weighted_metrics" if weighted else "metrics": ["mse", Keeper(), absolute]})
    weight = np.ones(48) if weighted else None
    history = model.fit(X, Y, batch_size=16, epochs=3, verbose=0, sample_weight=weight).history
    np.testing.assert_allclose(history["keeper"], history["mse"], rtol=1e-5)
    assert len({array.__array_interface__["data"][0] for array in kept}) == 9


@pytest.mark.parametrize("times", [1, 4])
def test_of_many_sizes_those_are_recorded_that_come_again(times: int):
    sizes = [n for n in range(1, 40) for _ in range(times)]
    model, twin = _network(), _network()
    twin.set_weights(model.get_weights())
    found = []

    class Count(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            found.append(len(self.model._engine.session.steps._steps))

    losses = []
    for net, eagerly in ((model, False), (twin, True)):
        net.compile("sgd", "mse", run_eagerly=eagerly)
        losses += net.fit(((X[:n], Y[:n]) for n in sizes), verbose=0, callbacks=[Count()]).history["loss"]
    assert found[0] == (AT_ONCE if times == 1 else 39) <= SHAPES
    assert "shapes that came too seldom" in model.why_not_recorded()
    np.testing.assert_allclose(*losses, rtol=1e-5)


def test_predictions_are_not_the_callers_array():
    model = keras.Sequential([keras.Input((5,)), layers.Activation("linear")])
    for verbose in (0, 2):
        assert not np.shares_memory(model.predict(X[:8], verbose=verbose), X)
    assert not np.shares_memory(model.predict_on_batch(X[:8]), X)


def test_gradients_are_values_of_their_own():
    a, b = keras.Variable(np.ones(3)), keras.Variable(np.ones(3))
    with keras.GradientTape() as tape:
        total = ops.sum(a + b)
    first, second = tape.gradient(total, [a, b])
    same = first
    first *= 0.5
    np.testing.assert_array_equal(first, np.full(3, 0.5))
    np.testing.assert_array_equal([same, second], np.ones((2, 3)))


@pytest.mark.parametrize("method", ["apply", "apply_gradients"])
@pytest.mark.parametrize("eagerly", [False, True])
def test_an_optimizers_own_apply_is_called(method, eagerly):
    class Halting(keras.optimizers.SGD):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            super().apply([g * 0 for g in grads] if method == "apply" else grads, trainable_variables)

        if method == "apply_gradients":

            def apply_gradients(self, grads_and_vars: Any) -> Any:
                return super().apply_gradients([(g * 0, v) for g, v in grads_and_vars])

    model = _network()
    model.compile(Halting(0.1), "mse", run_eagerly=eagerly)
    before = model.get_weights()
    _fit(model)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_bad_index_in_a_later_batch_is_told_by_the_layer():
    indices = np.zeros((48, 5), "int32")
    indices[40] = 99
    model = keras.Sequential([keras.Input((5,), dtype="int32"), layers.Embedding(10, 1), layers.Flatten()])
    model.add(layers.Dense(3))
    model.compile("sgd", "mse")
    with pytest.raises(IndexError, match="received indices from 0 to 99"):
        model.fit(indices, Y, batch_size=16, verbose=0, shuffle=False)


def test_an_activation_that_is_exchanged_is_used():
    model = _network()
    model.layers[0].activation = keras.activations.get("linear")
    kernel, bias, *_ = model.get_weights()
    np.testing.assert_allclose(model.layers[0](X), X @ kernel + bias, rtol=1e-5, atol=1e-6)
