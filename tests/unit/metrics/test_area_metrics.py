import numpy as np
import pytest

from kerasish import metrics


def _pairs_in_order(y_true, y_pred):
    """The area under the ROC is the share of pairs whose positive has the higher score; ties are half a pair."""
    positive, negative = y_pred[y_true == 1][:, None], y_pred[y_true == 0]
    return np.mean((positive > negative) + 0.5 * (positive == negative))


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_the_share_of_pairs_in_order(seed):
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, 2, 200)
    y_pred = np.clip(0.3 * y_true + rng.uniform(size=200), 0, 1).round(2)
    metric = metrics.AUC(num_thresholds=1001)
    metric.update_state(y_true[:100], y_pred[:100])
    metric.update_state(y_true[100:], y_pred[100:])
    assert abs(float(metric.result()) - _pairs_in_order(y_true, y_pred)) < 2e-3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_thresholds": 1}, "num_thresholds"),
        ({"curve": "LIFT"}, "curve"),
        ({"summation_method": "simpson"}, "summation_method"),
        ({"num_labels": 3}, "multi_label"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        metrics.AUC(**arguments)


def test_columns_need_two_dimensions():
    with pytest.raises(ValueError, match="multi_label"):
        metrics.AUC(multi_label=True).update_state([0, 1], [0.1, 0.9])


def test_a_metric_without_data_is_zero():
    assert metrics.AUC().result() == 0.0
    assert metrics.AUC(curve="PR").result() == 0.0
