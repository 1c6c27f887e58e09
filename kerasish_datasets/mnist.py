"""MNIST: 70,000 handwritten digits, in a clone and in the package kerasish-mnist, so that nothing is downloaded.

Yann LeCun and Corinna Cortes hold the copyright of MNIST, which is a derivative work from original NIST datasets. It is
made available under the terms of CC BY-SA 3.0: https://creativecommons.org/licenses/by-sa/3.0/
"""

import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kerasish_datasets import _bundled

__all__ = ["load_data"]
__dir__ = __all__.copy  # what completion shows

Array = npt.NDArray[np.uint8]
Split = tuple[Array, Array]

_BUNDLED_NAME = "mnist.npz"
BUNDLED = _bundled.of_package("kerasish_mnist", _BUNDLED_NAME)
_BUNDLED_SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"


def load_data(path: str | os.PathLike[str] = _BUNDLED_NAME) -> tuple[Split, Split]:
    """Load the MNIST digits as `(x_train, y_train), (x_test, y_test)`.

    Pixels run from 0 (paper) to 255 (ink), labels from 0 to 9.

    Args:
        path: `"mnist.npz"`, the default, is the bundled archive. Any other value is a local file: an `.npz` with the
            members `x_train`, `y_train`, `x_test` and `y_test`, of as many digits as you like.

    Returns:
        Two pairs of `uint8` arrays: `x_train` of shape `(60000, 28, 28)` with `y_train` of shape `(60000,)`, and
        `x_test` of shape `(10000, 28, 28)` with `y_test` of shape `(10000,)`.

    Raises:
        OSError: the bundled archive is damaged.
        FileNotFoundError: the bundled archive is not installed, or `path` names no local file.
        ValueError: the file at `path` is not an archive of such members and shapes.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, y_train.shape
        ((60000, 28, 28), (60000,))
        >>> int(y_test[0])
        7
    """
    if os.fspath(path) == _BUNDLED_NAME:
        if not BUNDLED.is_file():
            raise FileNotFoundError(
                f"There is no file {str(BUNDLED)!r}. The digits of MNIST are a package of their own, kerasish-mnist: "
                "install its wheel, or the folder kerasish_mnist of a clone of kerasish, with pip."
            )
        return _read_splits(_bundled.read(BUNDLED, _BUNDLED_SHA256, "MNIST"), str(BUNDLED))
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"There is no file {os.fspath(path)!r}, and kerasish downloads nothing. "
            f"Leave `path` out for the bundled MNIST, or give the path of a local .npz file."
        )
    return _read_splits(Path(path).read_bytes(), os.fspath(path))


def _read_splits(data: bytes, origin: str) -> tuple[Split, Split]:
    """Unpack the four members of an archive's bytes; `origin` names the archive in errors."""
    try:
        archive = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as error:  # zipfile and zlib have a dozen ways to say that bytes are damaged
        raise ValueError(f"{origin} is not a readable .npz archive: {error}") from error
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise ValueError(f"{origin} holds a single array. Expected an .npz archive, as numpy.savez writes it.")
    with archive:
        return _read_split(archive, "train", origin), _read_split(archive, "test", origin)


def _read_split(archive: np.lib.npyio.NpzFile, split: str, origin: str) -> Split:
    """Read the images and labels of `split` ("train" or "test"), which must be equally many."""
    images = _read_member(archive, f"x_{split}", (28, 28), origin)
    labels = _read_member(archive, f"y_{split}", (), origin)
    if len(images) != len(labels):
        raise ValueError(f"{origin} has {len(images)} images in x_{split} but {len(labels)} labels in y_{split}.")
    return images, labels


def _read_member(archive: np.lib.npyio.NpzFile, name: str, item_shape: tuple[int, ...], origin: str) -> Array:
    """Read one uint8 member of shape `(n, *item_shape)`."""
    if name not in archive:
        raise ValueError(f"{origin} has no member {name!r}. It has: {', '.join(archive.files) or 'none'}.")
    try:
        array = archive[name]
    except Exception as error:
        raise ValueError(f"Member {name!r} of {origin} cannot be read: {error}") from error
    if array.dtype != np.uint8 or array.ndim != 1 + len(item_shape) or array.shape[1:] != item_shape:
        expected = f"({', '.join(['n', *map(str, item_shape)])}{'' if item_shape else ','})"
        raise ValueError(
            f"Member {name!r} of {origin} is {array.dtype} of shape {array.shape}. Expected uint8 of shape {expected}."
        )
    return array
