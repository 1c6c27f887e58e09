"""What each rank of an MPI job runs: every case alone on whole batches, then together, and how far the two are apart.

Run by `test_ranks.py`, which says which thirds of the optimizers' settings to try; rank 0 prints a dict of the largest
differences, relative to the largest number of the array compared, with the batches cut ("data") and with the weights
cut too ("model"), and what was refused. `mpiexec -n 2 python tests/unit/distribution/ranks.py 0 1 2 all` tries all.
"""

import json
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import kerasish as keras
from kerasish.backend.ranks import active as ACTIVE

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from tests.optimizer_cases import TRAINED

# Batches of 23, 23 and 1 rows: a last smaller batch, of which not every rank gets a row.
ROWS, BATCH = 47, 23
_rng = np.random.default_rng(0)
X = _rng.normal(size=(ROWS, 5))
Y = _rng.integers(0, 3, ROWS)
WEIGHTS = _rng.uniform(0.2, 2.0, ROWS)
DATA = keras.distribution


class Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, number: int) -> Any:
        rows = slice(number * BATCH, (number + 1) * BATCH)
        return X[rows], Y[rows]


def generator() -> Any:
    """Other batches than a second pass of its own would give: a new one for each training."""
    while True:
        for number in range(3):
            yield Batches()[number]


class OwnRows(Batches):
    """The rows of each batch that are those of a rank, for `auto_shard_dataset=False`."""

    def __getitem__(self, number: int) -> Any:
        spread = keras.distribution.distribution()
        if spread is None:
            return super().__getitem__(number % 2)
        every, rank = spread.num_processes, spread.data_shard_id
        return tuple(part[rank::every] for part in super().__getitem__(number % 2))


def own_rows() -> Any:
    """Each rank is given other rows of two batches."""
    if DATA.distribution() is not None:
        DATA.set_distribution(DATA.DataParallel(auto_shard_dataset=False))
    return trained("adam", OwnRows(), shuffle=False)


class OwnStep(keras.Model):
    """A `train_step` of the user's own, with a result that is no metric's."""

    def train_step(self, data: Any) -> Any:
        x, y = data
        with keras.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        self._loss_tracker.update_state(loss, sample_weight=len(x))
        return self.get_metrics_result()


def model(kind: type = keras.Model, **layer: Any) -> Any:
    inputs = keras.Input((5,))
    hidden = keras.layers.Dense(8, "tanh", **layer)(inputs)
    return kind(inputs, keras.layers.Dense(3, "softmax", name="layer_1")(hidden))


def fitted(made: Any, *data: Any, **settings: Any) -> list[np.ndarray]:
    """All that a training comes to, and what is asked of the model afterwards."""
    asks = settings.pop("asks", True)
    settings = {"epochs": 2, "batch_size": BATCH, "verbose": 0} | settings
    history = made.fit(*data, **settings).history
    found = [*made.get_weights(), *(np.array(history[name]) for name in sorted(history))]
    if not asks:
        return found
    judged = made.evaluate(X, Y, batch_size=BATCH, sample_weight=WEIGHTS, verbose=0)
    return [*found, np.array(judged), made.predict(X, batch_size=BATCH, verbose=0)]


def trained(optimizer: Any, *data: Any, kind: type = keras.Model, layer: Any = (), **settings: Any) -> Any:
    made = model(kind, **dict(layer)) if isinstance(kind, type) else kind()
    metrics = ["accuracy", keras.metrics.SparseCategoricalCrossentropy(name="ce")]
    compiled = {name: settings.pop(name) for name in ("run_eagerly", "loss") if name in settings}
    compiled = {"loss": "sparse_categorical_crossentropy"} | compiled
    made.compile(optimizer, metrics=metrics, weighted_metrics=["accuracy"], **compiled)
    return fitted(made, *(data or (X, Y)), **settings)


def ruled(name: str, options: dict[str, Any]) -> Any:
    # the optimizer's step is the same one, and to record what leads to it takes longest
    return trained(getattr(keras.optimizers, name)(**options), asks=False, run_eagerly=True)


def two_optimizers() -> Any:
    adam, sgd = keras.optimizers.Adam(0.01), keras.optimizers.SGD(0.1)
    return keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(adam, {"layer_1/.*": sgd}))


def normalized(**options: Any) -> Any:
    """A model with two normalizations by the batch's statistics."""
    norm = partial(keras.layers.BatchNormalization, synchronized=True, momentum=0.8)
    inputs = keras.Input((5,))
    hidden = norm(**options)(keras.layers.Dense(8)(norm()(inputs)))
    return keras.Model(inputs, keras.layers.Dense(3, "softmax", name="layer_1")(hidden))


def masked() -> Any:
    """The same where a mask, other rows of which are here than there, says what counts."""
    inputs = keras.Input((5, 1))
    hidden = keras.layers.BatchNormalization(synchronized=True)(keras.layers.Masking()(inputs))
    return keras.Model(inputs, keras.layers.Dense(3, "softmax", name="last")(keras.layers.Flatten()(hidden)))


def worded() -> Any:
    """A model of words."""
    inputs = keras.Input((5,), dtype="int32")
    hidden = keras.layers.Embedding(8, 4, name="words")(inputs)
    hidden = keras.layers.Embedding(8, 4, name="rows")(inputs) + hidden
    return keras.Model(inputs, keras.layers.Dense(3, "softmax", name="layer_1")(keras.layers.Flatten()(hidden)))


WORDS = _rng.integers(0, 8, (ROWS, 5))
GAPS = np.where(_rng.random((ROWS, 5, 1)) < 0.3, 0.0, X[..., None])


def single_batches(made: Any, optimizer: str) -> Any:
    """What single batches come to, of as many rows as there are ranks, of more and of fewer."""
    made.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    found = [np.array(made.train_on_batch(X[:size], Y[:size], WEIGHTS[:size])) for size in (7, 4, 1, 7)]
    found += [np.array(made.test_on_batch(X[:size], Y[:size])) for size in (5, 1)]
    return [*found, *(made.predict_on_batch(X[:size]) for size in (5, 1)), *made.get_weights()]


def saved() -> Any:
    """What is in the files of a training, and of the model and its optimizer afterwards."""
    mine = tempfile.mkdtemp()
    folder = Path(mine if ACTIVE() is None else ACTIVE().everyone.first(mine))
    best = folder / "best.weights.h5"
    made = model()
    made.compile("adam", "sparse_categorical_crossentropy")
    callbacks = [
        keras.callbacks.ModelCheckpoint(best, "loss", save_best_only=True, save_weights_only=True),
        keras.callbacks.BackupAndRestore(folder / "backup", save_freq=2),
    ]
    made.fit(X, Y, batch_size=BATCH, epochs=2, verbose=0, callbacks=callbacks)
    made.save(folder / "model.keras")
    made.save_weights(folder / "model.weights.h5")
    back = keras.saving.load_model(folder / "model.keras")  # cut or not, as the model was
    spread = DATA.distribution()
    DATA.set_distribution(None)
    plain = keras.saving.load_model(folder / "model.keras")
    DATA.set_distribution(spread)
    found = [*back.get_weights(), *(v.numpy() for v in back.optimizer.variables)]
    for path in (best, folder / "model.weights.h5"):
        made.load_weights(path)
        found += made.get_weights()
    return [*found, *plain.get_weights(), np.array([made.count_params()])]


SETTINGS: dict[str, Callable[[], Any]] = {
    "sample weights": lambda: trained("sgd", X, Y, sample_weight=WEIGHTS),
    "class weights": lambda: trained("sgd", X, Y, class_weight={0: 1.0, 1: 3.0, 2: 0.5}),
    "regularizer": lambda: trained("sgd", layer={"kernel_regularizer": "l2", "activity_regularizer": "l2"}.items()),
    "validation": lambda: trained("adam", X, Y, validation_split=0.3),
    "in order": lambda: trained("adam", X, Y, shuffle=False),
    "eager": lambda: trained("adam", run_eagerly=True),
    "own step": lambda: trained("adam", kind=OwnStep),
    "PyDataset": lambda: trained("adam", Batches()),
    "generator": lambda: trained("adam", generator(), steps_per_epoch=3),
    "own rows": own_rows,
    "steps over epochs": lambda: trained("adam", X, Y, steps_per_epoch=2),
    "loss scale": lambda: trained(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=8.0)),
    "several optimizers": lambda: trained(two_optimizers()),
    "renormalization": lambda: trained("sgd", kind=partial(normalized, renorm=True)),
    "words": lambda: trained("adam", WORDS, Y, kind=worded, asks=False),
    "single batches": lambda: single_batches(model(), "adam"),
    "masked normalization": lambda: trained("sgd", GAPS, Y, kind=masked, asks=False),
    "normalization": lambda: trained("sgd", kind=normalized),
    "normalized single batches": lambda: single_batches(normalized(), "sgd"),
    "several executions": lambda: trained("adam", X, Y, callbacks=[keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: None)]),
    "files": saved,
}  # fmt: skip

# Those that cut weights matter to; the others, which differ in how batches come, only where all is tried.
WITH_CUT_WEIGHTS = {
    "sample weights", "eager", "own step", "loss scale", "several optimizers", "words", "single batches",
    "normalization", "masked normalization", "files",
}  # fmt: skip


def cases() -> dict[str, Callable[[], Any]]:
    """The name of each case, and what runs it."""
    rules = {f"{name} {options}": partial(ruled, name, options) for name, options in TRAINED}
    chosen = [pair for number, pair in enumerate(rules.items()) if str(number % 3) in sys.argv[1:]]
    return dict(chosen) | dict(list(SETTINGS.items())[:: 1 if "0" in sys.argv else 2])


def spreads() -> dict[str, Any]:
    """The ways of spreading that are compared with one process: of two ranks the second cuts weights alone."""
    count = DATA.get_device_count()
    layouts = DATA.LayoutMap(DATA.DeviceMesh((count // 2, 2), ["batch", "model"]))
    columns, rows = (None, "model"), ("model", None)
    for path, axes in {"dense.*/kernel": columns, "dense.*/bias": ("model",), "layer_1/kernel": rows}.items():
        layouts[path] = axes
    layouts["words/"], layouts["rows/"] = columns, rows
    return {"data": DATA.DataParallel(), "model": DATA.ModelParallel(layout_map=layouts)}


def seeded(run: Callable[[], Any]) -> Any:
    keras.utils.set_random_seed(1)
    return run()


def apart(alone: list[np.ndarray], together: list[np.ndarray]) -> float:
    """The largest difference, as a share of the largest number of the array that it is in."""
    assert len(alone) == len(together)
    return max(
        float(np.max(np.abs(a - b)) / max(np.max(np.abs(a)), 1e-3)) for a, b in zip(alone, together, strict=True)
    )


def begins_alike() -> bool:
    """Whether ranks that draw other weights, and stop at other times, end with one model and one history."""
    rank = keras.distribution.distribution().data_shard_id
    keras.utils.set_random_seed(rank)
    made = model()
    made.compile("adam", "sparse_categorical_crossentropy")

    def stop(batch: int, logs: Any) -> None:
        made.stop_training = rank == 1 and batch == 1

    history = made.fit(X, Y, batch_size=BATCH, epochs=2, verbose=0, callbacks=[
        keras.callbacks.LambdaCallback(on_train_batch_end=stop)]).history  # fmt: skip
    every = ACTIVE().gather([*made.get_weights(), np.array(history["loss"])])
    return len(history["loss"]) == 1 and all(
        np.array_equal(a, b) for other in every for a, b in zip(every[0], other, strict=True)
    )


def said(run: Callable[[], Any]) -> str:
    """What is said of something that is not done."""
    try:
        run()
    except (NotImplementedError, ValueError) as error:
        return str(error)
    return ""


def refused(spread: Any) -> list[str]:
    """What is said of losses that the ranks cannot weigh by their rows, and of weights that cannot be cut so."""
    layers, found = keras.layers, []
    shapes = {"conv/kernel": (None, 3, 5), "both/kernel": (None, 6)}
    DATA.set_distribution(DATA.DataParallel())
    found.append(said(lambda: trained("sgd", loss=keras.losses.SparseCategoricalCrossentropy(reduction="sum"))))
    mesh = spread.device_mesh
    made: list[tuple[Any, Any, Any]] = [
        (lambda: layers.Conv1D(4, 2, name="conv"), "conv/kernel", (None, None, "model")),
        (lambda: layers.Dense(4, name="both"), "both/kernel", ("model", "batch")),
        (lambda: layers.Dense(4, name="odd"), "odd/kernel", ("model", None)),
        (lambda: layers.Dense(4, name="bare"), "bare/bias", ("model",)),
        (lambda: layers.Dense(4, name="flat"), "flat/kernel", ("model",)),
        (lambda: layers.Dense(4, kernel_regularizer="l2", name="small"), "small/kernel", (None, "model")),
        (lambda: layers.Dense(4, kernel_constraint="max_norm", name="bound"), "bound/kernel", (None, "model")),
        (lambda: layers.Dense(4, lora_rank=2, name="thin"), "thin/kernel", (None, "model")),
    ]
    for make, path, axes in made:
        layouts = DATA.LayoutMap(mesh)
        layouts[path] = axes
        DATA.set_distribution(DATA.ModelParallel(layout_map=layouts))
        found.append(said(lambda make=make: make().build(shapes.get(path, (None, 5)))))  # noqa: B023
    DATA.set_distribution(spread)
    kernel = model().layers[1].kernel
    found.append(said(lambda: keras.ops.sum(kernel)))
    return found


def sizes() -> list[Any]:
    """How many numbers of the first kernel, and of the optimizer's states for it, lie in each rank; and its parts."""
    made = model()
    made.compile("adam", "sparse_categorical_crossentropy")
    made.fit(X, Y, batch_size=BATCH, verbose=0)
    kernel = made.layers[1].kernel
    states = [v for v in made.optimizer.variables if "dense" in v.path and "kernel" in v.path]
    local = [v._value.size for v in (kernel, *states)]
    part = DATA.distribute_tensor(np.arange(8).reshape(2, 4), DATA.distribution().get_variable_layout(kernel))
    return [kernel.shape, kernel.size, *ACTIVE().everyone.gather((local, part.tolist()))]


def compared(run: Callable[[], Any], ways: dict[str, Any], found: dict[str, dict[str, Any]], name: str) -> None:
    """Note how far each way of spreading is from one process alone."""
    DATA.set_distribution(None)
    alone = seeded(run) if is_first else []
    for way, spread in ways.items():
        DATA.set_distribution(spread)
        try:
            together = seeded(run)
        except NotImplementedError as error:
            found["refused"][f"{way}: {name}"] = str(error)
        else:
            found[way][name] = apart(alone, together) if is_first else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    found: dict[str, Any] = {"data": {}, "model": {}, "refused": {}}
    DATA.initialize()
    is_first = DATA.DataParallel().data_shard_id == 0
    every = spreads()
    keras.config.set_floatx("float64")
    for number, (name, run) in enumerate(cases().items()):
        both = name in WITH_CUT_WEIGHTS if name in SETTINGS else number % 2 == 0
        both = both or ("all" in sys.argv and name not in ("own rows", "regularizer"))
        compared(run, every if both else {"data": every["data"]}, found, name)
    found["not done"] = refused(every["model"])
    found["sizes"] = sizes()
    keras.config.set_floatx("float32")
    compared(SETTINGS["sample weights"], every, found, "float32")
    DATA.set_distribution(every["data"])
    found["begins alike"] = begins_alike()
    found["devices"] = DATA.list_devices()
    if is_first:
        print(json.dumps(found))
