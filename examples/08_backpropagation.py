"""Backpropagation by hand: a neuron and a 2-2-2 network, each to the digits that the lecture prints.

Then the lecture's exercise: the second weight, how many new derivatives it needs, whether the error went down, and what
would happen if there were a layer before.
"""

import numpy as np
from pictures import save

import kerasish as keras
from kerasish import ops


def half_square(y_true, y_pred):
    """Half the squared distance: its derivative is the difference itself."""
    return ops.sum(0.5 * (y_true - y_pred) ** 2, axis=-1)


def close(value, printed: float, digits: int) -> None:
    """Stop unless a number agrees with a printed one in all of its digits."""
    assert abs(float(value) - printed) <= 0.51 * 10**-digits, f"{value} is not {printed}"


def lecture_neuron() -> None:
    """Two inputs, one sigmoid neuron, no bias, learning rate 1."""
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1, "sigmoid", use_bias=False, name="neuron")], name="lecture"
    )
    model.set_weights([np.array([[0.35], [0.40]])])
    step = keras.explain.backprop(model, [[0.50, 0.51]], [[0.10]], loss=half_square, learning_rate=1.0)
    print(step)
    save(step.plot(), "08_lecture_neuron")

    (neuron,), (weights,) = step.layers, step.weights
    close(neuron.sums.item(), 0.379, 3)
    close(neuron.outputs.item(), 0.5936, 4)
    close(step.loss, 0.1218, 4)
    close(neuron.output_gradient.item(), 0.4936, 4)
    close(neuron.slopes.item(), 0.2412, 4)
    close(weights.after[0, 0], 0.2905, 4)
    close(weights.after[1, 0], 0.3393, 4)
    close(step.prediction_after.item(), 0.5789, 4)

    print("\nThe lecture's exercise")
    print("1. The update of w2: its gradient has the same first two factors, and x2 as the third:")
    first, second = neuron.output_gradient.item(), neuron.slopes.item()
    gradient, after = weights.gradient[1, 0], weights.after[1, 0]
    print(f"   dJ/dw2 = {first:.4f} × {second:.4f} × 0.51 = {gradient:.4f}, w2 = 0.40 - {gradient:.4f} = {after:.4f}")
    print("2. How many new derivatives it needs: one, dz/dw2 = x2. The other two are known already.")
    print(f"3. Did the error go down? Yes: from {step.loss:.4f} to {step.loss_after:.4f}.")
    print("   The answer went from 0.5936 to 0.5789, and 0.10 was wanted.")
    assert step.loss_after < step.loss
    print(
        "4. If there were a layer before, it would need dJ/dx, what its outputs do to the loss. One more factor each,"
    )
    print("   dz/dx = w, and the same two as before; the chain goes on from there:")
    for i, w in enumerate((0.35, 0.40)):
        print(f"   dJ/dx{i + 1} = {first:.4f} × {second:.4f} × {w:.2f} = {step.input_gradient[0, i]:.4f}")


def two_two_two() -> None:
    """Two inputs, two hidden and two output neurons, biases held fixed, learning rate 0.5."""
    keras.config.set_floatx("float64")
    layers = [keras.layers.Dense(2, "sigmoid", name="hidden"), keras.layers.Dense(2, "sigmoid", name="output")]
    model = keras.Sequential([keras.Input((2,)), *layers], name="two_two_two")
    layers[0].set_weights([[[0.15, 0.25], [0.20, 0.30]], [0.35, 0.35]])
    layers[1].set_weights([[[0.40, 0.50], [0.45, 0.55]], [0.60, 0.60]])
    layers[0].bias.trainable = layers[1].bias.trainable = False
    step = keras.explain.backprop(model, [[0.05, 0.10]], [[0.01, 0.99]], half_square, learning_rate=0.5, digits=9)
    print(f"\n\n{step}")
    step.digits = 4
    save(step.plot(), "08_two_two_two")
    close(step.loss, 0.298371109, 9)
    close(step.layers[1].outputs[0, 0], 0.75136507, 8)
    close(step.weights[1].after[0, 0], 0.35891648, 8)
    close(step.weights[0].after[0, 0], 0.149780716, 9)
    # The page prints another loss after the step; the new weights that it prints, fed forward, give this one.
    close(step.loss_after, 0.291027774, 9)
    close(the_page_s_loss(model, step), 0.291027924, 9)
    keras.config.set_floatx("float32")


def the_page_s_loss(model: keras.Model, step) -> float:
    """The loss that the page prints: its hidden layer's gradient came through output weights that had moved already."""
    hidden, output = step.layers
    moved = step.weights[1].after
    delta = output.sum_gradient @ moved.T * hidden.slopes
    model.layers[0].kernel.assign(hidden.kernel - 0.5 * hidden.inputs.T @ delta)
    model.layers[1].kernel.assign(moved)
    loss = half_square(step.y, model(step.x)).item()
    print(f"\nUpdate the output layer first and send the gradient through its new weights, and the loss is {loss:.9f}.")
    return loss


if __name__ == "__main__":
    lecture_neuron()
    two_two_two()
