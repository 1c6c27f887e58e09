"""Save a model in mid-training, load it, and go on as if nothing had happened.

A `.keras` file holds the architecture, the weights, and the optimizer's state. Without the last, the resumed training
would stumble: Adam would have to measure the slopes anew.
"""

import tempfile
from pathlib import Path

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, ORANGE, VERMILION, canvas
from kerasish_datasets import playground

EPOCHS = 60


def build() -> keras.Sequential:
    """The same start each time."""
    keras.utils.set_random_seed(2)
    layers = [keras.layers.Dense(16, activation="tanh"), keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.compile(keras.optimizers.Adam(0.05), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    """Train without a break; train, save, load, go on; and load the weights alone."""
    x, y = playground.circle(n=200, noise=0.4, seed=0)

    def fit(model: keras.Model, first: int, last: int) -> list[float]:
        """The loss in the epochs from `first` to `last`; in a fixed order, so that runs compare."""
        return model.fit(x, y, initial_epoch=first, epochs=last, shuffle=False, verbose=0).history["loss"]

    without_break = fit(build(), 0, EPOCHS)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "half.keras"
        model = build()
        first_half = fit(model, 0, EPOCHS // 2)
        model.save(path)
        print(f"saved after {EPOCHS // 2} epochs: {path.name}, {path.stat().st_size} bytes")

        loaded = keras.models.load_model(path)
        same = np.array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))
        print(f"the loaded model gives the same answers: {same}")
        print(f"the optimizer goes on from step {int(loaded.optimizer.iterations)}")
        resumed = fit(loaded, EPOCHS // 2, EPOCHS)

    fresh = build()
    fresh.set_weights(model.get_weights())
    weights_only = fit(fresh, EPOCHS // 2, EPOCHS)

    difference = np.abs(np.array(first_half + resumed) - without_break).max()
    print(f"largest difference to training without a break: {difference:g}")
    assert same and difference == 0

    figure, axes = canvas(width=6.6, height=3.6)
    ax = axes[0, 0]
    epochs = np.arange(1, EPOCHS + 1)
    ax.plot(epochs, without_break, color=ORANGE, linewidth=5, alpha=0.6, label="without a break")
    ax.plot(epochs[EPOCHS // 2 :], resumed, color=BLUE, linewidth=1.8, label="saved, loaded, resumed")
    ax.plot(epochs[EPOCHS // 2 :], weights_only, color=VERMILION, linewidth=1.8, linestyle="--", label="weights alone")
    ax.axvline(EPOCHS // 2 + 0.5, color="#888888", linewidth=1, linestyle=":")
    ax.text(EPOCHS // 2 + 0.9, max(without_break) * 0.93, "saved here", fontsize=9)
    ax.set(xlabel="epoch", ylabel="loss", yscale="log")
    ax.set_yticks([0.03, 0.1, 0.3], ["0.03", "0.1", "0.3"])
    ax.minorticks_off()
    ax.legend(fontsize=9, loc="lower left")
    ax.set_title("With the optimizer's state: the same run. With the weights alone: another one", fontsize=10)
    save(figure, "11_save_load_resume")


if __name__ == "__main__":
    main()
