"""Windows that move over a picture: the same few weights everywhere, so that a digit may stand where it likes.

KERASISH_EXAMPLE_EPOCHS and KERASISH_EXAMPLE_SAMPLES make it shorter.
"""

import os

import numpy as np
from mnist_mlp import load
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, ORANGE, canvas

EPOCHS = int(os.environ.get("KERASISH_EXAMPLE_EPOCHS", "2"))
SAMPLES = int(os.environ.get("KERASISH_EXAMPLE_SAMPLES", "60000"))
SHIFTS = range(7)
SIGNED = "RdBu_r"  # blue below zero, white at it, red above

BY_HAND = {
    "ink above, none below": [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
    "ink left, none right": [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
    "the mean: a blur": [[1 / 9] * 3] * 3,
}


def shifted(images: np.ndarray, pixels: int) -> np.ndarray:
    """The images moved to the right, zeros on the left."""
    return np.pad(images, ((0, 0), (0, 0), (pixels, 0), (0, 0)))[:, :, :28]


def main() -> None:
    """Windows by hand, windows that are learned, and what they are good for."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    x_train, y_train, x_test, y_test = load()
    x_train, x_test = x_train.reshape(-1, 28, 28, 1)[:SAMPLES], x_test.reshape(-1, 28, 28, 1)
    x_test, y_train, y_test = x_test[:SAMPLES], y_train[:SAMPLES], y_test[:SAMPLES]

    # By hand: nine weights, moved over the picture.
    seven = x_test[:1]
    figure, axes = canvas(1, 4, width=1.9, height=2.1)
    panels = {"a digit": seven[0, :, :, 0]}
    for name, weights in BY_HAND.items():
        kernel = np.array(weights, "float32").reshape(3, 3, 1, 1)
        panels[name] = keras.ops.conv(seven, kernel, padding="same")[0, :, :, 0]
    for ax, (name, picture) in zip(axes.flat, panels.items(), strict=True):
        limit = np.abs(picture).max()
        ax.imshow(picture, cmap=SIGNED, vmin=-limit, vmax=limit)
        ax.set_title(name, fontsize=9)
        ax.set_axis_off()
    save(figure, "12_by_hand")

    # Learned: the same, but gradient descent finds the weights.
    windows = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, activation="relu", name="strokes"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu", name="parts"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax", name="digit"),
        ]
    )
    dense = keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(64, "relu"), layers.Dense(10, "softmax")]
    )
    models = {"windows": windows, "every pixel by itself": dense}
    right = {}
    for name, model in models.items():
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x_train, y_train, batch_size=128, epochs=EPOCHS, verbose=2)
        right[name] = [model.evaluate(shifted(x_test, n), y_test, batch_size=256, verbose=0)[1] for n in SHIFTS]
        print(f"{name}: {model.count_params():,} weights, test accuracy: {right[name][0]:.4f}")
    print(f"moved by 4 pixels: {right['windows'][4]:.2f} with windows, {right['every pixel by itself'][4]:.2f} without")

    figure, axes = canvas(width=5.0, height=3.4)
    for (name, values), color, mark in zip(right.items(), (BLUE, ORANGE), "os", strict=True):
        axes[0, 0].plot(SHIFTS, values, color=color, marker=mark, label=name)
    axes[0, 0].set(xlabel="pixels to the right", ylabel="share read right", ylim=(0, 1.02))
    axes[0, 0].set_title("Test digits moved to the right", fontsize=10)
    axes[0, 0].legend(fontsize=9)
    save(figure, "12_moved")

    # What the first layer looks for, and where it finds it.
    strokes = windows.get_layer("strokes")
    kernels = keras.ops.convert_to_numpy(strokes.kernel)[:, :, 0]
    found = keras.ops.convert_to_numpy(strokes(seven))[0]
    figure, axes = canvas(4, 8, width=0.95, height=1.0)
    limit, most = np.abs(kernels).max(), found.max()
    for i in range(16):
        row, column = 2 * (i // 8), i % 8
        axes[row, column].imshow(kernels[..., i], cmap=SIGNED, vmin=-limit, vmax=limit)
        axes[row + 1, column].imshow(found[..., i], cmap="gray_r", vmin=0, vmax=most)
    for ax in axes.flat:
        ax.set_axis_off()
    save(figure, "12_strokes")


if __name__ == "__main__":
    main()
