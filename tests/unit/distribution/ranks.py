"""What each rank of an MPI job runs: every case alone on whole batches, then together, and how far the two are apart.

Run by `test_ranks.py`, which says which thirds of the optimizers' settings to try; rank 0 prints a dict of the largest
differences, relative to the largest number of the array compared.
"""

import json
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import kerasish as keras

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
    made = model(kind, **dict(layer))
    metrics = ["accuracy", keras.metrics.SparseCategoricalCrossentropy(name="ce")]
    compiled = {name: settings.pop(name) for name in ("run_eagerly", "loss") if name in settings}
    compiled = {"loss": "sparse_categorical_crossentropy"} | compiled
    made.compile(optimizer, metrics=metrics, weighted_metrics=["accuracy"], **compiled)
    return fitted(made, *(data or (X, Y)), **settings)


def ruled(name: str, options: dict[str, Any]) -> Any:
    return trained(getattr(keras.optimizers, name)(**options), asks=False)


def two_optimizers() -> Any:
    adam, sgd = keras.optimizers.Adam(0.01), keras.optimizers.SGD(0.1)
    return keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(adam, {"layer_1/.*": sgd}))


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
    "several executions": lambda: trained("adam", X, Y, callbacks=[keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: None)]),
}  # fmt: skip


def cases() -> dict[str, Callable[[], Any]]:
    """The name of each case, and what runs it."""
    rules = {f"{name} {options}": partial(ruled, name, options) for name, options in TRAINED}
    chosen = [pair for number, pair in enumerate(rules.items()) if str(number % 3) in sys.argv[1:]]
    return dict(chosen) | dict(list(SETTINGS.items())[:: 1 if "0" in sys.argv else 2])


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


def refused() -> str:
    """What is said of a loss that the ranks cannot weigh by their rows."""
    try:
        trained("sgd", loss=keras.losses.SparseCategoricalCrossentropy(reduction="sum"))
    except NotImplementedError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    from kerasish.backend.ranks import active as ACTIVE

    warnings.simplefilter("ignore")
    found: dict[str, Any] = {}
    DATA.initialize()
    is_first = DATA.DataParallel().data_shard_id == 0
    for floats in ("float64", "float32"):
        keras.config.set_floatx(floats)
        for name, run in cases().items() if floats == "float64" else [("float32", SETTINGS["sample weights"])]:
            DATA.set_distribution(None)
            alone = seeded(run) if is_first else []
            DATA.set_distribution(DATA.DataParallel())
            together = seeded(run)
            found[name] = apart(alone, together) if is_first else 0
    found["begins alike"] = begins_alike()
    found["refused"] = refused()
    found["devices"] = DATA.list_devices()
    if is_first:
        print(json.dumps(found))
