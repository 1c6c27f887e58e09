"""Transfer: a network that has learned the digits 0 to 4 learns 5 to 9 from a handful of pictures.

KERASISH_EXAMPLE_EPOCHS and KERASISH_EXAMPLE_SAMPLES make it shorter.
"""

import os

# One thread is enough for products of this size, and two wait for one another where other programs are at work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from mnist_mlp import load
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, GREEN, ORANGE, canvas

EPOCHS = int(os.environ.get("KERASISH_EXAMPLE_EPOCHS", "3"))
SAMPLES = int(os.environ.get("KERASISH_EXAMPLE_SAMPLES", "4000"))
TESTED = 500
HANDFULS = (2, 6, 20)  # pictures of each new digit


def pictures(rows: np.ndarray) -> np.ndarray:
    """Digits as the network wants them: 32 by 32 points of -1 to 1."""
    images = np.pad(rows.reshape(-1, 28, 28, 1), ((0, 0), (2, 2), (2, 2), (0, 0)))
    return keras.applications.mobilenet.preprocess_input(255 * images)


def trunk() -> keras.Model:
    """The first three pairs of layers of a MobileNet: 32 by 32 points become 8 by 8, of 32 channels."""
    network = keras.applications.MobileNet((32, 32, 1), alpha=0.25, weights=None, include_top=False)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9  # its means follow within the few hundred steps that there are
    return keras.Model(network.inputs, network.get_layer("conv_pw_3_relu").output, name="trunk")


def with_top(base: keras.Model) -> keras.Model:
    """The trunk and a layer that tells five digits apart."""
    inputs = keras.Input((32, 32, 1))
    x = keras.layers.Flatten()(base(inputs))
    return keras.Model(inputs, keras.layers.Dense(5, "softmax", name="digit")(x))


def learn(model: keras.Model, rate: float, x: np.ndarray, y: np.ndarray, epochs: int, **options: int) -> None:
    """Compile anew, since what is trained has changed, and fit."""
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=epochs, **options)


def transferred(
    weights: list[np.ndarray], x: np.ndarray, y: np.ndarray, test: tuple[np.ndarray, np.ndarray]
) -> list[float]:
    """The share of test digits read right: by a new network, by a new top on the old one, and after fine-tuning."""
    new = with_top(trunk())
    learn(new, 3e-3, x, y, 10 * EPOCHS, batch_size=10, verbose=0)
    right = [new.evaluate(*test, batch_size=250, verbose=0)[1]]

    base = trunk()
    base.set_weights(weights)
    base.trainable = False
    model = with_top(base)
    learn(model, 3e-3, x, y, 10 * EPOCHS, batch_size=10, verbose=0)
    right.append(model.evaluate(*test, batch_size=250, verbose=0)[1])

    base.trainable = True
    for layer in base.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    learn(model, 3e-4, x, y, 5 * EPOCHS, batch_size=10, verbose=0)
    return [*right, model.evaluate(*test, batch_size=250, verbose=0)[1]]


def main() -> None:
    """Learn five digits from thousands of pictures, five others from a handful."""
    keras.utils.set_random_seed(1)
    x_train, y_train, x_test, y_test = load()
    known, test_known = np.flatnonzero(y_train < 5)[:SAMPLES], np.flatnonzero(y_test < 5)[:TESTED]
    first = trunk()
    model = with_top(first)
    learn(model, 3e-3, pictures(x_train[known]), y_train[known], EPOCHS, batch_size=50, verbose=2)
    accuracy = model.evaluate(pictures(x_test[test_known]), y_test[test_known], batch_size=250, verbose=0)[1]
    print(f"0 to 4, from {len(known)} pictures: test accuracy {accuracy:.4f}")

    test_places = np.flatnonzero(y_test >= 5)[:TESTED]
    test = pictures(x_test[test_places]), y_test[test_places] - 5
    right = []
    for count in HANDFULS:
        places = np.concatenate([np.flatnonzero(y_train == digit)[:count] for digit in range(5, 10)])
        right.append(transferred(first.get_weights(), pictures(x_train[places]), y_train[places] - 5, test))
        new, top, tuned = right[-1]
        print(f"5 to 9, from {count:2} of each: a new network {new:.2f}, a new top {top:.2f}, fine-tuned {tuned:.2f}")

    figure, axes = canvas(width=5.0, height=3.4)
    styles = (("starts anew", ORANGE, "s"), ("knows 0 to 4, a new top", BLUE, "o"), ("then fine-tuned", GREEN, "^"))
    for (label, color, mark), values in zip(styles, zip(*right, strict=True), strict=True):
        axes[0, 0].plot(HANDFULS, values, color=color, marker=mark, label=label)
    axes[0, 0].set(xlabel="pictures of each new digit", ylabel="share read right", ylim=(0, 1), xticks=HANDFULS)
    axes[0, 0].set_title("Digits 5 to 9, learned from a handful", fontsize=10)
    axes[0, 0].legend(fontsize=9, loc="lower right")
    save(figure, "15_transfer")


if __name__ == "__main__":
    main()
