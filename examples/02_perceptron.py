"""Rosenblatt's perceptron (1958) learns AND and OR with its own rule, and cannot learn XOR.

Its rule needs no calculus: answer; if the answer is wrong, move the weights towards (or away from) the input.
"""

import numpy as np
from pictures import save

from kerasish.explain.drawing import SKY, VERMILION, canvas, scatter_classes

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
START = (-0.6, -0.5, 0.3)  # two weights and the bias: any numbers will do
TABLES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def answer(weights: np.ndarray, bias: float, x: np.ndarray) -> int:
    """1 if the weighted sum is above zero, else 0."""
    return int(x @ weights + bias > 0)


def learn(targets: list[int], rounds: int = 20) -> tuple[list[tuple[np.ndarray, float]], list[int]]:
    """Rosenblatt's rule. Returns the line after each correction, and how many answers were wrong in each round."""
    weights, bias = np.array(START[:2]), START[2]
    lines, mistakes = [], []
    for _ in range(rounds):
        wrong = 0
        for x, target in zip(X, targets, strict=True):
            error = target - answer(weights, bias, x)  # 0 if right, 1 if too low, -1 if too high
            weights = weights + error * x
            bias = bias + error
            if error:
                lines.append((weights, bias))
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return lines, mistakes


def draw_line(ax, weights: np.ndarray, bias: float, **style) -> None:
    """The points where the weighted sum is zero: the border between the two answers."""
    grid = np.linspace(-0.5, 1.5, 2)
    if weights[1]:
        ax.plot(grid, -(bias + weights[0] * grid) / weights[1], **style)
    elif weights[0]:
        ax.axvline(-bias / weights[0], **style)


def main() -> None:
    """Learn the three tables, and draw how the line moved."""
    figure, axes = canvas(1, 3, width=2.35, height=2.6, sharey=True)
    for ax, (name, targets) in zip(axes[0], TABLES.items(), strict=True):
        lines, mistakes = learn(targets)
        solved = mistakes[-1] == 0
        print(f"{name}: wrong answers in each round: {mistakes}")
        weights, bias = lines[-1]
        rule = f"{weights[0]:.1f} x1 {weights[1]:+.1f} x2 {bias:+.1f} > 0"
        print(f"     {'learnt' if solved else 'not learnt'}: answer 1 if {rule}")
        for i, line in enumerate(lines[:-1]):
            label = "earlier lines" if i == 0 else None
            draw_line(ax, *line, color=SKY, linewidth=1, label=label, zorder=1)
        draw_line(ax, *lines[-1], color=VERMILION, linewidth=2.5, label="last line", zorder=2)
        scatter_classes(ax, X, np.array(targets), size=110, legend=False)
        ax.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xticks=[0, 1], yticks=[0, 1], xlabel="x1")
        ax.set_title(f"{name}: " + (f"solved in {len(mistakes)} rounds" if solved else "never solved"), fontsize=10)
    axes[0, 0].set_ylabel("x2")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=9)
    save(figure, "02_perceptron")

    print("\nwhy not XOR? A line would have to satisfy all four of")
    print("  b <= 0        (0, 0) must give 0")
    print("  w2 + b > 0    (0, 1) must give 1")
    print("  w1 + b > 0    (1, 0) must give 1")
    print("  w1 + w2 + b <= 0    (1, 1) must give 0")
    print("The two in the middle add up to w1 + w2 + 2b > 0. Take away b, which is not positive: w1 + w2 + b > 0.")
    print("That is the opposite of the last. No weights can do it, however long one learns.")


if __name__ == "__main__":
    main()
