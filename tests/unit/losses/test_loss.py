import numpy as np
import pytest

from kerasish import losses
from kerasish.backend.tape import GradientTape
from kerasish.losses.loss import Loss, LossFunctionWrapper


class Cubed(Loss):
    def call(self, y_true, y_pred):
        return np.mean(np.absolute(y_true - y_pred) ** 3, axis=-1)


def test_a_loss_of_ones_own():
    loss = Cubed()
    assert loss.name.startswith("cubed") and loss.dtype == "float32"
    assert loss(np.array([[0], [2]]), np.array([[1.0], [4.0]])) == 4.5
    assert loss(np.array([[0], [2]]), np.array([[1.0], [4.0]])).dtype == "float32"
    assert loss([[0], [2]], [[1.0], [4.0]], sample_weight=[1, 0]) == 0.5


def test_its_gradient():
    with GradientTape() as tape:
        y_pred = tape.watch(np.array([[1.0], [4.0]], "float32"))
        result = Cubed()(np.array([[0], [2]]), y_pred)
    np.testing.assert_allclose(tape.gradient(result, y_pred), [[1.5], [6.0]])


def test_a_loss_without_call_says_so():
    with pytest.raises(NotImplementedError, match="Loss needs a method `call"):
        Loss()([1.0], [1.0])


def test_an_unknown_reduction():
    with pytest.raises(ValueError, match="reduction must be one of"):
        losses.MeanSquaredError(reduction="auto")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtype(dtype):
    loss = losses.MeanSquaredError(dtype=dtype)
    assert loss.dtype == dtype
    assert loss(np.ones((2, 2)), np.zeros((2, 2))).dtype == dtype


def test_structures():
    def total(y_true, y_pred):
        return np.absolute(y_true["a"] - y_pred["a"]) + np.absolute(y_true["b"] - y_pred["b"])

    loss = LossFunctionWrapper(total, name="total")
    y_true = {"a": np.ones((2, 1)), "b": np.ones(2)}
    y_pred = {"a": np.zeros((2, 1)), "b": np.zeros((2, 1))}
    assert loss(y_true, y_pred) == 2.0


def test_a_wrapped_function_keeps_its_arguments_in_its_config():
    loss = LossFunctionWrapper(losses.huber, name="mine", reduction="sum", delta=2.0)
    config = loss.get_config()
    assert config["delta"] == 2.0 and config["name"] == "mine" and config["reduction"] == "sum"
    again = LossFunctionWrapper.from_config(config)
    assert again.fn is losses.huber and again._fn_kwargs == {"delta": 2.0}
    assert "huber" in repr(again)


def test_masked_values_do_not_count():
    loss = losses.MeanSquaredError()
    y_true, y_pred = np.zeros((3, 2)), np.array([[1, 1], [5, 5], [3, 3]])
    assert loss.masked(y_true, y_pred, mask=np.array([True, False, True])) == 5.0


def test_ignored_classes_and_masks_together():
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    y_true, y_pred = np.array([0, 1, 1, 1]), np.zeros((4, 2), "float32")
    y_pred[2] = 100.0, 0.0
    found = loss.masked(y_true, y_pred, mask=np.array([True, True, False, True]))
    np.testing.assert_allclose(found, np.log(2), rtol=1e-6)
