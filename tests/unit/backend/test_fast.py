"""The fused loops of the extra `fast` give NumPy's bits."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import fast, threads
from kerasish.backend.room import Node, Room
from kerasish.ops import convolution, nn, noise, pooling, recurrence, windows
from kerasish.ops.plans import dense, softmax
from kerasish.ops.plans.sums import sum_ends
from kerasish.ops.recurrent_options import Options

pytest.importorskip("numba")


@pytest.fixture(autouse=True)
def compiled():
    assert fast.wait()
    yield
    fast.set_fast(True)


@pytest.mark.parametrize("size", [1, 7, 1000, 40_000, 100_013])
@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.optimizers.Adam(0.01),
        lambda: keras.optimizers.AdamW(0.01),
        lambda: keras.optimizers.SGD(0.1),
        lambda: keras.optimizers.SGD(0.1, momentum=0.9),
        lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
        lambda: keras.optimizers.RMSprop(0.01),
    ],
)
def test_optimizers(make, size):
    rng = np.random.default_rng(0)
    start = rng.standard_normal(size).astype("float32")
    gradients = [rng.standard_normal(size).astype("float32") * 0.1 for _ in range(3)]
    results = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        variable, optimizer = keras.Variable(start), make()
        for gradient in gradients:
            optimizer.apply([gradient], [variable])
        results.append([variable.numpy(), *(v.numpy() for v in optimizer.variables)])
    for plain, fused in zip(*results, strict=True):
        np.testing.assert_array_equal(fused, plain)


@pytest.mark.parametrize("shape", [(1, 1024), (33, 64), (128, 512)])
@pytest.mark.parametrize("activation", [None, "relu", "tanh"])
def test_dense(shape, activation):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((shape[0], 5)).astype("float32")
    kernel = rng.standard_normal((5, shape[1])).astype("float32")
    bias = rng.standard_normal(shape[1]).astype("float32")
    x[0, 0] = np.nan
    results = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        node = Node.__new__(Node)
        node.args, node.params, node.seed = [x, kernel, bias], {"activation": activation}, None
        node.output, node.gradient = np.empty(shape, "float32"), np.ones(shape, "float32")
        node.into = [np.empty_like(a) for a in node.args]
        for calls in dense.dense(Room(), node):
            for call in calls:
                call()
        results.append([node.output, *node.into])
    for plain, fused in zip(*results, strict=True):
        np.testing.assert_array_equal(fused, plain)


@pytest.mark.parametrize(("rows", "classes"), [(300, 4), (128, 8), (128, 10), (16, 100), (9, 128), (8, 129), (3, 5)])
def test_softmax_crossentropy(rows, classes):
    rng = np.random.default_rng(3)
    z = rng.standard_normal((rows, classes)).astype("float32") * 5
    z[1, 2], z[2, 0], z[2, 1] = np.nan, np.inf, -np.inf
    labels = rng.integers(0, classes, rows)
    source = object()
    results = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        room, node, loss = Room(), Node.__new__(Node), Node.__new__(Node)
        node.args, node.params, node.sources = [z], {"axis": -1}, (source,)
        node.output, node.into, node.gradient = np.empty_like(z), [None], None
        forward, _ = softmax.softmax(room, node)
        loss.args, loss.sources, loss.seed = [labels, z], (None, source), 1.0
        loss.output, loss.into, loss.gradient = np.empty((), "float32"), [None, np.empty_like(z)], np.ones(())
        calls = [
            *forward,
            *(c for calls in softmax.mean_sparse_softmax_crossentropy(room, loss) for c in calls),
        ]
        with np.errstate(invalid="ignore"):
            for call in calls:
                call()
        results.append([*room.notes[id(source), "softmax"], loss.output, loss.into[1]])
        assert any(isinstance(call, fast.Fused) for call in calls) == (enabled and z.size >= fast.START_SIZE)
    for plain, fused in zip(*results, strict=True):
        np.testing.assert_array_equal(fused, plain)
    p = results[0][0]
    np.testing.assert_allclose(p[3:], keras.ops.softmax(z[3:]), rtol=1e-6)
    assert np.isnan(p[1]).all() and np.isnan(p[2]).any()


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(32, 32), (3, 343), (128, 512)])
def test_dropout(rate, shape):
    x = np.random.default_rng(4).standard_normal(shape).astype("float32")
    x[0, :2] = np.nan, np.inf
    results = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        node = Node.__new__(Node)
        seeds = keras.random.SeedGenerator(2**40 + 5)
        node.args, node.output, node.gradient, node.into = [x], np.empty_like(x), np.ones_like(x), [np.empty_like(x)]
        node.params = {"draw": None, "memory": [None], "dropping": noise.Dropping(seeds, rate)}
        forward, backward = noise._noisy.plan(Room(), node)
        assert any(isinstance(call, fast.Fused) for call in forward) == (enabled and rate > 0.001)
        for _ in range(3):
            with np.errstate(invalid="ignore"):
                for call in (*forward, *backward):
                    call()
            results.append([node.output.copy(), node.into[0].copy()])
    for plain, fused in zip(results[:3], results[3:], strict=True):
        np.testing.assert_array_equal(fused, plain)
    assert not np.array_equal(results[0][1], results[1][1])  # drawn anew


@pytest.mark.parametrize("kind", ["simple_rnn", "lstm", "gru"])
@pytest.mark.parametrize(("batch", "steps", "units"), [(1, 40, 24), (35, 6, 37), (32, 21, 16), (64, 5, 9)])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("sequences", [False, True])
def test_recurrence(kind, batch, steps, units, masked, sequences):
    rng = np.random.default_rng(5)
    blocks, states = {"simple_rnn": (1, 1), "lstm": (4, 2), "gru": (3, 1)}[kind]
    x = rng.standard_normal((batch, steps, 5))
    g = rng.standard_normal((batch, steps, units) if sequences else (batch, units))
    weights = rng.standard_normal((5, blocks * units)), rng.standard_normal((units, blocks * units))
    bias = rng.standard_normal((2, 3 * units) if kind == "gru" else (blocks * units,))
    arrays = [a.astype("float32") for a in (x, *weights, bias)]
    mask = rng.random((batch, steps)) < 0.7 if masked else None
    first = [rng.standard_normal((batch, units)).astype("float32") for _ in range(states)]
    results = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        node = Node.__new__(Node)
        node.args = [*arrays, mask, *first]
        node.params = {"options": Options(sequences=sequences), "found": None}
        node.output, node.gradient = np.empty(g.shape, "float32"), g.astype("float32")
        node.into = [np.empty_like(a) for a in arrays] + [None] + [np.empty_like(a) for a in first]
        calls = [call for part in getattr(recurrence, f"_{kind}").plan(Room(), node) for call in part]
        assert sum(isinstance(call, fast.FusedParts) for call in calls) == (2 if enabled else 0)
        with threads.one():  # as in a recorded step
            for call in calls:
                call()
        results.append([node.output, *(a for a in node.into if a is not None)])
    for plain, fused in zip(*results, strict=True):
        np.testing.assert_array_equal(fused, plain)


IMAGES = [  # shape, window, strides, padding, dilation
    ((9, 12, 11, 3), (3, 3), (1, 1), "valid", (1, 1)),
    ((3, 30, 40, 5), (3, 2), (2, 1), "same", (1, 1)),
    ((5, 20, 16, 8), (1, 1), (1, 1), "valid", (1, 1)),
    ((16, 14, 15, 4), (3, 3), (1, 1), "same", (2, 3)),
    ((2, 6, 7, 8, 4), (2, 3, 3), (2, 2, 2), "same", (1, 1, 1)),
    ((6, 300, 8), (5,), (1,), "causal", (2,)),
    ((4, 12, 11, 16), (3, 3), (1, 1), "valid", (1, 1)),
    ((5, 50, 51, 1), (5, 5), (3, 3), "same", (1, 1)),
]


def run(calls, node, gradient):
    if node.gradient is not None:
        node.gradient[...] = gradient  # a plan may work in it
    with threads.one():  # as in a recorded step
        for call in calls:
            call()


def run_plan(op, args, params, shape, wanted, kind=fast.FusedParts, is_fused=True, is_proven=False):
    """What a plan's calls fill, with the loops and without; whether these bits must be NumPy's on every BLAS."""
    results = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        node = Node.__new__(Node)
        node.args, node.params, node.seed = args, params, None
        node.output = np.empty(shape, "float32")
        node.into = [np.empty_like(a) if i in wanted else None for i, a in enumerate(args)]
        gradient = np.random.default_rng(1).standard_normal(shape).astype("float32")
        node.gradient = gradient.copy() if wanted else None
        calls = [call for part in op.plan(Room(), node) for call in part or ()]
        loops = [call for call in calls if isinstance(call, kind)]
        assert bool(loops) == (enabled and is_fused)
        for _ in range(2):  # the second time, loops are used that were compared in the first
            run(calls, node, gradient)
            results.append([a.copy() for a in (node.output, *node.into) if a is not None])
    for plain, *fused in zip(*results[1:], strict=True):
        for found in fused:
            np.testing.assert_array_equal(found, plain)
    for call in loops:  # those that add in another order than this machine's BLAS are right, too
        if kind is fast.FusedParts:
            assert call._is_proven or not is_proven
            call._is_proven = True
    run(calls, node, gradient)
    for plain, fused in zip(results[0], (a for a in (node.output, *node.into) if a is not None), strict=True):
        np.testing.assert_allclose(fused, plain, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("tile", [1 << 12, 1 << 18])
@pytest.mark.parametrize("activation", [None, "relu", "tanh"])
@pytest.mark.parametrize("multiplier", [0, 1, 2])
@pytest.mark.parametrize("image", IMAGES)
def test_convolution(monkeypatch, image, multiplier, activation, tile):
    """Tiles of some rows and of whole images; with a multiplier, a kernel for each channel, or two."""
    monkeypatch.setattr(windows, "TILE", tile)
    shape, window, strides, padding, dilation = image
    rng, channels = np.random.default_rng(6), shape[-1]
    filters = channels * multiplier or 33
    kernel = (*window, 1 if multiplier else channels, filters)
    args = [rng.standard_normal(s).astype("float32") for s in (shape, kernel, (filters,))]
    params = {"strides": strides, "padding": padding, "dilation": dilation, "activation": activation}
    moving = windows.moving(shape[1:-1], window, strides, padding, dilation)
    places = (shape[0], *moving.places, filters)
    is_fused, has_no_product = multiplier < 2 or channels == 1, multiplier == 1 and channels > 1
    run_plan(convolution.convolution, args, params, places, (0, 1, 2), is_fused=is_fused, is_proven=has_no_product)


def test_another_order_of_sums_is_not_used(monkeypatch):
    """A loop whose bits are others than NumPy's is left for NumPy's calls, from the first time on."""
    runs = []

    def loop(part, y):
        runs.append(part)
        y[:] = 3

    monkeypatch.setitem(fast._state.ready, "of this test", loop)
    fast.set_fast(True)
    y = np.empty(2, "float32")
    for value, wanted in ((2, 1), (3, 2)):
        runs.clear()
        call = fast.FusedParts("of this test", 1, (y,), lambda value=value: [lambda: y.fill(value)], proof=y)
        for _ in range(2):
            call()
            np.testing.assert_array_equal(y, value)
        assert len(runs) == wanted


@pytest.mark.parametrize("depth", [9, 288, 321, 576, 700, 2304])
@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_the_blas(depth, turned):
    """The partial sums are all of a product, and where they end does not depend on the numbers."""
    rng = np.random.default_rng(8)
    rows, columns = 64, 64
    left = rng.standard_normal((depth, rows) if turned else (rows, depth)).astype("float32")
    left, right = left.T if turned else left, rng.standard_normal((depth, columns)).astype("float32")
    ends = sum_ends(rows, depth, columns, turned)
    assert (ends[0], ends[-1]) == (0, depth)
    assert list(ends) == sorted(set(ends))
    with threads.one():
        total = np.zeros((rows, columns), "float32")
        for first, last in itertools.pairwise(ends):
            total += left[:, first:last].dot(right[first:last])
        np.testing.assert_allclose(total, left.dot(right), rtol=1e-4, atol=1e-4)


def test_relu6():
    x = (4 * np.random.default_rng(9).standard_normal((40, 50, 8))).astype("float32")
    x[0, :3, 0] = np.nan, 6, 0
    run_plan(nn.relu6, [x], {}, x.shape, (0,), fast.Fused)


@pytest.mark.parametrize("pool", [2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("image", [image[0] for image in IMAGES])
def test_pooling(image, padding, pool):
    x = np.random.default_rng(7).integers(-3, 3, image).astype("float32")  # several are the largest
    x[0, ..., :2][x[0, ..., :2] > 1] = np.nan
    rank = x.ndim - 2
    window = windows.moving(image[1:-1], (pool,) * rank, (2,) * rank, padding, (1,) * rank)
    run_plan(pooling.largest_of_windows, [x], {"window": window}, (image[0], *window.places, image[-1]), (0,))


def test_fit_has_the_same_bits():
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((300, 30)).astype("float32"), rng.integers(0, 5, 300)
    weights = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        keras.utils.set_random_seed(4)
        model = keras.Sequential(
            [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "tanh"), keras.layers.Dense(5)]
        )
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(x, y, epochs=3, verbose=0)
        weights.append(model.get_weights())
    for plain, fused in zip(*weights, strict=True):
        np.testing.assert_array_equal(fused, plain)


@pytest.mark.parametrize(("setting", "expected"), [("0", "False"), ("1", "True")])
def test_the_switch(setting, expected):
    code = "import kerasish as k; print(k.config.is_fast_enabled())"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERASISH_FAST": setting},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == expected
