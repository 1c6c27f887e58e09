"""Gradient descent and its learning rate: too small, right, too large; and momentum and Adam, on one surface.

The surface is the loss of a line through points, over its two weights. The best line lies at the bottom.
"""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.descent import path_color
from kerasish.explain.drawing import canvas

SGD, Adam = keras.optimizers.SGD, keras.optimizers.Adam


def main() -> None:
    """Let five optimizers descend from the same place, and draw their ways."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 2, (50, 1)).astype("float32")
    y = (1.0 * x + 0.5 + rng.normal(0, 0.2, x.shape)).astype("float32")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="line")])
    model.set_weights([np.array([[-1.2]]), np.array([2.2])])
    surface = keras.explain.loss_surface(
        model,
        x,
        y,
        loss="mse",
        optimizers={
            "too small: 0.01": SGD(0.01),
            "right: 0.3": SGD(0.3),
            "too large: 0.72": SGD(0.72),
            "momentum 0.8: 0.05": SGD(0.05, momentum=0.8),
            "Adam: 0.3": Adam(0.3),
        },
        steps=25,
        resolution=61,
        span=((-2.0, 3.0), (-1.6, 2.8)),
    )
    print(surface)
    print("\nThe slope is steeper in one direction than in the other. A rate that is right for the flat one is too")
    print("large for the steep one: the way jumps from side to side, farther each time. Momentum lets the jumps")
    print("cancel; Adam measures the steepness of each direction and takes steps to match.")

    figure, axes = canvas(2, 3, width=2.4, height=2.4)
    for ax, name in zip(axes.flat, surface.paths, strict=False):
        surface.draw(ax, [name])
        ax.set_title(name, fontsize=10)
        ax.set_xlabel("weight")
        ax.set_ylabel("bias")
    losses = axes.flat[-1]
    for i, (name, path) in enumerate(surface.paths.items()):
        losses.plot(path.losses, color=path_color(i), label=name.split(":")[0].split(" 0")[0])
    losses.set(yscale="log", xlabel="step", ylabel="loss", ylim=(0.01, 1e9))
    losses.legend(fontsize=7.5, loc="upper left", ncols=2, handlelength=1, columnspacing=0.8)
    losses.set_title("the losses", fontsize=10)
    figure.suptitle("White: the start. Dark: low loss. Numbers: the learning rate", fontsize=11)
    save(figure, "07_gradient_descent")


if __name__ == "__main__":
    main()
