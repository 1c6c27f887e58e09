"""Windows over images: their arithmetic, and convolution and pooling part by part, against loops over places."""

import itertools

import numpy as np
import pytest

import kerasish as keras
from kerasish import ops
from kerasish.ops import windows
from kerasish.ops.convolving import convolve, convolve_input, convolve_kernel

RNG = np.random.default_rng(0)


def by_loops(x, kernel, window, groups=1):
    """The definition: one number of the output after the other."""
    out = np.zeros((len(x), *window.places, kernel.shape[-1]))
    channels, filters = kernel.shape[-2], kernel.shape[-1] // groups
    for place, tap in itertools.product(np.ndindex(*window.places), np.ndindex(*window.shape)):
        moves = zip(place, window.strides, tap, window.dilation, window.before, strict=True)
        seen = tuple(p * s + k * d - b for p, s, k, d, b in moves)
        if all(0 <= i < n for i, n in zip(seen, window.size, strict=True)):
            for group in range(groups):
                part = x[(slice(None), *seen)][:, group * channels : (group + 1) * channels]
                share = slice(group * filters, (group + 1) * filters)
                out[(slice(None), *place)][:, share] += part @ kernel[(*tap, slice(None), share)]
    return out


MOVES = list(itertools.product([1, 2, 3], ["valid", "same", "causal"], [1, 2]))


@pytest.mark.parametrize("tile", [1, 500, 1 << 20])
@pytest.mark.parametrize("channels", [1, 5])
def test_convolution_part_by_part(monkeypatch, tile, channels):
    """Parts of one row of one image, of some rows, and of all images, written by rows and by columns."""
    monkeypatch.setattr(windows, "TILE", tile)
    for (stride, padding, dilation), shape in itertools.product(MOVES, [(3, 3), (2, 1)]):
        window = windows.moving((7, 6), shape, (stride, 1), padding, (dilation, 1))
        x, kernel = RNG.standard_normal((3, 7, 6, channels)), RNG.standard_normal((*shape, channels, 4))
        y = RNG.standard_normal((3, *window.places, 4))
        np.testing.assert_allclose(convolve(x, kernel, window), by_loops(x, kernel, window), rtol=1e-10, atol=1e-12)
        # the transposes: the same number three times
        number = np.sum(y * convolve(x, kernel, window))
        np.testing.assert_allclose(np.sum(x * convolve_input(y, kernel, window)), number, rtol=1e-9)
        np.testing.assert_allclose(np.sum(kernel * convolve_kernel(x, y, window)), number, rtol=1e-9)


@pytest.mark.parametrize(("channels", "groups", "filters"), [(4, 2, 6), (3, 3, 6), (4, 4, 4)])
def test_groups(channels, groups, filters):
    window = windows.moving((7, 6), (3, 2), (2, 1), "same", (1, 1))
    x, kernel = RNG.standard_normal((2, 7, 6, channels)), RNG.standard_normal((3, 2, channels // groups, filters))
    found = convolve(x, kernel, window, groups)
    np.testing.assert_allclose(found, by_loops(x, kernel, window, groups), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("most", [1, 90, 10_000])
def test_tiles_cover_every_place_once(most):
    window = windows.moving((9, 5), (3, 3), (1, 1), "valid", (1, 1))
    seen = np.zeros((4, *window.places), int)
    for images, rows in windows.tiles(4, window, 10, most):
        seen[images, rows] += 1
        assert images.stop - images.start == 1 or rows == slice(0, window.places[0])
    assert (seen == 1).all()


@pytest.mark.parametrize("activation", ["relu", "tanh", None])
@pytest.mark.parametrize("tile", [600, 1 << 20])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_recorded_step_equals_the_tape(monkeypatch, tile, padding, activation):
    """Convolutions of each kind and poolings that overlap, fill and miss the image; the last batch is smaller."""
    monkeypatch.setattr(windows, "TILE", tile)
    x, y = RNG.standard_normal((20, 11, 10, 2)).astype("float32"), RNG.integers(0, 3, 20)

    def train(eagerly):
        keras.utils.set_random_seed(1)
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((11, 10, 2)),
                layers.Conv2D(4, 3, padding=padding, activation=activation),
                layers.MaxPooling2D(2),
                layers.Conv2D(
                    5, (3, 2), strides=(2, 1), padding="same", activation=activation, bias_initializer="ones"
                ),
                layers.Conv2D(6, 1, use_bias=False, activation=activation),
                layers.Flatten(),
                layers.Dense(3, "softmax"),
            ]
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=eagerly)
        history = model.fit(x, y, batch_size=8, epochs=3, verbose=0).history
        return [*model.get_weights(), history["loss"], history["accuracy"]]

    for recorded, taped in zip(train(False), train(True), strict=True):
        np.testing.assert_allclose(recorded, taped, rtol=2e-4, atol=2e-6)


def test_no_images():
    kernel = np.ones((3, 3, 2, 4), "float32")
    assert ops.conv(np.ones((0, 8, 8, 2), "float32"), kernel).shape == (0, 6, 6, 4)
    assert ops.max_pool(np.ones((0, 8, 8, 2), "float32"), 2).shape == (0, 4, 4, 2)
    window = windows.moving((8, 8), (3, 3), (1, 1), "valid", (1, 1))
    places = np.ones((0, 6, 6, 4), "float32")
    np.testing.assert_array_equal(convolve_kernel(np.ones((0, 8, 8, 2), "float32"), places, window), 0 * kernel)


def test_memory_order_does_not_matter():
    x, kernel = RNG.standard_normal((2, 3, 6, 7)).astype("float32"), RNG.standard_normal((4, 3, 2, 3)).astype("float32")
    turned = kernel.transpose(2, 1, 3, 0)
    found = ops.conv(x, turned, data_format="channels_first")
    copied = ops.conv(np.ascontiguousarray(np.moveaxis(x, 1, -1)), np.ascontiguousarray(turned))
    np.testing.assert_allclose(found, np.moveaxis(copied, -1, 1), rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64", "int32", "uint8"])
def test_dtypes(dtype):
    """Short floats are computed in single precision and rounded once; integers stay what they are."""
    x = ops.cast(RNG.integers(0, 9, (1, 6, 6, 2)), dtype)
    kernel = ops.cast(RNG.integers(0, 5, (3, 3, 2, 2)), dtype)
    y = ops.conv(x, kernel)
    assert str(y.dtype) == dtype
    exact = by_loops(
        np.asarray(x, float), np.asarray(kernel, float), windows.moving((6, 6), (3, 3), (1, 1), "valid", (1, 1))
    )
    if dtype == "uint8":
        exact = exact % 256
    np.testing.assert_allclose(np.asarray(y, float), exact, rtol=4e-3 if "float16" in dtype else 1e-7)
    assert str(ops.max_pool(x, 2).dtype) == dtype
    assert ops.average_pool(x, 2).dtype.kind == "f" or dtype == "bfloat16"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ops.conv(np.ones((1, 4, 4, 3)), np.ones((5, 5, 3, 2))), "does not fit into an image of size"),
        (lambda: ops.conv(np.ones((1, 4, 4, 3)), np.ones((2, 2, 2, 2))), "have 3 channels"),
        (lambda: ops.conv(np.ones((1, 4, 4, 4)), np.ones((2, 2, 2, 3))), "into 2 groups"),
        (lambda: ops.conv(np.ones((4, 4)), np.ones((2, 2))), "one, two or three spatial axes"),
        (lambda: ops.conv(np.ones((1, 4, 4, 3)), np.ones((2, 3, 2))), "a kernel with as many"),
        (lambda: ops.conv(np.ones((1, 4, 4, 3)), np.ones((2, 2, 3, 2)), strides=0), "strides"),
        (lambda: ops.conv(np.ones((1, 4, 4, 3)), np.ones((2, 2, 3, 2)), strides=(1, 1, 1)), "strides"),
        (lambda: ops.conv(np.ones((1, 4, 4, 3)), np.ones((2, 2, 3, 2)), padding="full"), "padding must be one of"),
        (lambda: ops.conv_transpose(np.ones((1, 4, 3)), np.ones((2, 3, 2))), "have 3 channels"),
        (lambda: ops.depthwise_conv(np.ones((1, 4, 4, 3)), np.ones((2, 2, 2, 2))), "have 3 channels"),
        (lambda: ops.max_pool(np.ones((1, 2, 2, 1)), 3), "does not fit"),
        (lambda: ops.max_pool(np.ones((1, 4, 4, 1)), 0), "pool_size"),
        (lambda: ops.average_pool(np.ones((4, 4)), 2), "spatial axes"),
        (lambda: ops.adaptive_max_pool(np.ones((1, 4, 1)), 0), "output_size"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_pooling_of_what_has_no_order():
    x = np.array([1.0, np.nan, 3.0, 2.0], "float32").reshape(1, 4, 1)
    np.testing.assert_array_equal(ops.max_pool(x, 2)[0, :, 0], [np.nan, 3])
    with keras.GradientTape() as tape:
        v = keras.Variable(x)
        loss = ops.sum(ops.max_pool(v, 2))
    np.testing.assert_array_equal(tape.gradient(loss, v)[0, :, 0], [0, 0, 1, 0])
