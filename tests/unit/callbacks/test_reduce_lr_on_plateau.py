from types import SimpleNamespace

import pytest

from kerasish.callbacks import ReduceLROnPlateau


def rates(model, fit, callback, *values):
    fit(model, [callback], [{"val_loss": value} for value in values])
    return model.history.history["learning_rate"]


@pytest.mark.parametrize(
    "arguments, values, expected",
    [
        ({"patience": 1}, [1, 1, 1, 1], [0.5, 0.5, 0.25, 0.125]),
        ({"patience": 2}, [1, 1, 1, 1, 1, 1], [0.5, 0.5, 0.5, 0.25, 0.25, 0.125]),
        ({"patience": 1, "cooldown": 2}, [1, 1, 1, 1, 1], [0.5, 0.5, 0.25, 0.25, 0.125]),
        ({"patience": 1, "min_lr": 0.2}, [1, 1, 1, 1], [0.5, 0.5, 0.25, 0.2]),
        ({"patience": 1, "min_delta": 0.5}, [1, 0.75, 0.25, 0.25], [0.5, 0.5, 0.25, 0.25]),
        ({"patience": 1, "mode": "max"}, [1, 2, 3, 3, 3], [0.5, 0.5, 0.5, 0.5, 0.25]),
    ],
)
def test_when_and_how_far_it_reduces(model, fit, arguments, values, expected):
    assert rates(model, fit, ReduceLROnPlateau(factor=0.5, **arguments), *values) == pytest.approx(expected)


def test_it_says_so(model, fit, capsys):
    rates(model, fit, ReduceLROnPlateau(factor=0.5, patience=1, verbose=1), 1, 1)
    assert capsys.readouterr().out == "Epoch 2: ReduceLROnPlateau reducing learning rate to 0.25.\n"


def test_every_optimizer_of_several(model, fit, capsys):
    inner = [SimpleNamespace(name=name, learning_rate=rate) for name, rate in (("a", 0.5), ("b", 0.125))]
    model.optimizer = SimpleNamespace(optimizers=inner)
    fit(model, [ReduceLROnPlateau(factor=0.5, patience=1, verbose=1, min_lr=0.125)], [{"val_loss": 1.0}] * 2)
    assert [optimizer.learning_rate for optimizer in inner] == [0.25, 0.125]
    assert model.history.history["learning_rate_a"] == [0.5, 0.5]
    assert capsys.readouterr().out == "Epoch 2: ReduceLROnPlateau reducing a learning rate to 0.25.\n"


@pytest.mark.parametrize("factor", [1.0, 2])
def test_a_factor_that_does_not_reduce_is_refused(factor):
    with pytest.raises(ValueError, match=f"factor={factor}"):
        ReduceLROnPlateau(factor=factor)


def test_an_argument_it_does_not_know_is_warned_of():
    with pytest.warns(UserWarning, match="epsilon"):
        ReduceLROnPlateau(epsilon=1)


def test_a_metric_that_is_not_in_the_logs_is_warned_of(model, fit):
    with pytest.warns(UserWarning, match=r"'val_loss', which is not in the logs \(loss, learning_rate\)"):
        fit(model, [ReduceLROnPlateau()], [{"loss": 1.0}])


def test_it_can_be_used_again(model, fit):
    reduce = ReduceLROnPlateau(factor=0.5, patience=1)
    assert rates(model, fit, reduce, 1, 1, 1)[-1] == 0.25
    assert reduce.best == 1
    reduce.on_train_begin()
    assert reduce.best is None and reduce.wait == 0 and not reduce.in_cooldown()
