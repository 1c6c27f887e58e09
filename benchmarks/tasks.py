"""What is measured: the networks, their data, and the ways in which cost is made to grow."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Task:
    """A multilayer perceptron to train, or convolutions before one.

    Attributes:
        name: what tables call it.
        widths: the sizes of the input, the hidden layers and the output; of what reads pictures, the output alone.
        activation: of the hidden layers: "relu" or "tanh".
        top: of the output: "sigmoid", "softmax" or None.
        loss: Keras's name of the loss.
        batch: samples a step.
        rows: samples of data.
        epochs: passes over the data in one measurement.
        picture: height, width and channels of the input.
        blocks: the filters of the convolutions (windows of 3 by 3, `padding="same"`) between one pooling and the next.
    """

    name: str
    widths: tuple[int, ...]
    activation: str = "relu"
    top: str | None = "softmax"
    loss: str = "sparse_categorical_crossentropy"
    batch: int = 128
    rows: int = 12_800
    epochs: int = 1
    picture: tuple[int, int, int] | None = None
    blocks: tuple[tuple[int, ...], ...] = ()

    @property
    def steps(self) -> int:
        """Training steps of one measurement."""
        return self.epochs * -(-self.rows // self.batch)

    def data(self) -> Arrays:
        """Inputs and targets: random numbers of the right shape, the same for every library."""
        rng = np.random.default_rng(0)
        if self.name == "xor":
            x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
            return x, np.array([[0], [1], [1], [0]], "float32")
        x = rng.standard_normal((self.rows, *(self.picture or (self.widths[0],)))).astype("float32")
        if self.loss == "sparse_categorical_crossentropy":
            return x, rng.integers(0, self.widths[-1], self.rows)
        y = np.sin(x[:, :3].sum(axis=1, keepdims=True)) + 0.1 * rng.standard_normal((self.rows, 1))
        return x, y.astype("float32")


TASKS = {
    task.name: task
    for task in (
        Task("xor", (2, 8, 1), "tanh", "sigmoid", "binary_crossentropy", batch=4, rows=4, epochs=500),
        Task("tabular", (20, 64, 64, 1), "relu", None, "mse", batch=32, rows=8192, epochs=4),
        Task("deep", (784, *[128] * 10, 10)),
        Task("mlp", (784, 512, 512, 10)),
        Task("wide", (784, 2048, 2048, 10), batch=256, rows=5120),
    )
}

PICTURES = {
    task.name: task
    for task in (
        Task("digits", (10,), rows=1280, picture=(28, 28, 1), blocks=((32,), (64,))),
        Task("colours", (10,), rows=640, picture=(32, 32, 3), blocks=((32, 32), (64, 64))),
    )
}

_SMALL = Task("grow", (64, 64, 64, 10), batch=64, rows=6400)


def growth() -> dict[str, list[Task]]:
    """Series of tasks in which one size grows and the others stay."""
    return {
        "width": [replace(_SMALL, name=f"width-{n}", widths=(64, n, n, 10)) for n in (16, 32, 64, 128, 256, 512, 1024)],
        "depth": [replace(_SMALL, name=f"depth-{n}", widths=(64, *[64] * n, 10)) for n in (1, 2, 4, 8, 16, 32)],
        "batch": [
            replace(_SMALL, name=f"batch-{n}", batch=n, rows=max(3200, 20 * n)) for n in (1, 4, 16, 64, 256, 1024)
        ],
        "rows": [replace(_SMALL, name=f"rows-{n}", rows=n) for n in (640, 6400, 64_000, 640_000)],
    }


def find(name: str) -> Task:
    """The task of this name, from the table or from a series.

    Raises:
        KeyError: if there is none.
    """
    everything = TASKS | PICTURES | {task.name: task for series in growth().values() for task in series}
    return everything[name]
