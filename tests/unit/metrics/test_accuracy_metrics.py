import numpy as np
import pytest

from kerasish import metrics


@pytest.mark.parametrize("name", ["Accuracy", "BinaryAccuracy"])
def test_shapes_that_differ_are_named(name):
    with pytest.raises(ValueError, match=r"\(3, 1\).*\(3, 2\)"):
        getattr(metrics, name)().update_state(np.ones((3, 1)), np.ones((3, 2)))


def test_one_hot_labels_for_the_sparse_accuracy():
    with pytest.raises(ValueError, match="categorical_accuracy"):
        metrics.sparse_categorical_accuracy(np.eye(3), np.eye(3))


def test_a_prediction_that_is_no_number_is_in_no_top():
    y_pred = np.array([[np.nan, np.nan], [0.1, 0.9]])
    assert metrics.sparse_top_k_categorical_accuracy([0, 1], y_pred, k=1).tolist() == [0.0, 1.0]


def test_a_top_larger_than_the_number_of_classes_holds_all():
    assert metrics.sparse_top_k_categorical_accuracy([0, 1], np.eye(2), k=5).tolist() == [1.0, 1.0]


def test_a_label_out_of_range():
    with pytest.raises(ValueError, match="2 classes"):
        metrics.sparse_top_k_categorical_accuracy([2], np.eye(2)[:1])


def test_booleans_and_bytes_are_labels():
    y_pred = np.array([[0.9], [0.2]])
    for kind in (bool, "uint8", "float64"):
        assert metrics.binary_accuracy(np.array([[1], [1]], kind), y_pred).tolist() == [[1.0], [0.0]]
