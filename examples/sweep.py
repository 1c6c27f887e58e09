"""A sweep: two hundred small networks with settings drawn at random, trained on all cores, with a progress bar.

Every core has a process of its own with one BLAS thread, which joblib (scikit-learn brings it) starts and feeds.
KERASISH_EXAMPLE_NETWORKS makes it shorter.
"""

import os
from typing import Any

import joblib
import numpy as np
from tqdm import tqdm

import kerasish as keras
from kerasish_datasets import playground

NETWORKS = int(os.environ.get("KERASISH_EXAMPLE_NETWORKS", "200"))
CORES = joblib.cpu_count()


def draw(number: int) -> dict[str, Any]:
    """The settings of one network; its number is its seed, so that the order of training does not matter."""
    random = np.random.default_rng(number)
    return {
        "units": int(2 ** random.uniform(1, 6)),
        "layers": int(random.integers(1, 4)),
        "activation": str(random.choice(["relu", "tanh"])),
        "rate": float(10 ** random.uniform(-4, 0)),
    }


def train(number: int, data: tuple[np.ndarray, ...]) -> dict[str, Any]:
    """Train one network; a worker sends back what is asked of it, not the network."""
    x, y, x_new, y_new = data
    settings = draw(number)
    keras.utils.set_random_seed(number)
    hidden = [keras.layers.Dense(settings["units"], settings["activation"]) for _ in range(settings["layers"])]
    model = keras.Sequential([keras.Input((2,)), *hidden, keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(settings["rate"]), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=30, verbose=0)
    return {"number": number, **settings, "accuracy": model.evaluate(x_new, y_new, verbose=0)[1]}


def main() -> None:
    """Train all, show the best, and what a learning rate is worth on the average."""
    data = (*playground.spiral(400, seed=0), *playground.spiral(1000, seed=1))
    work = (joblib.delayed(train)(number, data) for number in range(NETWORKS))
    results = joblib.Parallel(n_jobs=CORES, return_as="generator_unordered")(work)
    found = sorted(tqdm(results, total=NETWORKS, unit="net"), key=lambda one: (-one["accuracy"], one["number"]))

    print("the best five of", len(found))
    for one in found[:5]:
        shape = f"{one['layers']} x {one['units']:2} {one['activation']}"
        print(f"  network {one['number']:3}: {shape}, rate {one['rate']:.4f}, {one['accuracy']:.1%} of new points")
    print("learning rates, and the mean of their networks")
    for low in 10.0 ** np.arange(-4, 0):
        some = [one["accuracy"] for one in found if low <= one["rate"] < 10 * low]
        if some:
            print(f"  {low:6.4f} to {10 * low:6.4f}: {np.mean(some):.1%}")


if __name__ == "__main__":
    main()
