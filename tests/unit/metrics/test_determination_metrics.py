import numpy as np
import pytest

from kerasish import metrics


def test_perfect_predictions_score_one_and_the_mean_scores_zero():
    y_true = np.array([[1.0], [2.0], [4.0]])
    metric = metrics.R2Score()
    assert metric(y_true, y_true) == 1.0
    metric.reset_state()
    assert abs(float(metric(y_true, np.full((3, 1), y_true.mean())))) < 1e-6


@pytest.mark.parametrize("arguments", [{"class_aggregation": "sum"}, {"num_regressors": -1}])
def test_wrong_arguments_are_named(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        metrics.R2Score(**arguments)


def test_inputs_of_another_rank():
    with pytest.raises(ValueError, match=r"\(batch, outputs\)"):
        metrics.R2Score().update_state(np.ones(3), np.ones(3))
