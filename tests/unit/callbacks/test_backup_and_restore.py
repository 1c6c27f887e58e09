"""A fit that was interrupted anywhere and started again ends with the bits of one that was not."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras
from kerasish.callbacks import BackupAndRestore

HERE = Path(__file__).parent


class Interrupt(keras.callbacks.Callback):
    """Raises in a given step, counted over all epochs."""

    def __init__(self, step):
        super().__init__()
        self.left = step

    def on_train_batch_begin(self, batch, logs=None):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1


class Noise(keras.layers.Layer):
    """Draws from every source that there is."""

    def call(self, inputs, training=False):
        if not training:
            return inputs
        noise = keras.random.normal(inputs.shape[1:]) + np.random.random()
        return inputs * (1.0 + 0.01 * noise)


class Rows(keras.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        x, y = data()
        return x[index * 4 : index * 4 + 4], y[index * 4 : index * 4 + 4]


class OwnStep(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = keras.layers.Dense(1)
        self.seen = keras.metrics.Mean(name="seen")

    def call(self, inputs):
        return self.last(inputs)

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            loss = keras.ops.mean((self(x) - y) ** 2) * (1.0 + np.random.random())
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        self.seen.update_state(loss)
        return {"seen": self.seen.result()}

    @property
    def metrics(self):
        return [self.seen]


def data():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((20, 3)).astype("float32")
    return x, x.sum(1, keepdims=True)


def pairs():
    rng = np.random.default_rng(5)
    while True:
        x = rng.standard_normal((4, 3)).astype("float32") + np.float32(np.random.random())
        yield x, x.sum(1, keepdims=True)


def plain_model():
    inputs = [keras.Input((3,)), keras.layers.Dense(6, "relu"), keras.layers.BatchNormalization()]
    return keras.Sequential([*inputs, keras.layers.Dropout(0.3), keras.layers.Dense(1)])


def noisy_model():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(6), Noise(), keras.layers.Dense(1)])


def own_model():
    model = OwnStep()
    model(np.zeros((1, 3), "float32"))
    return model


FITS = {
    "arrays": (plain_model, lambda: dict(zip("xy", data(), strict=True))),
    "validated": (plain_model, lambda: {**dict(zip("xy", data(), strict=True)), "validation_split": 0.2}),
    "noisy": (noisy_model, lambda: dict(zip("xy", data(), strict=True))),
    "own step": (own_model, lambda: dict(zip("xy", data(), strict=True))),
    "rows in order": (plain_model, lambda: {**dict(zip("xy", data(), strict=True)), "shuffle": False}),
    "batches in any order": (plain_model, lambda: {**dict(zip("xy", data(), strict=True)), "shuffle": "batch"}),
    "passes over epochs": (plain_model, lambda: {**dict(zip("xy", data(), strict=True)), "steps_per_epoch": 3}),
    "data set": (plain_model, lambda: {"x": Rows(), "shuffle": True}),
    "generator": (noisy_model, lambda: {"x": pairs(), "steps_per_epoch": 5}),
}
EPOCHS = 3


def run(kind, backup=None, interrupt=None):
    """What a script would do: the same from its start each time."""
    keras.utils.set_random_seed(7)
    make, arguments = FITS[kind]
    model = make()
    optimizer = keras.optimizers.Adam(0.01, use_ema=True)
    model.compile(optimizer, "mse", metrics=["mae"])
    slower = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    callbacks = [slower, *([backup] if backup else []), *([] if interrupt is None else [Interrupt(interrupt)])]
    given = arguments()
    if "y" in given:
        given["batch_size"] = 4
    history = model.fit(**given, epochs=EPOCHS, verbose=0, callbacks=callbacks)
    return [v.numpy() for v in (*model.variables, *optimizer.variables)], history


def assert_same_bits(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("ignore:the input ran out")
@pytest.mark.parametrize(("save_freq", "stops"), [("epoch", (2, 7)), (2, (1, 4, 7)), (5, (6, 7))])
@pytest.mark.parametrize("kind", FITS)
def test_an_interrupted_fit_ends_with_the_same_bits(kind, save_freq, stops, tmp_path):
    expected, history = run(kind)
    for stop in stops:
        with pytest.raises(KeyboardInterrupt):
            run(kind, BackupAndRestore(tmp_path / "backup", save_freq), stop)
        found, resumed = run(kind, BackupAndRestore(tmp_path / "backup", save_freq))
        assert_same_bits(found, expected)
        for name, values in resumed.history.items():
            assert values == history.history[name][-len(values) :]
        assert not list(tmp_path.iterdir())


def test_interrupted_again_and_again(tmp_path):
    expected, _ = run("arrays")
    interruptions, found = 0, None
    while found is None:
        with contextlib.suppress(KeyboardInterrupt):
            interruptions += 1
            found, _ = run("arrays", BackupAndRestore(tmp_path / "backup", 2), interrupt=3)
    assert interruptions >= 5
    assert_same_bits(found, expected)


def test_a_finished_fit_is_not_begun_again_while_its_backup_is_kept(tmp_path):
    backup = BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)
    expected, _ = run("arrays", backup)
    found, history = run("arrays", BackupAndRestore(tmp_path / "backup"))
    assert_same_bits(found, expected)
    assert history.epoch == []
    assert not (tmp_path / "backup").exists()


def test_the_backup_before_the_last_is_used_if_that_is_damaged(tmp_path):
    expected, _ = run("arrays")
    with pytest.raises(KeyboardInterrupt):
        run("arrays", BackupAndRestore(tmp_path, 2, double_checkpoint=True), interrupt=9)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["latest.weights.h5", "latest.weights.h5.bkp"]
    latest = tmp_path / "latest.weights.h5"
    latest.write_bytes(latest.read_bytes()[:1000])
    found, history = run("arrays", BackupAndRestore(tmp_path, 2, double_checkpoint=True))
    assert_same_bits(found, expected)
    assert history.epoch == [1, 2]
    assert tmp_path.exists() is False


def test_a_damaged_backup_is_told(tmp_path):
    (tmp_path / "latest.weights.h5").write_bytes(b"nothing of use")
    with pytest.raises(ValueError, match=r"latest\.weights\.h5: the place in the training"):
        run("arrays", BackupAndRestore(tmp_path))


def test_weights_without_a_place_are_told(tmp_path):
    plain_model().save_weights(tmp_path / "latest.weights.h5")
    with pytest.raises(ValueError, match="the place in the training"):
        run("arrays", BackupAndRestore(tmp_path))


def test_the_backup_of_another_model_is_told(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run("arrays", BackupAndRestore(tmp_path), interrupt=7)
    with pytest.raises(ValueError, match="another model"):
        run("noisy", BackupAndRestore(tmp_path))


def test_other_files_of_the_directory_stay(tmp_path):
    (tmp_path / "notes.txt").write_text("keep")
    (tmp_path / ".latest.weights.h5.0123.tmp").write_text("what a killed process has left")
    run("arrays", BackupAndRestore(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_a_backup_is_a_file_of_weights(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run("arrays", BackupAndRestore(tmp_path), interrupt=7)
    model = plain_model()
    model.load_weights(tmp_path / "latest.weights.h5")


def test_arguments():
    with pytest.raises(ValueError, match="needs a directory"):
        BackupAndRestore("")
    for frequency in ("batch", 0, False, 1.5):
        with pytest.raises(ValueError, match="save_freq"):
            BackupAndRestore("backup", frequency)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="built before `fit`"):
        model.fit(keras.utils.timeseries_dataset_from_array(np.ones(4), np.ones(4), 2), verbose=0,
                  callbacks=[BackupAndRestore("backup")])  # fmt: skip
    model.fit(*data(), verbose=0, callbacks=[BackupAndRestore("backup")])


def test_nothing_is_heard_of_batches_where_epochs_are_saved():
    backup = BackupAndRestore("backup")
    assert not keras.callbacks.CallbackList([backup]).has_train_batch_hooks
    assert keras.callbacks.CallbackList([BackupAndRestore("backup", 3)]).has_train_batch_hooks


# -- a process that is killed ----------------------------------------------------------------------------------


def _start(folder, name, save_freq):
    path = os.pathsep.join([str(HERE.parents[2]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, str(HERE / "long_fit.py"), str(folder / name), str(folder / f"{name}.npz"), save_freq]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path})


def _backups_seen(process, file, wanted, deadline):
    """Whether the process has made this many backups; it may end before."""
    seen, last = 0, None
    while process.poll() is None and seen < wanted:
        assert time.monotonic() < deadline, "the fit does not come to an end"
        with_file = file.stat().st_mtime_ns if file.exists() else None
        seen, last = seen + (with_file != last), with_file
        time.sleep(0.0005)
    return process.poll() is None


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a matter of POSIX")
@pytest.mark.parametrize("save_freq", ["epoch", "3"])
def test_a_killed_process(save_freq, tmp_path):
    rng = np.random.default_rng(len(save_freq))
    deadline = time.monotonic() + 120
    undisturbed = _start(tmp_path, "undisturbed", save_freq)
    kills = 0
    while True:
        process = _start(tmp_path, "killed", save_freq)
        file = tmp_path / "killed" / "latest.weights.h5"
        if not _backups_seen(process, file, int(rng.integers(4, 7)), deadline):
            break
        time.sleep(rng.random() * 0.01)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert process.wait() == 0 and undisturbed.wait() == 0
    assert kills >= 3
    with np.load(tmp_path / "undisturbed.npz") as theirs, np.load(tmp_path / "killed.npz") as ours:
        assert sorted(ours) == sorted(theirs)
        for name in theirs:
            np.testing.assert_array_equal(ours[name], theirs[name])
