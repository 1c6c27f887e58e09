import numpy as np
import pytest

from kerasish import losses, metrics
from kerasish.metrics.reduction_metrics import MeanMetricWrapper, reduce_to_samplewise_values


def test_masked_values_do_not_count():
    values, weights = reduce_to_samplewise_values([1.0, 2.0, 3.0], None, np.mean, "float32", mask=[True, False, True])
    assert values.tolist() == [1.0, 0.0, 3.0] and weights.tolist() == [1.0, 0.0, 1.0]


def test_without_data_the_mean_is_zero():
    assert metrics.Mean().result() == 0.0
    metric = metrics.Mean()
    metric.update_state(np.zeros((0, 3)))
    assert metric.result() == 0.0


def test_a_mean_of_whole_numbers():
    metric = metrics.Mean(dtype="int32")
    metric.update_state(np.array([[1, 3], [5, 7]]))
    assert metric.result() == 4.0


def test_a_result_is_not_the_state():
    metric = metrics.Sum()
    metric.update_state([1.0])
    first = metric.result()
    metric.update_state([1.0])
    assert first == 1.0 and metric.result() == 2.0


def test_weights_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"sample_weight has shape \(5,\).*\(2,\)"):
        metrics.Mean().update_state(np.ones((2, 3)), sample_weight=np.ones(5))


def test_a_wrapped_function():
    def distance(y_true, y_pred, power=1):
        return np.absolute(y_true - y_pred) ** power

    metric = MeanMetricWrapper(distance, name="distance", power=2)
    metric.update_state([1.0, 2.0], [2.0, 5.0])
    assert metric.result() == 5.0 and not hasattr(metric, "_direction")
    config = metric.get_config()
    assert config["power"] == 2 and config["fn"]["config"] == "distance"


def test_a_wrapped_loss_goes_down_and_is_made_anew():
    metric = MeanMetricWrapper(losses.huber, name="huber", delta=2.0)
    assert metric._direction == "down"
    again = MeanMetricWrapper.from_config(metric.get_config())
    assert again._fn is losses.huber and again._fn_kwargs == {"delta": 2.0} and again.name == "huber"
