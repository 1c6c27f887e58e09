"""Every metric in Keras and here: over several batches, weighted and not; configs and names."""

import warnings

import keras
import numpy as np
import pytest

from kerasish import metrics

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(1)
CLASSES = 4


def _softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).astype("float32")


def _numbers(shape=(9, 3)):
    return RNG.normal(size=shape).astype("float32"), RNG.normal(size=shape).astype("float32")


def _vectors():
    return _numbers((9,))


def _positive():
    return RNG.uniform(0.1, 3, (9, 3)).astype("float32"), RNG.uniform(0.1, 3, (9, 3)).astype("float32")


def _binary(shape=(9, 1)):
    return RNG.integers(0, 2, shape).astype("float32"), RNG.uniform(0, 1, shape).astype("float32")


def _binary_vector():
    return _binary((9,))


def _binary_rows():
    return _binary((9, 3))


def _binary_logits():
    return _binary()[0], RNG.normal(size=(9, 1)).astype("float32")


def _signs():
    return RNG.choice([-1.0, 1.0], (9, 3)).astype("float32"), RNG.normal(size=(9, 3)).astype("float32")


def _one_hot(shape=(9,)):
    return np.eye(CLASSES, dtype="float32")[RNG.integers(0, CLASSES, shape)], _softmax(
        RNG.normal(size=(*shape, CLASSES))
    )


def _one_hot_logits():
    return _one_hot()[0], RNG.normal(size=(9, CLASSES)).astype("float32")


def _sparse(shape=(9,)):
    return RNG.integers(0, CLASSES, shape), _softmax(RNG.normal(size=(*shape, CLASSES)))


def _sparse_column():
    y_true, y_pred = _sparse()
    return y_true[:, None], y_pred


def _sparse_sequences():
    return _sparse((9, 5))


def _sparse_logits():
    return _sparse()[0], RNG.normal(size=(9, CLASSES)).astype("float32")


def _labels():
    return RNG.integers(0, CLASSES, (9,)), RNG.integers(0, CLASSES, (9,))


def _sorted_ids():
    return RNG.integers(0, CLASSES, (9,)), np.argsort(RNG.normal(size=(9, CLASSES)), axis=-1)


def _distributions():
    return _softmax(RNG.normal(size=(9, CLASSES))), _softmax(RNG.normal(size=(9, CLASSES)))


def _multi_hot():
    return RNG.integers(0, 2, (9, 3)), RNG.uniform(0, 1, (9, 3)).astype("float32")


CASES = [
    ("Accuracy", {}, _labels),
    ("BinaryAccuracy", {}, _binary),
    ("BinaryAccuracy", {"threshold": 0.3}, _binary_rows),
    ("CategoricalAccuracy", {}, _one_hot),
    ("CategoricalAccuracy", {}, lambda: _one_hot((9, 5))),
    ("SparseCategoricalAccuracy", {}, _sparse),
    ("SparseCategoricalAccuracy", {}, _sparse_column),
    ("SparseCategoricalAccuracy", {}, _sparse_sequences),
    ("TopKCategoricalAccuracy", {"k": 2}, _one_hot),
    ("TopKCategoricalAccuracy", {"k": 3}, lambda: _one_hot((9, 5))),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, _sparse),
    ("SparseTopKCategoricalAccuracy", {"k": 1}, _sparse_sequences),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, _sorted_ids),
    ("MeanSquaredError", {}, _numbers),
    ("MeanSquaredError", {}, lambda: _numbers((9, 2, 3))),
    ("RootMeanSquaredError", {}, _numbers),
    ("RootMeanSquaredError", {}, _vectors),
    ("MeanAbsoluteError", {}, _numbers),
    ("MeanAbsolutePercentageError", {}, _numbers),
    ("MeanSquaredLogarithmicError", {}, _positive),
    ("CosineSimilarity", {}, _numbers),
    ("LogCoshError", {}, _numbers),
    ("R2Score", {}, _numbers),
    ("R2Score", {"class_aggregation": None}, _numbers),
    ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, _numbers),
    ("KLDivergence", {}, _distributions),
    ("Poisson", {}, _positive),
    ("BinaryCrossentropy", {}, _binary_rows),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, _binary_logits),
    ("CategoricalCrossentropy", {}, _one_hot),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, _one_hot_logits),
    ("SparseCategoricalCrossentropy", {}, _sparse),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, _sparse),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, _sparse_logits),
    ("Hinge", {}, _signs),
    ("SquaredHinge", {}, _signs),
    ("CategoricalHinge", {}, _one_hot_logits),
    ("PearsonCorrelation", {}, _numbers),
    ("ConcordanceCorrelation", {}, _numbers),
    ("TruePositives", {}, _binary),
    ("TruePositives", {"thresholds": [0.7, 0.1, 0.45]}, _binary_rows),
    ("FalsePositives", {"thresholds": 0.3}, _binary_vector),
    ("TrueNegatives", {"thresholds": [0.0, 0.5, 1.0]}, _binary),
    ("FalseNegatives", {}, _binary_rows),
    ("Precision", {}, _binary),
    ("Precision", {"thresholds": [0.2, 0.8]}, _binary_rows),
    ("Precision", {"top_k": 2}, _multi_hot),
    ("Precision", {"top_k": 2, "class_id": 1}, _multi_hot),
    ("Precision", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, _binary),
    ("Recall", {}, _binary_vector),
    ("Recall", {"class_id": 2}, _multi_hot),
    ("Recall", {"top_k": 1}, _multi_hot),
    ("SensitivityAtSpecificity", {"specificity": 0.4}, _binary),
    ("SpecificityAtSensitivity", {"sensitivity": 0.6, "num_thresholds": 50}, _binary),
    ("PrecisionAtRecall", {"recall": 0.5}, _binary_rows),
    ("PrecisionAtRecall", {"recall": 0.5, "class_id": 1}, _multi_hot),
    ("RecallAtPrecision", {"precision": 0.5}, _binary),
    ("RecallAtPrecision", {"precision": 0.5, "num_thresholds": 1}, _binary),
    ("AUC", {}, _binary),
    ("AUC", {"curve": "PR"}, _binary),
    ("AUC", {"curve": "PRGAIN"}, _binary),
    ("AUC", {"curve": "PR", "summation_method": "majoring", "num_thresholds": 20}, _binary),
    ("AUC", {"summation_method": "minoring", "num_thresholds": 10}, _binary_vector),
    ("AUC", {"thresholds": [0.9, 0.1, 0.5, 0.3]}, _binary_rows),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, _binary_rows),
    ("AUC", {"from_logits": True}, _binary_logits),
    ("AUC", {"multi_label": True}, _multi_hot),
    ("AUC", {"multi_label": True, "num_labels": 3, "label_weights": [0.2, 0.5, 1.0], "curve": "PR"}, _multi_hot),
    ("AUC", {"multi_label": True, "thresholds": [0.1, 0.2, 0.7]}, _multi_hot),
    ("AUC", {"label_weights": [0.2, 0.5, 1.0]}, _multi_hot),
    ("FBetaScore", {}, _multi_hot),
    ("FBetaScore", {"average": "micro", "beta": 2.0, "threshold": 0.4}, _multi_hot),
    ("FBetaScore", {"average": "macro", "beta": 0.5, "threshold": 0.4}, _multi_hot),
    ("FBetaScore", {"average": "weighted"}, _one_hot),
    ("F1Score", {}, _one_hot),
    ("F1Score", {"average": "weighted", "threshold": 0.3}, _multi_hot),
    ("IoU", {"num_classes": CLASSES, "target_class_ids": [0, 2]}, _labels),
    ("IoU", {"num_classes": CLASSES, "target_class_ids": [1], "sparse_y_pred": False}, _sparse),
    ("IoU", {"num_classes": CLASSES, "target_class_ids": [1, 3], "ignore_class": 0, "dtype": "float32"}, _labels),
    ("BinaryIoU", {"target_class_ids": [0, 1], "threshold": 0.3}, _binary),
    ("MeanIoU", {"num_classes": CLASSES}, _labels),
    ("MeanIoU", {"num_classes": 2}, _labels),
    ("OneHotIoU", {"num_classes": CLASSES, "target_class_ids": [1, 2]}, _one_hot),
    ("OneHotMeanIoU", {"num_classes": CLASSES}, _one_hot),
]
IDS = [f"{name}-{','.join(map(str, arguments)) or 'default'}-{i}" for i, (name, arguments, _) in enumerate(CASES)]
# Keras's configs leave these out, so that its copy of such a metric has the default. Ours keep what is not the default.
KEPT = ("CosineSimilarity",)


def both(which, /, **arguments):
    return getattr(keras.metrics, which)(**arguments), getattr(metrics, which)(**arguments)


def check_equal(theirs, ours):
    expected, found = np.asarray(theirs.result()), np.asarray(ours.result())
    assert found.shape == expected.shape and found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6)


@pytest.mark.filterwarnings("ignore:.*float.*int:UserWarning")
@pytest.mark.filterwarnings("ignore:.*fractions of sample weights:UserWarning")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "arguments", "data"), CASES, ids=IDS)
def test_over_batches(name, arguments, data, weighted):
    theirs, ours = both(name, name="mine", **arguments)
    for _ in range(3):
        y_true, y_pred = data()
        weights = {"sample_weight": RNG.uniform(0, 3, len(y_true)).astype("float32")} if weighted else {}
        theirs.update_state(y_true, y_pred, **weights)
        ours.update_state(y_true, y_pred, **weights)
        check_equal(theirs, ours)
    for v, w in zip(theirs.variables, ours.variables, strict=True):
        assert (v.shape, v.dtype, v.name, v.path) == (w.shape, w.dtype, w.name, w.path)
        np.testing.assert_allclose(w.numpy(), np.asarray(v), rtol=2e-5, atol=2e-5)
    theirs.reset_state()
    ours.reset_state()
    y_true, y_pred = data()
    np.testing.assert_allclose(ours(y_true, y_pred), np.asarray(theirs(y_true, y_pred)), rtol=2e-5, atol=2e-6)


WEIGHTED = [
    *[(shape, None) for shape in ((), (5,), (5, 1), (5, 2, 3))],
    *[(shape, ()) for shape in ((), (5,), (5, 1), (5, 2, 3))],
    *[(shape, (5,)) for shape in ((5,), (5, 1), (5, 2, 3))],
    *[((5, 1), (5, 1)), ((5, 2, 3), (5, 1)), ((5, 2, 3), (5, 2)), ((5, 2, 3), (5, 2, 3))],
]


@pytest.mark.parametrize("name", ["Mean", "Sum"])
@pytest.mark.parametrize(("shape", "weights"), WEIGHTED)
def test_reductions(name, shape, weights):
    theirs, ours = both(name)
    for _ in range(3):
        values = RNG.normal(size=shape).astype("float32")
        weight = None if weights is None else RNG.uniform(size=weights).astype("float32")
        theirs.update_state(values, sample_weight=weight)
        ours.update_state(values, sample_weight=weight)
    check_equal(theirs, ours)


@pytest.mark.parametrize("name", ["MeanSquaredError", "SparseCategoricalAccuracy", "BinaryAccuracy", "Accuracy"])
def test_weights_of_each_step(name):
    make = {
        "MeanSquaredError": lambda: _numbers((4, 5, 2)),
        "SparseCategoricalAccuracy": lambda: _sparse((4, 5)),
        "BinaryAccuracy": lambda: _binary((4, 5)),
        "Accuracy": lambda: (RNG.integers(0, 2, (4, 5)), RNG.integers(0, 2, (4, 5))),
    }[name]
    theirs, ours = both(name)
    for _ in range(2):
        y_true, y_pred = make()
        weights = RNG.uniform(0, 2, (4, 5)).astype("float32")
        theirs.update_state(y_true, y_pred, sample_weight=weights)
        ours.update_state(y_true, y_pred, sample_weight=weights)
    check_equal(theirs, ours)


@pytest.mark.parametrize("name", ["AUC", "Precision", "TruePositives"])
def test_confusion_with_a_weight_for_each_prediction(name):
    theirs, ours = both(name)
    y_true, y_pred = _multi_hot()
    weights = RNG.uniform(0, 2, y_pred.shape).astype("float32")
    theirs.update_state(y_true, y_pred, sample_weight=weights)
    ours.update_state(y_true, y_pred, sample_weight=weights)
    check_equal(theirs, ours)


@pytest.mark.parametrize("curve", ["ROC", "PR"])
def test_predictions_on_the_thresholds_themselves(curve):
    theirs, ours = both("AUC", curve=curve, num_thresholds=11)
    y_pred = np.tile(np.arange(11, dtype="float32") / 10, 3)
    y_true = RNG.integers(0, 2, 33)
    theirs.update_state(y_true, y_pred)
    ours.update_state(y_true, y_pred)
    check_equal(theirs, ours)


@pytest.mark.parametrize(("name", "arguments"), [(name, arguments) for name, arguments, _ in CASES], ids=IDS)
def test_configs(name, arguments):
    theirs, ours = both(name, name="mine", **arguments)
    expected = theirs.get_config()
    if expected.get("label_weights") is not None:
        expected["label_weights"] = [0.2, 0.5, 1.0]
    assert ours.get_config() == expected
    again = metrics.deserialize(metrics.serialize(ours))
    assert type(again) is type(ours) and again.get_config() == ours.get_config()
    back = keras.metrics.deserialize(metrics.serialize(ours))
    assert type(back) is type(theirs)
    if not expected.get("label_weights"):
        assert metrics.serialize(ours) == keras.metrics.serialize(theirs)
        assert back.get_config() == expected
        assert metrics.deserialize(keras.metrics.serialize(theirs)).get_config() == expected


def test_a_config_keeps_an_axis():
    ours = metrics.CosineSimilarity(axis=0)
    assert metrics.deserialize(metrics.serialize(ours))._fn_kwargs == {"axis": 0}
    assert keras.metrics.deserialize(metrics.serialize(ours))._fn_kwargs == {"axis": 0}


def test_a_wrapped_function_goes_both_ways():
    theirs = keras.metrics.MeanMetricWrapper(keras.losses.huber, name="mine", delta=2.0)
    ours = metrics.MeanMetricWrapper(metrics.huber, name="mine", delta=2.0)
    assert ours.get_config() == theirs.get_config()
    for again in (metrics.deserialize(keras.metrics.serialize(theirs)), metrics.deserialize(metrics.serialize(ours))):
        assert again._fn is metrics.huber and again._fn_kwargs == {"delta": 2.0}
    assert keras.metrics.deserialize(metrics.serialize(ours))._fn is keras.losses.huber


def test_every_name_that_keras_knows():
    from keras.src.metrics import ALL_OBJECTS_DICT

    from kerasish.metrics.serialization import NAMES

    assert {name: cls.__name__ for name, cls in ALL_OBJECTS_DICT.items()} == NAMES


@pytest.mark.parametrize("name", ["accuracy", "auc", "AUC", "mse", "MSE", "cosine_similarity", "precision", "f1_score"])
def test_names_give_instances(name):
    found, expected = metrics.get(name), keras.metrics.get(name)
    assert type(found).__name__ == type(expected).__name__
    assert found._direction == expected._direction


@pytest.mark.parametrize("name", ["acc", "no_such_metric", "logcosh"])
def test_names_that_are_none(name):
    with pytest.raises(ValueError):
        keras.metrics.get(name)
    with pytest.raises(ValueError, match=name):
        metrics.get(name)


def test_public_names():
    theirs = {n for n in dir(keras.metrics) if not n.startswith("_")}
    assert theirs == set(metrics.__all__)
    from kerasish import losses

    assert metrics.mean_squared_error is losses.mean_squared_error


@pytest.mark.parametrize(
    ("name", "arguments", "data"),
    [
        ("binary_accuracy", {"threshold": 0.3}, _binary_rows),
        ("categorical_accuracy", {}, _one_hot),
        ("sparse_categorical_accuracy", {}, _sparse_column),
        ("top_k_categorical_accuracy", {"k": 2}, _one_hot),
        ("sparse_top_k_categorical_accuracy", {"k": 2}, _sparse_sequences),
        ("pearson_correlation", {"axis": 0}, _numbers),
        ("concordance_correlation", {}, _numbers),
    ],
)
def test_functions(name, arguments, data):
    y_true, y_pred = data()
    expected = np.asarray(getattr(keras.metrics, name)(y_true, y_pred, **arguments))
    found = getattr(metrics, name)(y_true, y_pred, **arguments)
    assert found.shape == expected.shape and found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)


def test_the_direction_of_every_metric():
    for name in {name for name, _, _ in CASES}:
        arguments = next(a for n, a, _ in CASES if n == name)
        theirs, ours = both(name, **arguments)
        assert getattr(ours, "_direction", None) == getattr(theirs, "_direction", None), name


def test_stateless_methods():
    theirs, ours = both("MeanSquaredError")
    y_true, y_pred = _numbers()
    ours.update_state(y_true, y_pred)
    before = ours.result()
    state = ours.stateless_reset_state()
    other = theirs.stateless_reset_state()
    for _ in range(2):
        y_true, y_pred = _numbers()
        state = ours.stateless_update_state(state, y_true, y_pred)
        other = theirs.stateless_update_state(other, y_true, y_pred)
    np.testing.assert_allclose(ours.stateless_result(state), theirs.stateless_result(other), rtol=1e-6)
    assert ours.result() == before


def test_adjusted_r2_of_too_few_samples_warns_as_keras_does():
    theirs, ours = both("R2Score", num_regressors=4)
    y_true, y_pred = _numbers((4, 1))
    theirs.update_state(y_true, y_pred)
    ours.update_state(y_true, y_pred)
    with pytest.warns(UserWarning):
        expected = float(theirs.result())
    with pytest.warns(UserWarning, match="adjusted R2"):
        found = float(ours.result())
    assert abs(found - expected) < 1e-5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_equal(*_updated("R2Score", y_true, y_pred))


def _updated(name, y_true, y_pred):
    pair = both(name)
    for metric in pair:
        metric.update_state(y_true, y_pred)
    return pair
