"""Every loss in Keras and here: values, gradients, configs, names."""

import jax
import keras
import numpy as np
import pytest

from kerasish import losses
from kerasish.backend.tape import GradientTape

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)
CLASSES = 4


def _softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).astype("float32")


def _numbers(shape=(6, CLASSES)):
    return RNG.normal(size=shape).astype("float32"), RNG.normal(size=shape).astype("float32")


def _positive(shape=(6, CLASSES)):
    return RNG.uniform(0.1, 3, shape).astype("float32"), RNG.uniform(0.1, 3, shape).astype("float32")


def _binary(shape=(6, CLASSES)):
    return RNG.integers(0, 2, shape).astype("float32"), RNG.uniform(0.02, 0.98, shape).astype("float32")


def _binary_logits(shape=(6, CLASSES)):
    return RNG.integers(0, 2, shape).astype("float32"), RNG.normal(size=shape).astype("float32")


def _signs(shape=(6, CLASSES)):
    return RNG.choice([-1.0, 1.0], shape).astype("float32"), RNG.normal(size=shape).astype("float32")


def _one_hot(shape=(6,)):
    labels = RNG.integers(0, CLASSES, shape)
    return np.eye(CLASSES, dtype="float32")[labels], _softmax(RNG.normal(size=(*shape, CLASSES)))


def _one_hot_logits(shape=(6,)):
    y, _ = _one_hot(shape)
    return y, RNG.normal(size=(*shape, CLASSES)).astype("float32")


def _sparse(shape=(6,)):
    return RNG.integers(0, CLASSES, shape), _softmax(RNG.normal(size=(*shape, CLASSES)))


def _sparse_logits(shape=(6,)):
    return RNG.integers(0, CLASSES, shape), RNG.normal(size=(*shape, CLASSES)).astype("float32")


def _distributions(shape=(6, CLASSES)):
    return _softmax(RNG.normal(size=shape)), _softmax(RNG.normal(size=shape))


def _embeddings():
    e = RNG.normal(size=(8, 5)).astype("float32")
    return np.array([0, 0, 1, 1, 2, 2, 2, 3]), e / np.linalg.norm(e, axis=1, keepdims=True)


def _sequences():
    labels = np.array([[1, 2, 2], [3, 0, 0], [1, 3, 0], [2, 1, 2], [0, 0, 0], [3, 3, 0]])
    return labels, RNG.normal(size=(6, 7, CLASSES)).astype("float32")


# The class, its arguments, the data it is for.
CASES = [
    ("MeanSquaredError", {}, _numbers),
    ("MeanSquaredError", {}, lambda: _numbers((3, 4, 5))),
    ("MeanAbsoluteError", {}, _numbers),
    ("MeanAbsolutePercentageError", {}, _numbers),
    ("MeanSquaredLogarithmicError", {}, _positive),
    ("CosineSimilarity", {}, _numbers),
    ("CosineSimilarity", {"axis": 0}, _numbers),
    ("Huber", {}, _numbers),
    ("Huber", {"delta": 0.3}, _numbers),
    ("LogCosh", {}, _numbers),
    ("Hinge", {}, _signs),
    ("Hinge", {}, _binary_logits),
    ("SquaredHinge", {}, _signs),
    ("CategoricalHinge", {}, _one_hot_logits),
    ("KLDivergence", {}, _distributions),
    ("Poisson", {}, _positive),
    ("BinaryCrossentropy", {}, _binary),
    ("BinaryCrossentropy", {}, lambda: _binary((6, 1))),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, _binary),
    ("BinaryCrossentropy", {"from_logits": True}, _binary_logits),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2, "axis": 0}, _binary_logits),
    ("BinaryFocalCrossentropy", {}, _binary),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5}, _binary),
    ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, _binary_logits),
    ("CategoricalCrossentropy", {}, _one_hot),
    ("CategoricalCrossentropy", {}, lambda: _one_hot((3, 5))),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, _one_hot),
    ("CategoricalCrossentropy", {"from_logits": True}, _one_hot_logits),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, _one_hot_logits),
    ("CategoricalCrossentropy", {"axis": 1}, lambda: tuple(np.moveaxis(a, -1, 1) for a in _one_hot((3, 5)))),
    ("CategoricalFocalCrossentropy", {}, _one_hot),
    ("CategoricalFocalCrossentropy", {"alpha": [0.1, 0.2, 0.3, 0.4], "gamma": 1.5}, _one_hot),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, _one_hot_logits),
    ("SparseCategoricalCrossentropy", {}, _sparse),
    ("SparseCategoricalCrossentropy", {}, lambda: _sparse((3, 5))),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, _sparse_logits),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 0}, _sparse_logits),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 2}, lambda: _sparse_logits((3, 5))),
    ("Dice", {}, _binary),
    ("Dice", {"axis": (1,)}, _binary),
    ("Tversky", {"alpha": 0.3, "beta": 0.8}, _binary),
    ("Tversky", {"axis": [1]}, _binary),
    ("Circle", {"gamma": 2.0}, _embeddings),
    ("Circle", {"gamma": 10.0, "margin": 0.25, "remove_diagonal": False}, _embeddings),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.7}, _sparse),
    ("CTC", {}, _sequences),
]
IDS = [f"{name}-{','.join(map(str, arguments)) or i}" for i, (name, arguments, _) in enumerate(CASES)]
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]
EVERY = sorted({name for name, _, _ in CASES})
# Keras's configs leave these out, so that its copy of such a loss has the default. Ours keep what is not the default.
KEPT = {"Huber": {"delta": 0.3}, "CosineSimilarity": {"axis": 0}}


def both(which, /, **arguments):
    return getattr(keras.losses, which)(**arguments), getattr(losses, which)(**arguments)


def check(theirs, ours, y_true, y_pred, **kwargs):
    """The two agree in value and in the gradient with respect to the predictions."""
    expected = np.asarray(theirs(y_true, y_pred, **kwargs))
    value = ours(y_true, y_pred, **kwargs)
    assert np.asarray(value).dtype == np.float32 and np.shape(value) == expected.shape
    np.testing.assert_allclose(value, expected, rtol=2e-5, atol=1e-6)
    slope = jax.grad(lambda p: theirs(y_true, p, **kwargs).sum())(jax.numpy.asarray(y_pred))
    with GradientTape() as tape:
        watched = tape.watch(y_pred)
        result = ours(y_true, watched, **kwargs)
    np.testing.assert_allclose(result.numpy(), expected, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(tape.gradient(result, watched), np.asarray(slope), rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize(("name", "arguments", "data"), CASES, ids=IDS)
def test_value_and_gradient(name, arguments, data):
    check(*both(name, **arguments), *data())


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", [name for name in EVERY if name != "CTC"])  # which Keras compiles every time
def test_reductions_and_weights(name, weighted, reduction):
    y_true, y_pred = next(make for case, _, make in CASES if case == name)()
    arguments = {"gamma": 2.0} if name == "Circle" else {}
    weights = {"sample_weight": RNG.uniform(0, 2, len(y_true)).astype("float32")} if weighted else {}
    check(*both(name, reduction=reduction, **arguments), y_true, y_pred, **weights)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_weights_of_each_value(reduction):
    y_true, y_pred = _sparse((3, 5))
    weights = RNG.uniform(0, 2, (3, 5)).astype("float32")
    theirs, ours = both("SparseCategoricalCrossentropy", reduction=reduction, ignore_class=1)
    check(theirs, ours, y_true, y_pred, sample_weight=weights)


@pytest.mark.parametrize("shapes", [((6,), (6, 1)), ((6, 1), (6,)), ((6, 4, 1), (6, 4)), ((6,), (6,))])
@pytest.mark.parametrize("name", ["MeanSquaredError", "Huber", "BinaryCrossentropy", "Hinge", "Poisson"])
def test_ranks_that_differ_by_one(name, shapes):
    y_true = RNG.integers(0, 2, shapes[0])
    check(*both(name), y_true, RNG.uniform(0.1, 0.9, shapes[1]).astype("float32"))


@pytest.mark.parametrize("name", ["mean_squared_error", "binary_crossentropy", "kl_divergence", "poisson", "log_cosh"])
def test_functions_take_integers_and_lists(name):
    y_true, y_pred = [[0, 1, 1], [1, 0, 0]], [[0.2, 0.3, 0.4], [0.9, 0.5, 0.1]]
    expected = getattr(keras.losses, name)(np.array(y_true), np.array(y_pred, "float32"))
    np.testing.assert_allclose(getattr(losses, name)(y_true, y_pred), expected, rtol=1e-5)
    np.testing.assert_allclose(getattr(losses, name)(np.array(y_true), y_pred), expected, rtol=1e-5)


def test_circle_of_references():
    labels, embeddings = _embeddings()
    more_labels, more = _embeddings()
    arguments = {"ref_labels": more_labels, "ref_embeddings": more, "remove_diagonal": False, "gamma": 3}
    expected = keras.losses.circle(labels, embeddings, **arguments)
    np.testing.assert_allclose(losses.circle(labels, embeddings, **arguments), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments"), [(name, arguments) for name, arguments, _ in CASES], ids=IDS)
def test_configs(name, arguments):
    theirs, ours = both(name, reduction="sum", name="mine", **arguments)
    kept = KEPT.get(name, {}) if arguments else {}
    assert ours.get_config() == theirs.get_config() | kept
    assert losses.serialize(ours) == _with_config(keras.losses.serialize(theirs), kept)
    again = losses.deserialize(losses.serialize(ours))
    assert type(again) is type(ours) and again.get_config() == ours.get_config()
    assert again._fn_kwargs == ours._fn_kwargs
    if name != "CategoricalGeneralizedCrossEntropy":  # Keras cannot read its own config of this one
        back = keras.losses.deserialize(losses.serialize(ours))
        assert type(back) is type(theirs) and back._fn_kwargs == theirs._fn_kwargs
    assert losses.deserialize(keras.losses.serialize(theirs)).get_config() == _without(ours.get_config(), kept)


def _with_config(serialized, more):
    return {**serialized, "config": serialized["config"] | more}


def _without(config, names):
    return {key: value for key, value in config.items() if key not in names}


@pytest.mark.parametrize("name", EVERY)
def test_default_configs_and_names(name):
    theirs, ours = both(name)
    assert ours.get_config() == theirs.get_config()
    assert ours.name == theirs.name and ours.dtype == theirs.dtype


def test_every_name_that_keras_knows():
    from keras.src.losses import ALL_OBJECTS_DICT

    for name, theirs in ALL_OBJECTS_DICT.items():
        if name in ("CTC", "ctc", "LossFunctionWrapper"):
            continue
        found = losses.get(name)
        if isinstance(theirs, type):
            assert type(found).__name__ == theirs.__name__
        else:
            assert found.__name__ == theirs.__name__ and found is getattr(losses, theirs.__name__)


def test_public_names():
    assert {n for n in dir(keras.losses) if not n.startswith("_")} <= set(losses.__all__)
