"""The two examples that the lecture works out by hand, to their printed digits."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import ops


def test_lecture_neuron():
    """One sigmoid neuron with two inputs, one step with learning rate 1."""
    x = np.array([[0.50, 0.51]], "float32")
    target = np.array([[0.10]], "float32")
    neuron = keras.layers.Dense(1, activation="sigmoid", use_bias=False)
    neuron.build((None, 2))
    neuron.set_weights([np.array([[0.35], [0.40]])])
    with keras.GradientTape() as tape:
        weighted_sum = ops.matmul(x, neuron.kernel)
        output = ops.sigmoid(weighted_sum)
        loss = ops.sum(0.5 * (target - output) ** 2)
    assert float(weighted_sum) == pytest.approx(0.379, abs=5e-4)
    assert float(output) == pytest.approx(0.5936, abs=5e-5)
    assert float(loss) == pytest.approx(0.1218, abs=5e-5)
    assert float(output) - 0.10 == pytest.approx(0.4936, abs=5e-5)
    assert float(output) * (1 - float(output)) == pytest.approx(0.2412, abs=5e-5)
    gradient = tape.gradient(loss, neuron.kernel)
    keras.optimizers.SGD(learning_rate=1.0).apply([gradient], [neuron.kernel])
    assert neuron.get_weights()[0].ravel() == pytest.approx([0.2905, 0.3393], abs=5e-5)
    assert neuron(x).item() == pytest.approx(0.5789, abs=5e-5)


def test_two_two_two_network():
    """A 2-2-2 sigmoid network with its biases held fixed, one step with learning rate 0.5, through `fit`."""
    model = keras.Sequential(
        [
            keras.Input((2,), dtype="float64"),
            keras.layers.Dense(2, activation="sigmoid", dtype="float64"),
            keras.layers.Dense(2, activation="sigmoid", dtype="float64"),
        ]
    )
    hidden, top = model.layers
    hidden.set_weights([[[0.15, 0.25], [0.20, 0.30]], [0.35, 0.35]])
    top.set_weights([[[0.40, 0.50], [0.45, 0.55]], [0.60, 0.60]])
    hidden.bias.trainable = top.bias.trainable = False
    x, target = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])

    def half_square(y_true, y_pred):
        return ops.sum(0.5 * (y_true - y_pred) ** 2, axis=-1)

    keras.config.set_floatx("float64")
    try:
        model.compile(keras.optimizers.SGD(learning_rate=0.5), loss=half_square)
        before = model.fit(x, target, verbose=0).history["loss"][0]
        after = model.evaluate(x, target, verbose=0)
    finally:
        keras.config.set_floatx("float32")
    assert before == pytest.approx(0.298371109, abs=5e-10)
    # The page prints 0.291027924. Its own new weights, fed forward in exact arithmetic, give 0.291027774: the two
    # agree to the sixth digit, and the second is asserted to the last.
    assert after == pytest.approx(0.291027924, abs=2e-7)
    assert after == pytest.approx(0.291027774, abs=5e-10)
    assert top.get_weights()[0][0, 0] == pytest.approx(0.35891648, abs=5e-9)
    assert hidden.get_weights()[0][0, 0] == pytest.approx(0.149780716, abs=5e-10)
    assert hidden.bias.numpy() == pytest.approx([0.35, 0.35])
