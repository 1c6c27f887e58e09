"""Activations, each beside its slope; and softmax, which turns any numbers into probabilities."""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, GREEN, ORANGE, canvas


def main() -> None:
    """Print slopes and probabilities, and draw both."""
    curves = keras.explain.activations()
    print(curves)
    print("\nA slope near 0 means: the neuron's output hardly changes when its sum does, so it hardly learns.")
    save(curves.plot(), "04_activations")

    scores = np.array([2.0, 1.0, -1.0])
    print("\nsoftmax: exp of each score, divided by the sum of all three")
    for factor in (0.5, 1, 3):
        p = keras.ops.softmax(factor * scores)
        print(f"  scores {factor * scores}: probabilities {np.round(p, 3)}, sum {p.sum():.0f}")
    p = keras.ops.softmax(scores + 100)
    print(f"  scores {scores + 100}: probabilities {np.round(p, 3)} (only differences count)")

    # Two classes: softmax of (z, 0) is the sigmoid of z.
    z = 1.7
    print(f"\nsoftmax of (1.7, 0): {keras.ops.softmax(np.array([z, 0.0]))[0]:.6f}")
    print(f"sigmoid of 1.7:      {keras.ops.sigmoid(np.array(z)):.6f}")

    figure, axes = canvas(1, 3, width=2.35, height=2.5, sharey=True)
    for ax, factor in zip(axes[0], (0.5, 1, 3), strict=True):
        bars = ax.bar(["A", "B", "C"], keras.ops.softmax(factor * scores), color=[BLUE, ORANGE, GREEN])
        ax.bar_label(bars, fmt="%.4f", fontsize=9)
        ax.set_xlabel("class")
        ax.set_title("scores " + ", ".join(f"{s:g}" for s in factor * scores), fontsize=10)
        ax.set_ylim(0, 1.1)
    axes[0, 0].set_ylabel("probability")
    figure.suptitle("The farther apart the scores, the surer the choice", fontsize=11)
    save(figure, "04_softmax")


if __name__ == "__main__":
    main()
