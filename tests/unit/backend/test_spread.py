"""Calls on large arrays, shared by cores."""

from functools import partial

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.backend import fast, spread

RNG = np.random.default_rng(0)
LARGE = (1100, 1000)


def numbers(*shape):
    return RNG.standard_normal(shape).astype("float32")


@pytest.mark.parametrize(
    "make",
    [
        lambda: (np.tanh, [numbers(*LARGE)]),
        lambda: (np.multiply, [numbers(*LARGE), numbers(*LARGE)]),
        lambda: (np.add, [numbers(*LARGE), numbers(1000)]),
        lambda: (np.subtract, [numbers(1100, 1), numbers(1, 1000)]),
        lambda: (np.maximum, [numbers(), numbers(*LARGE)]),
        lambda: (np.add, [numbers(1000, 1100).T, 0.5]),
    ],
)
def test_a_ufunc_in_parts(make):
    ufunc, args = make()
    for keywords in (False, True):
        out = np.empty(LARGE, "float32")
        call = partial(ufunc, *args, out=out) if keywords or ufunc is np.maximum else partial(ufunc, *args, out)
        (parts,) = spread.spread([call])
        assert isinstance(parts, spread.Parts)
        parts()
        np.testing.assert_array_equal(out, ufunc(*args))


def test_a_ufunc_in_place():
    x = numbers(*LARGE)
    wanted = x + x
    spread.spread([partial(np.add, x, x, x)])[0]()
    np.testing.assert_array_equal(x, wanted)


def test_a_copy_in_parts():
    x, out = numbers(1000, 1100).T, np.empty(LARGE, "float32")
    (call,) = spread.spread([partial(out.__setitem__, ..., x)])
    assert isinstance(call, spread.Parts)
    call()
    np.testing.assert_array_equal(out, x)
    spread.spread([partial(out.__setitem__, ..., 2)])[0]()
    assert (out == 2).all()


def test_what_stays_whole():
    x, out = numbers(*LARGE), np.empty(LARGE, "float32")
    for call in (
        partial(np.multiply, x[:10], x[:10], out[:10]),  # small
        partial(np.add, x[1:], x[:-1], x[:-1]),  # a row is read after another one was written
        partial(np.matmul, x, x.T, np.empty((1100, 1100), "float32")),  # not number by number
        partial(np.add.reduce, x, 0, None, np.empty(1000, "float32")),
        partial(np.add, x, x, out, where=True),
        out.sort,
    ):
        assert spread.spread([call]) == [call]


@pytest.mark.parametrize("enabled", [False, True])
def test_a_fused_loop_in_parts(enabled):
    pytest.importorskip("numba")
    assert fast.wait()
    y, b = numbers(*LARGE), numbers(1000)
    wanted = np.maximum(y + b, 0)
    calls = [partial(np.add, y, b, y), partial(np.maximum, y, np.float32(0), out=y)]
    (call,) = spread.spread([fast.Fused("bias_relu", (y, b), calls, by_rows=True)])
    assert isinstance(call, spread.Parts)
    fast.set_fast(enabled)
    try:
        call()
    finally:
        fast.set_fast(True)
    np.testing.assert_array_equal(y, wanted)


def program(x, b, y, z, hits, top):
    """A scale, an activation, a slope and the largest of each row; the rows of `z` are those of `y`, told apart."""
    return [
        partial(np.multiply, x, b, y),
        partial(np.maximum, z, np.float32(0), out=z),
        partial(np.greater, y, np.float32(1), hits),
        partial(y.fill, 7),
        partial(np.copyto, y, x, where=hits),
        partial(np.maximum.reduce, y, -1, None, top, True),
    ]


def test_neighbours_are_done_together():
    x, b, y = numbers(1 << 10, 1 << 8), numbers(1 << 8), numbers(1 << 10, 1 << 8)
    hits, top = np.empty(y.shape, bool), np.empty((len(y), 1), "float32")
    calls = program(x, b, y, y.reshape(1 << 5, 1 << 5, -1), hits, top)
    for call in calls:
        call()
    wanted = y.copy(), top.copy()
    y[:], top[:] = -1, -1
    together = spread.spread(calls)
    assert [isinstance(call, spread.Parts) for call in together] == [True, False]
    for call in together:
        call()
    np.testing.assert_array_equal(y, wanted[0])
    np.testing.assert_array_equal(top, wanted[1])


def test_who_needs_other_rows_waits():
    """What reads, or writes, rows that a neighbour has not finished is not done in the same blocks."""
    x, y, z = (numbers(1 << 10, 1 << 8) for _ in range(3))
    for second in (
        partial(np.add, y[::-1], x, z),  # the first rows of this need the last of the others
        partial(np.add, y[0], x, z),
        partial(np.negative, x[: 1 << 9], y[: 1 << 9]),
    ):
        first = partial(np.multiply, x, np.float32(2), y)
        assert spread.spread([first, second]) == [first, second]


def pictures(count):
    return numbers(count, 24, 24, 16)


def pooled():
    return [
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(6.0),
        layers.GlobalAveragePooling2D(),  # few numbers, but of what the others write
    ]


def separable():
    return [
        layers.Conv2D(32, 3, strides=2, padding="same"),
        layers.BatchNormalization(),
        layers.DepthwiseConv2D(3, padding="same", activation="relu"),
        layers.Conv2D(64, 1, activation="gelu"),
        layers.MaxPooling2D(3, strides=2, padding="same"),
    ]


def widened():
    return [
        layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(16, 3, dilation_rate=2),
        layers.MaxPooling2D(2),
    ]


@pytest.mark.parametrize("make", [pooled, separable, widened])
@pytest.mark.parametrize("count", [32, 13])
def test_images_go_through_several_loops_together(make, count):
    pytest.importorskip("numba")
    assert fast.wait()
    x = pictures(count)
    model = keras.Sequential([keras.Input(x.shape[1:]), *make()])
    model.set_weights([np.abs(RNG.standard_normal(w.shape)).astype("float32") for w in model.get_weights()])
    fast.set_fast(False)
    try:
        wanted = model.predict(x, batch_size=count, verbose=0)
    finally:
        fast.set_fast(True)
    for _ in range(4):  # loops are compared with NumPy's calls first
        found = model.predict(x, batch_size=count, verbose=0)
    np.testing.assert_array_equal(found, wanted)
    (step,) = model._engine._predictions._steps.values()
    chains = [call for call in step.program.calls if isinstance(call, spread.Chain)]
    assert len(chains) == 1 or make is separable  # what widens a kernel is done before
    assert sum(len(chain.calls) for chain in chains) >= 3
    assert all(chain._loops[0].loop() for chain in chains)
