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
    best = np.linalg.lstsq(np.hstack([x, np.ones_like(x)]), y)[0].ravel()
    figure, axes = canvas(2, 3, width=2.4, height=2.55)
    for ax, (name, path) in zip(axes.flat, surface.paths.items(), strict=False):
        surface.draw(ax, [name])
        ax.plot(*best, marker="+", markersize=11, markeredgewidth=1.5, color="white", zorder=6)
        title = name
        if name.startswith(("momentum", "Adam")):
            place, distance = turning_point(path.places, best)
            ax.plot(*place, marker="o", markersize=13, markerfacecolor="none", color="white", zorder=6)
            title += f"\nrolls past by {distance:.2f}, returns"
            print(f"{name}: the farthest place beyond the bottom is {distance:.2f} away from it")
        ax.set_title(title, fontsize=9.5)
        ax.set_xlabel("weight")
        ax.set_ylabel("bias")
    losses = axes.flat[-1]
    for i, (name, path) in enumerate(surface.paths.items()):
        losses.plot(path.losses, color=path_color(i), label=name.split(":")[0].split(" 0")[0])
    losses.set(yscale="log", xlabel="step", ylabel="loss", ylim=(0.01, 1e8))
    losses.legend(fontsize=7.5, loc="upper left", ncols=2, handlelength=1, columnspacing=0.8)
    losses.set_title("the losses", fontsize=9.5)
    figure.suptitle(
        "White disc: the start. Cross: the best line. Ring: the turning point. Numbers: the rate", fontsize=10.5
    )
    save(figure, "07_gradient_descent")

    print("\nThe slope is steeper in one direction than in the other. A rate that is right for the flat one is too")
    print("large for the steep one: the way jumps from side to side, farther each time. Momentum lets the jumps")
    print(
        "cancel, and rolls past the bottom. Adam brings both directions to one pace, and here rolls past the farthest."
    )


def turning_point(places: np.ndarray, best: np.ndarray) -> tuple[np.ndarray, float]:
    """The farthest place from the best one after the way has first come near it, and how far that is."""
    distances = np.hypot(*(places - best).T)
    near = int(np.argmax(np.diff(distances) > 0))  # from here on it moves away
    turn = near + int(distances[near:].argmax())
    return places[turn], float(distances[turn])


if __name__ == "__main__":
    main()
