"""XOR with one hidden layer: what no line can do, two lines and a neuron that reads them can.

The hidden units move the four points to new places, and there a line divides them.
"""

import numpy as np
from pictures import path_for, save

import kerasish as keras
from kerasish.explain.drawing import BLACK, canvas, diverging, scatter_classes
from kerasish_datasets import xor


def build(units: int, seed: int) -> keras.Sequential:
    """A network of so many hidden units, from the random start of this seed."""
    keras.utils.set_random_seed(seed)
    hidden = keras.layers.Dense(units, activation="tanh", name="hidden")
    model = keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(1, activation="sigmoid", name="output")])
    model.compile(keras.optimizers.Adam(0.05), loss="binary_crossentropy")
    return model


def train(x: np.ndarray, y: np.ndarray, units: int, seed: int) -> tuple[keras.Sequential, list[float]]:
    """Such a network after 400 epochs, and its loss in each of them."""
    model = build(units, seed)
    return model, model.fit(x, y, epochs=400, verbose=0).history["loss"]


def save_film(x: np.ndarray, y: np.ndarray) -> None:
    """The same training once more, and a picture of it every fifth epoch."""
    model = build(units=2, seed=0)
    film = keras.explain.watch(model, x, y, layer="hidden", margin=0.4)
    model.fit(x, y, epochs=200, verbose=0, callbacks=[film])
    path = path_for("05_xor.gif")
    film.save(path)
    print(f"a film of it: {path}")


def main() -> None:
    """Train 2-2-1, then look at what its two hidden units have learned."""
    x, y = xor.load_data()
    for units in (1, 2, 8):
        solved = sum(train(x, y, units, seed)[1][-1] < 0.1 for seed in range(10))
        print(f"{units} hidden unit{'s' if units > 1 else ' '}: solved from {solved} of 10 random starts")

    model, losses = train(x, y, units=2, seed=0)
    print("\nloss every 100 epochs:", np.round(losses[::100], 4))
    moved = model.get_layer("hidden")(x)
    for point, place, target, answer in zip(x, moved, y, model.predict(x, verbose=0), strict=True):
        print(
            f"{point[0]:.0f} xor {point[1]:.0f} = {target[0]:.0f}   hidden units {place[0]:+.2f} {place[1]:+.2f}   "
            f"the network says {answer[0]:.3f}"
        )

    seen = keras.explain.decision_boundary(model, x, y, margin=0.4)
    units = keras.explain.decision_boundary(model, x, y, layer="hidden", margin=0.4)
    print("\n" + str(seen))
    figure, axes = canvas(2, 2, width=3.2, height=2.7)
    panels = [
        ("the network's answer: a band", seen.values[..., 0], 0.5),
        *((f"hidden unit {u + 1}: one line", units.values[..., u], 0) for u in (0, 1)),
    ]
    for ax, (title, values, border) in zip(axes.flat, panels, strict=False):
        ax.pcolormesh(seen.x1, seen.x2, values, cmap=diverging(), shading="nearest", rasterized=True)
        ax.contour(seen.x1, seen.x2, values, [border], colors=BLACK, linewidths=1.4)
        scatter_classes(ax, x, y.ravel(), size=70, legend=False)
        ax.set_title(title, fontsize=10)
        ax.set(xlabel="x1", ylabel="x2", xticks=[0, 1], yticks=[0, 1])

    # In the plane of the hidden units, the output neuron needs one straight line.
    (w1, w2), bias = model.get_weights()[2].ravel(), model.get_weights()[3].item()
    last = axes[1, 1]
    line = np.linspace(-1.3, 1.3, 2)
    last.plot(line, -(bias + w1 * line) / w2, color=BLACK, linewidth=1.4)
    scatter_classes(last, moved, y.ravel(), size=70, legend=False)
    for place, names, shift in ((0, "(0, 0)", 0.16), (1, "(0, 1) and (1, 0)", 0.25), (3, "(1, 1)", -0.25)):
        last.text(moved[place, 0] - 0.1, moved[place, 1] + shift, names, fontsize=9, va="center")
    last.legend(fontsize=8, loc="lower right")
    last.set_title("the points as the output sees them", fontsize=10)
    last.set(xlabel="hidden unit 1", ylabel="hidden unit 2")
    last.set(xlim=(-1.3, 1.5), ylim=(-1.3, 1.5), xticks=[-1, 1], yticks=[-1, 1])
    save(figure, "05_xor_hidden_layer")
    save_film(x, y)


if __name__ == "__main__":
    main()
