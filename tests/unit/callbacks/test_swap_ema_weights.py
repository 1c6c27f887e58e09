from types import SimpleNamespace

import pytest

from kerasish.backend.variable import Variable
from kerasish.callbacks import SwapEMAWeights


@pytest.fixture
def averaged(model):
    weights, averages = [Variable(1.0), Variable(2.0)], [Variable(10.0), Variable(20.0)]
    model.optimizer = SimpleNamespace(use_ema=True, _trainable_variables=weights, _slots={"average": averages})
    model.values = lambda: (float(weights[0]), float(averages[0]), float(weights[1]), float(averages[1]))
    return model


def on(model, **arguments):
    swap = SwapEMAWeights(**arguments)
    swap.set_model(model)
    swap.set_params({"epochs": 2})
    return swap


@pytest.mark.parametrize("kind", ["test", "predict"])
def test_the_average_is_in_the_model_for_the_time_of(averaged, kind):
    swap = on(averaged)
    getattr(swap, f"on_{kind}_begin")()
    assert averaged.values() == (10.0, 1.0, 20.0, 2.0)
    getattr(swap, f"on_{kind}_end")()
    assert averaged.values() == (1.0, 10.0, 2.0, 20.0)


def test_at_the_end_of_epochs_only_if_asked_for(averaged):
    swap = on(averaged)
    swap.on_epoch_end(0)
    assert averaged.values() == (1.0, 10.0, 2.0, 20.0)


def test_from_the_end_of_an_epoch_to_the_next_begin(averaged):
    swap = on(averaged, swap_on_epoch=True)
    swap.on_epoch_begin(0)
    assert averaged.values() == (1.0, 10.0, 2.0, 20.0)
    swap.on_epoch_end(0)
    assert averaged.values() == (10.0, 1.0, 20.0, 2.0)
    swap.on_epoch_begin(1)
    assert averaged.values() == (1.0, 10.0, 2.0, 20.0)
    swap.on_epoch_end(1)
    assert averaged.values() == (10.0, 10.0, 20.0, 20.0)


def test_an_early_end_keeps_the_average_too(averaged):
    swap = on(averaged, swap_on_epoch=True)
    averaged.stop_training = True
    swap.on_epoch_end(0)
    assert averaged.values() == (10.0, 10.0, 20.0, 20.0)


def test_an_optimizer_inside_another(averaged):
    averaged.optimizer = SimpleNamespace(inner_optimizer=averaged.optimizer)
    on(averaged).on_test_begin()
    assert averaged.values() == (10.0, 1.0, 20.0, 2.0)


def test_several_optimizers_of_which_one_averages(averaged):
    averaged.optimizer = SimpleNamespace(optimizers=[SimpleNamespace(use_ema=False, _slots={}), averaged.optimizer])
    on(averaged).on_test_begin()
    assert averaged.values() == (10.0, 1.0, 20.0, 2.0)


def test_without_an_average_it_is_an_error(model):
    model.optimizer = SimpleNamespace(use_ema=False, _slots={})
    with pytest.raises(ValueError, match=r"use_ema=True.*use_ema=False"):
        on(model).on_test_begin()
