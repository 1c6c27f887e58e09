"""Fashion-MNIST: 70,000 grey pictures of clothes, 28 by 28, in 10 classes."""

import gzip
import struct
from pathlib import Path

import numpy as np

from kerasish_datasets._local import Array, find

__all__ = ["load_data"]
__dir__ = __all__.copy  # what completion shows

# Bytes of the largest of the four files, unpacked.
_MOST = 16 + 60_000 * 28 * 28


def load_data() -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Load the pictures from four files in `~/.keras/datasets/fashion-mnist`.

    They are `train-images-idx3-ubyte.gz`, `train-labels-idx1-ubyte.gz` and the same with `t10k`, as published. The
    labels: 0 T-shirt, 1 trousers, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle boot.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, `uint8` arrays: x of shape `(n, 28, 28)` with pixels from 0 to 255, y
        of shape `(n,)`, of 60,000 and 10,000 pictures.

    Raises:
        FileNotFoundError: if a file is not there; nothing is downloaded.
        ValueError: if a file is damaged.
    """
    train, test = (
        (_read(f"{part}-images-idx3-ubyte.gz", 3), _read(f"{part}-labels-idx1-ubyte.gz", 1))
        for part in ("train", "t10k")
    )
    return train, test


def _read(name: str, dims: int) -> Array:
    """An array of bytes in the IDX format: two zeros, the type 8, the number of axes, their sizes, the entries."""
    path = find(f"fashion-mnist/{name}", contents="the pictures or labels in the IDX format, compressed")
    data = _unpacked(path)
    if data[:4] != bytes([0, 0, 8, dims]):
        raise ValueError(f"{path} does not begin as a file of {dims} axes of bytes in the IDX format does")
    start = 4 + 4 * dims
    shape = struct.unpack(f">{dims}I", data[4:start])
    if len(data) - start != np.prod(shape, dtype=object):
        raise ValueError(f"{path} should hold {shape} bytes; it holds {len(data) - start}")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape).copy()


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(_MOST + 1)
    except (OSError, EOFError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
