"""What a file is, its content says before its name does."""

import h5py
import pytest

from kerasish.saving.guards.file_kinds import exact_kind_of, kind_of


@pytest.mark.parametrize("name", ["a.keras", "a.h5", "a.weights.h5", "a"])
def test_the_content_counts(name, tmp_path):
    path = str(tmp_path / name)
    with open(path, "wb") as file:
        file.write(b"PK\x03\x04")
    assert kind_of(path) == exact_kind_of(path) == ".keras"
    with h5py.File(path, "w") as file:
        file.create_group("layers")
    assert kind_of(path) == "HDF5" and exact_kind_of(path) == ".weights.h5"
    with h5py.File(path, "a") as file:
        file.attrs["layer_names"] = ["d"]
    assert exact_kind_of(path) == ".h5"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.keras", ".keras"), ("a.h5", ".h5"), ("a.hdf5", ".h5"), ("a.weights.h5", ".weights.h5"), ("a.bin", None)],
)
def test_the_name_counts_where_the_content_says_nothing(name, kind, tmp_path):
    (tmp_path / name).write_bytes(b"something else")
    assert kind_of(str(tmp_path / name)) == exact_kind_of(str(tmp_path / name)) == kind
