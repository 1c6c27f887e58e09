"""Many trainings in processes that joblib starts: the same results, one thread each, data that is not copied."""

import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

import kerasish as keras
from kerasish.backend import threads, workers
from kerasish.wrappers import SKLearnClassifier

ROWS, COLUMNS = 40_000, 128  # 20 MB


def make(X, y, units=2):
    keras.utils.set_random_seed(units)
    model = keras.Sequential([keras.Input(X.shape[1:]), keras.layers.Dense(units, "relu"), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.05), keras.losses.CategoricalCrossentropy(from_logits=True))
    return model


def own_memory():
    """Bytes of this process that no file holds."""
    status = Path("/proc/self/smaps_rollup")
    if not status.exists():
        return 0
    return sum(1024 * int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("Anonymous:"))


def train(seed, x, y):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((COLUMNS,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.asarray(x[:64]), np.asarray(y[:64]), verbose=0)  # what the library itself takes
    before = own_memory()
    history = model.fit(x, y, batch_size=512, verbose=0)
    told = {"map": isinstance(x, np.memmap) and not x.flags.writeable, "grown": own_memory() - before}
    told["threads"] = threads.own_number(), workers.cores(), workers._pool.count
    return model, history, told


def test_a_search_in_two_processes_finds_what_one_finds():
    random = np.random.default_rng(0)
    X = random.normal(size=(90, 3)).astype("float32")
    labels = np.where(X[:, 0] * X[:, 1] > 0, "same", "other")
    grid = {"model_kwargs": [{"units": 2}, {"units": 8}]}
    one, two = (
        GridSearchCV(SKLearnClassifier(make, fit_kwargs={"epochs": 5, "verbose": 0}), grid, cv=3, n_jobs=jobs).fit(
            X, labels
        )
        for jobs in (1, 2)
    )
    assert np.array_equal(one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"])
    assert one.best_params_ == two.best_params_
    assert np.array_equal(one.decision_function(X), two.decision_function(X))


def test_workers_have_one_thread_and_read_what_is_shared():
    x = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).astype("float32")
    y = x[:, :1].copy()
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        found = joblib.Parallel()(joblib.delayed(train)(seed, x, y) for seed in range(2))
    for seed, (model, history, told) in enumerate(found):
        assert told["map"] and told["grown"] < x.nbytes / 4
        assert told["threads"] == (1, 1, 0)  # of the BLAS, to share with, and of helpers made
        here, same, _ = train(seed, x, y)
        assert history.history["loss"] == pytest.approx(same.history["loss"], rel=1e-5)  # other threads, other sums
        assert np.allclose(model.predict(x[:9], verbose=0), here.predict(x[:9], verbose=0), rtol=1e-5, atol=1e-6)


def test_a_model_that_comes_back_trains_on_as_if_it_had_stayed():
    x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
    layers = keras.layers
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    history = model.fit(x, x[:, :1], epochs=2, verbose=0)
    again = pickle.loads(pickle.dumps(history))
    assert (again.history, again.epoch, again.params) == (history.history, history.epoch, history.params)
    runs = [each.model.fit(x, x[:, :1], epochs=2, shuffle=False, verbose=0).history for each in (history, again)]
    assert runs[0] == runs[1] and again.model.optimizer.iterations == model.optimizer.iterations


@pytest.mark.parametrize(
    "make_callback",
    [
        lambda folder: keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
        lambda folder: keras.callbacks.ReduceLROnPlateau(patience=1),
        lambda folder: keras.callbacks.CSVLogger(folder / "log.csv"),
        lambda folder: keras.callbacks.ModelCheckpoint(folder / "best.keras", save_best_only=True),
        lambda folder: keras.callbacks.BackupAndRestore(folder / "backup"),
        lambda folder: keras.callbacks.ProgbarLogger(),
        lambda folder: keras.callbacks.GradientMonitor(),
    ],
    ids=["EarlyStopping", "ReduceLROnPlateau", "CSVLogger", "ModelCheckpoint", "Backup", "Progbar", "GradientMonitor"],
)
def test_a_callback_comes_back_with_what_it_knows(make_callback, tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
    callback = make_callback(tmp_path)
    model = make(x, x[:, :2])
    model.fit(x, x[:, :2], validation_split=0.5, epochs=2, verbose=0, callbacks=[callback])
    again = pickle.loads(pickle.dumps(callback))
    plain = {name: value for name, value in vars(callback).items() if isinstance(value, (int, float, str))}
    assert plain.items() <= vars(again).items()
    assert np.array_equal(again.model.predict(x, verbose=0), model.predict(x, verbose=0))
