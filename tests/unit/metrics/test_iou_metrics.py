import numpy as np
import pytest

from kerasish import metrics


def test_a_target_class_out_of_range():
    with pytest.raises(ValueError, match="target_class_ids"):
        metrics.IoU(num_classes=2, target_class_ids=[2])


def test_labels_out_of_range_do_not_count():
    metric = metrics.MeanIoU(num_classes=2)
    metric.update_state([0, 1, 255, -1], [0, 1, 1, 0])
    assert metric.total_cm.numpy().tolist() == [[1, 0], [0, 1]]


def test_fractions_of_weights_are_warned_of():
    metric = metrics.MeanIoU(num_classes=2)
    with pytest.warns(UserWarning, match="float32"):
        metric.update_state([0, 1], [0, 1], sample_weight=[0.5, 1.5])
    assert metric.total_cm.numpy().tolist() == [[0, 0], [0, 1]]


def test_images_with_classes_in_the_first_axis():
    y_true = np.eye(3)[np.array([[0, 1], [2, 2]])]
    metric = metrics.OneHotMeanIoU(num_classes=3, axis=0)
    metric.update_state(np.moveaxis(y_true, -1, 0), np.moveaxis(y_true, -1, 0))
    assert abs(float(metric.result()) - 1) < 1e-6


def test_as_many_labels_as_predictions():
    with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
        metrics.MeanIoU(num_classes=2).update_state([0, 1], [0, 1, 1])
