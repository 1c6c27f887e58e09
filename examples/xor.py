"""XOR, the problem that one perceptron cannot solve, solved by eight in a hidden layer.

Run it with `python examples/xor.py`.
"""

import numpy as np

import kerasish as keras
from kerasish_datasets import xor


def main() -> None:
    """Train a 2-8-1 network on the truth table and print what it answers."""
    keras.utils.set_random_seed(0)
    (x, y) = xor.load_data()
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.summary()
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, epochs=300, verbose=0)
    print("loss every 50 epochs:", np.round(history.history["loss"][::50], 4))
    for row, target, answer in zip(x, y, model.predict(x, verbose=0), strict=True):
        print(f"{row[0]:.0f} xor {row[1]:.0f} = {target[0]:.0f}   the network says {answer[0]:.3f}")


if __name__ == "__main__":
    main()
