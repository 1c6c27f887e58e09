"""Layers against Keras's: configs, shapes, names, values, and the gradients of weights and inputs."""

import re
from typing import Any

import jax
import keras
import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.backend import nest
from tests import layer_cases
from tests.layer_cases import Case

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("quick_weights")]


SEQUENCE = (2, 4, 6)
IMAGE = (2, 4, 6, 3)
VOLUME = (2, 4, 5, 6, 3)


def _is_elsewhere(kind: str) -> bool:
    """Whether a layer's values have a file of their own, with its masks and states, or its random pictures."""
    layer = getattr(layers, kind)
    families = ("attention", "preprocessing", "recurrent")
    return layer.__module__.split(".")[2] in families and kind != "Rescaling"


CASES = {
    kind: [case for case in cases.cases if case.whole is None]
    for kind, cases in layer_cases.CASES.items()
    if not _is_elsewhere(kind)
}
CASES = {kind: cases for kind, cases in CASES.items() if cases}


def _pair(case: Case) -> tuple[Any, Any]:
    return case.make(kerasish), case.make(keras)


def _weights(layer: Any) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.uniform(0.5, 1.5, w.shape).astype("float32") for w in layer.get_weights()]


def _with_same_weights(case: Case) -> tuple[Any, Any]:
    """Both layers, built, with the same random weights."""
    ours, theirs = _pair(case)
    x = case.data()
    ours(x)
    theirs.build([s.shape for s in x] if isinstance(x, list) else x.shape)
    ours.set_weights(_weights(theirs))
    theirs.set_weights(_weights(theirs))
    return ours, theirs


def _open(shape: Any) -> Any:
    """The shape with the number of samples unknown."""
    return [_open(s) for s in shape] if isinstance(shape, list) else (None, *shape)


def _close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=2e-5, atol=3e-6)


def _rounded(config: Any) -> Any:
    """A config with its numbers to six digits: Keras gives those of some regularizers as float32 has them."""
    return nest.map_structure(lambda leaf: float(f"{leaf:.6g}") if isinstance(leaf, float) else leaf, config)


@pytest.mark.parametrize("kind", CASES)
def test_configs_are_equal_and_open_there_and_here(kind):
    for case in CASES[kind]:
        ours, theirs = _pair(case)
        mine, other = ours.get_config(), theirs.get_config()
        assert re.sub(r"_\d+$", "", mine.pop("name")) == re.sub(r"_\d+$", "", other.pop("name"))
        if "layer" not in mine:  # an inner layer has a name of its own
            assert _rounded(mine) == _rounded(other), case
        if "function" in mine:
            continue
        assert type(keras.layers.deserialize(layers.serialize(ours))) is type(theirs)
        again = layers.deserialize(keras.layers.serialize(theirs))
        assert type(again) is type(ours)
        assert "layer" in mine or _rounded({**again.get_config(), "name": ""}) == _rounded({**mine, "name": ""})
        assert type(ours).from_config(ours.get_config()).get_config() == ours.get_config()


@pytest.mark.parametrize("kind", CASES)
def test_shapes_and_weights_are_equal(kind):
    for case in CASES[kind]:
        ours, theirs = _pair(case)
        assert ours.built == theirs.built
        assert ours.supports_masking == theirs.supports_masking
        shape = _open(case.shape)
        made, expected = ours(case.symbols(kerasish)), theirs(case.symbols(keras))
        assert len(made.shape) == len(expected.shape), case
        # EinsumDense knows more
        assert all(n == m or m is None for n, m in zip(made.shape, expected.shape, strict=True)), case
        assert made.dtype == expected.dtype, case
        assert ours.compute_output_shape(shape) == made.shape
        assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
        assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
        assert [w.trainable for w in ours.weights] == [w.trainable for w in theirs.weights]
        assert len(ours.variables) == len(theirs.variables)
        assert ours.get_build_config() == theirs.get_build_config()


class _Stepped:
    """A case here and in Keras, and its loss as a function of what Keras watches."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.ours, self.theirs = _with_same_weights(case)
        rng = np.random.default_rng(2)
        self.scale = rng.uniform(0.5, 1.5, np.shape(self.ours(case.data()))).astype("float32")
        self.weights = [v.value for v in self.theirs.trainable_variables]
        self.states = [v.value for v in self.theirs.non_trainable_variables]
        self.watches_inputs = case.of == "float32"

    def loss(self, watched: Any, inputs: Any, states: Any) -> Any:
        weights, x = watched if self.watches_inputs else (watched[0], inputs)
        y, states = self.theirs.stateless_call(weights, states, x, **self.case.call)
        return (self.scale * y * y).sum(), (y, states)

    def compare(self, x: Any, expected: Any, gradients: Any) -> None:
        """Our loss, values, states and gradients with Keras's, for these inputs."""
        expected_loss, (expected, self.states) = expected
        with kerasish.GradientTape() as tape:
            inputs = tape.watch(x) if self.watches_inputs else x
            y = self.ours(inputs, **self.case.call)
            value = (self.scale * y * y).sum()
        assert y.dtype == expected.dtype
        _close(y, expected)
        _close(value, expected_loss)
        _compare_states(self.ours, self.states)
        watched = [self.ours.trainable_variables, *([inputs] if self.watches_inputs else [])]
        _compare_gradients(nest.flatten(tape.gradient(value, watched)), gradients)


@pytest.mark.parametrize("kind", CASES)
def test_values_states_and_gradients_are_equal(kind):
    steps = [_Stepped(case) for case in CASES[kind]]

    def all_steps(watched: Any, inputs: Any, states: Any) -> Any:
        parts = zip(steps, watched, inputs, states, strict=True)
        return [jax.value_and_grad(s.loss, has_aux=True)(w, x, state) for s, w, x, state in parts]

    compiled = jax.jit(all_steps)  # all cases at once: most of the time goes into compiling, by the call
    for seed in range(3 if any(s.states for s in steps) else 1):  # states move on from call to call
        inputs = [s.case.data(seed=seed) for s in steps]
        watched = [[s.weights, x] if s.watches_inputs else [s.weights] for s, x in zip(steps, inputs, strict=True)]
        for s, x, (expected, gradients) in zip(
            steps, inputs, compiled(watched, inputs, [s.states for s in steps]), strict=True
        ):
            try:
                s.compare(x, expected, gradients)
            except AssertionError as error:
                raise AssertionError(f"{s.case}: {error}") from error


@pytest.mark.parametrize("kind", ["ActivityRegularization", "PReLU", "Embedding"])
def test_penalties_are_equal(kind):
    count = 0
    for case in CASES[kind]:
        x = case.data()
        ours, theirs = _with_same_weights(case)
        for _ in range(2):  # those of an earlier call are forgotten
            ours(x), theirs(x)
        assert len(ours.losses) == len(theirs.losses)
        count += len(ours.losses)
        for one, other in zip(ours.losses, theirs.losses, strict=True):
            _close(one, other)
    assert count


def _compare_states(ours: Any, states: list[Any]) -> None:
    for a, b in zip(ours.non_trainable_variables, states, strict=True):
        if "seed" not in a.path:
            _close(a, b)


def _compare_gradients(found: list[Any], expected: Any) -> None:
    expected = jax.tree_util.tree_leaves(expected)
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        a = np.zeros(b.shape) if a is None else a  # of a weight that the answer does not depend on
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4 * max(1.0, float(np.abs(b).max())))


@pytest.mark.parametrize(
    "make",
    [
        lambda k: k.layers.Dropout(1.1),
        lambda k: k.layers.Dropout(-0.1),
        lambda k: k.layers.Dropout(0.5, noise_shape=(None, 0)),
        lambda k: k.layers.Dropout(0.5, noise_shape=3),
        lambda k: k.layers.GaussianDropout(2),
        lambda k: k.layers.GaussianNoise(-1),
        lambda k: k.layers.AlphaDropout(2.0),
        lambda k: k.layers.SpatialDropout1D(0.5)(np.ones(IMAGE, "float32"), training=True),
        lambda k: k.layers.SpatialDropout2D(0.5, "channels"),
        lambda k: k.layers.Activation("nothing"),
        lambda k: k.layers.ReLU(max_value=-1),
        lambda k: k.layers.ReLU(negative_slope=None),
        lambda k: k.layers.ReLU(threshold=-1),
        lambda k: k.layers.LeakyReLU(None),
        lambda k: k.layers.Softmax()(np.ones((2, 3), "float32"), mask=np.ones(4, bool)),
        lambda k: k.layers.Embedding(0, 2),
        lambda k: k.layers.Embedding("many", 2),
        lambda k: k.layers.Embedding(3, 2, weights=[np.ones((4, 2))]),
        lambda k: k.layers.EinsumDense("ab,bc", 4)(np.ones((2, 3), "float32")),
        lambda k: k.layers.EinsumDense("ab,bc,cd->ad", 4)(np.ones((2, 3), "float32")),
        lambda k: k.layers.EinsumDense("ab,bc->ad", 4)(np.ones((2, 3), "float32")),
        lambda k: k.layers.EinsumDense("ab,bc->ac", 4, bias_axes="x")(np.ones((2, 3), "float32")),
        lambda k: k.layers.EinsumDense("abc,cd->abd", (3, 5))(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.Reshape((-1, -1)),
        lambda k: k.layers.Reshape((-2, 4)),
        lambda k: k.layers.Reshape(24),
        lambda k: k.layers.Reshape((5,))(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.Reshape((-1, 5))(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.Reshape((5, 3)).compute_output_shape((None, 4, 3)),
        lambda k: k.layers.Permute((1, 3)),
        lambda k: k.layers.Permute((0, 1)),
        lambda k: k.layers.RepeatVector(2.0),
        lambda k: k.layers.RepeatVector(0),
        lambda k: k.layers.Cropping1D((1, 2, 3)),
        lambda k: k.layers.Cropping1D(-1),
        lambda k: k.layers.Cropping1D(2)(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.Cropping2D((1, 2, 3)),
        lambda k: k.layers.Cropping2D(((2, 2), (0, 1)))(np.ones(IMAGE, "float32")),
        lambda k: k.layers.Cropping3D((1, 2)),
        lambda k: k.layers.ZeroPadding1D(-1),
        lambda k: k.layers.ZeroPadding2D((1, 2, 3)),
        lambda k: k.layers.UpSampling1D(0),
        lambda k: k.layers.UpSampling1D(2.5),
        lambda k: k.layers.UpSampling2D((0, 3)),
        lambda k: k.layers.UpSampling2D((2, 3, 4)),
        lambda k: k.layers.Conv1D(0, 3),
        lambda k: k.layers.Conv1D(2, 0),
        lambda k: k.layers.Conv1D(2, (2, 2)),
        lambda k: k.layers.Conv1D(2, 3, strides=2, dilation_rate=2),
        lambda k: k.layers.Conv1D(2, 5)(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.Conv2D(2, 3, padding="causal"),
        lambda k: k.layers.Conv2D(2, 3, data_format="last"),
        lambda k: k.layers.Conv2D(3, 3, groups=2),
        lambda k: k.layers.Conv2D(4, 3, groups=2)(np.ones(IMAGE, "float32")),
        lambda k: k.layers.Conv2D(4, 3)(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.Conv2D(4, 3)(np.ones(VOLUME, "float32")),
        lambda k: k.layers.Conv3D(4, 3).compute_output_shape(IMAGE),
        lambda k: k.layers.Conv1DTranspose(2, 3, padding="causal"),
        lambda k: k.layers.Conv2DTranspose(0, 3),
        lambda k: k.layers.Conv2DTranspose(2, 3, strides=2, dilation_rate=2),
        lambda k: k.layers.Conv2DTranspose(2, 3, (2, 3), output_padding=2),
        lambda k: k.layers.Conv2DTranspose(2, 3, output_padding=-1),
        lambda k: k.layers.Conv1DTranspose(2, 3)(k.Input((4, None))),
        lambda k: k.layers.DepthwiseConv1D(3, depth_multiplier=0),
        lambda k: k.layers.DepthwiseConv1D(3, padding="causal"),
        lambda k: k.layers.DepthwiseConv2D(5)(np.ones(IMAGE, "float32")),
        lambda k: k.layers.SeparableConv1D(0, 3),
        lambda k: k.layers.SeparableConv1D(2, 3, depth_multiplier=-1),
        lambda k: k.layers.SeparableConv2D(2, 3, strides=0),
        lambda k: k.layers.SeparableConv2D(2, 5)(np.ones(IMAGE, "float32")),
        lambda k: k.layers.BatchNormalization(renorm=True, renorm_clipping={"max": 1.0}),
        lambda k: k.layers.BatchNormalization(renorm=True, renorm_clipping={"rmin": 2.0, "rmax": 1.0}),
        lambda k: k.layers.BatchNormalization(renorm=True, renorm_clipping={"dmax": -1.0}),
        lambda k: k.layers.BatchNormalization(axis=3).compute_output_shape((None, 3)),
        lambda k: k.layers.BatchNormalization()(k.Input((None,))),
        lambda k: k.layers.BatchNormalization()(np.ones(SEQUENCE, "float32"), training=True, mask=np.ones(SEQUENCE)),
        lambda k: k.layers.LayerNormalization(axis="last"),
        lambda k: k.layers.LayerNormalization(axis=1.5),
        lambda k: k.layers.GroupNormalization(4)(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.GroupNormalization(7)(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.GroupNormalization(0)(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.GroupNormalization(3)(k.Input((None, None))),
        lambda k: k.layers.UnitNormalization(axis="last"),
        lambda k: k.layers.Add()(np.ones((2, 3), "float32")),
        lambda k: k.layers.Add()([np.ones((2, 3), "float32"), np.ones((2, 4), "float32")]),
        lambda k: k.layers.Add()([np.ones((2, 3), "float32"), np.ones((3, 3), "float32")]),
        lambda k: k.layers.Subtract()([np.ones((2, 3), "float32")] * 3),
        lambda k: k.layers.Concatenate()(np.ones((2, 3), "float32")),
        lambda k: k.layers.Concatenate(axis=1)([np.ones((2, 4, 3), "float32"), np.ones((2, 4, 6), "float32")]),
        lambda k: k.layers.Concatenate(axis=5)([np.ones((2, 4, 3), "float32")] * 2),
        lambda k: k.layers.MaxPooling2D(0),
        lambda k: k.layers.MaxPooling2D((2, 2, 2)),
        lambda k: k.layers.MaxPooling2D(2.5),
        lambda k: k.layers.MaxPooling2D(2, strides=-1),
        lambda k: k.layers.MaxPooling2D(data_format="channels"),
        lambda k: k.layers.MaxPooling2D(padding="full")(np.ones(IMAGE, "float32")),
        lambda k: k.layers.MaxPooling2D(5)(k.Input((4, 6, 3))),
        lambda k: k.layers.MaxPooling2D(5).compute_output_shape((None, 4, 6, 3)),
        lambda k: k.layers.MaxPooling2D()(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.AveragePooling2D(),
        lambda k: k.layers.GlobalMaxPooling2D()(np.ones(SEQUENCE, "float32")),
        lambda k: k.layers.GlobalMaxPooling1D()(np.ones((2, 0, 3), "float32")),
        lambda k: k.layers.GlobalAveragePooling1D("channels"),
        lambda k: k.layers.GlobalAveragePooling1D()(np.ones(SEQUENCE, "float32"), mask=np.ones((2, 3))),
        lambda k: k.layers.AdaptiveMaxPooling1D((2, 3)),
        lambda k: k.layers.AdaptiveMaxPooling1D(2.5),
        lambda k: k.layers.AdaptiveAveragePooling2D((2, 3, 4)),
        lambda k: k.layers.AdaptiveAveragePooling3D("many"),
        lambda k: k.layers.AdaptiveAveragePooling3D(2, "channels"),
        lambda k: k.layers.AdaptiveAveragePooling1D(2)(np.ones(IMAGE, "float32")),
        lambda k: k.layers.Dot(axes="last"),
        lambda k: k.layers.Dot(axes=(1, 2, 3)),
        lambda k: k.layers.Dot(axes=(1.0, 2)),
        lambda k: k.layers.Dot(axes=0)([np.ones((2, 3), "float32")] * 2),
        lambda k: k.layers.Dot(axes=1)([np.ones((2, 3), "float32")]),
        lambda k: k.layers.Dot(axes=2)([np.ones((2, 4, 3), "float32"), np.ones((2, 4, 6), "float32")]),
    ],
)
def test_mistakes_raise_the_same_kind_of_error(make):
    with pytest.raises(Exception) as theirs:
        make(keras)
    with pytest.raises(theirs.type):
        make(kerasish)


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate", "dot"])
def test_functions_of_lists_are_equal(name):
    x = [np.array([[1.0, 5.0]], "float32"), np.array([[4.0, 2.0]], "float32")]
    _close(getattr(layers, name)(x), getattr(keras.layers, name)(x))


@pytest.mark.parametrize(
    "make",
    [
        lambda k: k.layers.BatchNormalization(dtype="mixed_float16"),
        lambda k: k.layers.LayerNormalization(dtype="mixed_float16"),
        lambda k: k.layers.GroupNormalization(3, dtype="mixed_float16"),
        lambda k: k.layers.RMSNormalization(dtype="mixed_float16"),
        lambda k: k.layers.UnitNormalization(dtype="mixed_float16"),
        lambda k: k.layers.Softmax(dtype="mixed_float16"),
        lambda k: k.layers.Rescaling(0.5, dtype="mixed_float16"),
        lambda k: k.layers.PReLU("ones", dtype="mixed_float16"),
        lambda k: k.layers.Conv1D(3, 2, activation="relu", kernel_initializer="ones", dtype="mixed_float16"),
        lambda k: k.layers.Conv1DTranspose(3, 2, 2, kernel_initializer="ones", dtype="mixed_float16"),
        lambda k: k.layers.DepthwiseConv1D(2, depthwise_initializer="ones", dtype="mixed_float16"),
        lambda k: k.layers.SeparableConv1D(
            3, 2, depthwise_initializer="ones", pointwise_initializer="ones", dtype="mixed_float16"
        ),
        lambda k: k.layers.MaxPooling1D(2, dtype="mixed_float16"),
        lambda k: k.layers.AveragePooling1D(3, padding="same", dtype="mixed_float16"),
        lambda k: k.layers.GlobalAveragePooling1D(dtype="mixed_float16"),
        lambda k: k.layers.AdaptiveAveragePooling1D(3, dtype="mixed_float16"),
    ],
)
def test_half_precision_is_equal(make):
    x = np.random.default_rng(0).normal(size=(2, 4, 6)).astype("float32")
    ours, theirs = make(kerasish), make(keras)
    mine, other = ours(x), np.asarray(theirs(x))
    assert mine.dtype == other.dtype == np.float16
    np.testing.assert_allclose(mine.astype("float32"), other.astype("float32"), rtol=4e-3, atol=1e-3)
