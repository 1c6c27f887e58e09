"""When callbacks hear of batches: `steps_per_execution`, `stop_evaluating`, `stop_predicting`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import kerasish as keras

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X[:, :1]


class Heard(keras.callbacks.Callback):
    """Notes every batch hook with its number, and the loss or the shape of the outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []
        self.told: list[Any] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.events.append(("begin", batch))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.events.append(("end", batch))
        self.told.append(logs["loss"])

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.events.append(("begin", batch))

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.events.append(("end", batch))
        self.told.append(logs["loss"])

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.events.append(("begin", batch))

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.events.append(("end", batch))
        self.told.append(logs["outputs"].shape)


class Stop(keras.callbacks.Callback):
    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == 1:
            self.model.stop_evaluating = True

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == 1:
            self.model.stop_predicting = True


def endless() -> Iterator[Any]:
    while True:
        yield X, Y


def compiled(**settings: Any) -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", **settings)
    return model


def events(*numbers: int) -> list[tuple[str, int]]:
    return [(("begin", "end")[place % 2], number) for place, number in enumerate(numbers)]


# what Keras 3.15.1 tells of 8 batches
EXECUTIONS = {2: [0, 1, 2, 3, 4, 5, 6, 7], 3: [0, 2, 3, 5, 6, 8], 8: [0, 7], 100: [0, 99]}


@pytest.mark.parametrize("size", EXECUTIONS)
@pytest.mark.parametrize("run_eagerly", [False, True])
def test_batch_hooks_come_once_for_each_execution(size: int, run_eagerly: bool) -> None:
    model = compiled(steps_per_execution=size, run_eagerly=run_eagerly)
    plain = compiled(run_eagerly=run_eagerly)
    plain.set_weights(model.get_weights())
    heard, every = Heard(), Heard()
    model.fit(X, Y, batch_size=2, shuffle=False, verbose=0, callbacks=[heard])
    plain.fit(X, Y, batch_size=2, shuffle=False, verbose=0, callbacks=[every])
    assert heard.events == events(*EXECUTIONS[size])
    lasts = [min(number, 7) for number in EXECUTIONS[size][1::2]]
    assert heard.told == [every.told[last] for last in lasts]
    assert int(model.optimizer.iterations) == 8
    assert all(map(np.array_equal, model.get_weights(), plain.get_weights()))
    judged, predicted = Heard(), Heard()
    model.evaluate(X, Y, batch_size=2, verbose=0, callbacks=[judged])
    assert judged.events == events(*EXECUTIONS[size])
    outputs = model.predict(X, batch_size=2, verbose=0, callbacks=[predicted])
    assert predicted.events == events(*EXECUTIONS[size])
    assert sum(shape[0] for shape in predicted.told) == len(outputs) == 16
    np.testing.assert_array_equal(outputs, model.predict(X, batch_size=2, verbose=0))


def test_executions_of_a_generator_begin_anew_in_each_epoch() -> None:
    heard = Heard()
    compiled(steps_per_execution=2).fit(endless(), steps_per_epoch=5, epochs=2, verbose=0, callbacks=[heard])
    assert heard.events == 2 * events(0, 1, 2, 3, 4, 5)


def test_executions_show_a_whole_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    compiled(steps_per_execution=3).fit(X, Y, batch_size=2, verbose=1)
    assert "8/8" in capsys.readouterr().out


def test_validation_has_executions_of_its_own() -> None:
    heard = Heard()
    model = compiled(steps_per_execution=3)
    model.fit(X, Y, batch_size=4, validation_data=(X, Y), validation_batch_size=8, verbose=0, callbacks=[heard])
    assert heard.events == events(0, 2, 3, 5, 0, 2)


def test_a_callback_stops_an_endless_evaluation() -> None:
    model, heard = compiled(), Heard()
    result = model.evaluate(endless(), verbose=0, callbacks=[Stop(), heard])
    assert heard.events == [("begin", 0), ("end", 0), ("begin", 1), ("end", 1)]
    np.testing.assert_allclose(result, np.mean((model.predict(X, verbose=0) - Y) ** 2), rtol=1e-5)
    assert model.stop_evaluating
    again = Heard()
    model.evaluate(X, Y, batch_size=2, verbose=0, callbacks=[again])
    assert len(again.events) == 16
    assert not model.stop_evaluating


def test_a_callback_stops_a_prediction() -> None:
    model, heard = compiled(), Heard()
    found = model.predict(X, batch_size=2, verbose=0, callbacks=[Stop(), heard])
    assert heard.events == [("begin", 0), ("end", 0), ("begin", 1), ("end", 1)]
    np.testing.assert_allclose(found, model.predict(X[:4], verbose=0), rtol=1e-6)
    assert len(model.predict(X, batch_size=2, verbose=0)) == 16
    assert not model.stop_predicting


def test_a_stop_in_an_execution_waits_for_its_end() -> None:
    model, heard = compiled(steps_per_execution=2), Heard()
    assert len(model.predict(X, batch_size=2, verbose=0, callbacks=[Stop(), heard])) == 4
    assert heard.events == events(0, 1)


def test_a_stopped_validation_ends_early_and_training_goes_on() -> None:
    model, heard = compiled(), Heard()
    model.fit(
        X, Y, batch_size=16, epochs=2, validation_data=(X, Y), validation_batch_size=2, verbose=0,
        callbacks=[Stop(), heard],
    )  # fmt: skip
    assert [event for event in heard.events if event[0] == "end"] == 2 * [("end", 0), ("end", 0), ("end", 1)]
