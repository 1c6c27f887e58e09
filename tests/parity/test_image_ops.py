"""keras.ops.image, fold and unfold against Keras's: values, dtypes, gradients and shapes."""

import jax
import keras
import numpy as np
import pytest

import kerasish
from kerasish import ops

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)
# Sums of a few dozen float32 products of numbers up to 1, by other orders of summation.
CLOSE = {"rtol": 2e-5, "atol": 2e-5}


def pictures(*shape, dtype="float32"):
    x = RNG.random(shape)
    return (x * 255).astype(dtype) if np.dtype(dtype).kind in "iu" else x.astype(dtype)


def assert_same(function, x, gradient=False, **close):
    """The same value, dtype and gradient of a function `(k, x)`."""
    expected = function(keras, x)
    found = function(kerasish, x)
    assert ops.convert_to_numpy(found).dtype.name == keras.backend.standardize_dtype(expected.dtype)
    np.testing.assert_allclose(ops.cast(found, "float32"), np.asarray(expected, "float32"), **{**CLOSE, **close})
    if gradient and x.dtype == "float32":
        weight = np.cos(np.arange(np.size(found), dtype="float32")).reshape(np.shape(found))
        with kerasish.GradientTape() as tape:
            v = kerasish.Variable(x)
            loss = ops.sum(function(kerasish, v) * weight)
        wanted = jax.grad(lambda x: keras.ops.sum(function(keras, x) * weight))(x)
        np.testing.assert_allclose(tape.gradient(loss, v), wanted, rtol=2e-4, atol=2e-4)


LAYOUTS = [((2, 9, 12, 3), None), ((9, 12, 3), "channels_last"), ((2, 3, 9, 12), "channels_first")]
laid_out = pytest.mark.parametrize(("shape", "data_format"), LAYOUTS, ids=["batch", "one", "first"])


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("size", [(5, 7), (13, 20), (4, 30)], ids=str)
def test_resize(interpolation, antialias, size):
    assert_same(lambda k, x: k.ops.image.resize(x, size, interpolation, antialias), pictures(2, 9, 12, 3))


def test_resize_where_weights_are_few():
    """Bands of a large picture are summed sample by sample, not as a product with a matrix."""
    x = pictures(1, 60, 45, 2)
    for interpolation in ("bilinear", "bicubic"):
        assert_same(lambda k, x, i=interpolation: k.ops.image.resize(x, (90, 20), i, True), x)


@laid_out
@pytest.mark.parametrize("ratio", ["crop_to_aspect_ratio", "pad_to_aspect_ratio"])
def test_resize_keeping_the_ratio(shape, data_format, ratio):
    for size in [(4, 4), (5, 3), (3, 14), (20, 21)]:
        for interpolation in ("nearest", "bilinear"):
            assert_same(
                lambda k, x, s=size, i=interpolation: k.ops.image.resize(
                    x, s, i, fill_value=0.5 if ratio.startswith("pad") else 0, data_format=data_format, **{ratio: True}
                ),
                pictures(*shape),
            )


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float16", "bfloat16"])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic"])
def test_resize_other_dtypes(dtype, interpolation):
    x = ops.convert_to_numpy(ops.cast(pictures(1, 6, 7, 2) * 255, dtype))
    step = {"float16": 255 * 2**-10, "bfloat16": 255 * 2**-7}.get(dtype, 0)
    assert_same(lambda k, x: k.ops.image.resize(x, (8, 4), interpolation), x, rtol=0, atol=1.01 * step)


@pytest.mark.parametrize("method", ["linear", "cubic", "lanczos3", "lanczos5", "bilinear", "tricubic"])
@pytest.mark.parametrize("antialias", [False, True])
def test_scale_and_translate(method, antialias):
    for scale, shift in [((0.7, 1.3), (0.3, -0.2)), ((0.4, 0.5), (2.0, 1.0)), ((2.0, 1.0), (-4.0, 0.0))]:
        scale, shift = np.float32(scale), np.float32(shift)
        assert_same(
            lambda k, x, s=scale, t=shift: k.ops.image.scale_and_translate(
                x, (2, 5, 6, 3), s, t, (1, 2), method, antialias
            ),
            pictures(2, 9, 12, 3),
        )


def test_scale_and_translate_passes_gradients_to_both():
    x, shift = pictures(9, 12), np.float32([0.3, -0.2])
    for i in range(2):

        def function(k, z, i=i):
            scale, move = (z, shift) if i == 0 else (np.float32([0.7, 0.8]), z)
            return k.ops.image.scale_and_translate(x, (5, 6), scale, move, (0, 1), "linear")

        assert_same(function, np.float32([0.61, 0.83]))


@pytest.mark.parametrize("mode", ["constant", "nearest", "wrap", "mirror", "reflect"])
@pytest.mark.parametrize("order", [0, 1])
def test_map_coordinates(mode, order):
    places = RNG.uniform(-7, 14, (2, 5, 4)).astype("float32")
    assert_same(lambda k, x: k.ops.image.map_coordinates(x, places, order, mode, 0.25), pictures(6, 7))
    if order == 1:
        x = pictures(6, 7)
        assert_same(lambda k, c: k.ops.image.map_coordinates(x, c, order, mode, 0.25), places)
    whole = pictures(6, 7, dtype="int32")
    assert_same(lambda k, x: k.ops.image.map_coordinates(x, places, order, mode, 3), whole)


def test_map_coordinates_rounds_halves_away_from_zero():
    halves = np.float32([[0.5, 1.5, 2.5, -0.5]])
    for dtype, order in [("float32", 0), ("int32", 1)]:
        assert_same(lambda k, x, o=order: k.ops.image.map_coordinates(x, halves, o, "wrap"), np.arange(6).astype(dtype))


@laid_out
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("mode", ["constant", "nearest", "wrap", "reflect"])
def test_affine_transform(shape, data_format, interpolation, mode):
    # fractions that put no place at equal distances from two pixels
    several = np.float32([[1.1, 0.23, -2.07, -0.31, 0.9, 1.13, 0, 0], [0.5, 0, 3.03, 0, 1.7, -5.01, 0, 0]])
    transform = several if len(shape) == 4 else several[0]
    assert_same(
        lambda k, x: k.ops.image.affine_transform(x, transform, interpolation, mode, 0.5, data_format),
        pictures(*shape),
    )


def test_affine_transform_of_whole_numbers():
    transform = np.float32([[1.1, 0.23, -2.07, -0.31, 0.9, 1.13, 0, 0]])
    assert_same(lambda k, x: k.ops.image.affine_transform(x, transform), pictures(1, 9, 12, 3, dtype="uint8"))


@laid_out
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_perspective_transform(shape, data_format, interpolation):
    start = np.float32([[[0, 0], [0, 8], [11, 0], [11, 8]]] * 2)
    end = np.float32([[[1, 0.3], [0.1, 8], [10, 1.2], [11, 7.7]], [[-1, 0.3], [0.1, 6], [13, 1.2], [10, 7.7]]])
    start, end = (p if len(shape) == 4 else p[0] for p in (start, end))
    assert_same(
        lambda k, x: k.ops.image.perspective_transform(x, start, end, interpolation, 0.5, data_format),
        pictures(*shape),
        atol=2e-4,  # Keras solves for the eight numbers in float32
    )


@laid_out
def test_colors(shape, data_format):
    x = pictures(*shape)
    assert_same(lambda k, x: k.ops.image.rgb_to_grayscale(x, data_format), x)
    assert_same(lambda k, x: k.ops.image.rgb_to_hsv(x, data_format), x)
    assert_same(lambda k, x: k.ops.image.hsv_to_rgb(x, data_format), x)
    assert_same(lambda k, x: k.ops.image.rgb_to_grayscale(x, data_format), pictures(*shape, dtype="uint8"))


def test_colors_at_their_ends():
    corners = (
        np.array(np.meshgrid([0, 0.5, 1], [0, 0.5, 1], [0, 0.5, 1]), "float32").reshape(3, 9, 3).transpose(1, 2, 0)
    )
    assert_same(lambda k, x: k.ops.image.rgb_to_hsv(x), corners)
    assert_same(lambda k, x: k.ops.image.hsv_to_rgb(x), corners)
    np.testing.assert_allclose(ops.image.hsv_to_rgb(ops.image.rgb_to_hsv(corners)), corners, atol=1e-6)


@pytest.mark.parametrize("kernel_size", [(3, 3), (5, 3), (4, 2)], ids=str)
def test_gaussian_blur(kernel_size):
    """Channels first: with the channels last, Keras 3.15.1 on JAX blurs along one axis only."""

    def blur(k, x):
        if k is keras:
            return keras.ops.image.gaussian_blur(x, kernel_size, (1.0, 2.0), "channels_first")
        return ops.image.gaussian_blur(x, kernel_size, (1.0, 2.0), "channels_first")

    x = pictures(2, 3, 9, 12)
    assert_same(blur, x)
    last = ops.image.gaussian_blur(np.moveaxis(x, 1, -1), kernel_size, (1.0, 2.0))
    np.testing.assert_allclose(np.moveaxis(last, -1, 1), blur(kerasish, x), atol=1e-6)
    np.testing.assert_allclose(ops.image.gaussian_blur(np.moveaxis(x, 1, -1)[0], kernel_size, (1.0, 2.0)), last[0])


@pytest.mark.parametrize(("shape", "data_format"), [LAYOUTS[0], LAYOUTS[2]], ids=["last", "first"])
def test_sobel_edges(shape, data_format):
    assert_same(lambda k, x: k.ops.image.sobel_edges(x, data_format), pictures(*shape))


@laid_out
def test_ssim(shape, data_format):
    x, y = pictures(*shape), pictures(*shape)
    for size, sigma in [(3, 1.5), (5, 0.7)]:
        assert_same(
            lambda k, x, n=size, s=sigma: k.ops.image.ssim(x, (x + y) / 2, 1.0, n, s, data_format=data_format),
            x,
            atol=1e-4,  # variances are differences of means of squares
        )


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "strides", "dilation"), [(2, None, 1), ((3, 2), 1, 1), (3, (2, 1), 1), (2, 1, 2)])
def test_extract_patches(size, strides, dilation, padding):
    for shape, data_format in LAYOUTS:
        assert_same(
            lambda k, x, f=data_format: k.ops.image.extract_patches(x, size, strides, dilation, padding, f),
            pictures(*shape),
        )


@pytest.mark.parametrize(
    ("shape", "data_format"), [((2, 5, 6, 7, 2), None), ((5, 6, 7, 2), None), ((2, 2, 5, 6, 7), "channels_first")]
)
def test_extract_patches_3d(shape, data_format):
    for size, strides, padding in [(2, None, "valid"), ((3, 2, 1), (1, 2, 3), "same")]:
        assert_same(
            lambda k, x, s=size, t=strides, p=padding: k.ops.image.extract_patches_3d(x, s, t, 1, p, data_format),
            pictures(*shape),
        )
        if size != 2:
            assert_same(
                lambda k, x, s=size, t=strides, p=padding: k.ops.image.extract_patches(x, s, t, 1, p, data_format),
                pictures(*shape),
            )


@pytest.mark.parametrize(
    ("kernel", "dilation", "padding", "stride"), [(2, 1, 0, 1), ((2, 3), (1, 2), (1, 0), (2, 1)), (3, 1, 2, 2)]
)
def test_unfold_and_fold(kernel, dilation, padding, stride):
    x = pictures(2, 3, 9, 12)
    assert_same(lambda k, x: k.ops.unfold(x, kernel, dilation, padding, stride), x)
    columns = np.array(ops.unfold(x, kernel, dilation, padding, stride))
    assert_same(lambda k, x: k.ops.fold(x, (9, 12), kernel, dilation, padding, stride), columns)


@laid_out
@pytest.mark.parametrize(
    ("pad", "crop"),
    [
        ({"top_padding": 1, "left_padding": 2, "bottom_padding": 3, "right_padding": 0}, (1, 2, 3, 0)),
        ({"top_padding": 1, "right_padding": 2, "target_height": 20, "target_width": 15}, (2, None, None, 1, 4, 5)),
        ({"bottom_padding": 1, "left_padding": 2, "target_height": 20, "target_width": 15}, (None, 2, 1, None, 4, 5)),
    ],
    ids=["sides", "top", "bottom"],
)
def test_framing(shape, data_format, pad, crop):
    x = pictures(*shape)
    assert_same(lambda k, x: k.ops.image.pad_images(x, **pad, data_format=data_format), x)
    assert_same(lambda k, x: k.ops.image.crop_images(x, *crop, data_format=data_format), x)


SYMBOLIC = {
    "resize": lambda k, x: k.ops.image.resize(x, (3, 4)),
    "crop": lambda k, x: k.ops.image.resize(x, (3, 4), crop_to_aspect_ratio=True),
    "grey": lambda k, x: k.ops.image.rgb_to_grayscale(x),
    "hsv": lambda k, x: k.ops.image.rgb_to_hsv(x),
    "rgb": lambda k, x: k.ops.image.hsv_to_rgb(x),
    "affine": lambda k, x: k.ops.image.affine_transform(x, np.ones(8, "float32")),
    "perspective": lambda k, x: k.ops.image.perspective_transform(x, np.eye(4, 2), np.eye(4, 2)),
    "elastic": lambda k, x: k.ops.image.elastic_transform(x),
    "blur": lambda k, x: k.ops.image.gaussian_blur(x),
    "sobel": lambda k, x: k.ops.image.sobel_edges(x),
    "ssim": lambda k, x: k.ops.image.ssim(x, x),
    "patches": lambda k, x: k.ops.image.extract_patches(x, 3, 2, padding="same"),
    "pad": lambda k, x: k.ops.image.pad_images(x, 1, 2, 3, 4),
    "pad to": lambda k, x: k.ops.image.pad_images(x, 1, 2, target_height=20, target_width=30),
    "crop to": lambda k, x: k.ops.image.crop_images(x, 1, 2, target_height=2, target_width=3),
    "map": lambda k, x: k.ops.image.map_coordinates(x, np.ones((len(x.shape), 5, 6)), 1),
}


@pytest.mark.parametrize("name", SYMBOLIC)
@pytest.mark.parametrize("shape", [(None, None, None, 3), (2, None, 8, 3), (8, 9, 3), (None, 9, 3)], ids=str)
def test_symbolic_shapes(name, shape):
    if name == "sobel" and len(shape) == 3:
        with pytest.raises(ValueError, match="rank 4"):
            SYMBOLIC[name](kerasish, kerasish.KerasTensor(shape))
        return
    found, expected = (SYMBOLIC[name](k, k.KerasTensor(shape, "float16")) for k in (kerasish, keras))
    assert (found.shape, found.dtype) == (tuple(expected.shape), expected.dtype)


def test_symbolic_shapes_of_patches():
    for shape, data_format in [((None, None, 5, 6, 3), None), ((2, 3, 5, 6, 4), "channels_first")]:
        found, expected = (
            k.ops.image.extract_patches_3d(k.KerasTensor(shape), 2, data_format=data_format) for k in (kerasish, keras)
        )
        assert found.shape == tuple(expected.shape)
    assert ops.fold(kerasish.KerasTensor((None, 12, None)), (5, 6), 2).shape == (None, 3, 5, 6)
    assert ops.unfold(kerasish.KerasTensor((None, 3, None, 8)), 3, 1, 1, 2).shape == (None, 27, None)
    assert ops.unfold(kerasish.KerasTensor((None, 3, 6, 8)), 3, 1, 1, 2).shape == (None, 27, 12)


def spread_of_ways(k, along):
    """The deviation of the ways that an elastic transform takes along an axis, and how alike neighbours' are."""
    ramp = np.broadcast_to(np.expand_dims(np.arange(160, dtype="float32"), 2 - along), (4, 160, 160))[..., None]
    ways = np.asarray(k.ops.image.elastic_transform(ramp, 10.0, 3.0, seed=1) - ramp)[:, 40:120, 40:120, 0]
    return ways.std(), np.corrcoef(ways[:, :-3].ravel(), ways[:, 3:].ravel())[0, 1]


@pytest.mark.parametrize("along", [1, 2])
def test_elastic_transform_bends_as_far_and_as_smoothly(along):
    """alpha / (2 sqrt(pi)) = 2.82; neighbours one sigma apart correlate by exp(-1/4) = 0.78."""
    for k in (kerasish, keras):
        deviation, alike = spread_of_ways(k, along)
        assert deviation == pytest.approx(10 / (2 * np.pi**0.5), rel=0.1)
        assert alike == pytest.approx(np.exp(-0.25), abs=0.06)
