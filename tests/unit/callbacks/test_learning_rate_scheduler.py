from types import SimpleNamespace

import numpy as np
import pytest

from kerasish.callbacks import LearningRateScheduler

EPOCHS = [{"loss": 1.0}] * 3


def test_a_function_of_epoch_and_rate(model, fit):
    fit(model, [LearningRateScheduler(lambda epoch, rate: rate / 2)], EPOCHS)
    assert model.history.history["learning_rate"] == [0.25, 0.125, 0.0625]


def test_a_function_of_the_epoch_alone(model, fit):
    fit(model, [LearningRateScheduler(lambda epoch: 1.0 / (epoch + 1))], EPOCHS)
    assert model.history.history["learning_rate"] == pytest.approx([1, 1 / 2, 1 / 3])


def test_an_error_inside_the_schedule_is_not_hidden(model, fit):
    with pytest.raises(TypeError, match="unsupported operand"):
        fit(model, [LearningRateScheduler(lambda epoch, rate: rate + "1")], EPOCHS)


@pytest.mark.parametrize("value", [np.float32(0.25), np.float64(0.25), np.array(0.25, "float32")])
def test_scalars_of_numpy(model, fit, value):
    fit(model, [LearningRateScheduler(lambda epoch, rate: value)], EPOCHS)
    assert model.optimizer.learning_rate == 0.25 and type(model.optimizer.learning_rate) is float


@pytest.mark.parametrize("value", [1, "0.1", None, np.array([0.1]), np.array(1)])
def test_what_is_no_float_is_refused(model, fit, value):
    with pytest.raises(ValueError, match=r"for epoch 0 it gave .*" + type(value).__name__):
        fit(model, [LearningRateScheduler(lambda epoch, rate: value)], EPOCHS)


def test_an_optimizer_without_a_rate_is_an_error(model, fit):
    model.optimizer = SimpleNamespace()
    with pytest.raises(ValueError, match="`learning_rate`"):
        fit(model, [LearningRateScheduler(lambda epoch, rate: rate)], EPOCHS)


def test_it_says_so(model, fit, capsys):
    fit(model, [LearningRateScheduler(lambda epoch: 0.5, verbose=1)], EPOCHS[:1])
    assert capsys.readouterr().out == "Epoch 1: LearningRateScheduler setting learning rate to 0.5.\n"


def test_every_optimizer_of_several(model, fit):
    inner = [SimpleNamespace(name=name, learning_rate=rate) for name, rate in (("a", 0.5), ("b", 0.25))]
    model.optimizer = SimpleNamespace(optimizers=inner)
    fit(model, [LearningRateScheduler(lambda epoch, rate: rate / 2)], EPOCHS[:1])
    assert model.history.history == {"loss": [1.0], "learning_rate_a": [0.25], "learning_rate_b": [0.125]}
