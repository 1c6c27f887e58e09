"""Files that are part of the package, read only when they are whole."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


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
