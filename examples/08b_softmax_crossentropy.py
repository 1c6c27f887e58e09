"""Softmax with crossentropy by hand: the slope of each score is its probability minus what was wanted.

And why it is crossentropy that goes with softmax: where the network is sure and wrong, its slope is the steepest.
"""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, GREEN, ORANGE, VERMILION, canvas

SCORES, RIGHT = np.array([2.0, 1.0, -1.0]), 1
NAMES = ("A", "B", "C")


def softmax(z: np.ndarray) -> np.ndarray:
    """Shares of exp."""
    e = np.exp(z - z.max())
    return e / e.sum()


def loss(z: np.ndarray) -> float:
    """Crossentropy: minus the logarithm of the right class's probability."""
    return -float(np.log(softmax(z)[RIGHT]))


def main() -> None:
    """The slopes from the formula, by nudging, by the long chain, and from the tape; then the picture."""
    p, wanted = softmax(SCORES), np.eye(3)[RIGHT]
    print(f"scores {SCORES}, probabilities {p.round(4)}")
    print(f"the right class is B: J = -log {p[RIGHT]:.4f} = {loss(SCORES):.4f}")
    nudged = [(loss(SCORES + 1e-6 * one) - loss(SCORES)) / 1e-6 for one in np.eye(3)]
    by_probability = np.where(np.arange(3) == RIGHT, -1 / p[RIGHT], 0.0)
    jacobian = np.diag(p) - np.outer(p, p)  # dp_k / dz_j
    print("dp_k/dz_j, a row for each k:\n", jacobian.round(4))
    z = keras.Variable(SCORES)
    with keras.GradientTape() as tape:
        total = keras.losses.CategoricalCrossentropy(from_logits=True)(wanted[None], z[None])
    found = {
        "p - wanted": p - wanted,
        "by nudging": np.array(nudged),
        "the long chain": by_probability @ jacobian,
        "the tape": np.asarray(tape.gradient(total, z)),
    }
    for name, slopes in found.items():
        print(f"dJ/dz, {name:14s} {np.round(slopes, 4)}")
        assert np.allclose(slopes, p - wanted, atol=1e-5)

    figure, axes = canvas(1, 2, width=3.7, height=3.2)
    left, right = axes[0]
    places = np.arange(3)
    for shift, values, color, label in (
        (-0.27, p, BLUE, "probability"),
        (0.0, wanted, GREEN, "wanted"),
        (0.27, p - wanted, VERMILION, "slope dJ/dz"),
    ):
        bars = left.bar(places + shift, values, 0.25, color=color, label=label)
        left.bar_label(bars, fmt="%.2f", fontsize=7.5, padding=2)
    left.axhline(0, color="black", linewidth=0.8)
    left.set_xticks(places, [f"{n}\nscore {s:g}" for n, s in zip(NAMES, SCORES, strict=True)])
    left.set(ylim=(-0.95, 1.45))
    left.set_title("Slope = probability - wanted", fontsize=10)
    left.legend(fontsize=8, loc="upper right", ncols=3, columnspacing=0.8, handlelength=1)

    lead = np.linspace(-8, 8, 200)  # by how much the right class's score leads
    q = 1 / (1 + np.exp(-lead))
    right.plot(lead, q - 1, color=VERMILION, label="crossentropy: p - 1")
    right.plot(
        lead, 2 * (q - 1) * q * (1 - q), color=ORANGE, linestyle="--", label="square (p - 1)²: flat on both sides"
    )
    right.axvspan(-8, -4, color="#eeeeee", zorder=0)
    right.text(-6, -0.55, "sure\nand wrong", ha="center", fontsize=9)
    right.set(
        xlabel="lead of the right class's score over the other's", ylabel="slope by that score", ylim=(-1.08, 0.38)
    )
    right.set_title("Two classes: what is left of the slope", fontsize=10)
    right.legend(fontsize=8, loc="upper right")
    save(figure, "08b_softmax_crossentropy")


if __name__ == "__main__":
    main()
