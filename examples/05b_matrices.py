"""A network as matrices: the rows are samples, the columns units, and a layer is one product and one sum.

The network is XOR's, with weights chosen by hand: "at least one", "both", and the neuron that reads the two.
"""

import numpy as np
from matplotlib.patches import Rectangle
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import VERMILION, canvas, diverging

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
W1, B1 = np.array([[1, 1], [1, 1]], "float32"), np.array([-0.5, -1.5], "float32")
W2, B2 = np.array([[1], [-1]], "float32"), np.array([-0.5], "float32")


def step(z: np.ndarray) -> np.ndarray:
    """1 above zero, else 0."""
    return (z > 0).astype("float32")


def draw_matrix(ax, values: np.ndarray, left: float, name: str, row: int | None = None) -> float:
    """A matrix as squares with their numbers, centred in height; returns where it ends."""
    rows, columns = values.shape
    top = rows / 2
    for (i, j), value in np.ndenumerate(values):
        color = diverging()(0.5 + 0.3 * np.clip(value, -1.5, 1.5) / 1.5)
        ax.add_patch(Rectangle((left + j, top - 1 - i), 1, 1, facecolor=color, edgecolor="white", linewidth=2))
        ax.text(left + j + 0.5, top - 0.5 - i, f"{value:g}", ha="center", va="center", fontsize=9)
    if row is not None:
        ax.add_patch(
            Rectangle((left, top - 1 - row), columns, 1, fill=False, edgecolor=VERMILION, linewidth=2, clip_on=False)
        )
    ax.text(left + columns / 2, top + 0.25, name, ha="center", va="bottom", fontsize=9)
    ax.text(left + columns / 2, -top - 0.2, f"{rows} × {columns}", ha="center", va="top", fontsize=8, color="#666666")
    return left + columns


def main() -> None:
    """Compute all four answers with two products, compare with the layers, and draw the way."""
    z1 = X @ W1 + B1
    hidden = step(z1)
    z2 = hidden @ W2 + B2
    answer = step(z2)
    for name, value in (("X @ W1 + b1", z1), ("step of it", hidden), ("H @ W2 + b2", z2), ("step of it", answer)):
        print(f"{name}, {value.shape[0]} rows of {value.shape[1]}:\n{value}")

    layers = [keras.layers.Dense(2, activation=step_layer), keras.layers.Dense(1, activation=step_layer)]
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.set_weights([W1, B1, W2, B2])
    print(f"\nthe layers say {model.predict(X, verbose=0).ravel()}")
    assert np.array_equal(model.predict(X, verbose=0), answer)

    figure, axes = canvas(width=7.4, height=4.6)
    ax = axes[0, 0]
    ax.set_axis_off()
    lines = [
        ((X, "inputs X"), (W1, "weights W1"), (B1[None], "bias b1"), (z1, "sums Z1"), (hidden, "hidden H")),
        ((hidden, "hidden H"), (W2, "weights W2"), (B2[None], "bias b2"), (z2, "sums z2"), (answer, "answer")),
    ]
    for line, parts in enumerate(lines):
        sub = ax.inset_axes((0, 0.52 - 0.52 * line, 1, 0.48))
        sub.set_axis_off()
        at = 0.0
        for (values, name), sign in zip(parts, ("@", "+", "=", "step", ""), strict=True):
            row = None if name.startswith(("weights", "bias")) else 2
            at = draw_matrix(sub, values, at, name, row)
            sub.text(at + 0.75, 0, "→" if sign == "step" else sign, ha="center", va="center", fontsize=13)
            if sign == "step":
                sub.text(at + 0.75, 0.5, "step", ha="center", fontsize=8)
            at += 1.5
        sub.set(xlim=(-0.3, 16.4), ylim=(-2.9, 2.9), aspect="equal")
    ax.set_title("Two layers, four samples at once. Framed: the sample (1, 0), row by row", fontsize=10)
    save(figure, "05b_matrices")


def step_layer(z):
    """The same for tensors."""
    return keras.ops.cast(z > 0, "float32")


if __name__ == "__main__":
    main()
