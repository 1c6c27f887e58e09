"""The kind of a file, told by its content: names say what their writers thought."""

from __future__ import annotations

from kerasish.saving.errors import reading
from kerasish.saving.guards import regular_files, safe_h5

# A zip archive of a model; layers in HDF5 in the older format, with or without the model; variables of parts in HDF5.
ARCHIVE, LEGACY, PARTS = ".keras", ".h5", ".weights.h5"
# HDF5 of which it is not known yet which of the two.
HDF5 = "HDF5"


# What lies in the place of a file that was not fetched.
_PAGE = "the file is a web page, which a download has left in the place of the model"
_STANDING_IN = {
    b"version ": "the file is a pointer of Git LFS, not the model: `git lfs pull` fetches it",
    b"<!doctyp": _PAGE,
    b"<html": _PAGE,
}


def kind_of(path: str) -> str | None:
    """What kind of file this is, by its content, or by its name where the content is damaged or says nothing.

    Raises:
        ValueError: if it is empty, or stands in for a file that was not fetched.
    """
    if path.endswith((".npz", ".json")):
        return None
    with reading(path, "file"), regular_files.opened(path) as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        return ARCHIVE
    if start == b"\x89HDF\r\n\x1a\n":
        return HDF5
    told = next((told for begin, told in _STANDING_IN.items() if start.lower().startswith(begin)), None)
    if told or not start:
        raise ValueError(f"{path}: {told or 'the file is empty'}")
    endings = {".keras": ARCHIVE, ".weights.h5": PARTS} | dict.fromkeys((".h5", ".hdf5"), LEGACY)
    return next((kind for ending, kind in endings.items() if path.endswith(ending)), None)


def exact_kind_of(path: str) -> str | None:
    """What kind of file this is; for HDF5, which of the two.

    Raises:
        ValueError: if it is HDF5 and damaged.
    """
    kind = kind_of(path)
    return _kind_of_hdf5(path) if kind == HDF5 else kind


def _kind_of_hdf5(path: str) -> str:
    """Whether an HDF5 file holds the variables of parts, or layers in the older format, with or without the model."""
    with reading(path, "HDF5"), safe_h5.open_file(path) as file:
        is_legacy = any(name in file.attrs for name in ("layer_names", "layer_names0", "model_config"))
        return LEGACY if is_legacy or safe_h5.has(file, "model_weights") else PARTS
