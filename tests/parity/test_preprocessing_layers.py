"""Preprocessing and wrapping layers against Keras's: configs, values, adapted states, files in both directions."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import keras
import numpy as np
import pytest

import kerasish
from kerasish import layers

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(3.0, 2.0, (20, 3)).astype("float32")
IMAGES = RNG.normal(1.0, 2.0, (4, 5, 6, 3)).astype("float32")
SEQUENCES = RNG.normal(0.0, 1.0, (4, 5, 3)).astype("float32")
CATEGORIES = RNG.integers(0, 4, (6, 5))
MASK = np.array([[1, 1, 0, 1, 0]] * 4, bool)


class Case(NamedTuple):
    """A layer, made of the package `k`, what it adapts to, and what it is called on."""

    make: Callable[[Any], Any]
    x: Any
    data: Any = None
    call: Mapping[str, Any] = MappingProxyType({})


def batches(array: np.ndarray, size: int = 6) -> list[np.ndarray]:
    return [array[i : i + size] for i in range(0, len(array), size)]


CASES = {
    "Normalization": Case(lambda k: k.layers.Normalization(), FEATURES, FEATURES * 2),
    "Normalization not adapted": Case(lambda k: k.layers.Normalization(), FEATURES),
    "Normalization of all": Case(lambda k: k.layers.Normalization(axis=None), FEATURES, FEATURES),
    "Normalization of images": Case(lambda k: k.layers.Normalization(axis=(1, -1)), IMAGES, IMAGES),
    "Normalization of an inner axis": Case(lambda k: k.layers.Normalization(axis=[1]), IMAGES, IMAGES),
    "Normalization of batches": Case(lambda k: k.layers.Normalization(), FEATURES, batches(FEATURES)),
    "Normalization of whole numbers": Case(lambda k: k.layers.Normalization(), CATEGORIES, CATEGORIES),
    "Normalization inverted": Case(lambda k: k.layers.Normalization(invert=True), FEATURES, FEATURES),
    "Normalization given": Case(lambda k: k.layers.Normalization(mean=3.0, variance=2.0), FEATURES),
    "Normalization given each": Case(
        lambda k: k.layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 0.0, 2.0], invert=True), FEATURES
    ),
    "Normalization given some": Case(
        lambda k: k.layers.Normalization(axis=(1, 3), mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 2.0]), IMAGES
    ),
    "Normalization in half precision": Case(
        lambda k: k.layers.Normalization(dtype="mixed_float16"), FEATURES, FEATURES
    ),
    "Discretization": Case(lambda k: k.layers.Discretization([0.0, 2.0, 4.5]), FEATURES),
    "Discretization adapted": Case(lambda k: k.layers.Discretization(num_bins=4), FEATURES, FEATURES),
    "Discretization of many": Case(
        lambda k: k.layers.Discretization(num_bins=7, epsilon=0.1), FEATURES, RNG.normal(3, 2, 1000)
    ),
    "Discretization of batches": Case(
        lambda k: k.layers.Discretization(num_bins=5, epsilon=0.05), FEATURES, batches(RNG.normal(3, 2, 300), 64)
    ),
    "Discretization one-hot": Case(lambda k: k.layers.Discretization([0.0, 4.5], output_mode="one_hot"), FEATURES),
    "Discretization one-hot of a column": Case(
        lambda k: k.layers.Discretization([0.0, 4.5], output_mode="one_hot"), FEATURES[:, :1]
    ),
    "Discretization multi-hot": Case(lambda k: k.layers.Discretization([0.0, 4.5], output_mode="multi_hot"), FEATURES),
    "Discretization of sequences": Case(
        lambda k: k.layers.Discretization([0.0, 0.5], output_mode="multi_hot"), SEQUENCES
    ),
    "Discretization counted": Case(lambda k: k.layers.Discretization([0.0, 4.5], output_mode="count"), FEATURES),
    "CategoryEncoding": Case(lambda k: k.layers.CategoryEncoding(4), CATEGORIES),
    "CategoryEncoding one-hot": Case(lambda k: k.layers.CategoryEncoding(4, "one_hot"), CATEGORIES),
    "CategoryEncoding one-hot of a column": Case(
        lambda k: k.layers.CategoryEncoding(4, "one_hot"), CATEGORIES[:, :1]
    ),
    "CategoryEncoding one-hot of a row": Case(lambda k: k.layers.CategoryEncoding(4, "one_hot"), CATEGORIES[0]),
    "CategoryEncoding counted": Case(lambda k: k.layers.CategoryEncoding(4, "count"), CATEGORIES),
    "CategoryEncoding weighed": Case(
        lambda k: k.layers.CategoryEncoding(4, "count"), CATEGORIES, None,
        {"count_weights": RNG.uniform(size=CATEGORIES.shape).astype("float32")},
    ),
    "CategoryEncoding of too few": Case(lambda k: k.layers.CategoryEncoding(3), CATEGORIES),
    "Lambda": Case(lambda k: k.layers.Lambda(k.ops.square), FEATURES),
    "TimeDistributed": Case(lambda k: k.layers.TimeDistributed(k.layers.Dense(2, "tanh", name="d")), SEQUENCES),
    "TimeDistributed of images": Case(lambda k: k.layers.TimeDistributed(k.layers.Flatten(name="f")), IMAGES),
    "TimeDistributed of states": Case(
        lambda k: k.layers.TimeDistributed(k.layers.BatchNormalization(name="b")), SEQUENCES, None, {"training": True}
    ),
    "TimeDistributed masked": Case(
        lambda k: k.layers.TimeDistributed(k.layers.Softmax(name="s")), IMAGES[..., 0], None,
        {"mask": RNG.uniform(size=(4, 5, 6)) > 0.3},
    ),
    "SpectralNormalization": Case(
        lambda k: k.layers.SpectralNormalization(k.layers.Dense(2, name="d"), power_iterations=3), FEATURES, None,
        {"training": True},
    ),
    "SpectralNormalization at rest": Case(
        lambda k: k.layers.SpectralNormalization(k.layers.Dense(2, name="d")), FEATURES
    ),
}  # fmt: skip


def _pair(name: str) -> tuple[Any, Any]:
    """Both layers, adapted to the same data."""
    case = CASES[name]
    ours, theirs = case.make(kerasish), case.make(keras)
    if case.data is not None:
        ours.adapt(case.data)
        _adapt(theirs, case.data)
    return ours, theirs


def _adapt(layer: Any, data: Any) -> None:
    """What Keras's `adapt` does, which needs TensorFlow unless a Normalization adapts to one array."""
    if not isinstance(layer, keras.layers.Discretization):
        layer.adapt(np.concatenate(data) if isinstance(data, list) and isinstance(layer, keras.Layer) else data)
        return
    for batch in data if isinstance(data, list) else [data]:
        layer.update_state(batch)
    layer.finalize_state()


def _with_same_weights(name: str) -> tuple[Any, Any]:
    ours, theirs = _pair(name)
    x = CASES[name].x
    ours(x)
    if not theirs.built:
        theirs.build(x.shape)
    rng = np.random.default_rng(1)
    if CASES[name].data is None and theirs.weights and "Normalization not" not in name:
        weights = [rng.uniform(0.5, 1.5, w.shape).astype("float32") for w in theirs.get_weights()]
        ours.set_weights(weights)
        theirs.set_weights(weights)
    return ours, theirs


def _close(ours: Any, theirs: Any) -> None:
    tolerance = 2e-3 if np.asarray(ours).dtype == np.float16 else 2e-5
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=tolerance, atol=tolerance / 4)


@pytest.mark.parametrize("name", [n for n in CASES if n != "Lambda"])
def test_configs_are_equal_and_open_there_and_here(name: str) -> None:
    ours, theirs = _pair(name)
    mine, other = ours.get_config(), theirs.get_config()
    assert re.sub(r"_\d+$", "", mine.pop("name")) == re.sub(r"_\d+$", "", other.pop("name"))
    if mine.get("bin_boundaries"):
        _close(mine.pop("bin_boundaries"), other.pop("bin_boundaries"))
    assert mine == other
    assert type(keras.layers.deserialize(layers.serialize(ours))) is type(theirs)
    again = layers.deserialize(keras.layers.serialize(theirs))
    assert type(again) is type(ours)
    assert type(ours).from_config(ours.get_config()).get_config() == ours.get_config()


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_weights_are_equal(name: str) -> None:
    case = CASES[name]
    ours, theirs = case.make(kerasish), case.make(keras)
    assert ours.built == theirs.built
    assert ours.supports_masking == theirs.supports_masking
    made, expected = (
        layer(k.Input(case.x.shape[1:], dtype=str(case.x.dtype))) for k, layer in ((kerasish, ours), (keras, theirs))
    )
    assert made.shape == expected.shape
    assert made.dtype == expected.dtype
    assert ours.compute_output_shape((None, *case.x.shape[1:])) == made.shape
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert [w.trainable for w in ours.weights] == [w.trainable for w in theirs.weights]
    assert ours.get_build_config() == theirs.get_build_config()


@pytest.mark.parametrize("name", CASES)
def test_values_and_states_are_equal(name: str) -> None:
    case = CASES[name]
    ours, theirs = _with_same_weights(name)
    for _ in range(2):
        y, expected = ours(case.x, **case.call), np.asarray(theirs(case.x, **case.call))
        assert y.dtype == expected.dtype
        _close(y, expected)
    for mine, other in zip(ours.weights, theirs.weights, strict=True):
        _close(mine.numpy(), other.numpy())


@pytest.mark.parametrize(
    "name",
    [
        "Normalization", "Normalization given", "Normalization inverted", "TimeDistributed",
        "TimeDistributed of states", "TimeDistributed masked", "SpectralNormalization at rest",
    ],
)  # fmt: skip
def test_gradients_are_equal(name: str) -> None:
    case = CASES[name]
    ours, theirs = _with_same_weights(name)

    def loss(trainable: Any, x: Any, fixed: Any) -> Any:
        y, _ = theirs.stateless_call(trainable, fixed, x, **case.call)
        return (y * y).sum()

    weights = [v.value for v in theirs.trainable_variables]
    expected = jax.grad(loss, (0, 1))(weights, case.x, [v.value for v in theirs.non_trainable_variables])
    with kerasish.GradientTape() as tape:
        x = tape.watch(case.x)
        y = ours(x, **case.call)
        value = (y * y).sum()
    found = tape.gradient(value, [*ours.trainable_variables, x])
    for mine, other in zip(found, jax.tree_util.tree_leaves(expected), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-4 * max(1.0, float(np.abs(other).max())))


FILED = ["Normalization", "Normalization given each", "Discretization adapted", "Discretization counted",
         "CategoryEncoding", "TimeDistributed", "SpectralNormalization"]  # fmt: skip


@pytest.mark.parametrize(("writer", "reader"), [(kerasish, keras), (keras, kerasish)], ids=["to Keras", "from Keras"])
@pytest.mark.parametrize("file", ["model.keras", "model.h5", "directory"])
@pytest.mark.parametrize("name", FILED)
def test_files_open_there_and_here(writer: Any, reader: Any, file: str, name: str, tmp_path: Path) -> None:
    case = CASES[name]
    layer = case.make(writer)
    if case.data is not None:
        _adapt(layer, case.data)
    model = writer.Sequential([writer.Input(case.x.shape[1:], dtype=str(case.x.dtype)), layer])
    model.save(tmp_path / file, zipped=None if "." in file else False)
    copy = reader.saving.load_model(tmp_path / file)
    _close(copy.predict(case.x, verbose=0), model.predict(case.x, verbose=0))


@pytest.mark.parametrize(
    "make",
    [
        lambda k: k.layers.Normalization(mean=1.0),
        lambda k: k.layers.Normalization(mean=1.0, variance=[1.0]),
        lambda k: k.layers.Normalization(axis=None, mean=[1.0], variance=[1.0]),
        lambda k: k.layers.Normalization(axis=3)(FEATURES),
        lambda k: k.layers.Normalization()(k.Input((None,))),
        lambda k: _adapted_to_two(k.layers.Normalization()),
        lambda k: k.layers.Discretization(),
        lambda k: k.layers.Discretization([1.0], num_bins=3),
        lambda k: k.layers.Discretization(num_bins=-1),
        lambda k: k.layers.Discretization([1.0], output_mode="many"),
        lambda k: k.layers.Discretization([1.0], sparse=True),
        lambda k: k.layers.Discretization([1.0]).adapt(FEATURES),
        lambda k: k.layers.Discretization(num_bins=3)(FEATURES),
        lambda k: k.layers.CategoryEncoding(),
        lambda k: k.layers.CategoryEncoding(0),
        lambda k: k.layers.CategoryEncoding(3, "int"),
        lambda k: k.layers.CategoryEncoding(4)(CATEGORIES, count_weights=CATEGORIES),
        lambda k: k.layers.Wrapper(3),
        lambda k: k.layers.TimeDistributed("dense"),
        lambda k: k.layers.TimeDistributed(k.layers.Dense(2))(FEATURES),
        lambda k: k.layers.TimeDistributed(k.layers.Softmax())(SEQUENCES, mask=np.ones((4, 3), bool)),
        lambda k: k.layers.TimeDistributed(k.layers.Softmax())(SEQUENCES, mask=np.ones(4, bool)),
        lambda k: k.layers.SpectralNormalization(k.layers.Dense(2), power_iterations=0),
        lambda k: k.layers.SpectralNormalization(k.layers.Flatten())(FEATURES),
        lambda k: k.layers.Lambda(3),
        lambda k: k.layers.Lambda(lambda x: x.nothing).compute_output_shape((None, 3)),
    ],
)
def test_mistakes_raise_the_same_kind_of_error(make: Any) -> None:
    with pytest.raises(Exception) as theirs:
        make(keras)
    with pytest.raises(theirs.type):
        make(kerasish)


def _adapted_to_two(layer: Any) -> None:
    layer.adapt(FEATURES)
    layer.adapt(FEATURES[:, :2])


def test_a_model_trains_with_what_keras_adapted() -> None:
    y = FEATURES.sum(1, keepdims=True)

    def make(k: Any) -> Any:
        layer = k.layers.Normalization()
        layer.adapt(FEATURES)
        model = k.Sequential([k.Input((3,)), layer, k.layers.Dense(1, kernel_initializer="ones")])
        model.compile(k.optimizers.SGD(0.1), "mse")
        return model.fit(FEATURES, y, epochs=3, batch_size=5, shuffle=False, verbose=0).history["loss"]

    np.testing.assert_allclose(make(kerasish), make(keras), rtol=1e-4)
