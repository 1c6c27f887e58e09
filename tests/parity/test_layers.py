"""Layers against Keras's: configs, shapes, names, values, and the gradients of weights and inputs."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import keras
import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.backend import nest

pytestmark = pytest.mark.parity


class Case(NamedTuple):
    """A layer, made of the package `k`, and the shapes of its inputs; a list of shapes for a list of inputs."""

    make: Callable[[Any], Any]
    shape: Any
    call: Mapping[str, Any] = MappingProxyType({})
    integers: int = 0


SEQUENCE = (2, 4, 6)
IMAGE = (2, 4, 6, 3)
VOLUME = (2, 4, 5, 6, 3)
MASK = np.array([[True, True, False, True], [False, True, True, False]])

CASES = {
    "Activation": Case(lambda k: k.layers.Activation("tanh"), (2, 3)),
    "Activation of a function": Case(lambda k: k.layers.Activation(k.activations.softmax), (2, 3)),
    "Identity": Case(lambda k: k.layers.Identity(), (2, 3)),
    "ReLU": Case(lambda k: k.layers.ReLU(), (3, 5)),
    "ReLU in full": Case(lambda k: k.layers.ReLU(max_value=0.8, negative_slope=0.2, threshold=0.3), (3, 5)),
    "LeakyReLU": Case(lambda k: k.layers.LeakyReLU(0.1), (3, 5)),
    "PReLU": Case(lambda k: k.layers.PReLU("ones"), SEQUENCE),
    "PReLU shared": Case(lambda k: k.layers.PReLU("he_normal", "l2", shared_axes=[1, 2]), IMAGE),
    "ELU": Case(lambda k: k.layers.ELU(0.7), (3, 5)),
    "Softmax": Case(lambda k: k.layers.Softmax(), (3, 5)),
    "Softmax of two axes": Case(lambda k: k.layers.Softmax(axis=(1, 2)), SEQUENCE),
    "Softmax masked": Case(lambda k: k.layers.Softmax(), (2, 4), {"mask": MASK}),
    "Embedding": Case(lambda k: k.layers.Embedding(7, 3), (2, 5), integers=7),
    "Embedding masked": Case(
        lambda k: k.layers.Embedding(7, 3, "normal", "l2", "unit_norm", mask_zero=True), (2, 5), integers=7
    ),
    "EinsumDense": Case(lambda k: k.layers.EinsumDense("abc,cd->abd", (None, 5), "relu", bias_axes="d"), SEQUENCE),
    "EinsumDense of heads": Case(
        lambda k: k.layers.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de", bias_initializer="ones"), SEQUENCE
    ),
    "EinsumDense with dots before": Case(lambda k: k.layers.EinsumDense("...x,xy->...y", 5, bias_axes="y"), SEQUENCE),
    "EinsumDense with dots after": Case(
        lambda k: k.layers.EinsumDense("ab...,bc->ac...", 5, bias_axes="c", bias_initializer="ones"), SEQUENCE
    ),
    "EinsumDense within": Case(lambda k: k.layers.EinsumDense("abc,bd->adc", (3, None), bias_axes="d"), SEQUENCE),
    "Dropout at rest": Case(lambda k: k.layers.Dropout(0.5, noise_shape=[None, 1], seed=3), (3, 5)),
    "GaussianDropout at rest": Case(lambda k: k.layers.GaussianDropout(0.5), (3, 5)),
    "GaussianNoise at rest": Case(lambda k: k.layers.GaussianNoise(0.5, seed=1), (3, 5)),
    "AlphaDropout at rest": Case(lambda k: k.layers.AlphaDropout(0.5, (None, 1)), (3, 5)),
    "SpatialDropout1D at rest": Case(lambda k: k.layers.SpatialDropout1D(0.5), SEQUENCE),
    "SpatialDropout2D at rest": Case(lambda k: k.layers.SpatialDropout2D(0.5, "channels_first"), IMAGE),
    "SpatialDropout3D at rest": Case(lambda k: k.layers.SpatialDropout3D(0.5, seed=1), VOLUME),
    "ActivityRegularization": Case(lambda k: k.layers.ActivityRegularization(0.1, 0.2), (3, 5)),
    "Flatten": Case(lambda k: k.layers.Flatten(), IMAGE),
    "Flatten of channels first": Case(lambda k: k.layers.Flatten("channels_first"), IMAGE),
    "Flatten of numbers": Case(lambda k: k.layers.Flatten(), (3,)),
    "Reshape": Case(lambda k: k.layers.Reshape((3, -1, 2)), SEQUENCE),
    "Permute": Case(lambda k: k.layers.Permute((3, 1, 2)), IMAGE),
    "RepeatVector": Case(lambda k: k.layers.RepeatVector(3), (2, 4)),
    "Cropping1D": Case(lambda k: k.layers.Cropping1D((1, 0)), SEQUENCE),
    "Cropping2D": Case(lambda k: k.layers.Cropping2D(((1, 0), (2, 1))), IMAGE),
    "Cropping2D of channels first": Case(lambda k: k.layers.Cropping2D((2, 1), "channels_first"), IMAGE),
    "Cropping3D": Case(lambda k: k.layers.Cropping3D((1, 2, 1)), VOLUME),
    "ZeroPadding1D": Case(lambda k: k.layers.ZeroPadding1D(2), SEQUENCE),
    "ZeroPadding2D": Case(lambda k: k.layers.ZeroPadding2D(((1, 0), (2, 1))), IMAGE),
    "ZeroPadding2D of channels first": Case(lambda k: k.layers.ZeroPadding2D((2, 1), "channels_first"), IMAGE),
    "ZeroPadding3D": Case(lambda k: k.layers.ZeroPadding3D(1), VOLUME),
    "UpSampling1D": Case(lambda k: k.layers.UpSampling1D(3), SEQUENCE),
    "UpSampling2D": Case(lambda k: k.layers.UpSampling2D((2, 3)), IMAGE),
    "UpSampling3D": Case(lambda k: k.layers.UpSampling3D((1, 2, 3)), VOLUME),
    "Conv1D": Case(lambda k: k.layers.Conv1D(4, 3, 2, activation="relu", bias_initializer="ones"), SEQUENCE),
    "Conv1D causal": Case(lambda k: k.layers.Conv1D(4, 3, padding="causal", dilation_rate=2), SEQUENCE),
    "Conv1D causal with strides": Case(
        lambda k: k.layers.Conv1D(4, 3, 2, "causal", activation="softmax", use_bias=False), SEQUENCE
    ),
    "Conv1D causal of channels first": Case(
        lambda k: k.layers.Conv1D(4, 3, 2, "causal", "channels_first", activation="softmax"), SEQUENCE
    ),
    "Conv2D": Case(lambda k: k.layers.Conv2D(4, (3, 2), padding="same", activation="gelu"), IMAGE),
    "Conv2D with strides": Case(lambda k: k.layers.Conv2D(4, 3, (2, 3), "SAME", activation="tanh"), IMAGE),
    "Conv2D dilated": Case(
        lambda k: k.layers.Conv2D(2, 2, dilation_rate=(1, 3), kernel_regularizer="l2", bias_constraint="non_neg"), IMAGE
    ),
    "Conv2D of groups, channels first": Case(
        lambda k: k.layers.Conv2D(6, 2, 2, "same", "channels_first", groups=2, activation="softmax"), IMAGE
    ),
    "Conv2D of whole numbers": Case(lambda k: k.layers.Conv2D(2, 3), IMAGE, {}, 256),
    "Conv3D": Case(lambda k: k.layers.Conv3D(2, (1, 2, 3), (1, 2, 2), "same", activation="relu"), VOLUME),
    "Conv1DTranspose": Case(lambda k: k.layers.Conv1DTranspose(4, 3, 2, activation="relu"), SEQUENCE),
    "Conv1DTranspose dilated": Case(lambda k: k.layers.Conv1DTranspose(4, 3, dilation_rate=2), SEQUENCE),
    "Conv2DTranspose": Case(lambda k: k.layers.Conv2DTranspose(4, 3, 2, "same", activation="tanh"), IMAGE),
    "Conv2DTranspose with more, channels first": Case(
        lambda k: k.layers.Conv2DTranspose(4, (2, 3), 3, "same", (0, 2), "channels_first", activation="softmax"), IMAGE
    ),
    "Conv3DTranspose": Case(
        lambda k: k.layers.Conv3DTranspose(2, 2, (2, 1, 2), "valid", None, (1, 0, 0), use_bias=False), VOLUME
    ),
    "DepthwiseConv1D": Case(lambda k: k.layers.DepthwiseConv1D(3, 2, "same", 2, activation="relu"), SEQUENCE),
    "DepthwiseConv2D": Case(lambda k: k.layers.DepthwiseConv2D((2, 3), use_bias=False, activation="swish"), IMAGE),
    "DepthwiseConv2D of channels first": Case(
        lambda k: k.layers.DepthwiseConv2D(2, 1, "same", 3, "channels_first", (1, 2), "softmax"), IMAGE
    ),
    "SeparableConv1D": Case(lambda k: k.layers.SeparableConv1D(4, 3, dilation_rate=2, padding="same"), SEQUENCE),
    "SeparableConv2D": Case(lambda k: k.layers.SeparableConv2D(4, 3, 2, depth_multiplier=2, activation="tanh"), IMAGE),
    "SeparableConv2D of channels first": Case(
        lambda k: k.layers.SeparableConv2D(5, 2, 1, "same", "channels_first", activation="softmax", use_bias=False),
        IMAGE,
    ),
    "Rescaling": Case(lambda k: k.layers.Rescaling(1 / 127.5, offset=-1), (2, 3, 3)),
    "Rescaling of bytes": Case(lambda k: k.layers.Rescaling([1.0, 2.0, 3.0], [0.0, 1.0, 0.0]), (2, 3, 3), {}, 256),
    "BatchNormalization": Case(lambda k: k.layers.BatchNormalization(), (6, 3), {"training": True}),
    "BatchNormalization at rest": Case(lambda k: k.layers.BatchNormalization(), (6, 3)),
    "BatchNormalization of images": Case(lambda k: k.layers.BatchNormalization(), IMAGE, {"training": True}),
    "BatchNormalization of channels first": Case(
        lambda k: k.layers.BatchNormalization(1, 0.9, 0.01, scale=False), IMAGE, {"training": True}
    ),
    "BatchNormalization without weights": Case(
        lambda k: k.layers.BatchNormalization(center=False, scale=False), (6, 3), {"training": True}
    ),
    "BatchNormalization masked": Case(
        lambda k: k.layers.BatchNormalization(), SEQUENCE, {"training": True, "mask": MASK}
    ),
    "BatchNormalization frozen": Case(
        lambda k: k.layers.BatchNormalization(trainable=False), (6, 3), {"training": True}
    ),
    "BatchNormalization renormalized": Case(
        lambda k: k.layers.BatchNormalization(
            momentum=0.9, renorm=True, renorm_clipping={"rmin": 0.9, "rmax": 1.1, "dmax": 0.2}, renorm_momentum=0.8
        ),
        IMAGE,
        {"training": True},
    ),
    "BatchNormalization renormalized without weights, channels first": Case(
        lambda k: k.layers.BatchNormalization(1, renorm=True, center=False, scale=False), IMAGE, {"training": True}
    ),
    "BatchNormalization renormalized and masked": Case(
        lambda k: k.layers.BatchNormalization(renorm=True), SEQUENCE, {"training": True, "mask": MASK}
    ),
    "BatchNormalization renormalized at rest": Case(lambda k: k.layers.BatchNormalization(renorm=True), (6, 3)),
    "LayerNormalization": Case(lambda k: k.layers.LayerNormalization(), SEQUENCE),
    "LayerNormalization of two axes": Case(
        lambda k: k.layers.LayerNormalization([1, 2], 0.01, gamma_initializer="normal"), SEQUENCE
    ),
    "LayerNormalization of an inner axis": Case(lambda k: k.layers.LayerNormalization(1, scale=False), SEQUENCE),
    "LayerNormalization by deviation": Case(lambda k: k.layers.LayerNormalization(rms_scaling=True), SEQUENCE),
    "GroupNormalization": Case(lambda k: k.layers.GroupNormalization(3), SEQUENCE),
    "GroupNormalization of channels first": Case(lambda k: k.layers.GroupNormalization(2, axis=1, center=False), IMAGE),
    "GroupNormalization of instances": Case(lambda k: k.layers.GroupNormalization(-1), IMAGE),
    "RMSNormalization": Case(lambda k: k.layers.RMSNormalization(), SEQUENCE),
    "RMSNormalization of two axes": Case(lambda k: k.layers.RMSNormalization([1, 2], 0.1), SEQUENCE),
    "UnitNormalization": Case(lambda k: k.layers.UnitNormalization(), SEQUENCE),
    "UnitNormalization of two axes": Case(lambda k: k.layers.UnitNormalization((1, 2)), SEQUENCE),
    "Add": Case(lambda k: k.layers.Add(), [(2, 3), (2, 3), (2, 1)]),
    "Add of ranks": Case(lambda k: k.layers.Add(), [(2, 3), (2, 4, 3)]),
    "Subtract": Case(lambda k: k.layers.Subtract(), [(2, 3), (2, 3)]),
    "Multiply": Case(lambda k: k.layers.Multiply(), [(2, 3), (2, 3), (2, 3)]),
    "Average": Case(lambda k: k.layers.Average(), [(2, 3), (2, 3), (2, 3)]),
    "Maximum": Case(lambda k: k.layers.Maximum(), [(2, 3), (2, 3), (2, 3)]),
    "Minimum": Case(lambda k: k.layers.Minimum(), [(2, 3), (2, 1)]),
    "Concatenate": Case(lambda k: k.layers.Concatenate(), [(2, 3), (2, 4)]),
    "Concatenate along steps": Case(lambda k: k.layers.Concatenate(axis=1), [(2, 3, 4), (2, 2, 4)]),
    "Dot": Case(lambda k: k.layers.Dot(1), [(2, 3), (2, 3)]),
    "Dot of sequences": Case(lambda k: k.layers.Dot((2, 1)), [(2, 4, 3), (2, 3, 5)]),
    "Dot of cosines": Case(lambda k: k.layers.Dot(2, normalize=True), [(2, 4, 3), (2, 5, 3)]),
    "Dot of ranks": Case(lambda k: k.layers.Dot((1, 3)), [(2, 3), (2, 5, 4, 3)]),
    "MaxPooling1D": Case(lambda k: k.layers.MaxPooling1D(), SEQUENCE),
    "MaxPooling2D": Case(lambda k: k.layers.MaxPooling2D((3, 2), 2, "same"), IMAGE),
    "MaxPooling2D of channels first": Case(
        lambda k: k.layers.MaxPooling2D(2, (1, 2), data_format="channels_first"), IMAGE
    ),
    "MaxPooling2D of bytes": Case(lambda k: k.layers.MaxPooling2D(), IMAGE, integers=256),
    "MaxPooling3D": Case(lambda k: k.layers.MaxPooling3D((2, 1, 3), strides=1), VOLUME),
    "AveragePooling1D": Case(lambda k: k.layers.AveragePooling1D(3, 2, "same"), SEQUENCE),
    "AveragePooling2D of channels first": Case(
        lambda k: k.layers.AveragePooling2D((2, 1), data_format="channels_first"), IMAGE
    ),
    # Keras on JAX adds bytes up as bytes: 20 is small enough for its sums not to overflow
    "AveragePooling2D of whole numbers": Case(lambda k: k.layers.AveragePooling2D(2), IMAGE, integers=20),
    "AveragePooling3D": Case(lambda k: k.layers.AveragePooling3D(2, padding="same"), VOLUME),
    "GlobalMaxPooling1D": Case(lambda k: k.layers.GlobalMaxPooling1D("channels_first"), SEQUENCE),
    "GlobalMaxPooling2D": Case(lambda k: k.layers.GlobalMaxPooling2D(), IMAGE),
    "GlobalMaxPooling3D": Case(lambda k: k.layers.GlobalMaxPooling3D("channels_first", True), VOLUME),
    "GlobalAveragePooling1D": Case(lambda k: k.layers.GlobalAveragePooling1D(), SEQUENCE),
    "GlobalAveragePooling1D masked": Case(lambda k: k.layers.GlobalAveragePooling1D(), SEQUENCE, {"mask": MASK}),
    "GlobalAveragePooling1D of channels first masked": Case(
        lambda k: k.layers.GlobalAveragePooling1D("channels_first", True), (2, 6, 4), {"mask": MASK}
    ),
    "GlobalAveragePooling2D": Case(lambda k: k.layers.GlobalAveragePooling2D("channels_first", keepdims=True), IMAGE),
    "GlobalAveragePooling3D": Case(lambda k: k.layers.GlobalAveragePooling3D(), VOLUME),
    "AdaptiveMaxPooling1D": Case(lambda k: k.layers.AdaptiveMaxPooling1D(3), SEQUENCE),
    "AdaptiveMaxPooling2D": Case(lambda k: k.layers.AdaptiveMaxPooling2D((3, 4), "channels_first"), IMAGE),
    "AdaptiveMaxPooling3D": Case(lambda k: k.layers.AdaptiveMaxPooling3D(2), VOLUME),
    "AdaptiveAveragePooling1D": Case(lambda k: k.layers.AdaptiveAveragePooling1D((3,)), SEQUENCE),
    "AdaptiveAveragePooling2D": Case(lambda k: k.layers.AdaptiveAveragePooling2D([3, 4], "channels_first"), IMAGE),
    "AdaptiveAveragePooling2D of whole numbers": Case(
        lambda k: k.layers.AdaptiveAveragePooling2D(2), IMAGE, integers=20
    ),
    "AdaptiveAveragePooling3D": Case(lambda k: k.layers.AdaptiveAveragePooling3D(2), VOLUME),
}
for _method in ("bilinear", "bicubic", "lanczos3", "lanczos5"):
    for _format, _factors in (("channels_last", (2, 3)), ("channels_first", (3, 1))):
        CASES[f"UpSampling2D {_method} {_format}"] = Case(
            lambda k, m=_method, f=_format, s=_factors: k.layers.UpSampling2D(s, f, m), (2, 5, 6, 3)
        )


def _pair(case: Case) -> tuple[Any, Any]:
    return case.make(kerasish), case.make(keras)


def _inputs(case: Case, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)

    def array(shape: tuple[int, ...]) -> np.ndarray:
        if case.integers:
            return rng.integers(0, case.integers, shape, dtype="uint8")
        return rng.normal(0.3, 1.0, shape).astype("float32")

    return [array(shape) for shape in case.shape] if isinstance(case.shape, list) else array(case.shape)


def _with_same_weights(case: Case, x: Any) -> tuple[Any, Any]:
    """Both layers, built, with the same random weights."""
    ours, theirs = _pair(case)
    ours(x)
    theirs.build([s.shape for s in x] if isinstance(x, list) else x.shape)
    rng = np.random.default_rng(1)
    weights = [rng.uniform(0.5, 1.5, w.shape).astype("float32") for w in theirs.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def _open(shape: Any) -> Any:
    """The shape with the number of samples unknown."""
    return [_open(s) for s in shape] if isinstance(shape, list) else (None, *shape[1:])


def _close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=2e-5, atol=3e-6)


@pytest.mark.parametrize("name", CASES)
def test_configs_are_equal_and_open_there_and_here(name):
    ours, theirs = _pair(CASES[name])
    mine, other = ours.get_config(), theirs.get_config()
    assert re.sub(r"_\d+$", "", mine.pop("name")) == re.sub(r"_\d+$", "", other.pop("name"))
    assert mine == other
    assert type(keras.layers.deserialize(layers.serialize(ours))) is type(theirs)
    again = layers.deserialize(keras.layers.serialize(theirs))
    assert type(again) is type(ours)
    assert {**again.get_config(), "name": ""} == {**mine, "name": ""}
    assert type(ours).from_config(ours.get_config()).get_config() == ours.get_config()


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_weights_are_equal(name):
    case = CASES[name]
    ours, theirs = _pair(case)
    assert ours.built == theirs.built
    assert ours.supports_masking == theirs.supports_masking
    shape = _open(case.shape)
    kind = "uint8" if case.integers else "float32"
    symbols = [
        [k.Input(s[1:], dtype=kind) for s in shape] if isinstance(shape, list) else k.Input(shape[1:], dtype=kind)
        for k in (kerasish, keras)
    ]
    made, expected = ours(symbols[0]), theirs(symbols[1])
    assert len(made.shape) == len(expected.shape)
    assert all(n == m or m is None for n, m in zip(made.shape, expected.shape, strict=True))  # EinsumDense knows more
    assert made.dtype == expected.dtype
    assert ours.compute_output_shape(shape) == made.shape
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert [w.trainable for w in ours.weights] == [w.trainable for w in theirs.weights]
    assert len(ours.variables) == len(theirs.variables)
    assert ours.get_build_config() == theirs.get_build_config()


@pytest.mark.parametrize("name", CASES)
def test_values_states_and_gradients_are_equal(name):
    case = CASES[name]
    x = _inputs(case)
    ours, theirs = _with_same_weights(case, x)
    scale = np.random.default_rng(2).uniform(0.5, 1.5, np.shape(ours(x))).astype("float32")

    def loss(trainable: Any, inputs: Any, fixed: Any) -> Any:
        y, fixed = theirs.stateless_call(trainable, fixed, inputs, **case.call)
        return (scale * y * y).sum(), (y, fixed)

    sources = 0 if case.integers else (0, 1)
    step = jax.jit(jax.value_and_grad(loss, sources, has_aux=True))
    weights = [v.value for v in theirs.trainable_variables]
    states = [v.value for v in theirs.non_trainable_variables]
    for seed in range(3):  # states move on from call to call
        x = _inputs(case, seed)
        (expected_loss, (expected, states)), expected_gradients = step(weights, x, states)
        with kerasish.GradientTape() as tape:
            inputs = x if case.integers else tape.watch(x)
            y = ours(inputs, **case.call)
            value = (scale * y * y).sum()
        assert y.dtype == expected.dtype
        _close(y, expected)
        _close(value, expected_loss)
        _compare_states(ours, states)
        watched = [ours.trainable_variables, *([] if case.integers else [inputs])]
        if jax.tree_util.tree_leaves(expected_gradients):
            _compare_gradients(nest.flatten(tape.gradient(value, watched)), expected_gradients)


@pytest.mark.parametrize("name", ["ActivityRegularization", "PReLU shared", "Embedding masked"])
def test_penalties_are_equal(name):
    case = CASES[name]
    x = _inputs(case)
    ours, theirs = _with_same_weights(case, x)
    for _ in range(2):  # those of an earlier call are forgotten
        ours(x), theirs(x)
    assert len(ours.losses) == len(theirs.losses) == 1
    _close(ours.losses[0], theirs.losses[0])


def _compare_states(ours: Any, states: list[Any]) -> None:
    for a, b in zip(ours.non_trainable_variables, states, strict=True):
        if "seed" not in a.path:
            _close(a, b)


def _compare_gradients(found: list[Any], expected: Any) -> None:
    expected = jax.tree_util.tree_leaves(expected)
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
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
        lambda k: k.layers.BatchNormalization(synchronized=True),
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
