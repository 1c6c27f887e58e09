"""Deeper: two spirals wound around each other, and what each layer of a network makes of them."""

from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLACK, canvas, diverging, scatter_classes
from kerasish_datasets import playground


def build(hidden_layers: int) -> keras.Sequential:
    """A network of so many hidden layers of 16 units."""
    model = keras.Sequential([keras.Input((2,))], name=f"layers_{hidden_layers}")
    for i in range(hidden_layers):
        model.add(keras.layers.Dense(16, activation="tanh", name=f"hidden_{i + 1}"))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    """One, two and three hidden layers on the same points; then the units of the deepest."""
    x, y = playground.spiral(n=400, noise=0.15, seed=0)
    scale = x.std()  # inputs of about -1 to 1, where tanh bends
    test_x, test_y = playground.spiral(n=400, noise=0.15, seed=1)
    x, test_x = x / scale, test_x / scale
    figure, axes = canvas(1, 3, width=2.35, height=3.1, sharey=True)
    for ax, count in zip(axes[0], (1, 2, 3), strict=True):
        keras.utils.set_random_seed(1)
        model = build(count)
        model.fit(x, y, epochs=400, verbose=0)
        _, accuracy = model.evaluate(test_x, test_y, verbose=0)
        plural = "s" if count > 1 else " "
        print(f"{count} hidden layer{plural} ({model.count_params():4d} weights): {accuracy:.1%} of new points right")
        seen = keras.explain.decision_boundary(model, x, y)
        ax.pcolormesh(seen.x1, seen.x2, seen.values[..., 0], cmap=diverging(), shading="nearest", rasterized=True)
        ax.contour(seen.x1, seen.x2, seen.values[..., 0], [0.5], colors=BLACK, linewidths=1.2)
        scatter_classes(ax, x, y.ravel(), size=9, legend=False)
        ax.set_title(f"{count} hidden layer{plural.strip()}: {accuracy:.0%}", fontsize=10)
        ax.set_xlabel("x1")
        ax.set_aspect("equal")
    axes[0, 0].set_ylabel("x2")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9, markerscale=2.5)
    figure.suptitle("Answers of networks of different depth, and how many new points they get right", fontsize=11)
    save(figure, "06_spirals")

    for layer in ("hidden_1", "hidden_3"):
        units = keras.explain.decision_boundary(model, x, y, layer=layer)
        units.values = units.values[..., :8]
        save(units.plot(), f"06_spirals_{layer}")
    print("\nhidden_1 draws straight lines; hidden_3, which reads lines of lines, draws curves.")


if __name__ == "__main__":
    main()
