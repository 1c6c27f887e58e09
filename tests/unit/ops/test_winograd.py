"""Convolutions with sixteen multiplications for four places: Winograd's way."""

import numpy as np
import pytest

from kerasish.backend import fast
from kerasish.backend.room import Room
from kerasish.ops import convolving, windows
from kerasish.ops.plans import convolutions, winograd
from kerasish.ops.plans.windows import Image

# Batch, spatial sizes, channels, filters, padding; the last ones have places that no whole block covers.
GEOMETRIES = [
    (12, (8, 8), 16, 24, "same"),
    (12, (4, 12), 32, 16, "same"),
    (9, (9, 7), 16, 64, "valid"),
    (7, (7, 9), 40, 16, "same"),
]


def numbers(*shape):
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype("float32")


def case(count, size, channels, filters, padding):
    window = windows.moving(size, (3, 3), (1, 1), padding, (1, 1))
    x, kernel = numbers(count, *size, channels), numbers(3, 3, channels, filters)
    assert winograd.is_worth_for_kernel(x, window, filters)
    return window, x, kernel, numbers(filters), numbers(count, *window.places, filters)


def computed(window, x, kernel, bias, g, activation="relu"):
    """Output and both gradients, as plans compute them; the second time, so that loops are used where there are any."""
    y, into_kernel, into_x = (np.full_like(a, np.nan) for a in (g, kernel, x))
    image = Image(Room(), x, window, lend=False)
    forward = convolutions.forward_calls(image, kernel, y, bias, activation)
    backward = (
        convolutions.kernel_calls(image, g, into_kernel),
        convolutions.input_calls(Room(), g, kernel, window, into_x),
    )
    for calls in (forward, *backward):
        for _ in range(2):
            for call in calls:
                call()
    return (y, into_kernel, into_x), [call for calls in (forward, *backward) for call in calls]


def exact(window, x, kernel, bias, g):
    x, kernel, g = (a.astype(np.float64) for a in (x, kernel, g))
    y = np.maximum(convolving.convolve(x, kernel, window) + bias, 0)
    return y, convolving.convolve_kernel(x, g, window), convolving.convolve_input(g, kernel, window)


@pytest.mark.parametrize("tile", [1, 1 << 15, 1 << 20])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_it_comes_to_what_windows_come_to(monkeypatch, geometry, tile):
    monkeypatch.setattr(winograd, "_TILE", tile)  # rows of an image, whole images, all of them
    arrays = case(*geometry)
    for found, wanted in zip(computed(*arrays)[0], exact(*arrays), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-4)


def test_its_error_is_of_the_size_of_that_of_windows(monkeypatch):
    arrays = case(4, (16, 16), 64, 64, "same")
    found, wanted = computed(*arrays)[0], exact(*arrays)
    monkeypatch.setattr(winograd, "is_worth", lambda *_: False)
    most = 1, 4, 2  # output; the kernel's gradient, whose sums are of more places at a time; the image's
    for ours, direct, true, factor in zip(found, computed(*arrays)[0], wanted, most, strict=True):
        error, other = (np.sqrt(np.mean((a - true) ** 2)) for a in (ours, direct))
        assert error < factor * other


@pytest.mark.skipif(not fast.is_installed(), reason="needs the extra fast")
@pytest.mark.parametrize("geometry", GEOMETRIES[:3])
def test_loops_come_to_the_same_bits(monkeypatch, geometry):
    monkeypatch.setattr(fast, "START_SIZE", 1)
    monkeypatch.setattr(fast._state, "enabled", True)
    fast.wait()
    arrays = case(*geometry)
    found, calls = computed(*arrays)
    loops = [call for call in calls if isinstance(call, fast.FusedParts)]
    assert {loop.name for loop in loops} == {"winograd", "winograd_kernel"}
    monkeypatch.setattr(fast._state, "enabled", False)
    for ours, numpys in zip(found, computed(*arrays)[0], strict=True):
        np.testing.assert_array_equal(ours, numpys)


@pytest.mark.parametrize(
    ("shape", "strides", "channels", "filters", "dtype", "wanted"),
    [
        ((3, 3), (1, 1), 32, 32, "float32", True),
        ((3, 3), (1, 1), 32, 32, "float64", False),
        ((3, 3), (2, 2), 64, 64, "float32", False),
        ((5, 5), (1, 1), 32, 32, "float32", False),
        ((3,), (1,), 64, 64, "float32", False),
        ((3, 3), (1, 1), 3, 512, "float32", False),
        ((3, 3), (1, 1), 32, 36, "float32", False),
        ((3, 3), (1, 1), 16, 16, "float32", False),  # so few are done sooner than begun
    ],
)
def test_what_is_computed_in_this_way(shape, strides, channels, filters, dtype, wanted):
    window = windows.moving((16,) * len(shape), shape, strides, "same", (1,) * len(shape))
    x = np.zeros((1, *window.size, channels), dtype)
    assert winograd.is_worth(x, window, filters) is wanted


def test_a_network_of_it_is_recorded_and_learns_as_on_the_tape():
    import kerasish as keras

    def trained(eager):
        keras.utils.set_random_seed(0)
        layers = [keras.layers.Conv2D(16, 3, activation="relu") for _ in range(2)]
        model = keras.Sequential([keras.Input((10, 9, 16)), *layers, keras.layers.Flatten(), keras.layers.Dense(2)])
        model.compile("sgd", "mse", run_eagerly=eager)
        history = model.fit(numbers(48, 10, 9, 16), numbers(48, 2), batch_size=24, epochs=2, verbose=0, shuffle=False)
        return history.history["loss"], model.predict(numbers(5, 10, 9, 16), verbose=0)

    for ours, tape in zip(trained(False), trained(True), strict=True):
        np.testing.assert_allclose(ours, tape, rtol=1e-4, atol=1e-6)
