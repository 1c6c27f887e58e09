"""Weights in few bits, from real numbers and back, whole and in parts."""

import numpy as np
import pytest

from kerasish.quantizers.product import product
from kerasish.quantizers.stored import Layout, Stored

RNG = np.random.default_rng(0)
# As the kernel of a dense layer lies, one with its axes in another order, and the two tables of an embedding.
LAYOUTS = [
    Layout((1030, 515), summed=(0,), scale_shape=(515,)),
    Layout((3, 7, 5), summed=(1,), scale_shape=(1, 5, 3), order=(1, 2, 0)),
    Layout((515, 1030), summed=(1,), scale_shape=(515,), turned=True),
    Layout((1030, 515), summed=(0,), scale_shape=(515,), halved=0),
]
KINDS = [(8, 0), (4, 0), (4, 64)]


@pytest.mark.parametrize("layout", LAYOUTS, ids=["dense", "einsum", "embedding", "reverse"])
@pytest.mark.parametrize(("bits", "block"), KINDS)
def test_there_and_back(layout, bits, block):
    stored = Stored(layout, bits, block)
    weight = RNG.normal(size=layout.shape).astype("float32")
    parts = stored.encode(weight)
    assert {end: (part.shape, part.dtype.name) for end, part in parts.items()} == {
        end: (shape, dtype or "float32") for end, (shape, dtype) in stored.variables().items()
    }
    groups = [stored.groups()] if block else []
    found = stored.decode(*parts.values(), *groups)
    step = np.ptp(weight) / (2**bits - 2)  # the largest that there can be
    assert found.shape == weight.shape and np.abs(found - weight).max() <= step
    again = stored.encode(found)
    assert np.array_equal(again[""], parts[""]) or block  # the ends of a block move


@pytest.mark.parametrize("layout", [LAYOUTS[0], *LAYOUTS[2:]], ids=["dense", "embedding", "reverse"])
@pytest.mark.parametrize(("bits", "block"), KINDS)
def test_a_product_in_parts_is_that_with_the_whole(layout, bits, block):
    """The sizes are a little above those of a part, so that the last ones are small and odd."""
    stored = Stored(layout, bits, block)
    weight = RNG.normal(size=layout.shape).astype("float32")
    parts = [*stored.encode(weight).values(), *([stored.groups()] if block else [])]
    x = RNG.normal(size=(2, layout.rows)).astype("float32")
    settings = {"stored": stored, "quantizer": None, "summed": 1, "equation": "", "axes": (-1,)}
    matrix = stored.decode(*parts)
    expected = x @ (matrix.T if layout.turned else matrix)
    assert np.allclose(product(x, *parts, **settings), expected, atol=1e-3)


def test_sums_of_whole_numbers_are_exact():
    """In single precision a sum of 2000 products up to 127 · 127 is not, but those of the parts and theirs are."""
    layout = Layout((2000, 3), summed=(0,), scale_shape=(3,))
    kernel = np.full((2000, 3), 127, "int8")
    kernel[0] = 126
    x = np.full((1, 2000), 127, "float32")
    found = product(
        x, kernel, np.ones(3, "float32"), stored=Stored(layout, 8), quantizer=None, summed=1, equation="", axes=(-1,)
    )
    assert np.array_equal(found, np.full((1, 3), np.float32(127 * 127 * 1999 + 127 * 126)))
