"""Rosenblatt's perceptron (1958) learns AND and OR with its own rule, and cannot learn XOR.

Its rule needs no calculus: answer; if the answer is wrong, move the weights towards (or away from) the input.
"""

import numpy as np
from pictures import save

from kerasish.explain.drawing import BLUE, ORANGE, VERMILION, canvas, scatter_classes

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
START = (-0.6, -0.5, 0.3)  # two weights and the bias: any numbers will do
LOW, HIGH = -1.0, 2.0  # the edges of the picture
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


def ends(weights: np.ndarray, bias: float) -> np.ndarray:
    """Where the points whose weighted sum is zero, the border between the two answers, enter and leave the picture."""
    (w1, w2), found = weights, []
    for edge in (LOW, HIGH):
        found += [(edge, -(bias + w1 * edge) / w2)] if w2 else []
        found += [(-(bias + w2 * edge) / w1, edge)] if w1 else []
    inside = [point for point in found if all(LOW - 1e-9 <= c <= HIGH + 1e-9 for c in point)]
    return np.array(inside[:2]) if len(inside) >= 2 else np.empty((0, 2))


def room_around(place: np.ndarray, taken: list, lines: list[tuple[float, float, float]]) -> float:
    """How far a place is from all that is drawn; a line may come nearer than a number or a point."""
    from_lines = [3 * abs(w1 * place[0] + w2 * place[1] + b) / np.hypot(w1, w2) for w1, w2, b in lines]
    return min([np.hypot(*(place - other)) for other in taken] + from_lines)


def draw_lines(ax, lines: list[tuple[np.ndarray, float]]) -> None:
    """Every line with its number, the last one thick, and the side of it where the answer is 1 in colour."""
    weights, bias = lines[-1]
    grid = np.linspace(LOW, HIGH, 300)
    plane = np.stack(np.meshgrid(grid, grid), axis=-1)
    ax.contourf(grid, grid, plane @ weights + bias, [0, np.inf], colors=[ORANGE], alpha=0.25)
    taken = [tuple(x) for x in X]
    seen: dict[tuple, str] = {}
    for i, (w, b) in enumerate(lines):
        seen.setdefault((*w.round(6), round(b, 6)), str(i + 1))
    seen[(*weights.round(6), round(bias, 6))] = str(len(lines))
    for (w1, w2, b), number in seen.items():
        border = ends(np.array([w1, w2]), b)
        if not len(border):
            continue
        last = number == str(len(lines))
        color = VERMILION if last else BLUE
        ax.plot(*border.T, color=color, linewidth=2.5 if last else 1, zorder=2)
        # The number stands where there is most room around it.
        places = [border[0] + t * (border[1] - border[0]) for t in np.linspace(0.07, 0.93, 30)]
        others = [line for line in seen if line != (w1, w2, b)]
        place = max(places, key=lambda p: room_around(p, taken, others))
        taken.append(place)
        box = {"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": color, "linewidth": 0.8}
        ax.text(*place, number, fontsize=7.5, color=color, ha="center", va="center", bbox=box, zorder=4)


def main() -> None:
    """Learn the three tables, and draw how the line moved."""
    figure, axes = canvas(1, 3, width=2.4, height=2.9, sharey=True)
    for ax, (name, targets) in zip(axes[0], TABLES.items(), strict=True):
        lines, mistakes = learn(targets)
        solved = mistakes[-1] == 0
        print(f"{name}: wrong answers in each round: {mistakes}")
        weights, bias = lines[-1]
        rule = f"{weights[0]:.1f} x1 {weights[1]:+.1f} x2 {bias:+.1f} > 0"
        print(f"     {'learnt' if solved else 'not learnt'}: answer 1 if {rule}")
        draw_lines(ax, lines)
        scatter_classes(ax, X, np.array(targets), size=110, legend=False, names=("0", "1"))
        ax.set(xlim=(LOW, HIGH), ylim=(LOW, HIGH), xticks=[0, 1], yticks=[0, 1], xlabel="x1", aspect="equal")
        ax.set_title(
            f"{name}: " + (f"solved in {len(mistakes)} rounds" if solved else f"{len(lines)} corrections, in vain"),
            fontsize=10,
        )
    axes[0, 0].set_ylabel("x2")
    handles, _ = axes[0, 0].get_legend_handles_labels()
    patch = axes[0, 0].fill_between([0], [0], color=ORANGE, alpha=0.25)
    labels = ["wanted 0", "wanted 1", "the last line answers 1"]
    figure.legend([*handles, patch], labels, loc="outside lower center", ncols=3, fontsize=9)
    figure.suptitle("The line after each correction, by its number; those that are missing pass outside", fontsize=10)
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
