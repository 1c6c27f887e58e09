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

# Channels and filters of a small convolution that is computed so, and where its loop stands.
_KINDS = {"fast_convolution": (8, 32), "fast_winograd": (32, 64)}


def _compiled(module: str = "fast_convolution") -> Any:
    return import_module(f"kerasish.backend.{module}")


def registers() -> tuple[int, int, int]:
    """The float32 numbers of a vector, and the places, and vectors of filters, whose sums are kept in registers."""
    loops = import_module("kerasish.backend.fast_vectors")
    return loops.LANES, loops.ROWS, loops.MOST


def has_numpys_bits() -> bool:
    """Whether the loops of small convolutions write what NumPy's products write, to the last bit.

    A step that finds it otherwise keeps to NumPy, and would not show it: the loops are called here by themselves.
    """
    return all(_agrees(*sizes, _compiled(module).LOOPS) for module, sizes in _KINDS.items())


def _agrees(channels: int, filters: int, loops: dict[str, Any]) -> bool:
    rng = np.random.default_rng(0)
    shapes = (2, 12, 12, channels), (3, 3, channels, filters)
    x, kernel = (rng.standard_normal(shape).astype("float32") for shape in shapes)
    window = window_of(x, kernel, strides=(1, 1), padding="same", dilation=(1, 1))
    y = np.empty((2, *window.places, filters), "float32")
    calls: list[Any] = forward_calls(Image(Room(), x, window, lend=False), kernel, y)
    *before, fused = calls
    for call in (*before, *fused.make_calls()):
        call()
    wanted = y.copy()
    y.fill(np.nan)
    loop = loops[fused.name]()
    with threads.one():
        for part in range(fused.count):
            loop(part, *fused.args)
    return np.array_equal(wanted, y)
