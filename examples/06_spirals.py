"""Deeper: two spirals, networks of equal size and different depth on them, and what each layer makes of the points.

KERASISH_EXAMPLE_EPOCHS makes it shorter.
"""

import os

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import canvas
from kerasish_datasets import playground

EPOCHS = int(os.environ.get("KERASISH_EXAMPLE_EPOCHS", "400"))
STARTS = 5


def build(widths: tuple[int, ...]) -> keras.Sequential:
    """A network with a hidden layer of each of these numbers of units."""
    model = keras.Sequential([keras.Input((2,))], name=f"layers_{len(widths)}")
    for i, units in enumerate(widths):
        model.add(keras.layers.Dense(units, activation="tanh", name=f"hidden_{i + 1}"))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    """One layer of two sizes, two layers and three on the same points; then the units of the deepest."""
    x, y = playground.spiral(n=400, noise=0.15, seed=0)
    scale = x.std()  # inputs of about -1 to 1, where tanh bends
    test_x, test_y = playground.spiral(n=400, noise=0.15, seed=1)
    x, test_x = x / scale, test_x / scale
    figure, axes = canvas(2, 2, width=3.1, height=3.0, sharex=True, sharey=True)
    for ax, widths in zip(axes.flat, [(16,), (84,), (16, 16), (16, 16, 16)], strict=True):
        right = []
        for seed in range(STARTS, 0, -1):
            keras.utils.set_random_seed(seed)
            model = build(widths)
            model.fit(x, y, epochs=EPOCHS, verbose=0)
            right.append(model.evaluate(test_x, test_y, verbose=0)[1])
        name = f"{len(widths)} hidden layer{'s' if len(widths) > 1 else ''} of {widths[0]}"
        print(
            f"{name:22s} {model.count_params():4d} weights: right of new points {right[-1]:.1%}, from {STARTS} random "
            f"starts {min(right):.1%} to {max(right):.1%}, on average {np.mean(right):.1%}"
        )
        keras.explain.decision_boundary(model, x, y).draw(ax, size=9, legend=False)
        ax.set_title(f"{name}: {model.count_params()} weights\n{right[-1]:.1%} of new points right", fontsize=10)
        ax.set_aspect("equal")
    for ax in axes[1]:
        ax.set_xlabel("x1")
    for ax in axes[:, 0]:
        ax.set_ylabel("x2")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9, markerscale=2.5)
    save(figure, "06_spirals")

    for layer in ("hidden_1", "hidden_3"):
        units = keras.explain.decision_boundary(model, x, y, layer=layer)
        units.values = units.values[..., :8]
        save(units.plot(), f"06_spirals_{layer}")
    print("\nhidden_1 draws straight lines; hidden_3, which reads lines of lines, draws curves.")


if __name__ == "__main__":
    main()
