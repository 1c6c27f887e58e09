import pytest

from kerasish.callbacks import EarlyStopping


def losses(*values, name="val_loss"):
    return [{name: value} for value in values]


@pytest.mark.parametrize(
    "arguments, values, epochs",
    [
        ({}, [3.0, 2.0, 2.5, 1.0], 3),
        ({"patience": 2}, [3.0, 2.0, 2.5, 2.5, 1.0], 4),
        ({"patience": 2}, [3.0, 2.0, 2.5, 1.0, 2.0], 5),
        ({"patience": 1, "min_delta": 0.5}, [3.0, 2.75, 1.0], 2),
        ({"patience": 1, "min_delta": 0.5}, [3.0, 2.25, 2.0], 3),
        ({"start_from_epoch": 3}, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 5),
        ({"patience": 2, "baseline": 0.5}, [3.0, 2.0, 1.9, 1.95, 1.0], 4),
        ({"patience": 2, "baseline": 2.5}, [3.0, 2.0, 2.5, 2.5, 1.0], 4),
        ({"monitor": "val_acc"}, [0.1, 0.2, 0.15, 0.9], 3),
        ({"mode": "max"}, [0.1, 0.2, 0.15, 0.9], 3),
    ],
)
def test_when_it_stops(model, fit, arguments, values, epochs):
    stop = EarlyStopping(**arguments)
    assert len(fit(model, [stop], losses(*values, name=stop.monitor))) == epochs


def test_the_best_weights_come_back(model, fit, capsys):
    stop = EarlyStopping(patience=1, restore_best_weights=True, verbose=1)
    fit(model, [stop], losses(3.0, 1.0, 2.0, 5.0))
    assert model.weight == 2.0 and stop.best_epoch == 1 and stop.stopped_epoch == 2
    said = "Epoch 3: early stopping\nRestoring model weights from the end of the best epoch: 2.\n"
    assert capsys.readouterr().out == said


def test_the_best_weights_come_back_also_where_it_never_stopped(model, fit):
    fit(model, [EarlyStopping(patience=9, restore_best_weights=True)], losses(3.0, 1.0, 2.0))
    assert model.weight == 2.0


def test_without_restoring_the_last_weights_stay(model, fit):
    fit(model, [EarlyStopping(patience=1)], losses(3.0, 1.0, 2.0, 5.0))
    assert model.weight == 3.0


def test_weights_before_the_first_watched_epoch_are_not_the_best(model, fit):
    fit(
        model,
        [EarlyStopping(start_from_epoch=2, patience=9, restore_best_weights=True)],
        losses(0.0, 0.0, 2.0, 1.5, 3.0),
    )
    assert model.weight == 4.0


def test_it_can_be_used_again(model, fit):
    stop = EarlyStopping()
    assert len(fit(model, [stop], losses(1.0, 2.0, 3.0))) == 2
    assert len(fit(model, [stop], losses(9.0, 8.0, 8.5))) == 3


def test_a_metric_that_is_not_in_the_logs_is_warned_of(model, fit):
    with pytest.warns(UserWarning, match=r"'val_loss', which is not in the logs \(loss\)"):
        assert len(fit(model, [EarlyStopping()], losses(1.0, 2.0, name="loss"))) == 2


def test_a_metric_of_unknown_direction_is_an_error(model, fit):
    with pytest.raises(ValueError, match="EarlyStopping cannot tell"):
        fit(model, [EarlyStopping("val_foo")], losses(1.0, name="val_foo"))
