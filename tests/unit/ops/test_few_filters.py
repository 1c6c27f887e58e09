"""Convolutions with few filters, computed as products before windows."""

import numpy as np
import pytest

from kerasish.backend.room import Room
from kerasish.ops import convolving, windows
from kerasish.ops.plans import convolutions, few_filters
from kerasish.ops.plans.windows import Image

RNG = np.random.default_rng(0)
GEOMETRIES = [
    ((9,), (3,), (1,), "same", (1,)),
    ((12,), (4,), (3,), "causal", (2,)),
    ((8, 7), (3, 3), (2, 2), "same", (1, 1)),
    ((8, 7), (3, 2), (1, 1), "valid", (2, 3)),
    ((9, 5), (2, 2), (3, 4), "valid", (1, 1)),  # numbers that no place sees
    ((1, 6), (5, 1), (1, 1), "same", (1, 1)),  # taps that see nothing
    ((4, 5, 3), (3, 2, 3), (1, 2, 1), "same", (1, 1, 1)),
]


def numbers(*shape):
    return RNG.standard_normal(shape)


@pytest.mark.parametrize("tile", [1, 1 << 18])
@pytest.mark.parametrize("filters", [1, 3])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_both_ways_are_those_of_windows(monkeypatch, geometry, filters, tile):
    monkeypatch.setattr(few_filters, "_TILE", tile)
    window = windows.moving(*geometry)
    assert few_filters.are_few(filters, 16, window)
    x, kernel = numbers(3, *window.size, 16), numbers(*window.shape, 16, filters)
    y = np.full((3, *window.places, filters), np.nan)
    for call in convolutions.forward_calls(Image(Room(), x, window, lend=True), kernel, y):
        call()
    np.testing.assert_allclose(y, convolving.convolve(x, kernel, window), rtol=1e-9, atol=1e-9)
    g, turned = numbers(3, *window.places, 16), numbers(*window.shape, filters, 16)
    into = np.full((3, *window.size, filters), np.nan)
    for call in convolutions.input_calls(Room(), g, turned, window, into):
        call()
    np.testing.assert_allclose(into, convolving.convolve_input(g, turned, window), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("filters", "channels", "taps", "wanted"), [(1, 4, 2, True), (3, 8, 9, False), (1, 16, 1, False)]
)
def test_who_multiplies_first(filters, channels, taps, wanted):
    window = windows.moving((20,), (taps,), (1,), "same", (1,))
    assert few_filters.are_few(filters, channels, window) is wanted


def test_plans_multiply_first(monkeypatch):
    made = []
    monkeypatch.setattr(few_filters, "_calls", lambda *args: made.append(args) or [])
    window = windows.moving((8, 7), (3, 3), (2, 2), "same", (1, 1))
    x, y = numbers(2, 8, 7, 16), numbers(2, *window.places, 1)
    convolutions.forward_calls(Image(Room(), x, window, lend=True), numbers(3, 3, 16, 1), y)
    convolutions.input_calls(Room(), numbers(2, *window.places, 16), numbers(3, 3, 1, 16), window, numbers(2, 8, 7, 1))
    assert len(made) == 2
