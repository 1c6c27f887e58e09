"""A training of which one rank fails, in the way that the first argument says; the second is where backups lie."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import kerasish as keras

EPOCHS = 6
STEPS = 4 * EPOCHS


def model() -> Any:
    keras.utils.set_random_seed(1)
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
    made.compile("adam", "mse", metrics=["mae"])
    return made


def fit(made: Any, *callbacks: Any) -> Any:
    x = np.random.default_rng(0).normal(size=(25, 3)).astype("float32")
    return made.fit(x, x.sum(1, keepdims=True), batch_size=8, epochs=EPOCHS, verbose=0, callbacks=list(callbacks))


class Fault(keras.callbacks.Callback):
    """The last rank fails in the second batch of the fourth epoch."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        spread = keras.distribution.distribution()
        if self.epoch != 3 or batch != 1 or spread.data_shard_id != spread.num_processes - 1:
            return
        if self.kind == "raise":
            raise ZeroDivisionError("the sixth sense")
        if self.kind == "leave":
            sys.exit(0)
        time.sleep(60)


class Slow(keras.callbacks.Callback):
    """Steps that are counted in a file by the first rank, and take a moment; the rank's process is in another file."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.rank = keras.distribution.distribution().data_shard_id
        self.directory = directory

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.rank == 0:
            with open(self.directory / "steps", "a") as file:
                file.write("step\n")
        time.sleep(0.02)


def last(directory: Path) -> None:
    """A slow training, whose weights are written at its end."""
    slow = Slow(directory)
    (directory / f"{slow.rank}.pid").write_text(str(os.getpid()))
    made = model()
    fit(made, slow, keras.callbacks.BackupAndRestore(directory / "backup", save_freq=2))
    if slow.rank == 0:
        np.savez(directory / "weights.npz", *made.get_weights())


if __name__ == "__main__":
    keras.distribution.initialize()
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    kind, directory = sys.argv[1:]
    if kind == "last":
        last(Path(directory))
    else:
        fit(model(), keras.callbacks.BackupAndRestore(directory, save_freq=2), Fault(kind))
