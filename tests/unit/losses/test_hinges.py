import numpy as np

from kerasish import losses
from kerasish.backend.tape import GradientTape


def test_zeros_and_ones_are_read_as_signs():
    y_pred = np.array([[0.3, -2.0], [0.7, 0.1]], "float32")
    binary, signs = np.array([[0, 1], [1, 0]]), np.array([[-1, 1], [1, -1]])
    for name in ("hinge", "squared_hinge"):
        function = getattr(losses, name)
        np.testing.assert_array_equal(function(binary, y_pred), function(signs, y_pred))


def test_targets_may_be_on_the_tape():
    with GradientTape() as tape:
        y_true = tape.watch(np.array([[0.0, 1.0]]))
        result = losses.hinge(y_true, np.array([[0.5, 0.5]]))
    np.testing.assert_allclose(tape.gradient(result, y_true), [[-0.5, -0.5]])
