import operator
from types import SimpleNamespace

import pytest

from kerasish.callbacks.monitor_callback import MonitorCallback


def metric(name, direction):
    return SimpleNamespace(name=name, _direction=direction)


def monitor_op(name, mode="auto", metrics=()):
    callback = MonitorCallback(name, mode)
    callback.set_model(SimpleNamespace(metrics=[SimpleNamespace(name="compile_metrics", metrics=list(metrics))]))
    callback._set_monitor_op()
    return callback.monitor_op


@pytest.mark.parametrize("name", ["loss", "val_loss", "val_out_loss", "head_loss"])
def test_losses_shrink(name):
    assert monitor_op(name) is operator.lt


@pytest.mark.parametrize("name", ["acc", "val_acc", "accuracy", "val_binary_accuracy", "auc", "val_fmeasure"])
def test_some_names_grow_even_where_the_model_does_not_know_them(name):
    assert monitor_op(name) is operator.gt


@pytest.mark.parametrize("direction, expected", [("up", operator.gt), ("down", operator.lt)])
@pytest.mark.parametrize("name", ["score", "val_score", "val_out_score"])
def test_a_metric_tells_its_direction(direction, expected, name):
    assert monitor_op(name, metrics=[metric("score", direction)]) is expected


def test_the_longest_name_that_fits_decides():
    metrics = [metric("error", "down"), metric("accuracy_error", "up")]
    assert monitor_op("out_accuracy_error", metrics=metrics) is operator.gt


def test_an_explicit_mode_wins():
    assert monitor_op("val_loss", "max") is operator.gt
    assert monitor_op("val_accuracy", "min") is operator.lt


@pytest.mark.parametrize("metrics", [[], [metric("other", "up")], [metric("vaccine", None)]])
def test_a_metric_without_direction_is_an_error(metrics):
    with pytest.raises(ValueError, match=r"monitor='val_vaccine'.*mode='min' or mode='max'"):
        monitor_op("val_vaccine", metrics=metrics)


def test_an_unknown_mode_is_taken_as_auto():
    with pytest.warns(UserWarning, match="mode='minimum'"):
        assert MonitorCallback(mode="minimum").mode == "auto"


@pytest.mark.parametrize(
    "mode, min_delta, value, reference, expected",
    [
        ("min", 0, 1.0, 2.0, True),
        ("min", 0, 2.0, 2.0, False),
        ("min", 0.5, 1.75, 2.0, False),
        ("min", -0.5, 1.25, 2.0, True),
        ("max", 0, 2.0, 1.0, True),
        ("max", 0.5, 2.25, 2.0, False),
        ("max", 0.5, 2.75, 2.0, True),
        ("max", 0, float("nan"), 2.0, False),
        ("min", 0, 3.0, None, True),
    ],
)
def test_what_counts_as_better(mode, min_delta, value, reference, expected):
    assert MonitorCallback("x", mode, min_delta=min_delta)._is_improvement(value, reference) is expected
