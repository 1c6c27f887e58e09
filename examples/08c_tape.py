"""A tape in thirty lines: numbers that remember where they came from, their gradients, and a network made of them.

It trains 2-4-1 on XOR, with nothing but Python, and has the gradients of the real tape.
"""

import math
import random

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLACK, BLUE, VERMILION, canvas, diverging, scatter_classes

tape: list = []  # every result, in the order in which they were made


class Number:
    """A number that knows which numbers it was made from, and the slope by each of them."""

    def __init__(self, value, inputs=(), slopes=()):
        self.value, self.inputs, self.slopes, self.gradient = value, inputs, slopes, 0.0
        tape.append(self)

    def __add__(self, other):
        other = number(other)
        return Number(self.value + other.value, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = number(other)
        return Number(self.value * other.value, (self, other), (other.value, self.value))

    def __sub__(self, other):
        return self + number(other) * -1.0

    def tanh(self):
        t = math.tanh(self.value)
        return Number(t, (self,), (1.0 - t * t,))

    def backward(self):
        self.gradient = 1.0
        for result in reversed(tape):
            for source, slope in zip(result.inputs, result.slopes, strict=True):
                source.gradient += result.gradient * slope


def number(x):
    return x if isinstance(x, Number) else Number(x)


POINTS = [((0.0, 0.0), -1.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), -1.0)]


def network(weights, x):
    """Four hidden tanh units of two weights and a bias each, and one that reads them."""
    hidden = [(w1 * x[0] + w2 * x[1] + b).tanh() for w1, w2, b in weights[:4]]
    total = weights[4][4]
    for unit, weight in zip(hidden, weights[4], strict=False):
        total = total + unit * weight
    return total.tanh()


def loss_of(weights):
    """The mean of the squared errors over the four points."""
    total = number(0.0)
    for x, wanted in POINTS:
        error = network(weights, x) - wanted
        total = total + error * error
    return total * 0.25


def train(steps: int = 300, rate: float = 0.5) -> tuple[list, list[float], list[float]]:
    """Gradient descent; returns the weights, the losses, and the gradients of the first step."""
    random.seed(3)
    values = [[random.uniform(-1, 1) for _ in range(n)] for n in (3, 3, 3, 3, 5)]
    losses, first = [], []
    for step in range(steps):
        tape.clear()
        weights = [[Number(v) for v in row] for row in values]
        loss = loss_of(weights)
        loss.backward()
        losses.append(loss.value)
        if step == 0:
            first = [w.gradient for row in weights for w in row]
            print(f"one step writes {len(tape)} numbers on the tape")
            compare(values, first)
        values = [[w.value - rate * w.gradient for w in row] for row in weights]
    return values, losses, first


def compare(values: list, gradients: list[float]) -> None:
    """The same network in Keras, the same weights: the same gradients."""
    hidden = keras.layers.Dense(4, "tanh", dtype="float64")
    model = keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(1, "tanh", dtype="float64")])
    rows = np.array(values[:4])
    model.set_weights([rows[:, :2].T, rows[:, 2], np.array(values[4][:4])[:, None], np.array(values[4][4:])])
    x, y = np.array([p for p, _ in POINTS]), np.array([[t] for _, t in POINTS])
    with keras.GradientTape() as real:
        loss = keras.ops.mean((model(x) - y) ** 2)
    kernel, bias, last, offset = (np.asarray(g) for g in real.gradient(loss, model.trainable_variables))
    theirs = np.concatenate([np.vstack([kernel, bias]).T.ravel(), last.ravel(), offset])
    print(f"largest difference to kerasish's tape: {np.abs(theirs - gradients).max():.0e}")
    assert np.allclose(theirs, gradients)


def draw_tape(ax) -> None:
    """What stands on the tape for tanh(w x + b), each with its value and its gradient."""
    tape.clear()
    w, x, b = Number(0.5), Number(2.0), Number(-0.3)
    product = w * x
    total = product + b
    y = total.tanh()
    y.backward()
    boxes = [(w, "w", 0, 2), (x, "x", 0, 1), (b, "b", 1.4, 0), (product, "w × x", 1.4, 1.5)]
    boxes += [(total, "sum", 2.8, 0.9), (y, "tanh", 4.2, 0.9)]
    where = {id(n): (column, row) for n, _, column, row in boxes}
    for result, _, column, row in boxes:
        for source, slope in zip(result.inputs, result.slopes, strict=True):
            (a, c) = where[id(source)]
            ax.annotate("", (column - 0.42, row), (a + 0.42, c), arrowprops={"arrowstyle": "->", "color": "#888888"})
            place = (a + 0.42 + 0.4 * (column - a - 0.84), c + 0.4 * (row - c) + (-0.2 if row > c else 0.12))
            ax.text(*place, f"× {slope:.3g}", fontsize=8, color=VERMILION, ha="center", zorder=4)
    for n, name, column, row in boxes:
        text = f"{name} = {n.value:.4g}\ngradient {n.gradient:.4g}"
        box = {"boxstyle": "round,pad=0.35", "facecolor": "#dceefa" if n.inputs else "#f2f2f2", "edgecolor": "#444444"}
        ax.text(column, row, text, ha="center", va="center", fontsize=8, bbox=box, zorder=3)
    ax.set(xlim=(-0.7, 4.9), ylim=(-0.45, 2.5))
    ax.set_axis_off()
    ax.set_title("The tape of tanh(w x + b). Backward, each gradient is handed on, times the slope in red", fontsize=10)


def main() -> None:
    """Train, compare, draw."""
    values, losses, _ = train()
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.4f}")
    weights = [[Number(v) for v in row] for row in values]
    for x, wanted in POINTS:
        print(f"{x[0]:.0f} xor {x[1]:.0f}: wanted {wanted:+.0f}, the network says {network(weights, x).value:+.3f}")

    figure, axes = canvas(2, 2, width=3.6, height=2.6)
    whole = figure.add_subplot(axes[0, 0].get_gridspec()[0, :])
    axes[0, 0].remove()
    axes[0, 1].remove()
    draw_tape(whole)
    left, right = axes[1]
    grid = np.linspace(-0.4, 1.4, 40)
    answers = np.array([[network(weights, (float(a), float(b))).value for a in grid] for b in grid])
    left.pcolormesh(grid, grid, answers, cmap=diverging(), vmin=-1, vmax=1, shading="nearest", rasterized=True)
    left.contour(grid, grid, answers, [0], colors=BLACK, linewidths=1.2)
    scatter_classes(left, np.array([p for p, _ in POINTS]), np.array([t > 0 for _, t in POINTS]), 70, legend=False)
    left.set(xlabel="x1", ylabel="x2", xticks=[0, 1], yticks=[0, 1])
    left.set_title("XOR, learnt on that tape", fontsize=10)
    right.plot(losses, color=BLUE)
    right.set(xlabel="step", ylabel="loss")
    right.set_title("The loss", fontsize=10)
    save(figure, "08c_tape")


if __name__ == "__main__":
    main()
