"""What a convolution costs beside its matrix products alone: `python -m benchmarks.convolution`.

For a grid of geometries, each of the three convolutions of a training step (forward, gradient of the kernel, gradient
of the image) is laid out as in a recorded step and timed, with the extra `fast` and without. `products` is the same
number of multiplications as matrix products of the tiles' sizes, shared by all cores, and nothing else: the floor of
this BLAS.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend import fast, threads, workers
from kerasish.backend.room import Room
from kerasish.ops import windows
from kerasish.ops.plans.convolutions import Image, forward_calls, input_calls, kernel_calls


class Geometry(NamedTuple):
    """A convolution: the images' shape, the window, its strides, and the filters (0 for one of each channel's own)."""

    images: tuple[int, ...]
    window: tuple[int, ...]
    strides: tuple[int, ...]
    filters: int


GRID = [
    Geometry((64, 28, 28, 1), (3, 3), (1, 1), 32),
    Geometry((64, 13, 13, 32), (3, 3), (1, 1), 64),
    Geometry((64, 32, 32, 3), (3, 3), (1, 1), 32),
    Geometry((64, 32, 32, 32), (3, 3), (1, 1), 32),
    Geometry((64, 16, 16, 64), (3, 3), (1, 1), 64),
    Geometry((64, 16, 16, 64), (1, 1), (1, 1), 128),
    Geometry((64, 28, 28, 16), (3, 3), (2, 2), 32),
    Geometry((16, 56, 56, 64), (3, 3), (1, 1), 64),
    Geometry((16, 14, 14, 256), (3, 3), (1, 1), 256),
    Geometry((64, 256, 8), (5,), (1,), 32),
    Geometry((64, 128, 32), (5,), (1,), 64),
    Geometry((64, 16, 16, 64), (3, 3), (1, 1), 0),
]


def seconds(calls: list[Callable[[], Any]]) -> float:
    """The median time of running calls."""
    took = []
    for _ in range(9):
        start = time.perf_counter()
        for call in calls:
            call()
        took.append(time.perf_counter() - start)
    return statistics.median(took[2:])


def products(rows: int, width: int, filters: int) -> float:
    """The time of the matrix products alone, in tiles, on all cores."""
    tile = max(1, min(rows, windows.TILE // (4 * width)))
    left, right = np.ones((tile, width), np.float32), np.ones((width, filters), np.float32)
    outs = [np.empty((tile, filters), np.float32) for _ in range(workers.cores())]
    each = -(-rows // (tile * len(outs)))

    def part(number: int) -> None:
        for _ in range(each):
            left.dot(right, outs[number])

    return seconds([lambda: workers.share(part, len(outs))])


def measured(geometry: Geometry) -> list[float]:
    """Milliseconds of the three convolutions, with Numba and without, and of the products alone."""
    rng = np.random.default_rng(0)
    images, shape, strides, filters = geometry
    window = windows.moving(images[1:-1], shape, strides, "same", (1,) * len(shape))
    channels = images[-1]
    seen, made = (channels, filters) if filters else (1, channels)
    x, kernel = (rng.standard_normal(s).astype("float32") for s in (images, (*shape, seen, made)))
    y = np.empty((images[0], *window.places, made), np.float32)
    g = rng.standard_normal(y.shape).astype("float32")
    into_x, into_kernel = np.empty_like(x), np.empty_like(kernel)
    found = []
    for enabled in (True, False):
        fast.set_fast(enabled)
        image = Image(Room(), x, window, lend=False)
        found += [
            seconds(forward_calls(image, kernel, y)),
            seconds(kernel_calls(image, g, into_kernel)),
            seconds(input_calls(Room(), g, kernel, window, into_x)),
        ]
    width = int(np.prod(shape)) * seen
    alone = products(y.size // made, width, made) if filters else float("nan")
    return [1000 * value for value in (*found, alone)]


def main() -> None:
    """Print the table."""
    has_loops = fast.is_installed() and fast.wait()
    print(f"milliseconds; {workers.cores()} core(s); {'with' if has_loops else 'without'} Numba\n")
    columns = ["fast: forward", "kernel", "image", "base: forward", "kernel", "image", "products"]
    print(f"| images | window | strides | filters | {' | '.join(columns)} |")
    print("| --- | --- | --- | --- |" + " ---: |" * len(columns))
    with threads.one():
        for geometry in GRID:
            sizes = [" x ".join(map(str, part)) for part in geometry[:3]]
            numbers = " | ".join("-" if math.isnan(value) else f"{value:.2f}" for value in measured(geometry))
            print(f"| {' | '.join(sizes)} | {geometry.filters or 'depthwise'} | {numbers} |")


if __name__ == "__main__":
    main()
