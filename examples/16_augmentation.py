"""Few examples, changed by chance in every epoch: a turned seven is a seven, a mirrored one is none.

KERASISH_EXAMPLE_EPOCHS makes it shorter.
"""

import os

# One thread is enough for products of this size, and two wait for one another where other programs are at work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from mnist_mlp import load
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, GREEN, ORANGE, canvas

EPOCHS = int(os.environ.get("KERASISH_EXAMPLE_EPOCHS", "20"))
EXAMPLES = 500
TESTED = 1500
EVERY = max(1, EPOCHS // 5)  # epochs from one test to the next
layers = keras.layers


def changes() -> list[keras.Layer]:
    """What leaves a digit the digit that it is; black comes in from outside."""
    return [
        layers.RandomRotation(0.05, fill_mode="constant", seed=1),
        layers.RandomTranslation(0.1, 0.1, fill_mode="constant", seed=2),
        layers.RandomZoom(0.15, fill_mode="constant", seed=3),
    ]


def network(before: list[keras.Layer]) -> keras.Sequential:
    """The windows of chapter 12, behind layers that change what comes in."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *before,
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    """What the layers do to a digit, and what a network learns from digits that they change."""
    x_train, y_train, x_test, y_test = load()
    x_train, y_train = x_train[:EXAMPLES].reshape(-1, 28, 28, 1), y_train[:EXAMPLES]
    x_test, y_test = x_test[:TESTED].reshape(-1, 28, 28, 1), y_test[:TESTED]

    # One digit, nine times over: each row is changed by one layer, the last by all of them.
    seven = np.repeat(x_test[:1], 9, axis=0)
    rows = [(type(layer).__name__, [layer]) for layer in changes()]
    figure, axes = canvas(4, 9, width=0.8, height=0.9)
    for row, (name, steps) in zip(axes, [*rows, ("all three", changes())], strict=True):
        digits = seven
        for layer in steps:
            digits = layer(digits, training=True)
        for ax, digit in zip(row, [seven[0], *digits[1:]], strict=True):
            ax.imshow(digit[..., 0], cmap="gray_r", vmin=0, vmax=1)
            ax.set_axis_off()
        row[1].set_title(name, fontsize=9, loc="left")
    save(figure, "16_changed")

    # The same network, the same 500 digits, three times.
    kinds = {
        "as they are": ([], BLUE),
        "turned, shifted, zoomed": (changes(), GREEN),
        "mirrored": ([layers.RandomFlip("horizontal", seed=1)], ORANGE),
    }
    figure, axes = canvas(width=5.4, height=3.6)
    for name, (before, color) in kinds.items():
        model = network(before)
        seen = model.fit(
            x_train,
            y_train,
            batch_size=32,
            epochs=EPOCHS,
            validation_data=(x_test, y_test),
            validation_freq=EVERY,
            verbose=0,
        ).history
        tested = EVERY * np.arange(1, len(seen["val_accuracy"]) + 1)
        axes[0, 0].plot(tested, seen["val_accuracy"], color=color, marker="o", label=name)
        axes[0, 0].plot(1 + np.arange(EPOCHS), seen["accuracy"], color=color, linestyle=":", linewidth=1)
        print(f"{name:24} learnt: {seen['accuracy'][-1]:.3f}   never seen: {seen['val_accuracy'][-1]:.3f}")
    axes[0, 0].set(xlabel="epoch", ylabel="share read right", ylim=(0.5, 1.01), xticks=range(0, EPOCHS + 1, EVERY))
    axes[0, 0].set_title("500 digits to learn from; dotted: those 500", fontsize=10)
    axes[0, 0].legend(fontsize=9)
    save(figure, "16_learning")

    # A layer that changes pictures is a layer: at rest it does nothing.
    model = network(changes())
    rest = keras.Sequential(model.layers[3:])
    same = np.allclose(model.predict(x_test[:5], verbose=0), rest.predict(x_test[:5], verbose=0), atol=1e-6)
    print("predict changes nothing:", same)


if __name__ == "__main__":
    main()
