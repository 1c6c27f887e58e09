"""Files that come with the package, or with one beside it, read only when they are whole."""

import hashlib
import importlib.util
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


def of_package(package: str, name: str) -> Path:
    """Where a file of another package is: beside this one, as in a clone, or wherever else that package is found."""
    beside = Path(__file__).parents[1] / package / name
    found = None if beside.is_file() else importlib.util.find_spec(package)
    return beside if found is None or found.origin is None else Path(found.origin).parent / name


def read(path: Path, sha256: str, title: str) -> bytes:
    """The bytes of a bundled file, once its checksum has been found right.

    Args:
        path: the file.
        sha256: what its checksum must be.
        title: the data set's name, for the error.

    Raises:
        OSError: if the file is missing or damaged, with how to repair it.
    """
    repair = "In a clone, restore it with `git checkout`; elsewhere, install the package anew, with --force-reinstall."
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OSError(f"The bundled {title} cannot be read at {path}: {error.strerror or error}. {repair}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise OSError(f"{path} is damaged: its SHA-256 is {found}, expected {sha256}. {repair}")
    return data
