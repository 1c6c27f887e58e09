"""Vanishing gradients: ten layers of sigmoids hardly learn, because each passes on at most a quarter of the slope.

Then the cures: relu with he_normal, batch normalization, and residual connections.
"""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish.explain.drawing import COLORS, MARKERS, canvas
from kerasish_datasets import playground

DEPTH, WIDTH = 10, 16


class Residual(keras.Layer):
    """A layer that adds to its input instead of replacing it, so that the gradient has a way around it."""

    def build(self, input_shape):
        self.dense = keras.layers.Dense(input_shape[-1], activation="sigmoid")

    def call(self, inputs):
        return inputs + self.dense(inputs)


def hidden(kind: str) -> list[keras.Layer]:
    """One hidden layer of this kind."""
    if kind == "sigmoid":
        return [keras.layers.Dense(WIDTH, activation="sigmoid")]
    if kind == "relu, he_normal":
        return [keras.layers.Dense(WIDTH, activation="relu", kernel_initializer="he_normal")]
    if kind == "sigmoid, batch norm":
        return [keras.layers.Dense(WIDTH), keras.layers.BatchNormalization(), keras.layers.Activation("sigmoid")]
    return [Residual()]


def build(kind: str) -> keras.Sequential:
    """A network of ten hidden layers of this kind."""
    keras.utils.set_random_seed(0)
    first = [keras.layers.Dense(WIDTH)] if kind == "sigmoid, residual" else []
    stack = [layer for _ in range(DEPTH) for layer in hidden(kind)]
    model = keras.Sequential([keras.Input((2,)), *first, *stack, keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.003), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    """Measure the gradients of each network before training, then train it."""
    x, y = playground.circle(n=400, noise=0.2, seed=0)
    x = x / x.std()
    figure, (left, right) = (lambda f, a: (f, a[0]))(*canvas(1, 2, width=3.6, height=3.3))
    for i, kind in enumerate(["sigmoid", "relu, he_normal", "sigmoid, batch norm", "sigmoid, residual"]):
        model = build(kind)
        flow = keras.explain.gradient_flow(model, x, y)
        if kind == "sigmoid":
            print(flow, "\n")
        sizes = np.array([layer.weight_gradient for layer in flow.layers if layer.kind in ("Dense", "Residual")])
        losses = model.fit(x, y, epochs=60, verbose=0).history
        print(
            f"{kind:20s} {flow.verdict:10s} first layer's gradient / last one's: {sizes[0] / sizes[-1]:.1e}   "
            f"loss after training {losses['loss'][-1]:.3f}, accuracy {losses['accuracy'][-1]:.0%}"
        )
        style = {"color": COLORS[(3, 0, 1, 2)[i]], "label": kind}
        left.plot(range(1, len(sizes) + 1), sizes, marker=MARKERS[i], markersize=5, **style)
        right.plot(losses["loss"], **style)
    left.set(yscale="log", xlabel="layer (1 is the first)", ylabel="norm of the weights' gradient")
    left.set_title("The plain sigmoid's gradient vanishes ...", fontsize=10)
    right.set(xlabel="epoch", ylabel="loss", ylim=(0, 0.9))
    right.set_title("... and its loss stays at 0.69: guessing", fontsize=10)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8.5)
    save(figure, "09_vanishing_gradients")
    print("\nA sigmoid's slope is at most 0.25: through ten of them at most 0.25 to the tenth, a millionth, is left.")


if __name__ == "__main__":
    main()
