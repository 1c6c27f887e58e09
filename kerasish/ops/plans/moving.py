"""What the compiled loops over windows (`backend.fast_windows`) are told of a window, its tiles and its parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from kerasish.ops.windows import Window

Tile = tuple[slice, slice]

# Parts that cores share: enough for many cores, and few enough that what each adds up by itself takes little memory.
_PARTS = 8


def lifted(image: np.ndarray) -> np.ndarray:
    """An image with three spatial axes, of which the first ones are 1."""
    return image.reshape(len(image), *[1] * (5 - image.ndim), *image.shape[1:])


def geometry(window: Window) -> np.ndarray:
    """Shape, strides, dilation, zeros before the image, and places, along each of three axes."""
    lacking = 3 - len(window.shape)
    lines = (window.shape, window.strides, window.dilation, window.before, window.places)
    return np.array([[0 if line is window.before else 1] * lacking + list(line) for line in lines], np.intp)


def parted(items: Sequence[Any], most: int = _PARTS) -> list[Sequence[Any]]:
    """Neighbours together, in at most so many parts of about one size."""
    count = max(1, min(most, len(items)))
    ends = [len(items) * i // count for i in range(count + 1)]
    return [items[first:last] for first, last in pairwise(ends)]


def by_weights(tiles: Sequence[Tile], size: int) -> list[Sequence[Tile]]:
    """Tiles in parts, each of which adds up so many numbers by itself."""
    return parted(tiles, max(1, min(_PARTS, (1 << 20) // size)))


def by_images(tiles: Sequence[Tile]) -> list[Sequence[Tile]]:
    """Tiles in parts, none of which shares an image with another."""
    if all(images.stop - images.start > 1 for images, _ in tiles):
        return parted(tiles)
    images = parted(range(max((images.stop for images, _ in tiles), default=0)))
    return [[tile for tile in tiles if tile[0].start in own] for own in images]


def as_places(parts: list[Sequence[Tile]], window: Window) -> tuple[np.ndarray, np.ndarray]:
    """The first and last place of each tile, and with which tile each part begins."""
    inner = math.prod(window.places[1:])
    every = window.places[0] * inner
    places = [
        (images.start * every + rows.start * inner, (images.stop - 1) * every + rows.stop * inner)
        for part in parts
        for images, rows in part
    ]
    begins = np.cumsum([0, *map(len, parts)])
    return np.array(places, np.intp).reshape(-1, 2), begins.astype(np.intp)


def shared_images(count: int) -> np.ndarray:
    """With which image each part begins."""
    return np.array([0, *(part[-1] + 1 for part in parted(range(count)) if len(part))], np.intp)
