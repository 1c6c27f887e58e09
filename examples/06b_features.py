"""Features or depth: one neuron that is given the right products does what else takes hidden layers."""

from pictures import save

import kerasish as keras
from kerasish.explain.drawing import canvas
from kerasish_datasets import playground

EPOCHS = 200


class Features(keras.Layer):
    """x1, x2, their squares and their product: five numbers in place of two."""

    def call(self, inputs):
        x1, x2 = inputs[:, :1], inputs[:, 1:]
        return keras.ops.concatenate([x1, x2, x1**2, x2**2, x1 * x2], axis=1)


def build(kind: str) -> keras.Sequential:
    """A neuron alone, a neuron behind the features, or two hidden layers."""
    keras.utils.set_random_seed(1)
    front = {
        "one neuron": [],
        "one neuron, five features": [Features()],
        "two hidden layers of 16": [keras.layers.Dense(16, "tanh"), keras.layers.Dense(16, "tanh")],
    }[kind]
    model = keras.Sequential([keras.Input((2,)), *front, keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    """Three data sets and three models."""
    figure, axes = canvas(3, 3, width=2.3, height=2.3)
    kinds = ["one neuron", "one neuron, five features", "two hidden layers of 16"]
    for row, (name, make) in enumerate(
        {"circle": playground.circle, "xor": playground.xor, "spiral": playground.spiral}.items()
    ):
        x, y = make(n=300, noise=0.15, seed=0)
        test_x, test_y = make(n=300, noise=0.15, seed=1)
        scale = x.std()
        for column, kind in enumerate(kinds):
            model = build(kind)
            model.fit(x / scale, y, epochs=EPOCHS, verbose=0)
            accuracy = model.evaluate(test_x / scale, test_y, verbose=0)[1]
            print(f"{name:7s} {kind:26s} {model.count_params():4d} weights: {accuracy:.1%} of new points right")
            if name == "circle" and column == 1:
                w, b = model.get_weights()
                terms = zip(w.ravel(), ("x1", "x2", "x1²", "x2²", "x1 x2"), strict=True)
                print("        z = " + " ".join(f"{v:+.2f} {f}" for v, f in terms) + f" {b.item():+.2f}")
            ax = axes[row, column]
            keras.explain.decision_boundary(model, x / scale, y).draw(ax, size=8, legend=False)
            ax.set_title(f"{kind}\n{accuracy:.0%}" if row == 0 else f"{accuracy:.0%}", fontsize=9.5)
            ax.set(xticks=[-2, 0, 2], yticks=[-2, 0, 2])
            ax.set_ylabel(f"{name}\nx2" if column == 0 else "")
            ax.set_xlabel("x1" if row == 2 else "")
    save(figure, "06b_features")


if __name__ == "__main__":
    main()
