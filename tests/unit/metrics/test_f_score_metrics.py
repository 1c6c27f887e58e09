import numpy as np
import pytest

from kerasish import metrics


@pytest.mark.parametrize(
    "arguments", [{"average": "mean"}, {"beta": 1}, {"beta": -1.0}, {"threshold": 1}, {"threshold": 1.5}]
)
def test_wrong_arguments_are_named(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        metrics.FBetaScore(**arguments)


def test_inputs_of_another_rank():
    with pytest.raises(ValueError, match=r"\(batch, classes\)"):
        metrics.F1Score().update_state(np.ones(3), np.ones(3))


def test_a_micro_average_counts_all_classes_together():
    y_true, y_pred = np.array([[1, 0], [1, 1]]), np.array([[0.9, 0.8], [0.1, 0.7]])
    metric = metrics.F1Score(average="micro", threshold=0.5)
    metric.update_state(y_true, y_pred)
    assert abs(float(metric.result()) - 2 / 3) < 1e-6
