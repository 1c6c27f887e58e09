"""Train, validation, test: whoever chooses among many by a score gets a score that is too good.

Two hundred guessers throw coins. The best of them on the validation data looks good, and is not. Then the same with
networks that learned something.
"""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, ORANGE, VERMILION, canvas
from kerasish_datasets import playground

GUESSERS, FEW, MANY = 200, 50, 10000


def guessers() -> tuple[np.ndarray, np.ndarray]:
    """The share right of coin throwers, on few samples and on many."""
    rng = np.random.default_rng(0)
    return rng.binomial(FEW, 0.5, GUESSERS) / FEW, rng.binomial(MANY, 0.5, GUESSERS) / MANY


def networks() -> tuple[np.ndarray, np.ndarray]:
    """Thirty starts and sizes on 40 points: the shares right on a small validation heap and a large test heap."""
    x, y = playground.circle(n=40, noise=1.2, seed=0)
    validation, test = playground.circle(n=FEW, noise=1.2, seed=1), playground.circle(n=4000, noise=1.2, seed=2)
    found = []
    for seed in range(30):
        keras.utils.set_random_seed(seed)
        units = (2, 4, 8, 16, 32)[seed % 5]
        model = keras.Sequential(
            [keras.Input((2,)), keras.layers.Dense(units, "tanh"), keras.layers.Dense(1, "sigmoid")]
        )
        model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
        model.fit(x, y, epochs=60, batch_size=40, verbose=0)
        found.append([model.evaluate(*heap, batch_size=1000, verbose=0)[1] for heap in (validation, test)])
    validation_right, test_right = np.array(found).T
    return validation_right, test_right


def main() -> None:
    """Choose the best by validation, and look at the test."""
    figure, axes = canvas(1, 2, width=3.6, height=3.3)
    for ax, name, (few, many) in zip(
        axes[0], ("200 throw coins", "30 networks"), (guessers(), networks()), strict=True
    ):
        chosen = int(few.argmax())
        seen, true = few[chosen], many[chosen]
        print(f"{name}: the best on {FEW} validation samples has {seen:.0%} right there, {true:.1%} in the test;")
        print(f"    all of them, on average: {few.mean():.1%} and {many.mean():.1%}")
        low, high = min(few.min(), many.min()) - 0.03, max(few.max(), many.max()) + 0.05
        ax.plot([low, high], [low, high], color="#999999", linewidth=1, linestyle="--", label="as good as it looked")
        ax.scatter(few, many, s=14, color=BLUE, alpha=0.5, linewidths=0)
        ax.scatter(few[chosen], many[chosen], s=70, color=VERMILION, zorder=3)
        ax.annotate(
            f"chosen: {few[chosen]:.0%}\nin truth {many[chosen]:.0%}",
            (few[chosen], many[chosen]),
            (few[chosen] - 0.03, many[chosen] - 0.33 * (high - low)),
            ha="right",
            fontsize=9,
            arrowprops={"arrowstyle": "-", "color": VERMILION},
        )
        ax.set(
            xlim=(low, high), ylim=(low, high), xlabel=f"right on {FEW} validation samples", ylabel="right in the test"
        )
        ax.set_title(name, fontsize=10)
        ax.axhline(many.mean(), color=ORANGE, linewidth=1, label="mean in the test")
        ax.legend(fontsize=8, loc="upper left")
    save(figure, "10c_three_heaps")


if __name__ == "__main__":
    main()
