"""Convolution and pooling against Keras's: values, gradients and shapes."""

import itertools

import jax
import keras
import numpy as np
import pytest

import kerasish
from kerasish import ops

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)
SIZES = {1: (11,), 2: (9, 8), 3: (5, 6, 4)}


def numbers(*shape):
    return RNG.standard_normal(shape).astype("float32")


def image(rank, channels, data_format):
    x = numbers(2, *SIZES[rank], channels)
    return np.moveaxis(x, -1, 1).copy() if data_format == "channels_first" else x


def assert_same(function, *arrays, rtol=2e-5, atol=2e-5):
    """The same values and gradients, of a function of the package `k` and arrays."""
    with kerasish.GradientTape() as tape:
        variables = [kerasish.Variable(a) for a in arrays]
        y = function(kerasish, *variables)
        weight = np.cos(np.arange(np.size(y), dtype="float32")).reshape(np.shape(y))
        loss = ops.sum(y * weight)
    found = tape.gradient(loss, variables)
    expected = function(keras, *arrays)
    np.testing.assert_allclose(ops.convert_to_numpy(y), expected, rtol=rtol, atol=atol)
    grads = jax.grad(lambda *xs: keras.ops.sum(function(keras, *xs) * weight), argnums=tuple(range(len(arrays))))(
        *arrays
    )
    for got, want in zip(found, grads, strict=True):
        np.testing.assert_allclose(got, want, rtol=10 * rtol, atol=10 * atol)


MOVES = [
    {"strides": 1, "padding": "valid"},
    {"strides": 2, "padding": "valid"},
    {"strides": 1, "padding": "same"},
    {"strides": 3, "padding": "same"},
    {"strides": 1, "padding": "same", "dilation_rate": 2},
    {"strides": 1, "padding": "valid", "dilation_rate": 2},
]


@pytest.mark.parametrize(
    ("rank", "window", "moves", "data_format"),
    [
        *(
            (rank, window, m, "channels_last")
            for rank, window in [(1, (4,)), (2, (3, 2)), (3, (2, 3, 1))]
            for m in MOVES
        ),
        *((rank, (1,) * rank, m, "channels_last") for rank in (1, 2) for m in MOVES[1:3]),
        *((rank, (3,) * rank, m, "channels_first") for rank in (1, 2, 3) for m in MOVES[3:5]),
    ],
    ids=str,
)
def test_conv(rank, window, moves, data_format):
    x, kernel = image(rank, 3, data_format), numbers(*window, 3, 5)
    assert_same(lambda k, x, w: k.ops.conv(x, w, data_format=data_format, **moves), x, kernel)


@pytest.mark.parametrize(("channels", "groups", "filters"), [(4, 2, 6), (6, 3, 3), (4, 4, 8)])
@pytest.mark.parametrize("moves", MOVES[:4], ids=str)
def test_groups(channels, groups, filters, moves):
    x, kernel = image(2, channels, "channels_last"), numbers(3, 3, channels // groups, filters)
    assert_same(lambda k, x, w: k.ops.conv(x, w, data_format="channels_last", **moves), x, kernel)


@pytest.mark.parametrize("moves", MOVES[::2], ids=str)
@pytest.mark.parametrize(("rank", "data_format"), [(1, "channels_last"), (2, "channels_last"), (2, "channels_first")])
def test_depthwise_conv(rank, moves, data_format):
    x, kernel = image(rank, 3, data_format), numbers(*(3, 2)[:rank], 3, 2)
    assert_same(lambda k, x, w: k.ops.depthwise_conv(x, w, data_format=data_format, **moves), x, kernel)


@pytest.mark.parametrize("moves", MOVES[:3], ids=str)
def test_separable_conv(moves):
    x, depthwise, pointwise = image(2, 3, "channels_last"), numbers(3, 3, 3, 2), numbers(1, 1, 6, 4)
    assert_same(lambda k, x, d, p: k.ops.separable_conv(x, d, p, **moves), x, depthwise, pointwise)


@pytest.mark.parametrize(
    ("strides", "padding", "output_padding", "dilation"),
    [
        *itertools.product([1, 2, 3], ["valid", "same"], [None], [1]),
        *itertools.product([2, 3], ["valid", "same"], [0, 1], [1]),
        (1, "valid", None, 2),
        (1, "same", None, 2),
    ],
)
@pytest.mark.parametrize(
    ("window", "data_format"), [((1, 2), "channels_last"), ((3, 3), "channels_first"), ((4, 5), "channels_last")]
)
def test_conv_transpose(strides, padding, output_padding, dilation, window, data_format):
    x, kernel = image(2, 3, data_format), numbers(*window, 4, 3)
    assert_same(
        lambda k, x, w: k.ops.conv_transpose(x, w, strides, padding, output_padding, data_format, dilation), x, kernel
    )


@pytest.mark.parametrize("name", ["max_pool", "average_pool"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    ("rank", "size", "strides", "data_format"),
    [
        (1, 2, None, "channels_first"),
        (1, 3, 1, "channels_last"),
        (2, 2, None, "channels_last"),
        (2, (3, 1), 2, "channels_last"),
        (2, (3, 2), (1, 2), "channels_first"),
        (3, (2, 1, 3), None, "channels_last"),
    ],
)
def test_pooling(name, rank, size, strides, padding, data_format):
    x = image(rank, 3, data_format)

    def pool(k, x):
        if k is kerasish:
            return getattr(k.ops, name)(x, size, strides, padding, data_format)
        # Keras 3.15.1 on JAX fails without strides, and averages no image with its channels first and zeros around
        turned = data_format == "channels_first"
        x = k.ops.moveaxis(x, 1, -1) if turned else x
        y = getattr(k.ops, name)(x, size, strides or size, padding, "channels_last")
        return k.ops.moveaxis(y, -1, 1) if turned else y

    assert_same(pool, x)


@pytest.mark.parametrize("name", ["adaptive_average_pool", "adaptive_max_pool"])
@pytest.mark.parametrize(
    ("rank", "size", "data_format"),
    [(1, 4, "channels_first"), (2, 3, "channels_last"), (3, 2, "channels_last")],
)
def test_adaptive_pooling(name, rank, size, data_format):
    x = image(rank, 3, data_format)
    assert_same(lambda k, x: getattr(k.ops, name)(x, size, data_format), x)


@pytest.mark.parametrize("name", ["conv", "conv_transpose", "depthwise_conv", "max_pool", "average_pool"])
@pytest.mark.parametrize("batch", [None, 2])
def test_symbolic_shapes(name, batch):
    kernels = {"conv": (3, 2, 3, 4), "conv_transpose": (3, 2, 4, 3), "depthwise_conv": (3, 2, 3, 2)}
    for size, padding in itertools.product([(9, 8), (None, None), (9, None)], ["valid", "same"]):

        def shape(k, size=size, padding=padding):
            x = k.KerasTensor((batch, *size, 3))
            if name in kernels:
                return getattr(k.ops, name)(x, numbers(*kernels[name]), 2, padding).shape
            return getattr(k.ops, name)(x, (3, 2), 2, padding).shape

        assert shape(kerasish) == tuple(shape(keras))


@pytest.mark.parametrize("size", [2, (2, 3)])
def test_ties_in_adaptive_pooling(size):
    x = np.repeat(numbers(1, 2, 3, 2), 2, axis=2).repeat(2, axis=1)
    assert_same(lambda k, x: k.ops.adaptive_max_pool(x, size), x)


@pytest.mark.parametrize("name", ["average_pool", "adaptive_average_pool"])
def test_means_of_integers(name):
    x = RNG.integers(0, 9, (1, 6, 6, 2))
    arguments = (2, 2) if name == "average_pool" else (2,)
    found = getattr(ops, name)(x, *arguments)
    np.testing.assert_allclose(found, getattr(keras.ops, name)(x.astype("float32"), *arguments), rtol=1e-6)
    assert found.dtype.kind == "f"


def test_ties_go_to_the_first():
    x = np.zeros((1, 4, 4, 1), "float32")
    with kerasish.GradientTape() as tape:
        v = kerasish.Variable(x)
        loss = ops.sum(ops.max_pool(v, 2, 2))
    np.testing.assert_array_equal(
        tape.gradient(loss, v), jax.grad(lambda x: keras.ops.sum(keras.ops.max_pool(x, 2, 2)))(x)
    )
