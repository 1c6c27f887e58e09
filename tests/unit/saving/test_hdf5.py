"""The reader of HDF5 finds what h5py finds, in files of every format that h5py writes."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerasish.saving.guards import regular_files, safe_h5
from kerasish.saving.hdf5 import checksums, filters, items
from kerasish.saving.hdf5.file import File

FORMATS = ["earliest", ("earliest", "v108"), ("v110", "v110"), "latest"]


def written(fill: Callable[[Any], None], libver: Any, **options: Any) -> io.BytesIO:
    """A file in memory."""
    store = io.BytesIO()
    with h5py.File(store, "w", libver=libver, **options) as file:
        fill(file)
    return store


def compare(store: io.BytesIO) -> int:
    """Hold that both readers find the same; returns how many datasets and attributes were compared."""
    with h5py.File(store) as theirs, File(store) as ours:
        return _compare_groups(theirs, ours)


def _compare_groups(theirs: Any, ours: Any) -> int:
    assert list(theirs) == list(ours)
    count = _compare_attributes(theirs, ours)
    for name in theirs:
        if not isinstance(theirs.get(name, getlink=True), h5py.HardLink):
            continue
        item, found = theirs[name], ours.member(name)
        if isinstance(item, h5py.Group):
            count += _compare_groups(item, found)
        else:
            values = safe_h5.read(safe_h5.dataset_at(ours, name))
            assert found.dtype == item.dtype and found.shape == item.shape and np.array_equal(values, item[()])
            count += 1 + _compare_attributes(item, found)
    return count


def _compare_attributes(theirs: Any, ours: Any) -> int:
    assert set(theirs.attrs) == set(ours.attrs)
    for name, value in theirs.attrs.items():
        expected = [text.decode() if isinstance(text, bytes) else text for text in np.asarray(value).reshape(-1)]
        assert ours.texts(name) == expected
    return len(theirs.attrs)


@pytest.mark.parametrize("libver", FORMATS, ids=str)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "i1", "u1", "i2", ">i8", "u4", "u8", "?"])
def test_numbers(dtype: str, libver: Any) -> None:
    def fill(file: Any) -> None:
        for i, shape in enumerate([(), (0,), (7,), (4, 3, 2)]):
            file[f"group/{i}"] = np.asarray(np.random.default_rng(i).uniform(0, 100, shape)).astype(dtype)

    assert compare(written(fill, libver)) == 4


@pytest.mark.parametrize("libver", FORMATS, ids=str)
@pytest.mark.parametrize("limits", [None, (None, 20), (20, None), (None, None), (40, 50), (None, 64)], ids=str)
@pytest.mark.parametrize("shape", [(20, 20), (5, 20), (7, 6)], ids=str)
def test_pieces(shape: Any, limits: Any, libver: Any) -> None:
    packings: list[dict[str, Any]] = [
        {},
        {"compression": "gzip"},
        {"compression": "lzf", "shuffle": True},
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"fletcher32": True},
    ]

    def fill(file: Any) -> None:
        values = np.random.default_rng(3).integers(0, 50, (20, 20)).astype("f4")
        for i, packing in enumerate(packings):
            file.create_dataset(str(i), data=values, chunks=shape, maxshape=limits, **packing)

    assert compare(written(fill, libver)) == len(packings)


@pytest.mark.parametrize("libver", FORMATS, ids=str)
@pytest.mark.parametrize("limit", [40_000, None])
@pytest.mark.parametrize("compression", [None, "gzip"])
def test_very_many_pieces(compression: Any, limit: Any, libver: Any) -> None:
    def fill(file: Any) -> None:
        values = np.arange(7200, dtype="i4")
        file.create_dataset("line", data=values, chunks=(3,), maxshape=(limit,), compression=compression)
        file.create_dataset("table", data=values.reshape(60, -1), chunks=(3, 5), maxshape=(limit, limit and 150))

    assert compare(written(fill, libver)) == 2


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_the_far_end_of_a_list_of_pieces_is_in_pages(compression: Any, tmp_path: Path) -> None:
    places = [0, 3, 4, 131_100, 133_000, 134_500, 139_999]
    path = str(tmp_path / "x.h5")
    with h5py.File(path, "w", libver="latest") as file:
        made = file.create_dataset("x", (140_000,), "i4", chunks=(1,), maxshape=(None,), compression=compression)
        for place in places:
            made[place] = place
    with h5py.File(path) as theirs, File(path) as ours:
        found = {piece.place[0]: (piece.at, piece.size) for piece in ours.member("x")._chunks}
        expected = [theirs["x"].id.get_chunk_info_by_coord((place,)) for place in places]
        assert found == {piece.chunk_offset[0]: (piece.byte_offset, piece.size) for piece in expected}


@pytest.mark.parametrize("libver", FORMATS, ids=str)
@pytest.mark.parametrize("ordered", [False, True])
def test_many_members_and_attributes(ordered: bool, libver: Any) -> None:
    def fill(file: Any) -> None:
        for i in range(1500):
            file.create_group(f"groups/{'long' * (i % 20)}{i}")
        group = file.create_group("texts")
        for i in range(300):
            group.attrs[f"a{i}"] = f"text ü {i}" * (i % 30)
            group.attrs[f"b{i}"] = np.bytes_(b"x" * (i % 40 + 1))
        group.attrs["fixed"] = [b"abc", b"de", b""]
        group.attrs["variable"] = ["x", "yy", ""]
        group.attrs["none"] = []
        file["link"] = h5py.SoftLink("/groups")

    assert compare(written(fill, libver, track_order=ordered)) == 603


@pytest.mark.parametrize("length", [70_000, 900_000])
def test_long_attributes(length: int) -> None:
    def fill(file: Any) -> None:
        file.attrs["first"] = np.bytes_(b"q" * length)
        file.attrs["second"] = np.bytes_(b"r" * (length + 1))

    assert compare(written(fill, "latest")) == 2


def test_the_checksum_of_structures_is_that_of_its_author() -> None:
    text = b"Four score and seven years ago"  # the examples in lookup3.c
    assert checksums.lookup3(text) == 0x17770551
    assert checksums.lookup3(b"") == 0xDEADBEEF


@pytest.mark.parametrize("length", [1, 5, 40, 1000])
@pytest.mark.parametrize("number", [1, 3, 32000])
def test_a_damaged_piece(number: int, length: int) -> None:
    values = np.random.default_rng(length).integers(0, 2, length).astype("u1")
    option = {1: {"compression": "gzip"}, 3: {"fletcher32": True}, 32000: {"compression": "lzf"}}[number]
    store = written(lambda file: file.create_dataset("x", data=values, chunks=(length,), **option), "earliest")
    with h5py.File(store) as file:
        mask, packed = file["x"].id.read_direct_chunk((0,))
    known = [] if mask else [filters.Filter(number, [])]
    assert filters.undone(packed, known, 0, length) == values.tobytes()
    with pytest.raises(ValueError, match="piece"):
        filters.undone(packed[:-1], known, 0, length)
    with pytest.raises(ValueError, match="piece"):
        filters.undone(packed, known, 0, length - 1)


def test_texts_are_counted_together(monkeypatch: Any) -> None:
    """Eight references of 16 bytes to texts of 20 bytes each, which could all be the same text."""
    names = ["x" * 20] * 8
    store = written(lambda file: file.attrs.create("names", names, dtype=h5py.string_dtype()), "earliest")
    with File(store) as file:
        monkeypatch.setattr(items, "MAX_TEXT_BYTES", 160)
        assert file.texts("names") == names
        monkeypatch.setattr(items, "MAX_TEXT_BYTES", 159)
        with pytest.raises(ValueError, match="has 160 bytes; at most 159"):
            file.texts("names")


def test_what_is_no_hdf5_file_does_not_stay_open(tmp_path: Path, monkeypatch: Any) -> None:
    path, opened, handles = tmp_path / "x.h5", regular_files.opened, []
    path.write_bytes(b"something else")
    monkeypatch.setattr(regular_files, "opened", lambda source: handles.append(opened(source)) or handles[-1])
    with pytest.raises(ValueError, match="does not begin as one"):
        File(str(path))
    assert [handle.closed for handle in handles] == [True]
