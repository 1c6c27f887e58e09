"""Handwritten digits: the same network as for XOR, only wider, reads more than 97 of 100.

KERASISH_EXAMPLE_EPOCHS and KERASISH_EXAMPLE_SAMPLES make it shorter.
"""

import os
from typing import Any

# One thread is enough for products of this size, and two wait for one another where other programs are at work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from matplotlib.patches import Rectangle
from mnist_mlp import confusion, load, report
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, ORANGE, canvas, hide_rest

EPOCHS = int(os.environ.get("KERASISH_EXAMPLE_EPOCHS", "6"))
SAMPLES = int(os.environ.get("KERASISH_EXAMPLE_SAMPLES", "60000"))


def main() -> None:
    """Train, then look at the curves, the mistakes, and what the first layer looks for."""
    keras.utils.set_random_seed(1)
    x_train, y_train, x_test, y_test = load()
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(128, activation="relu", name="hidden"),
            keras.layers.Dense(10, activation="softmax", name="digit"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.001), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    print(keras.explain.backprop(model, x_train[:128], y_train[:128]))
    x, y = x_train[:SAMPLES], y_train[:SAMPLES]
    fitted = model.fit(x, y, batch_size=128, epochs=EPOCHS, validation_split=1 / 6, verbose=2)
    curves = keras.explain.training(fitted)
    print("\n" + str(curves))

    answers = model.predict(x_test, verbose=0)
    read = answers.argmax(axis=1)
    report(confusion(y_test, read))
    print(f"\ntest accuracy: {np.mean(read == y_test):.4f}")

    figure, axes = canvas(1, 2)
    for ax, name in zip(axes[0], ("loss", "accuracy"), strict=True):
        ax.plot(range(1, EPOCHS + 1), curves.curves[name], color=BLUE, marker="o", label="training")
        ax.plot(
            range(1, EPOCHS + 1),
            curves.curves[f"val_{name}"],
            color=ORANGE,
            marker="s",
            linestyle="--",
            label="validation",
        )
        ax.set(xlabel="epoch", ylabel=name)
        ax.set_title({"loss": "The loss falls", "accuracy": "More and more are read right"}[name], fontsize=10)
        ax.legend(fontsize=9)
    save(figure, "10_mnist_training")

    # The mistakes it was surest of.
    wrong = np.flatnonzero(read != y_test)
    wrong = wrong[np.argsort(answers[wrong].max(axis=1))[::-1][:12]]
    figure, axes = canvas(2, 6, width=1.2, height=1.4)
    for ax, i in zip(axes.flat, wrong, strict=False):
        ax.imshow(x_test[i].reshape(28, 28), cmap="gray_r")
        ax.set_axis_off()
        ax.set_title(f"a {y_test[i]}, read as {read[i]}", fontsize=9)
    hide_rest(axes.flat[len(wrong) :])
    save(figure, "10_mnist_mistakes")

    save(draw_confusion(confusion(y_test, read).astype(float)), "10_mnist_confusion")


def draw_confusion(table: np.ndarray) -> Any:
    """The mistakes as shares of each digit's images; what was read right, a hundred times as much, in grey."""
    shares = 100 * table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    right = np.diag(shares).copy()
    np.fill_diagonal(shares, 0)
    figure, axes = canvas(width=6.0, height=5.2)
    ax = axes[0, 0]
    ax.imshow(np.where(shares > 0, shares, np.nan), cmap="Oranges", vmin=0, vmax=1.25 * shares.max())
    for digit, share in enumerate(right):
        ax.add_patch(Rectangle((digit - 0.5, digit - 0.5), 1, 1, color="#dddddd"))
        ax.text(digit, digit, f"{share:.1f}", ha="center", va="center", fontsize=8, color="#555555")
    for row, column in np.argwhere(shares > 0):
        weight = "bold" if round(shares[row, column], 1) >= 1 else "normal"
        ax.text(column, row, f"{shares[row, column]:.1f}", ha="center", va="center", fontsize=8, weight=weight)
    ax.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="digit")
    ax.set_title(
        "Of 100 images of the digit of a row, how many are read as that of the column\n"
        "grey: read right; empty: never happened in the test; bold: one in a hundred or more",
        fontsize=9.5,
    )
    return figure


if __name__ == "__main__":
    main()
