"""What weights in few bits cost and save: `python -m benchmarks.quantization` prints the table of the docs.

Memory is that of the weights, and the most that NumPy holds besides while a batch is predicted; times are the best of
many, one way after the other, of one thread on the processor; accuracy is that of a network trained on MNIST.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import kerasish as keras

WAYS: dict[str, Any] = {"float32": None, "int8": "int8", "int4": "int4"}
NETWORKS = {"784-512-512-10": (784, 512, 512, 10), "1024-2048-2048-1000": (1024, 2048, 2048, 1000)}
ROWS = (1, 32, 1024)


def network(sizes: tuple[int, ...]) -> keras.Sequential:
    """A multilayer perceptron."""
    layers = [keras.layers.Dense(units, activation="relu") for units in sizes[1:-1]]
    return keras.Sequential([keras.layers.Input(sizes[:1]), *layers, keras.layers.Dense(sizes[-1])])


def in_ways(model: keras.Sequential) -> dict[str, Any]:
    """The model, and copies of it in few bits."""
    found = {}
    for name, mode in WAYS.items():
        copy = keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
        if mode:
            copy.quantize(mode)
        found[name] = copy
    return found


def best(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The shortest time of each on the processor, in milliseconds."""
    shortest = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.process_time()
            call()
            shortest[name] = min(shortest[name], time.process_time() - start)
    return {name: 1000 * seconds for name, seconds in shortest.items()}


def peak(call: Callable[[], Any]) -> float:
    """The most that is held besides during a call, in MB."""
    call()
    tracemalloc.start()
    call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def main() -> None:
    """Measure and print."""
    columns = " | ".join(f"{rows} row{'s' * (rows > 1)}" for rows in ROWS)
    print(f"| network | weights | MB | MB besides, {ROWS[1]} rows | {columns} |\n|---|---|---|---|{'---|' * len(ROWS)}")
    for label, sizes in NETWORKS.items():
        models = in_ways(network(sizes))
        times = {}
        for rows in ROWS:
            x = np.random.default_rng(0).normal(size=(rows, sizes[0])).astype("float32")
            calls = {name: lambda m=m, x=x: m.predict_on_batch(x) for name, m in models.items()}
            times[rows] = best(calls, 200 if rows < 100 else 12)
        x = np.ones((ROWS[1], sizes[0]), "float32")
        for name, model in models.items():
            held = sum(w.numpy().nbytes for w in model.weights) / 1e6
            besides = peak(lambda m=model, x=x: m(x))
            spent = " | ".join(f"{times[rows][name]:.2f} ms" for rows in ROWS)
            print(f"| {label} | {name} | {held:.2f} | {besides:.1f} | {spent} |")
    (x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
    x, x_test = (part.reshape(-1, 784).astype("float32") / 255 for part in (x, x_test))
    model = network(NETWORKS["784-512-512-10"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    model.fit(x, y, batch_size=128, epochs=2, verbose=0)
    for name, copy in in_ways(model).items():
        print(name, "accuracy", float(np.mean(copy.predict(x_test, verbose=0).argmax(-1) == y_test)))


if __name__ == "__main__":
    main()
