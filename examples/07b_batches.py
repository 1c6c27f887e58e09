"""Mini-batches: the slope from all data, from eight samples, and from one; the same valley, and the same data seen."""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, GREEN, ORANGE, VERMILION, canvas

START, EPOCHS, RATE = (-1.2, 2.2), 6, 0.1
BATCHES = (50, 8, 1)


def data() -> tuple[np.ndarray, np.ndarray]:
    """Points around a line."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 2, (50, 1)).astype("float32")
    return x, (1.0 * x + 0.5 + rng.normal(0, 0.4, x.shape)).astype("float32")


def descend(x: np.ndarray, y: np.ndarray, batch: int) -> np.ndarray:
    """Weight and bias after each step, over some epochs; the data is shuffled anew in each."""
    rng = np.random.default_rng(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[START[0]]]), np.array([START[1]])])
    model.compile(keras.optimizers.SGD(RATE), loss="mse")
    places = [START]
    for _ in range(EPOCHS):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch):
            chosen = order[first : first + batch]
            model.train_on_batch(x[chosen], y[chosen])
            w, b = model.get_weights()
            places.append((w.item(), b.item()))
    return np.array(places)


def spread_of_slopes(x: np.ndarray, y: np.ndarray, batch: int) -> float:
    """How far dJ/dw of a batch lies from that of all data, typically, at the start."""
    rng = np.random.default_rng(0)
    each = 2 * (START[0] * x + START[1] - y).ravel() * x.ravel()
    slopes = [each[rng.permutation(len(x))[:batch]].mean() for _ in range(2000)]
    return float(np.sqrt(np.mean((np.array(slopes) - each.mean()) ** 2)))


def main() -> None:
    """Three descents, drawn on the loss of all data."""
    x, y = data()
    columns = np.hstack([x, np.ones_like(x)])
    best = np.linalg.lstsq(columns, y)[0].ravel()

    def loss(w, b):
        return np.mean((w * x.ravel() + b - y.ravel()) ** 2)

    w, b = np.linspace(-2, 3, 80), np.linspace(-1.2, 2.8, 80)
    surface = np.array([[loss(i, j) for i in w] for j in b])
    levels = surface.min() + (surface.max() - surface.min()) * np.linspace(0, 1, 22) ** 2
    figure, axes = canvas(2, 2, width=3.6, height=3.0)
    last = axes.flat[-1]
    for ax, batch, color in zip(axes.flat, BATCHES, (VERMILION, ORANGE, BLUE), strict=False):
        places = descend(x, y, batch)
        losses = [loss(*place) for place in places]
        steps = len(places) - 1
        print(
            f"batches of {batch:2d}: {steps // EPOCHS:2d} steps an epoch, loss after {EPOCHS} epochs {losses[-1]:.3f}; "
            f"a slope at the start is off by {spread_of_slopes(x, y, batch):.2f}, typically"
        )
        ax.contourf(w, b, surface, levels=levels, cmap="Greys", alpha=0.8)
        ax.plot(*places.T, color="white", linewidth=2.6)
        ax.plot(*places.T, color=color, marker="o", markersize=2.5, linewidth=1.1)
        ax.plot(*START, marker="o", markersize=8, color="white", markeredgecolor="black")
        ax.plot(*best, marker="+", markersize=12, markeredgewidth=2, color=GREEN)
        ax.set_title(f"batches of {batch}: {steps} steps", fontsize=10)
        ax.set(xlabel="weight", ylabel="bias", xlim=(-2, 3), ylim=(-1.2, 2.8))
        seen = np.arange(len(losses)) * EPOCHS / steps
        last.plot(seen, losses, color=color, label=f"batches of {batch}", linewidth=1.3)
    print(f"the smallest possible loss: {loss(*best):.3f}")
    last.axhline(loss(*best), color=GREEN, linestyle="--", linewidth=1.2, label="the best line")
    last.set(xlabel="epochs: how often the data was seen", ylabel="loss on all data", yscale="log")
    last.set_yticks([0.2, 0.5, 1, 2], ["0.2", "0.5", "1", "2"])
    last.minorticks_off()
    last.set_title("The same data seen, more steps made", fontsize=10)
    last.legend(fontsize=8)
    figure.suptitle("Disc: the start. Cross: the best line. Dark: high loss", fontsize=10.5)
    save(figure, "07b_batches")


if __name__ == "__main__":
    main()
