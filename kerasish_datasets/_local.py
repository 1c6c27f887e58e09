"""Files of data sets that lie where Keras keeps them, `~/.keras/datasets`; nothing is ever downloaded."""

import io
import json
import math
import os
import zipfile
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from kerasish_datasets import _pickles

Array = npt.NDArray[Any]

# The most times that a packed member may grow; texts of word numbers reach 10.
_MAX_RATIO = 200
_SMALL = 16 * 2**20


def folder() -> Path:
    """The directory of Keras's data sets: `$KERAS_HOME/datasets` or `~/.keras/datasets`."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets"


def find(*places: str, contents: str) -> Path:
    """The first of these files that is there.

    Args:
        places: paths, from the directory of Keras's data sets on.
        contents: what the file holds, for the error.

    Raises:
        FileNotFoundError: if none is there, with the paths, the contents and how to get the file.
    """
    for place in places:
        path = folder() / place
        if path.is_file():
            return path
    wanted = " or ".join(str(folder() / place) for place in places)
    raise FileNotFoundError(
        f"There is no file {wanted}, and kerasish downloads nothing. It holds {contents}. Keras puts it there when its "
        "`load_data` runs once on a computer with a network; copy it from there, or set KERAS_HOME to the directory "
        "above `datasets`."
    )


def _damaged(path: Path, error: object) -> NoReturn:
    raise ValueError(f"{path} is damaged or of another format: {error}")


def read_arrays(path: Path, names: tuple[str, ...]) -> list[Array]:
    """Members of an `.npz` archive; arrays of objects may hold lists of numbers.

    Raises:
        ValueError: if the archive cannot be read, lacks a member, or refers to more than arrays and numbers.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [_read_member(archive, f"{name}.npy") for name in names]
    except KeyError as error:
        _damaged(path, error.args[0])
    except Exception as error:  # zipfile, zlib and pickle have a dozen ways to say that bytes are damaged
        _damaged(path, error)


def _read_member(archive: zipfile.ZipFile, name: str) -> Array:
    info = archive.getinfo(name)
    if info.file_size > max(_SMALL, _MAX_RATIO * info.compress_size):
        raise ValueError(f"{name} declares {info.file_size} bytes but stores {info.compress_size}")
    data = archive.read(info)
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        return _pickles.texts(data, file.tell())
    declared, stored = math.prod(shape) * dtype.itemsize, len(data) - file.tell()
    if dtype.kind not in "fiubSU" or declared != stored:
        raise ValueError(f"{name} declares {declared} bytes of {dtype} but has {stored}")
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def read_pickle(path: Path) -> dict[str, Any]:
    """A pickled dictionary of arrays and lists, as CIFAR has it.

    Raises:
        ValueError: if the file cannot be read, or refers to more than that.
    """
    try:
        return _pickles.batch(path.read_bytes())
    except Exception as error:  # as above
        _damaged(path, error)


def read_words(path: Path) -> dict[str, int]:
    """The number of each word, from a JSON file.

    Raises:
        ValueError: if the file is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        _damaged(path, error)


def check_share(test_split: float) -> None:
    """Raise ValueError unless a share of test data is at least 0 and below 1."""
    if not 0 <= test_split < 1:
        raise ValueError(f"test_split must be at least 0 and below 1; received {test_split}")


def shuffled(random: np.random.RandomState, *arrays: Array) -> list[Array]:
    """The rows of arrays in one random order, drawn as Keras draws it."""
    order = np.arange(len(arrays[0]))
    random.shuffle(order)
    return [array[order] for array in arrays]
