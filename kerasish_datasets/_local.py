"""Files of data sets that lie where Keras keeps them, `~/.keras/datasets`; nothing is ever downloaded."""

import io
import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# What a pickled array of NumPy or a batch of CIFAR refers to, and nothing besides.
_HARMLESS = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
}


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
            return [_read_member(archive.read(f"{name}.npy")) for name in names]
    except KeyError as error:
        _damaged(path, error.args[0])
    except Exception as error:  # zipfile, zlib and pickle have a dozen ways to say that bytes are damaged
        _damaged(path, error)


def _read_member(data: bytes) -> Array:
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    _, _, dtype = read(file)
    if dtype.hasobject:
        return np.asarray(_Unpickler(file, encoding="latin1").load())
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def read_pickle(path: Path) -> dict[str, Any]:
    """A pickled dictionary of arrays and lists, as CIFAR has it.

    Raises:
        ValueError: if the file cannot be read, or refers to more than that.
    """
    try:
        with open(path, "rb") as file:
            found = _Unpickler(file, encoding="bytes").load()
        return {key.decode() if isinstance(key, bytes) else key: value for key, value in found.items()}
    except Exception as error:  # as above
        _damaged(path, error)


class _Unpickler(pickle.Unpickler):
    """Reads arrays, numbers and text, and imports nothing."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _HARMLESS:
            raise pickle.UnpicklingError(f"it refers to {module}.{name}, which no data set needs")
        return super().find_class(module, name)


def read_words(path: Path) -> dict[str, int]:
    """The number of each word, from a JSON file."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def check_share(test_split: float) -> None:
    """Raise ValueError unless a share of test data is at least 0 and below 1."""
    if not 0 <= test_split < 1:
        raise ValueError(f"test_split must be at least 0 and below 1; received {test_split}")


def shuffled(random: np.random.RandomState, *arrays: Array) -> list[Array]:
    """The rows of arrays in one random order, drawn as Keras draws it."""
    order = np.arange(len(arrays[0]))
    random.shuffle(order)
    return [array[order] for array in arrays]
