"""A neuron: multiply each input by a weight, add them up with a bias, and pass the sum through an activation.

The neuron here decides whether to go outside. Its inputs are how warm it is and how dry, each from 0 to 1.
"""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import canvas, diverging

WEIGHTS, BIAS = np.array([[4.0], [6.0]]), np.array([-5.0])


def neuron(activation: str) -> keras.layers.Dense:
    """One neuron of two inputs with the weights above: a Dense layer of one unit."""
    layer = keras.layers.Dense(1, activation=activation)
    layer.build((None, 2))
    layer.set_weights([WEIGHTS, BIAS])
    return layer


def main() -> None:
    """Compute one answer by hand, let the layer compute it, and draw all answers."""
    x1, x2 = 0.5, 0.8
    z = x1 * 4.0 + x2 * 6.0 - 5.0
    print(f"weighted sum  z = {x1} × 4 + {x2} × 6 - 5 = {z:.2f}")
    print(f"activation    y = 1 / (1 + exp(-z)) = {1 / (1 + np.exp(-z)):.4f}")
    print(f"the layer says y = {neuron('sigmoid')(np.array([[x1, x2]], 'float32')).item():.4f}")

    print("\nsome days, warm and dry, and what the neuron makes of them:")
    days = np.array([[0, 0], [1, 0], [0, 1], [0.5, 0.5], [1, 1]], "float32")
    for (warm, dry), answer in zip(days, neuron("sigmoid")(days), strict=True):
        print(
            f"  warm {warm:.1f}, dry {dry:.1f}: {answer.item():.3f}  {'go out' if answer.item() > 0.5 else 'stay in'}"
        )

    grid = np.linspace(0, 1, 101, dtype="float32")
    plane = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    figure, axes = canvas(1, 3, width=2.35, height=2.9, sharey=True)
    for ax, name in zip(axes[0], ["linear", "hard_sigmoid", "sigmoid"], strict=True):
        y = neuron(name)(plane).reshape(101, 101)
        shown = ax.pcolormesh(grid, grid, y, cmap=diverging(), shading="nearest", rasterized=True)
        ax.plot(grid, (5 - 4 * grid) / 6, color="black", linewidth=1.5)
        ax.set_title(name, fontsize=10)
        ax.set_xlabel("x1: how warm")
        ax.set_ylim(0, 1)
        ax.set_xticks([0, 0.5, 1])
        bar = figure.colorbar(shown, ax=ax, location="bottom", pad=0.02)
        bar.ax.tick_params(labelsize=8)
        bar.set_label("answer y", fontsize=9)
    axes[0, 0].set_ylabel("x2: how dry")
    figure.suptitle("Three activations, one border: a straight line, where the weighted sum is 0", fontsize=11)
    along = {"rotation": np.degrees(np.arctan(-4 / 6)), "transform_rotates_text": True, "rotation_mode": "anchor"}
    axes[0, 0].text(0.12, 0.78, "4 x1 + 6 x2 - 5 = 0", fontsize=9, **along)
    save(figure, "01_neuron")


if __name__ == "__main__":
    main()
