"""Single batches, one after the other: what is kept from one to the next, and when it is let go."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.trainers import engine
from kerasish.trainers.session import Session

X = np.random.default_rng(0).standard_normal((8, 3)).astype("float32")
Y = np.arange(8) % 2


def made(**settings: Any) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, "relu", name="hidden"), keras.layers.Dense(2, "softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **settings)
    return model


def opened(monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """The sessions that are opened from now on."""
    found: list[Session] = []
    before = Session.__init__

    def note(self: Session, *args: Any) -> None:
        found.append(self)
        before(self, *args)

    monkeypatch.setattr(Session, "__init__", note)
    return found


def test_kept_steps_equal_those_of_the_tape() -> None:
    kept, taped = made(), made(run_eagerly=True)
    for start in (0, 2, 4, 0, 3):
        rows = slice(start, start + 4)
        got, expected = kept.train_on_batch(X[rows], Y[rows]), taped.train_on_batch(X[rows], Y[rows])
        np.testing.assert_allclose(got, expected, rtol=1e-6)
        np.testing.assert_allclose(kept.test_on_batch(X, Y), taped.test_on_batch(X, Y), rtol=1e-6)
    for a, b in zip(kept.get_weights(), taped.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-6)


def test_one_session_serves_many_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made()
    sessions = opened(monkeypatch)
    for i in range(6):
        model.train_on_batch(X, Y)
        model.test_on_batch(X, Y)
        model(X[:1])
        if i == 1:
            sessions.clear()  # the first batches make optimizer and metrics
    assert not sessions


@pytest.mark.parametrize("how", ["layer", "variable"])
def test_what_is_frozen_between_two_batches_stays(how: str) -> None:
    model = made()
    model.train_on_batch(X, Y)
    hidden = model.get_layer("hidden")
    if how == "layer":
        hidden.trainable = False
    else:
        for variable in hidden.weights:
            variable.trainable = False
    frozen, free = hidden.get_weights(), model.layers[1].get_weights()
    model.train_on_batch(X, Y)
    assert all(np.array_equal(a, b) for a, b in zip(frozen, hidden.get_weights(), strict=True))
    assert not np.array_equal(free[0], model.layers[1].get_weights()[0])


def test_a_model_that_is_compiled_anew_starts_anew() -> None:
    model, other = made(), made()
    model.train_on_batch(X, Y)
    model.compile("sgd", "sparse_categorical_crossentropy")
    other.set_weights(model.get_weights())
    other.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    np.testing.assert_allclose(model.train_on_batch(X, Y), other.train_on_batch(X, Y), rtol=1e-6)
    np.testing.assert_allclose(model.get_weights()[0], other.get_weights()[0], rtol=1e-6)


def test_copies_go_their_own_way() -> None:
    model = made()
    model.train_on_batch(X, Y)
    assert model._engine.kept(model) is not None
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        before = model.get_weights()
        assert twin._engine.kept(twin) is None
        twin.train_on_batch(X, Y)
        assert np.array_equal(before[0], model.get_weights()[0])
        assert not np.array_equal(before[0], twin.get_weights()[0])


def test_a_batch_in_a_callback_does_not_end_the_fit() -> None:
    model = made()

    class Meddle(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.train_on_batch(X[:2], Y[:2])

    history = model.fit(X, Y, batch_size=4, epochs=2, verbose=0, callbacks=[Meddle()])
    assert len(history.history["loss"]) == 2
    assert int(model.optimizer.iterations.numpy()) == 8


class _Noting(keras.Sequential):
    def train_step(self, data: Any) -> Any:
        return {**super().train_step(data), "extra": 1.0}


@pytest.mark.parametrize("call", ["fit", "train_on_batch"])
def test_an_own_step_may_end_in_the_step_of_the_library(call: str) -> None:
    model = _Noting([keras.Input((3,)), keras.layers.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.get_weights()
    if call == "fit":
        assert model.fit(X, Y, epochs=2, verbose=0).history["extra"] == [1.0, 1.0]
    else:
        assert model.train_on_batch(X, Y, return_dict=True)["extra"] == 1.0
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_a_second_fit_goes_on_with_the_recorded_step(monkeypatch: pytest.MonkeyPatch) -> None:
    model, taped = made(), made(run_eagerly=True)
    sessions = opened(monkeypatch)
    for rows, x in ((8, X), (6, X), (8, X.astype("float64"))):  # other shapes and dtypes are recorded beside the first
        model.fit(x[:rows], Y[:rows], batch_size=4, epochs=2, verbose=0, shuffle=False)
    assert len(sessions) == 1
    for rows in (8, 6, 8):
        taped.fit(X[:rows], Y[:rows], batch_size=4, epochs=2, verbose=0, shuffle=False)
    np.testing.assert_allclose(model.get_weights()[0], taped.get_weights()[0], rtol=2e-6)


def test_a_frozen_layer_is_seen_by_the_next_fit() -> None:
    model = made()
    model.fit(X, Y, verbose=0)
    model.get_layer("hidden").trainable = False
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    assert np.array_equal(before[0], model.get_weights()[0])
    assert not np.array_equal(before[2], model.get_weights()[2])


def wide() -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(512, "relu"), keras.layers.Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


MANY = {"x": np.tile(X, (100, 1)), "y": np.tile(Y, 100)}


def test_large_arrays_are_let_go_after_a_fit(monkeypatch: Any) -> None:
    model = wide()
    monkeypatch.setattr(engine, "KEPT_BYTES", 2**20)
    model.fit(**MANY, batch_size=400, verbose=0)
    assert model._engine.kept(model) is None
    model.fit(X, Y, verbose=0)
    assert model._engine.kept(model) is not None


def test_the_models_trained_last_keep_their_steps(monkeypatch: Any) -> None:
    first, second, third = wide(), wide(), wide()
    first.fit(**MANY, batch_size=400, verbose=0)
    kept = first._engine.kept(first)
    monkeypatch.setattr(engine, "KEPT_BYTES", int(2.5 * first._engine.kept_bytes))
    second.fit(**MANY, batch_size=400, verbose=0)
    first.fit(**MANY, batch_size=400, verbose=0)
    assert first._engine.kept(first) is kept
    third.fit(**MANY, batch_size=400, verbose=0)
    assert [model._engine.kept(model) is None for model in (first, second, third)] == [False, True, False]
    second.fit(**MANY, batch_size=400, verbose=0)
    assert [model._engine.kept(model) is None for model in (first, second, third)] == [True, False, False]


def test_large_arrays_serve_the_next_batch(monkeypatch: Any) -> None:
    monkeypatch.setattr(engine, "KEPT_BYTES", 2**20)
    model = wide()
    model.train_on_batch(**MANY)
    kept = model._engine.kept(model)
    assert kept is not None
    model.train_on_batch(**MANY)
    assert model._engine.kept(model) is kept
