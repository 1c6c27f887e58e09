"""Windows that move over a picture: the same few weights everywhere, so that a digit may stand where it likes.

KERASISH_EXAMPLE_EPOCHS and KERASISH_EXAMPLE_SAMPLES make it shorter.
"""

import os
from typing import Any

# One thread is enough for products of this size, and two wait for one another where other programs are at work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from matplotlib.patches import Rectangle
from mnist_mlp import load
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, ORANGE, VERMILION, canvas

EPOCHS = int(os.environ.get("KERASISH_EXAMPLE_EPOCHS", "3"))
SAMPLES = int(os.environ.get("KERASISH_EXAMPLE_SAMPLES", "10000"))
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


def draw_numbers(ax: Any, values: np.ndarray, text: str | None = None) -> None:
    """A small array as squares with their numbers."""
    ax.imshow(values, cmap=SIGNED, vmin=-2, vmax=2)
    for (row, column), value in np.ndenumerate(values):
        ax.text(column, row, text or f"{value:g}", ha="center", va="center", fontsize=9)
    ax.set_axis_off()


def draw_sliding(picture: np.ndarray) -> Any:
    """The window at two places of the digit: what it sees, times its weights, and the one number that comes out."""
    window = np.array(BY_HAND["ink above, none below"], "float32")
    found = keras.ops.conv(picture[None, :, :, None], window.reshape(3, 3, 1, 1), padding="same")[0, :, :, 0]
    figure, axes = canvas(2, 4, width=1.8, height=1.95)
    limit = np.abs(found).max()
    for line, (row, column) in enumerate([(7, 12), (9, 12)]):
        seen = picture[row - 1 : row + 2, column - 1 : column + 2].round(1)
        whole, near, weights, result = axes[line]
        whole.imshow(picture, cmap="gray_r")
        whole.add_patch(Rectangle((column - 1.5, row - 1.5), 3, 3, fill=False, edgecolor=VERMILION, linewidth=2))
        near.imshow(seen, cmap="gray_r", vmin=0, vmax=2)
        for (i, j), value in np.ndenumerate(seen):
            near.text(j, i, f"{value:.1f}", ha="center", va="center", fontsize=9)
        near.add_patch(Rectangle((-0.5, -0.5), 3, 3, fill=False, edgecolor=VERMILION, linewidth=3))
        draw_numbers(weights, window)
        result.imshow(found, cmap=SIGNED, vmin=-limit, vmax=limit)
        result.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=VERMILION, linewidth=2))
        total = (seen * window).sum()
        above, below = seen[0].sum(), seen[2].sum()
        print(f"the window at row {row}, column {column}: {above:.1f} above - {below:.1f} below = {total:.1f}")
        texts = ("the window on the digit", "what it sees", "times its weights", f"added up: {total:.1f}")
        for ax, text in zip(axes[line], texts, strict=True):
            ax.set_title(text, fontsize=9.5)
            ax.set_axis_off()
    return figure


def main() -> None:
    """Windows by hand, windows that are learned, and what they are good for."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    x_train, y_train, x_test, y_test = load()
    x_train, x_test = x_train.reshape(-1, 28, 28, 1)[:SAMPLES], x_test.reshape(-1, 28, 28, 1)
    x_test, y_train, y_test = x_test[:SAMPLES], y_train[:SAMPLES], y_test[:SAMPLES]
    few = slice(0, 1000)  # enough for a curve

    # By hand: nine weights, moved over the picture.
    seven = x_test[:1]
    save(draw_sliding(seven[0, :, :, 0]), "12_sliding")
    figure, axes = canvas(2, 3, width=2.3, height=1.9, height_ratios=[1, 2])
    for column, (name, weights) in enumerate(BY_HAND.items()):
        kernel = np.array(weights, "float32")
        draw_numbers(axes[0, column], kernel, "1/9" if column == 2 else None)
        axes[0, column].set_title(name, fontsize=10)
        picture = keras.ops.conv(seven, kernel.reshape(3, 3, 1, 1), padding="same")[0, :, :, 0]
        limit = np.abs(picture).max()
        axes[1, column].imshow(picture, cmap=SIGNED, vmin=-limit, vmax=limit)
        axes[1, column].set_axis_off()
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
        model.fit(x_train, y_train, batch_size=64, epochs=EPOCHS, verbose=2)
        accuracy = model.evaluate(x_test, y_test, batch_size=256, verbose=0)[1]
        right[name] = [model.evaluate(shifted(x_test[few], n), y_test[few], verbose=0)[1] for n in SHIFTS]
        print(f"{name}: {model.count_params():,} weights, test accuracy: {accuracy:.4f}")
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
    figure, axes = canvas(4, 8, width=0.9, height=0.9)
    limit, most = np.abs(kernels).max(), found.max()
    for i in range(16):
        window, result = axes[i // 4, 2 * (i % 4)], axes[i // 4, 2 * (i % 4) + 1]
        window.imshow(kernels[..., i], cmap=SIGNED, vmin=-limit, vmax=limit)
        result.imshow(found[..., i], cmap="gray_r", vmin=0, vmax=most)
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(True)
        ax.spines[:].set_color("#bbbbbb")
    for column in range(8):
        axes[0, column].set_title("finds" if column % 2 else "window", fontsize=9)
    save(figure, "12_strokes")


if __name__ == "__main__":
    main()
