import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasish.metrics.confusion_counts import BELOW_ALL, count_outcomes, is_evenly_distributed, parse_thresholds


def _count_one_by_one(y_true, y_pred, thresholds, weights):
    counts = np.zeros((4, len(thresholds)))
    for j, threshold in enumerate(np.asarray(thresholds, "float32")):
        for label, score, weight in zip(y_true, y_pred, weights, strict=True):
            outcome = (0 if label else 1) if score > threshold else (3 if label else 2)
            counts[outcome, j] += weight
    return counts


@given(seed=st.integers(0, 999), n=st.integers(0, 20), k=st.integers(1, 6), ties=st.booleans())
def test_counts_equal_counting_one_by_one(seed, n, k, ties):
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, 2, n)
    thresholds = rng.uniform(size=k).round(1 if ties else 9)
    y_pred = rng.uniform(size=n).round(1 if ties else 9).astype("float32")
    weights = rng.uniform(size=n)
    found = count_outcomes(y_true, y_pred, thresholds, sample_weight=weights)
    np.testing.assert_allclose(found, _count_one_by_one(y_true, y_pred, thresholds, weights), atol=1e-5)


@given(seed=st.integers(0, 999), steps=st.integers(2, 50))
def test_even_thresholds_are_counted_alike(seed, steps):
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, 2, 30), rng.uniform(size=30).astype("float32")
    thresholds = np.arange(steps + 1) / steps
    assert is_evenly_distributed(thresholds)
    np.testing.assert_allclose(
        count_outcomes(y_true, y_pred, thresholds, evenly=True), count_outcomes(y_true, y_pred, thresholds)
    )


def test_columns_are_counted_apart():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.integers(0, 2, (20, 3)), rng.uniform(size=(20, 3))
    found = count_outcomes(y_true, y_pred, [0.2, 0.6], multi_label=True)
    for column in range(3):
        alone = count_outcomes(y_true[:, column], y_pred[:, column], [0.2, 0.6])
        np.testing.assert_array_equal(np.array(found)[:, :, column], np.array(alone))


def test_nan_is_above_no_threshold():
    found = count_outcomes([1, 1], [np.nan, 0.9], [0.1, 0.5])
    assert found.true_positives.tolist() == [1, 1] and found.false_negatives.tolist() == [1, 1]
    found = count_outcomes([1, 1], [np.nan, 0.9], [0.0, 0.5, 1.0], evenly=True)
    assert found.true_positives.tolist() == [1, 1, 0]


def test_of_equal_scores_the_first_are_the_largest():
    found = count_outcomes([[1, 0, 0]], [[0.5, 0.5, 0.5]], [BELOW_ALL], top_k=1)
    assert found.true_positives.tolist() == [1] and found.false_positives.tolist() == [0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"class_id": 1}, "class_id"),
        ({"sample_weight": np.ones(3)}, "sample_weight"),
    ],
)
def test_what_does_not_fit_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        count_outcomes([0, 1], [0.1, 0.9], [0.5], **arguments)


def test_shapes_that_differ_are_named():
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        count_outcomes([0, 1, 1], [0.1, 0.9], [0.5])


def test_thresholds():
    assert parse_thresholds(None, 0.5) == [0.5]
    assert parse_thresholds(0.3, 0.5) == [0.3]
    assert parse_thresholds((0, 1), 0.5) == [0, 1]
    with pytest.raises(ValueError, match="from 0 to 1"):
        parse_thresholds([0.5, 1.5], 0.5)
    assert not is_evenly_distributed([0.5]) and not is_evenly_distributed([0.0, 0.4, 1.0])
