"""Too little and too much: a network that cannot bend enough, one that bends around every point, and two brakes.

Few points, of classes that overlap. The border that is right for new points is a circle.
"""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, GREEN, ORANGE, VERMILION, canvas
from kerasish_datasets import playground

EPOCHS = 400
RADIUS = 3.0  # halfway between the disc and the ring that the points are drawn from


def build(kind: str) -> keras.Sequential:
    """A network of this kind, from the same random start."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    l2 = keras.regularizers.L2(0.01) if kind == "large, L2" else None
    hidden = [layers.Dense(64, "relu", kernel_regularizer=l2) for _ in range(2)]
    if kind == "2 units":
        hidden = [layers.Dense(2, "tanh")]
    if kind == "large, dropout":
        hidden = [part for layer in hidden for part in (layer, layers.Dropout(0.5))]
    model = keras.Sequential([keras.Input((2,)), *hidden, layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["accuracy"])
    return model


def crossentropy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """The loss without the penalty of L2, so that networks compare."""
    return float(keras.losses.BinaryCrossentropy()(y, model.predict(x, verbose=0)))


def main() -> None:
    """Four networks on the same 80 points, and on 2,000 new ones."""
    x, y = playground.circle(n=80, noise=1.0, seed=3)
    new_x, new_y = playground.circle(n=2000, noise=1.0, seed=4)
    scale = x.std()
    x, new_x = x / scale, new_x / scale
    best = np.mean((np.hypot(*new_x.T) < RADIUS / scale) == new_y.ravel())
    print(f"the circle of radius {RADIUS}: {best:.1%} of new points right")

    figure, axes = canvas(2, 3, width=2.4, height=2.55)
    kinds = {"2 units": BLUE, "large": VERMILION, "large, L2": GREEN, "large, dropout": ORANGE}
    curve = axes[0, 2]
    for ax, (kind, color) in zip((axes[0, 0], axes[0, 1], axes[1, 0], axes[1, 1]), kinds.items(), strict=True):
        model = build(kind)
        log = model.fit(x, y, epochs=EPOCHS, batch_size=80, verbose=0, validation_data=(new_x, new_y)).history
        seen, new = (model.evaluate(*data, batch_size=500, verbose=0)[1] for data in ((x, y), (new_x, new_y)))
        size = float(np.sqrt(np.mean(np.concatenate([w.ravel() for w in model.get_weights()]) ** 2)))
        print(
            f"{kind:15s} {model.count_params():5d} weights of size {size:.2f}: {seen:.1%} of its own points right, "
            f"{new:.1%} of new ones; their loss {crossentropy(model, new_x, new_y):.2f}"
        )
        keras.explain.decision_boundary(model, x, y).draw(ax, size=12, legend=False)
        turn = np.linspace(0, 2 * np.pi, 100)
        ring = RADIUS / scale
        ax.plot(ring * np.sin(turn), ring * np.cos(turn), color="white", linestyle="--", linewidth=1.6)
        ax.set_title(f"{kind}\nown points {seen:.0%}, new {new:.0%}", fontsize=9.5)
        ax.set(xticks=[-2, 0, 2], yticks=[-2, 0, 2])
        axes[1, 2].plot(log["val_accuracy"], color=color, linewidth=1, label=kind)
        if kind == "large":
            curve.plot(log["loss"], color=color, label="own points")
            curve.plot(log["val_loss"], color=color, linestyle="--", label="new points")
            lowest = int(np.argmin(log["val_loss"]))
            least = log["val_loss"][lowest]
            print(f"                its loss on new points is lowest after epoch {lowest + 1}: {least:.2f}")
            curve.axvline(lowest, color="#777777", linestyle=":", linewidth=1)
            curve.text(lowest + 10, 1.85, "stop here", fontsize=8)
    curve.set(xlabel="epoch", ylabel="loss", ylim=(0, 2))
    curve.set_title("large: the loss", fontsize=9.5)
    curve.legend(fontsize=8, loc="lower right", bbox_to_anchor=(1.0, 0.1))
    axes[1, 2].set(xlabel="epoch", ylabel="new points right", ylim=(0.45, 0.95))
    axes[1, 2].set_title("all four", fontsize=9.5)
    axes[1, 2].legend(fontsize=7, loc="lower right")
    figure.suptitle("Dashed: the border that is right for new points", fontsize=10.5)
    save(figure, "10b_overfitting")


if __name__ == "__main__":
    main()
