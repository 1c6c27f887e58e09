"""The same logs in the callbacks of both libraries: the same decisions."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

import kerasish.callbacks as ours

pytestmark = pytest.mark.parity
keras = pytest.importorskip("keras")
theirs = keras.callbacks

SEQUENCES = {
    "falling": [1.0, 0.5, 0.25, 0.125, 0.0625],
    "rising": [0.0625, 0.125, 0.25, 0.5, 1.0],
    "flat": [1.0] * 12,
    "bumpy": np.random.default_rng(0).random(30).astype("float32").tolist(),
    "valley": [*np.linspace(1, 0.25, 6), *np.linspace(0.25, 1, 9)],
    "nan": [0.5, float("nan"), 0.25, float("nan"), float("nan"), 0.125, 0.2, 0.2],
    "nan first": [float("nan"), 0.5, 0.25],
}


def run(module, callback, values, monitor):
    """The weights at the end and, for each epoch, the learning rate and the model's wish to stop."""
    model = SimpleNamespace(
        metrics=[], optimizer=SimpleNamespace(learning_rate=np.float32(1)), stop_training=False, weights=[]
    )
    model.get_weights = lambda: list(model.weights)
    model.set_weights = lambda weights: setattr(model, "weights", weights)
    hooks = module.CallbackList([callback], add_history=True, model=model, epochs=len(values), steps=1, verbose=0)
    hooks.on_train_begin()
    decisions = []
    for epoch, value in enumerate(values):
        hooks.on_epoch_begin(epoch)
        model.weights = [epoch]
        hooks.on_epoch_end(epoch, {monitor: value})
        decisions.append((float(model.optimizer.learning_rate), model.stop_training))
        if model.stop_training:
            break
    hooks.on_train_end()
    history = {name: np.float32(values).tolist() for name, values in model.history.history.items()}
    return decisions, model.weights, repr(history)


def assert_same(name, arguments, values):
    monitor = arguments.get("monitor", "val_loss")
    mine = run(ours, getattr(ours, name)(**arguments), values, monitor)
    reference = run(theirs, getattr(theirs, name)(**arguments), values, monitor)
    assert mine[0] == [(pytest.approx(rate), stop) for rate, stop in reference[0]]
    assert mine[1:] == reference[1:]


@pytest.mark.parametrize("values", SEQUENCES.values(), ids=SEQUENCES)
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"patience": 2},
        {"patience": 3, "min_delta": 0.25},
        {"mode": "max", "patience": 2, "restore_best_weights": True},
        {"monitor": "loss", "patience": 1, "restore_best_weights": True},
        {"patience": 2, "baseline": 0.3, "restore_best_weights": True},
        {"patience": 2, "start_from_epoch": 4, "restore_best_weights": True},
        {"patience": 30, "restore_best_weights": True},
    ],
    ids=str,
)
def test_early_stopping(arguments, values):
    assert_same("EarlyStopping", arguments, values)


@pytest.mark.parametrize("values", SEQUENCES.values(), ids=SEQUENCES)
@pytest.mark.parametrize(
    "arguments",
    [
        {"patience": 1},
        {"patience": 2, "factor": 0.5},
        {"patience": 1, "factor": 0.5, "cooldown": 2},
        {"patience": 1, "factor": 0.25, "min_lr": 0.1},
        {"patience": 2, "mode": "max", "min_delta": 0.25},
        {"patience": 0, "monitor": "loss"},
    ],
    ids=str,
)
def test_reduce_lr_on_plateau(arguments, values):
    assert_same("ReduceLROnPlateau", arguments, values)


@pytest.mark.parametrize("schedule", [lambda epoch, rate: rate * 0.5, lambda epoch: 1.0 / (1 + epoch)])
def test_learning_rate_scheduler(schedule):
    mine, reference = (run(m, m.LearningRateScheduler(schedule), [1.0] * 4, "loss") for m in (ours, theirs))
    assert mine == reference


@pytest.mark.parametrize("save_freq", [1, 3, 4, "epoch"])
@pytest.mark.parametrize("best", [False, True])
def test_model_checkpoint(save_freq, best, tmp_path):
    def saved(module):
        paths = []
        model = SimpleNamespace(metrics=[], save=lambda path, overwrite: paths.append(path))
        name = "{epoch}.keras" if save_freq == "epoch" else "{epoch}-{batch}.keras"
        save = module.ModelCheckpoint(tmp_path / name, "loss", save_freq=save_freq, save_best_only=best, mode="min")
        save._set_monitor_op()
        hooks = module.CallbackList([save], model=model, epochs=3, steps=5, verbose=0)
        hooks.on_train_begin()
        losses = iter(np.random.default_rng(1).random(99))
        for epoch in range(3):
            hooks.on_epoch_begin(epoch)
            for batch in range(5):
                hooks.on_train_batch_begin(batch)
                hooks.on_train_batch_end(batch, {"loss": next(losses)})
            hooks.on_epoch_end(epoch, {"loss": next(losses)})
        hooks.on_train_end()
        return paths

    assert saved(ours) == saved(theirs) != []


@pytest.mark.parametrize(
    "logs", [[{"loss": 1.0}, {"loss": 2.0, "val_loss": 3.0}], [{"b": 1.5, "val_b": 2.5, "a": 0.5}]]
)
def test_csv_logger(logs, tmp_path):
    def written(module):
        path = tmp_path / module.__name__
        hooks = module.CallbackList([module.CSVLogger(path, separator=";")], model=SimpleNamespace())
        hooks.on_train_begin()
        for epoch, values in enumerate(logs):
            hooks.on_epoch_end(epoch, values)
        hooks.on_train_end()
        return path.read_bytes()

    assert written(ours) == written(theirs)


@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.parametrize("steps", [1, 10, None])
def test_the_last_line_of_the_progress_bar(verbose, steps, capsys):
    def shown(module):
        hooks = module.CallbackList(add_progbar=True, model=SimpleNamespace(), epochs=2, steps=steps, verbose=verbose)
        hooks.on_train_begin()
        for epoch in range(2):
            hooks.on_epoch_begin(epoch)
            for batch in range(steps or 10):
                hooks.on_train_batch_end(batch, {"loss": 0.5, "accuracy": 0.25})
            hooks.on_epoch_end(epoch, {"loss": 3e-5, "accuracy": 0.875, "val_loss": 123.456, "mae": 0.0})
        hooks.on_train_end()
        plain = re.sub(r"\x1b\[\d*m|\x08+", "", capsys.readouterr().out)
        last = [line for line in re.split(r"[\r\n]+", plain) if line.startswith("Epoch") or "val_loss" in line]
        return [re.sub(r"\d+[mu]?s\b", "TIME", line.rstrip()) for line in last]

    assert shown(ours) == shown(theirs)


@pytest.mark.parametrize(
    "x, classes", [([0, 2, 1], None), ([[1], [0]], 3), (np.zeros((2, 3, 1)), 2), (1, 4), ([-1], 3)]
)
def test_to_categorical(x, classes):
    from kerasish.utils import to_categorical

    mine, reference = to_categorical(x, classes), keras.utils.to_categorical(x, classes)
    assert np.array_equal(mine, reference) and mine.dtype == reference.dtype


@pytest.mark.parametrize("x", [np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[3, 4]]), np.float32([1, 2]), [1.0, 2.0]])
@pytest.mark.parametrize("order", [1, 2])
def test_normalize(x, order):
    from kerasish.utils import normalize

    mine, reference = normalize(x, order=order), np.asarray(keras.utils.normalize(x, order=order))
    np.testing.assert_allclose(mine, reference, rtol=1e-6)
    assert mine.dtype == reference.dtype
