"""A forecast: an LSTM learns the next value of a noisy wave, and goes on by itself on what it has foretold."""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLACK, BLUE, ORANGE, canvas

WINDOW, AHEAD = 40, 80


def wave(n: int) -> np.ndarray:
    """Two sines of different lengths, and a little noise."""
    t = np.arange(n)
    noise = np.random.default_rng(0).normal(0, 0.05, n)
    return (np.sin(2 * np.pi * t / 25) + 0.5 * np.sin(2 * np.pi * t / 60) + noise).astype("float32")


def main() -> None:
    """Train on windows of the wave, and let the network go on for eighty steps beyond its end."""
    keras.utils.set_random_seed(0)
    values = wave(1000 + AHEAD)
    known, future = values[:1000], values[1000:]
    # Each sample is a window of the wave, and its target is the value that follows.
    windows = keras.utils.timeseries_dataset_from_array(
        known[:-1, None], known[WINDOW:, None], sequence_length=WINDOW, batch_size=32, shuffle=True, seed=0
    )
    model = keras.Sequential([keras.Input((WINDOW, 1)), keras.layers.LSTM(24), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(windows, epochs=20, verbose=0)
    model.optimizer.learning_rate = 0.001
    losses = model.fit(windows, epochs=5, verbose=0).history["loss"]
    print(f"one step ahead: off by {losses[-1] ** 0.5:.3f} (the noise alone is 0.05)")

    told = list(known[-WINDOW:])
    for _ in range(AHEAD):
        window = np.array(told[-WINDOW:]).reshape(1, WINDOW, 1)
        told.append(float(model.predict(window, verbose=0)[0, 0]))
    told = np.array(told[WINDOW:])
    guess = np.full(AHEAD, known[-1])
    for name, line in (("the network", told), ("the last value again and again", guess)):
        print(f"{AHEAD} steps ahead, {name}: off by {np.sqrt(np.mean((line - future) ** 2)):.3f}")

    figure, axes = canvas(1, 1, width=6.5, height=2.8)
    ax, start = axes[0, 0], len(known)
    ax.plot(range(start - 100, start), known[-100:], color=BLACK, label="known")
    ax.plot(range(start, start + AHEAD), future, color=BLUE, label="what came")
    ax.plot(range(start, start + AHEAD), told, color=ORANGE, linestyle="--", label="foretold from foretold values")
    ax.axvline(start, color="grey", linewidth=0.8)
    ax.set_xlabel("time")
    ax.legend(loc="lower left", fontsize=8, ncols=3)
    ax.set_ylim(-2.4, 1.8)
    save(figure, "sine_forecast")


if __name__ == "__main__":
    main()
