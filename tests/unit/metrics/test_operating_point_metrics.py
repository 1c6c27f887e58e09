import pytest

from kerasish import metrics

NAMES = [
    ("SensitivityAtSpecificity", "specificity"),
    ("SpecificityAtSensitivity", "sensitivity"),
    ("PrecisionAtRecall", "recall"),
    ("RecallAtPrecision", "precision"),
]


@pytest.mark.parametrize(("name", "argument"), NAMES)
def test_wrong_arguments_are_named(name, argument):
    with pytest.raises(ValueError, match=argument):
        getattr(metrics, name)(1.5)
    with pytest.raises(ValueError, match="num_thresholds"):
        getattr(metrics, name)(0.5, num_thresholds=0)


@pytest.mark.parametrize(("name", "argument"), NAMES)
def test_what_cannot_be_reached_gives_zero(name, argument):
    metric = getattr(metrics, name)(1.0)
    metric.update_state([0, 1], [1.0, 0.0])
    assert metric.result() == 0.0
