"""Random factors and terms, drawn anew each time the operation runs."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.fast import Fused, takes
from kerasish.backend.primitive import primitive
from kerasish.backend.random import draw_key, generator
from kerasish.backend.room import Calls, Node, Room
from kerasish.backend.tensor import recording
from kerasish.backend.trace import drawn

# From a shape and a dtype, what to multiply by and what to add; None for nothing.
Draw = Callable[[tuple[int, ...], Any], tuple[Any, Any]]


class Dropping(NamedTuple):
    """Factors that are 0 with probability `rate` and `1 / (1 - rate)` otherwise, one for each number.

    Attributes:
        seeds: a `SeedGenerator`.
        rate: the share that is dropped.
    """

    seeds: Any
    rate: float


def _fine_words(rate: float) -> bool:
    """Whether a rate is so near to 0 or 1 that two random bytes do not decide exactly enough."""
    return not 2**-8 <= rate <= 1 - 2**-8


def random_keep(seed: Any, rate: float, shape: tuple[int, ...]) -> np.ndarray:
    """Booleans that are false with probability `rate`.

    Two random bytes decide on each; rates near 0 or 1 take four, so that their share is as exact.
    """
    kind = np.dtype(np.uint32 if _fine_words(rate) else np.uint16)
    count = math.prod(shape)
    words = generator(seed).bit_generator.random_raw(count * kind.itemsize // 8 + 1)
    levels = 1 << 8 * kind.itemsize
    threshold = round(rate * levels)
    if threshold == levels:
        return np.zeros(shape, bool)
    return np.greater_equal(words.view(kind)[:count].reshape(shape), kind.type(threshold))


def dropout_mask(
    seed: Any, rate: float, shape: tuple[int, ...], dtype: Any, out: np.ndarray | None = None
) -> np.ndarray:
    """0 with probability `rate` and `1 / (1 - rate)` otherwise, so that the mean is 1; written to `out`, if given."""
    scale = 1 / (1 - rate) if rate < 1 else 0.0
    return np.multiply(random_keep(seed, rate, shape), np.dtype(dtype).type(scale), out=out)


def _forward(x: Any, *, draw: Draw, memory: list[Any], dropping: Dropping | None = None) -> Any:
    factor, term = draw(x.shape, x.dtype)
    memory[:] = [factor]
    if factor is None:
        return x + term
    y = x * factor
    if term is not None:
        y += term
    return y


def _vjp(g: Any, y: Any, x: Any, *, memory: list[Any], **_: Any) -> Any:
    return g if memory[0] is None else g * memory[0]


_noisy = primitive("noise", _forward, _vjp, shape=lambda x, **_: x)


def _plan(room: Room, node: Node) -> tuple[Calls, Calls]:
    """The same in the arrays of a replayed step."""
    (x,), y, g, place = node.args, node.output, node.gradient, node.into[0]
    draw, memory, dropping = node.params["draw"], node.params["memory"], node.params["dropping"]
    if dropping is not None:
        kept = room.keep(x.shape, x.dtype)
        calls = _drop(room, dropping, x, kept, y)
        return calls, [] if place is None else [partial(np.multiply, g, kept, place)]

    def forward() -> None:
        factor, term = draw(x.shape, x.dtype)
        memory[0] = factor
        if factor is not None:
            np.multiply(x, factor, y)
        if term is not None:
            np.add(x if factor is None else y, term, y)

    def backward() -> None:
        if memory[0] is None:
            np.copyto(place, g)  # type: ignore[arg-type]
        else:
            np.multiply(g, memory[0], place)

    return [forward], [] if place is None else [backward]


_noisy.plan = _plan


def _drop(room: Room, dropping: Dropping, x: np.ndarray, kept: np.ndarray, y: np.ndarray) -> Calls:
    """The calls that draw the factors anew and multiply by them."""
    seeds, rate = dropping
    key = np.zeros(2, np.uint32)

    def draw() -> None:
        key[:] = draw_key(seeds)

    def fill() -> None:
        dropout_mask(key, rate, kept.shape, kept.dtype, out=kept)

    calls: Calls = [fill, partial(np.multiply, x, kept, y)]
    if takes(x, kept, y) and not _fine_words(rate) and sys.byteorder == "little":
        threshold, scale = np.uint16(round(rate * 2**16)), np.float32(1 / (1 - rate))
        words = room.lend((x.size // 4 + 1,), np.uint64)
        flat = x.reshape(-1), kept.reshape(-1), y.reshape(-1)
        calls = [Fused("dropout", (key, threshold, scale, *flat, words, words.view(np.uint16)), calls)]
    return [draw, *calls]


def noisy(x: Any, draw: Draw, dropping: Dropping | None = None) -> Any:
    """`x * factor + term` with random numbers: dropout, and noise of every kind.

    The draw belongs to the operation, so that a step that is recorded once and run again draws again; the gradient is
    multiplied by the factor of the last run.

    Args:
        x: array of floats.
        draw: called with the shape and the dtype of `x`; returns the pair (factor, term), either of them None.
        dropping: what the factors are, where `draw` returns those of dropout and each number has its own.

    Example:
        >>> import numpy as np
        >>> noisy(np.ones(3), lambda shape, dtype: (None, np.full(shape, 0.5, dtype)))
        array([1.5, 1.5, 1.5])
    """
    if recording.trace is not None and len(recording.tapes) > 1:
        return _in_parts(x, draw)
    return _noisy(x, draw=draw, memory=[None], dropping=dropping)


def _in_parts(x: Any, draw: Draw) -> Any:
    """The same where a step that differentiates by itself is written down: the gradient needs the draw of its run."""
    shape, kind = x.shape, x.dtype
    memory = [*draw(shape, kind)]

    def both() -> Any:
        memory[:] = draw(shape, kind)
        return memory[0]

    if memory[0] is None:
        return x + drawn(lambda: draw(shape, kind)[1], memory[1])
    y = x * drawn(both, memory[0])
    return y if memory[1] is None else y + drawn(lambda: memory[1], memory[1])
