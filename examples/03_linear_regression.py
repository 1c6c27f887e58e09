"""A straight line through points, twice: solved for in one go, and found step by step by gradient descent.

Both minimize the same number, the mean squared distance between line and points, so they must find the same line.
"""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, ORANGE, VERMILION, canvas


def main() -> None:
    """Solve, descend, compare, draw."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 2, (40, 1)).astype("float32")
    y = (1.5 * x + 0.5 + rng.normal(0, 0.3, x.shape)).astype("float32")

    columns = np.hstack([x, np.ones_like(x)])
    slope, offset = np.linalg.solve(columns.T @ columns, columns.T @ y).ravel()
    print(f"closed form:       y = {slope:.4f} x + {offset:.4f}")

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[-1.0]]), np.array([2.5])])
    model.compile(keras.optimizers.SGD(0.2), loss="mse")

    # What a gradient is, without calculus: nudge the weight a little, and see how much the loss changes.
    step = keras.explain.backprop(model, x, y)
    model.set_weights([np.array([[-1.0 + 0.001]]), np.array([2.5])])
    nudged = model.evaluate(x, y, batch_size=40, verbose=0)
    model.set_weights([np.array([[-1.0]]), np.array([2.5])])
    change = nudged - step.loss
    print(f"\nnudge the weight by 0.001: the loss changes by {change:.5f}, which is {change / 0.001:.2f} per 1")
    print(f"the gradient says:                                            {step.weights[0].gradient.item():.2f} per 1")
    print("so go the other way: new weight = weight - learning rate × gradient\n")

    losses, lines = [], [(-1.0, 2.5)]
    for _ in range(200):
        losses.append(model.train_on_batch(x, y))
        kernel, bias = model.get_weights()
        lines.append((kernel.item(), bias.item()))
    print(
        f"gradient descent:  y = {lines[-1][0]:.4f} x + {lines[-1][1]:.4f}   (loss {losses[0]:.3f} -> {losses[-1]:.4f})"
    )
    print(f"largest difference: {max(abs(lines[-1][0] - slope), abs(lines[-1][1] - offset)):.1e}")

    figure, (left, right) = (lambda f, a: (f, a[0]))(*canvas(1, 2, height=3.2))
    ends = np.array([0.0, 2.0])
    left.scatter(x, y, s=18, color="#888888", label="points")
    for i, place in enumerate([0, 3, 10, 40]):
        a, b = lines[place]
        label = "descent, after so many steps" if i == 0 else None
        left.plot(ends, a * ends + b, color=ORANGE, linewidth=1.2, label=label)
        left.text(2.04, 2 * a + b, f"{place}", fontsize=9, va="center")
    left.plot(ends, slope * ends + offset, color=BLUE, linewidth=2.5, label="the best line (closed form)")
    left.set(xlabel="x", ylabel="y", xlim=(-0.1, 2.25), ylim=(-0.2, 5.6))
    left.set_title("The line turns towards the best one", fontsize=10)
    left.legend(fontsize=8, loc="upper center")
    right.plot(losses, color=VERMILION, label="gradient descent")
    lowest = float(np.mean((columns @ [[slope], [offset]] - y) ** 2))
    right.axhline(lowest, color=BLUE, linestyle="--", label="the best line (closed form)")
    right.set(xlabel="step", ylabel="loss (mean squared error)", yscale="log")
    right.set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
    right.minorticks_off()
    right.set_title("The loss falls to the smallest possible", fontsize=10)
    right.legend(fontsize=9)
    save(figure, "03_linear_regression")


if __name__ == "__main__":
    main()
