"""Initial weights: all alike and a layer is one unit; too small or too large and nothing arrives at the other end."""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import BLUE, GREEN, ORANGE, VERMILION, canvas
from kerasish_datasets import playground

DEPTH, WIDTH = 10, 256
HE = np.sqrt(2 / WIDTH)
SIZES = {"half of that": 0.5 * HE, "he_normal": HE, "twice that": 2 * HE}


def through(spread: float, seed: int = 0) -> tuple[list[float], list[float]]:
    """The size of the outputs after each of ten relu layers, and of the gradients that come back to them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(200, WIDTH))
    weights = [rng.normal(0, spread, (WIDTH, WIDTH)) for _ in range(DEPTH)]
    sums, sizes = [], []
    for w in weights:
        sums.append(x @ w)
        x = np.maximum(sums[-1], 0)
        sizes.append(rms(x))
    gradient, back = rng.normal(size=x.shape), []
    for w, z in zip(reversed(weights), reversed(sums), strict=True):
        gradient = (gradient * (z > 0)) @ w.T
        back.append(rms(gradient))
    return sizes, back[::-1]


def rms(values: np.ndarray) -> float:
    """The root of the mean square: how large the numbers are, typically."""
    return float(np.sqrt(np.mean(values**2)))


def train(start: str) -> tuple[list[float], np.ndarray]:
    """2-8-1 on the circle from this kind of start; the losses, and the hidden layer's weights."""
    x, y = playground.circle(n=200, noise=0.2, seed=0)
    keras.utils.set_random_seed(0)
    kernels = {
        "all 0": "zeros",
        "all 0.5": keras.initializers.Constant(0.5),
        "glorot_uniform": "glorot_uniform",
    }
    hidden = keras.layers.Dense(8, "tanh", kernel_initializer=kernels[start])
    output = keras.layers.Dense(1, "sigmoid", kernel_initializer=kernels[start])
    model = keras.Sequential([keras.Input((2,)), hidden, output])
    model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy")
    losses = model.fit(x / x.std(), y, epochs=60, verbose=0).history["loss"]
    return losses, np.asarray(hidden.kernel)


def main() -> None:
    """Alike, too small, too large, and right."""
    figure, axes = canvas(1, 3, width=2.5, height=3.0)
    left, middle, right = axes[0]
    for (name, spread), color, mark in zip(SIZES.items(), (BLUE, GREEN, VERMILION), "os^", strict=True):
        sizes, back = through(spread)
        print(
            f"spread {spread:.3f} ({name:12s}): outputs of layer 1 {sizes[0]:.2g}, of layer {DEPTH} {sizes[-1]:.2g}; "
            f"gradient at layer 1 {back[0]:.2g}"
        )
        layers = range(1, DEPTH + 1)
        left.plot(layers, sizes, color=color, marker=mark, markersize=4, label=f"{name}: {spread:.3f}")
        middle.plot(layers, back, color=color, marker=mark, markersize=4)
    for ax, title in ((left, "Outputs, going up"), (middle, "Gradients, coming back")):
        ax.set(yscale="log", xlabel="layer", ylabel="size (rms)", ylim=(1e-4, 1e4), xticks=[1, 4, 7, 10])
        ax.set_title(title, fontsize=10)
    handles, labels = left.get_legend_handles_labels()
    for start, color in (("all 0", "#777777"), ("all 0.5", ORANGE), ("glorot_uniform", GREEN)):
        losses, kernel = train(start)
        alike = "one" if np.allclose(kernel, kernel[:, :1], atol=1e-5) else "different"
        print(f"start {start:15s} loss after 60 epochs {losses[-1]:.3f}, the eight units are {alike}")
        right.plot(losses, color=color, label=start)
    right.set(xlabel="epoch", ylabel="loss", ylim=(0, 0.85))
    right.set_title("2-8-1 on the circle", fontsize=10)
    right.legend(fontsize=8, loc="center right", bbox_to_anchor=(1.0, 0.47))
    figure.legend(
        handles, labels, loc="outside lower center", ncols=3, fontsize=8.5, title="spread of the weights of 256 inputs"
    )
    save(figure, "09b_initial_weights")


if __name__ == "__main__":
    main()
