"""The pickled batches of CIFAR."""

import numpy as np

from kerasish_datasets._local import Array, find, read_pickle


def read(folders: tuple[str, ...], name: str, key: str) -> tuple[Array, Array]:
    """The pictures of one file, channels last, and the labels that stand under `key`.

    Raises:
        FileNotFoundError: if the file is in none of the folders.
        ValueError: if the file is damaged.
    """
    contents = "a pickled dictionary of pictures (data) and labels, from the published Python version"
    path = find(*(f"{folder}/{name}" for folder in folders), contents=contents)
    found = read_pickle(path)
    missing = [part for part in ("data", key) if part not in found]
    if missing:
        raise ValueError(f"{path} has no {' and no '.join(missing)}; it has {', '.join(map(str, found))}")
    pictures, labels = np.asarray(found["data"]), np.asarray(found[key], np.uint8)
    if pictures.shape != (len(labels), 3072) or pictures.dtype != np.uint8:
        raise ValueError(
            f"{path} has {len(labels)} labels and pictures of shape {pictures.shape} ({pictures.dtype}); expected "
            f"({len(labels)}, 3072) of uint8"
        )
    return np.ascontiguousarray(pictures.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), labels[:, None]
