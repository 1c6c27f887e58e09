"""Handwritten digits: the same network as for XOR, only wider, reads almost 98 of 100.

KERASISH_EXAMPLE_EPOCHS and KERASISH_EXAMPLE_SAMPLES make it shorter.
"""

import os

import numpy as np
from mnist_mlp import confusion, load, report
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, ORANGE, RISING, canvas, hide_rest

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
    data = (x_test, y_test)
    fitted = model.fit(
        x_train[:SAMPLES], y_train[:SAMPLES], batch_size=128, epochs=EPOCHS, validation_data=data, verbose=2
    )
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
            range(1, EPOCHS + 1), curves.curves[f"val_{name}"], color=ORANGE, marker="s", linestyle="--", label="test"
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

    table = confusion(y_test, read).astype(float)
    figure, axes = canvas(width=5.0, height=4.2)
    ax = axes[0, 0]
    shares = 100 * table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, np.nan)
    shown = ax.imshow(shares, cmap=RISING)
    for row, column in np.argwhere(shares >= 0.5):
        bright = shares[row, column] > 0.6 * np.nanmax(shares)
        color = "black" if bright else "white"
        ax.text(column, row, f"{shares[row, column]:.1f}", ha="center", va="center", fontsize=8, color=color)
    ax.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="digit")
    ax.set_title("Which digit is read as which other one, in % of its images", fontsize=10)
    bar = figure.colorbar(shown, ax=ax)
    bar.ax.tick_params(labelsize=8)
    bar.set_label("%", fontsize=9)
    save(figure, "10_mnist_confusion")


if __name__ == "__main__":
    main()
