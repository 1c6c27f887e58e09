"""Callbacks in the trainings of real models."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import callbacks

X = np.random.default_rng(0).random((40, 3)).astype("float32")
Y = X.sum(1, keepdims=True)


@pytest.fixture
def net():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    return model


class Everything(callbacks.Callback):
    """Writes down what it is told."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __getattribute__(self, name):
        if name.startswith("on_"):
            return lambda *args, **kwargs: self.calls.append((name, args, kwargs))
        return super().__getattribute__(name)


def test_the_order_of_hooks(net):
    told = Everything()
    net.fit(X, Y, batch_size=20, epochs=2, validation_data=(X[:8], Y[:8]), callbacks=[told], verbose=0)
    epoch = [
        "on_epoch_begin",
        *["on_train_batch_begin", "on_train_batch_end"] * 2,
        "on_test_begin",
        "on_test_batch_begin",
        "on_test_batch_end",
        "on_test_end",
        "on_epoch_end",
    ]
    assert [name for name, _, _ in told.calls] == ["on_train_begin", *epoch, *epoch, "on_train_end"]
    batch_logs = [kwargs["logs"] for name, _, kwargs in told.calls if name == "on_train_batch_end"]
    assert [sorted(logs) for logs in batch_logs] == [["loss", "mae"]] * 4
    assert {type(value) for logs in batch_logs for value in logs.values()} == {float}
    assert told.params == {"verbose": 0, "epochs": 2, "steps": 2}


def test_evaluate_and_predict(net):
    told = Everything()
    net.evaluate(X, Y, batch_size=20, callbacks=[told], verbose=0)
    net.predict(X, batch_size=40, callbacks=[told], verbose=0)
    kinds = [name.removeprefix("on_") for name, _, _ in told.calls]
    assert kinds[:6] == ["test_begin", *["test_batch_begin", "test_batch_end"] * 2, "test_end"]
    assert kinds[6:] == ["predict_begin", "predict_batch_begin", "predict_batch_end", "predict_end"]
    assert told.calls[-2][2]["logs"]["outputs"].shape == (40, 1)


def test_history(net):
    history = net.fit(X, Y, epochs=3, validation_split=0.25, verbose=0)
    assert isinstance(history, callbacks.History) and net.history is history
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert all(len(values) == 3 for values in history.history.values())
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_early_stopping_brings_the_best_weights_back(net):
    stop = callbacks.EarlyStopping("val_mae", patience=1, min_delta=100.0, restore_best_weights=True)
    seen = []
    look = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(net.get_weights()))
    history = net.fit(X, Y, epochs=9, validation_split=0.25, verbose=0, callbacks=[look, stop])
    assert history.epoch == [0, 1]
    for restored, first, second in zip(net.get_weights(), *seen, strict=True):
        np.testing.assert_array_equal(restored, first)
        assert not np.array_equal(first, second)


def test_learning_rates(net):
    reduce = callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=100.0)
    history = net.fit(X, Y, epochs=3, verbose=0, callbacks=[reduce])
    assert history.history["learning_rate"] == pytest.approx([0.1, 0.1, 0.05])
    schedule = callbacks.LearningRateScheduler(lambda epoch: 0.0)
    before = net.get_weights()
    net.fit(X, Y, epochs=1, verbose=0, callbacks=[schedule])
    assert all(np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True))


def test_a_schedule_in_the_optimizer_cannot_be_set(net):
    net.compile(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)), "mse")
    with pytest.raises(TypeError, match="schedule"):
        net.fit(X, Y, verbose=0, callbacks=[callbacks.LearningRateScheduler(lambda epoch: 0.1)])


def test_not_a_number(net, capsys):
    history = net.fit(X, Y * np.nan, epochs=3, verbose=0, callbacks=[callbacks.TerminateOnNaN()])
    assert history.epoch == [0] and capsys.readouterr().out == "Batch 0: Invalid loss, terminating training\n"


def test_averaged_weights_are_evaluated(net):
    net.compile(keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9), "mse")
    swap = callbacks.SwapEMAWeights()
    seen = []
    look = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(net.get_weights()))
    validation = (X[:8], Y[:8])
    history = net.fit(X, Y, epochs=2, validation_data=validation, verbose=0, callbacks=[swap, look])
    assert not any(np.array_equal(a, b) for a, b in zip(seen[-1], net.get_weights(), strict=True))
    assert net.evaluate(*validation, verbose=0) == pytest.approx(history.history["val_loss"][-1])


def test_checkpoints(net, tmp_path):
    save = callbacks.ModelCheckpoint(tmp_path / "{epoch}-{val_loss:.3f}.weights.h5", save_weights_only=True)
    history = net.fit(X, Y, epochs=2, validation_split=0.25, verbose=0, callbacks=[save])
    expected = [f"{e + 1}-{loss:.3f}.weights.h5" for e, loss in enumerate(history.history["val_loss"])]
    assert sorted(path.name for path in tmp_path.iterdir()) == expected
    trained = net.get_weights()
    net.load_weights(tmp_path / expected[0])
    assert not np.array_equal(trained[0], net.get_weights()[0])
    net.load_weights(tmp_path / expected[1])
    assert all(np.array_equal(a, b) for a, b in zip(trained, net.get_weights(), strict=True))


def test_the_best_checkpoint_is_a_whole_model(net, tmp_path):
    path = tmp_path / "best.keras"
    net.fit(X, Y, epochs=2, verbose=0, callbacks=[callbacks.ModelCheckpoint(path, "loss", save_best_only=True)])
    loaded = keras.models.load_model(path)
    np.testing.assert_allclose(loaded.predict(X, verbose=0), net.predict(X, verbose=0), rtol=1e-6)


@pytest.mark.parametrize("verbose", [1, 2])
def test_progress(net, capsys, verbose):
    net.fit(X, Y, epochs=2, batch_size=10, validation_split=0.25, verbose=verbose)
    first, second, third, fourth = capsys.readouterr().out.splitlines()
    assert (first, third) == ("Epoch 1/2", "Epoch 2/2")
    for line in (second, fourth):
        assert line.startswith("3/3 ")
        assert [part.split(":")[0] for part in line.split(" - ")[-4:]] == ["loss", "mae", "val_loss", "val_mae"]
    net.evaluate(X, Y, batch_size=10, verbose=verbose)
    net.predict(X, batch_size=10, verbose=verbose)
    assert [line[:4] for line in capsys.readouterr().out.splitlines()] == ["4/4 ", "4/4 "]


@pytest.mark.parametrize("hook", ["on_train_begin", "on_epoch_begin"])
def test_hooks_before_the_first_batch_find_the_weights(hook):
    class Squares(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, number):
            return X[number::2], Y[number::2]

    for source in ((X, Y), (Squares(),), ((pair for pair in [(X[:20], Y[:20]), (X[20:], Y[20:])]),)):
        model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        shapes, batches = [], []
        look = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs, batches=batches: batches.append(batch))
        setattr(look, hook, lambda *_, m=model, s=shapes: s.append([w.shape for w in m.get_weights()]))
        model.fit(*source, batch_size=None if len(source) == 1 else 20, callbacks=[look], verbose=0)
        assert shapes == [[(3, 4), (4,), (4, 1), (1,)]] and batches == [0, 1]


def test_the_librarys_callbacks_change_no_draw():
    def weights(*given):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(X, Y, callbacks=list(given), verbose=0)
        return model.get_weights()[0]

    same = callbacks.EarlyStopping("loss"), callbacks.LearningRateScheduler(lambda epoch: 0.01)
    assert np.array_equal(weights(), weights(*same))
