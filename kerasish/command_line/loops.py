"""How the fused loops of convolution add up on this machine."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from kerasish.backend import threads
from kerasish.backend.room import Room
from kerasish.ops.convolution import window_of
from kerasish.ops.plans.convolutions import forward_calls
from kerasish.ops.plans.windows import Image


def _compiled() -> Any:
    return import_module("kerasish.backend.fast_convolution")


def registers() -> tuple[int, int, int]:
    """The float32 numbers of a vector, and the places, and vectors of filters, whose sums are kept in registers."""
    loops = import_module("kerasish.backend.fast_vectors")
    return loops.LANES, loops.ROWS, loops.MOST


def has_numpys_bits() -> bool:
    """Whether the loop of a small convolution writes what NumPy's products write, to the last bit.

    A step that finds it otherwise keeps to NumPy, and would not show it: the loop is called here by itself.
    """
    rng = np.random.default_rng(0)
    x, kernel = (rng.standard_normal(shape).astype("float32") for shape in ((2, 12, 12, 8), (3, 3, 8, 32)))
    window = window_of(x, kernel, strides=(1, 1), padding="same", dilation=(1, 1))
    y = np.empty((2, *window.places, 32), "float32")
    fused: Any = forward_calls(Image(Room(), x, window, lend=False), kernel, y)[0]
    for call in fused.make_calls():
        call()
    wanted = y.copy()
    y.fill(np.nan)
    loop = _compiled().LOOPS[fused.name]()
    with threads.one():
        for part in range(fused.count):
            loop(part, *fused.args)
    return np.array_equal(wanted, y)
