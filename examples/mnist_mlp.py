"""A multilayer perceptron learns to read handwritten digits: MNIST, 784-256-128-10, in three epochs.

Trains, prints which digits it still confuses, saves the model, loads it back and tests what was loaded. Run it with
`python examples/mnist_mlp.py`; the first argument, if there is one, is the file to save to, in place of
`mnist_mlp.keras` in the directory that it runs in.
"""

import os
import sys
from pathlib import Path

# One thread is enough for products of this size, and two wait for one another where other programs are at work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import kerasish as keras
from kerasish_datasets import mnist

EPOCHS = 3
BATCH = 128
VALIDATION = 0.1


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The images as rows of 784 numbers from 0 to 1, and their labels."""
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    rows = [images.reshape(-1, 784).astype("float32") / 255 for images in (x_train, x_test)]
    return rows[0], y_train, rows[1], y_test


def build(steps: int) -> keras.Sequential:
    """The network, compiled; its step size falls to zero over `steps` steps."""
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dropout(0.1),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.1),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=steps)
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def confusion(labels: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """How often each digit (row) was read as each digit (column)."""
    table = np.zeros((10, 10), int)
    np.add.at(table, (labels, answers), 1)
    return table


def report(table: np.ndarray) -> None:
    """Print the confusion table and the mistakes made most often."""
    print("\nconfusion: rows are the digits, columns what they were read as")
    print("     " + "".join(f"{digit:5d}" for digit in range(10)))
    for digit, row in enumerate(table):
        print(f"{digit:5d}" + "".join(f"{count:5d}" if count else "    ." for count in row))
    wrong = table - np.diag(np.diag(table))
    for place in np.argsort(wrong, axis=None)[::-1][:3]:
        digit, answer = divmod(int(place), 10)
        print(f"{wrong[digit, answer]} times a {digit} was read as a {answer}")


def main() -> None:
    """Train, look, save, load, test."""
    keras.utils.set_random_seed(1)
    x_train, y_train, x_test, y_test = load()
    model = build(EPOCHS * round(len(x_train) * (1 - VALIDATION) / BATCH))
    model.summary()
    # The last tenth of the training digits tells during training how it goes; the test digits are for the end.
    model.fit(x_train, y_train, batch_size=BATCH, epochs=EPOCHS, validation_split=VALIDATION)
    report(confusion(y_test, model.predict(x_test, verbose=0).argmax(axis=1)))
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "mnist_mlp.keras")
    model.save(path)
    print(f"\nsaved to {path.resolve()} ({path.stat().st_size / 1e6:.1f} MB)")
    loaded = keras.models.load_model(path)
    _, accuracy = loaded.evaluate(x_test, y_test, verbose=0)
    print(f"test accuracy: {accuracy:.4f}")


if __name__ == "__main__":
    main()
