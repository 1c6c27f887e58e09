"""HDF5 files whose structure leads in circles, or asks for far more than it holds: each is an honest file, patched."""

import ast
import io
import os
import struct
import subprocess
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.saving.guards import safe_h5
from kerasish.saving.hdf5 import source
from kerasish.saving.hdf5.checksums import lookup3
from kerasish.saving.hdf5.file import File
from kerasish.saving.hdf5.kinds import kind_of

SHAPE = (40, 30)
KERNEL = "layers/dense/vars/0"
Patch = Callable[[bytearray], None]


@pytest.fixture
def model() -> Any:
    made = keras.Sequential([keras.Input(SHAPE[:1]), keras.layers.Dense(SHAPE[1])])
    made.compile("adam", "mse")
    return made


def weights(path: Path, libver: Any = "earliest", more: Callable[[Any], None] | None = None, **packing: Any) -> Path:
    """A file of the model's weights."""
    with h5py.File(path, "w", libver=libver) as file:
        file.create_dataset(KERNEL, data=np.ones(SHAPE, "f4"), **packing)
        file["layers/dense/vars/1"] = np.zeros(SHAPE[1], "f4")
        if more is not None:
            more(file)
    return path


def patched(path: Path, patch: Patch) -> Path:
    content = bytearray(path.read_bytes())
    before = bytes(content)
    patch(content)
    assert content != before
    path.write_bytes(bytes(content))
    return path


def places(content: bytes, signature: bytes) -> list[int]:
    """Where a signature is."""
    found = [content.find(signature)]
    while found[-1] >= 0:
        found.append(content.find(signature, found[-1] + 1))
    return found[:-1]


def put(content: bytearray, at: int, value: int, size: int = 8) -> None:
    content[at : at + size] = value.to_bytes(size, "little")


def sum_again(content: bytearray, at: int, size: int) -> None:
    """Make the checksum of a structure right."""
    put(content, at + size - 4, lookup3(bytes(content[at : at + size - 4])), 4)


def quickly(act: Callable[[], Any], megabytes: int = 80) -> Any:
    """What an act gives, or the ValueError that it raises: soon, and without much memory."""
    tracemalloc.start()
    began = time.process_time()
    try:
        return act()
    except ValueError as error:
        return error
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert time.process_time() - began < 8 and peak < megabytes * 2**20


def refused(path: Path, act: Callable[[Any], Any], reason: str, megabytes: int = 80) -> None:
    before = sorted(os.listdir(path.parent))
    error = quickly(lambda: act(path), megabytes)
    assert isinstance(error, ValueError) and str(error).startswith(f"{path}: ")
    with pytest.raises(ValueError, match=reason):
        raise error
    assert sorted(os.listdir(path.parent)) == before


def everywhere(path: Path, model: Any, reason: str) -> None:
    """Hold that a file of weights is refused by the model and by the editor."""
    refused(path, model.load_weights, reason)
    refused(path, keras.saving.KerasFileEditor, reason)


# -- circles -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 1, 255])
def test_an_old_tree_that_is_its_own_child(level: int, model: Any, tmp_path: Path) -> None:
    def patch(content: bytearray) -> None:
        for at in places(content, b"TREE"):
            content[at + 5] = level
            put(content, at + 32, at)

    everywhere(patched(weights(tmp_path / "x.weights.h5"), patch), model, "tree|is no SNOD")
    path = tmp_path / "x.h5"
    model.save(path)
    refused(patched(path, patch), keras.saving.load_model, "tree|is no SNOD")


def test_an_old_tree_of_pieces_that_is_its_own_child(model: Any, tmp_path: Path) -> None:
    def patch(content: bytearray) -> None:
        at = next(at for at in places(content, b"TREE") if content[at + 4] == 1)
        content[at + 5] = 1
        put(content, at + 24 + 40, at)

    path = weights(tmp_path / "x.weights.h5", chunks=(8, 8))
    everywhere(patched(path, patch), model, "tree")


def test_the_same_names_twice(model: Any, tmp_path: Path) -> None:
    def patch(content: bytearray) -> None:
        at = content.rindex(b"TREE")
        put(content, at + 6, 2, 2)
        content[at + 40 : at + 56] = content[at + 24 : at + 40]

    everywhere(patched(weights(tmp_path / "x.weights.h5"), patch), model, "the group leads to byte .* twice")


def test_an_old_header_that_goes_on_where_it_was(model: Any, tmp_path: Path) -> None:
    def patch(content: bytearray) -> None:
        root = int.from_bytes(content[64:72], "little")
        content[root + 16 : root + 40] = struct.pack("<HHB3xQQ", 0x10, 16, 0, root + 16, 24)

    everywhere(patched(weights(tmp_path / "x.weights.h5"), patch), model, "the header leads to byte .* twice")


def test_a_new_header_that_goes_on_where_it_was(model: Any, tmp_path: Path) -> None:
    def patch(content: bytearray) -> None:
        at = int.from_bytes(content[36:44], "little")
        start = at + 6 + (16 if content[at + 5] & 0x20 else 0) + 1
        size = content[start - 1]
        own = struct.pack("<BHBQQ", 0x10, 16, 0, at, start - at + size + 4)
        rest = size - len(own)
        content[start : start + size] = own + struct.pack("<BHB", 0, rest - 4, 0).ljust(rest, b"\0")
        sum_again(content, at, start - at + size + 4)

    path = patched(weights(tmp_path / "x.weights.h5", "latest"), patch)
    everywhere(path, model, "the header leads to byte .* twice")


def _many_groups(file: Any) -> None:
    for i in range(1500):
        file.create_group(f"layers/{'name' * 8}{i}")


def test_a_new_tree_that_is_its_own_child(model: Any, tmp_path: Path) -> None:
    def patch(content: bytearray) -> None:
        header = next(at for at in places(content, b"BTHD") if content[at + 5] == 5)
        at = int.from_bytes(content[header + 16 : header + 24], "little")
        assert content[at : at + 4] == b"BTIN"
        count = int.from_bytes(content[header + 24 : header + 26], "little")
        first = at + 6 + 11 * count
        put(content, first, at)
        pointer = 8 + 1 + (2 if content[header + 12] > 1 else 0)
        sum_again(content, at, 10 + 11 * count + (count + 1) * pointer)

    path = patched(weights(tmp_path / "x.weights.h5", "latest", _many_groups), patch)
    everywhere(path, model, "is no BT|leads to byte|records|checksum")


def test_a_heap_whose_blocks_are_the_heap(model: Any, tmp_path: Path) -> None:
    def patch(content: bytearray) -> None:
        at = content.index(b"FHIB")
        rows = 1
        while lookup3(bytes(content[at : at + 17 + 32 * rows])) != int.from_bytes(
            content[at + 17 + 32 * rows : at + 21 + 32 * rows], "little"
        ):
            rows += 1
        for i in range(4 * rows):
            put(content, at + 17 + 8 * i, at)
        sum_again(content, at, 21 + 32 * rows)

    path = patched(weights(tmp_path / "x.weights.h5", "latest", _many_groups), patch)
    everywhere(path, model, "link|name twice|heap")


@pytest.mark.parametrize("index", [0, 1, 7])
@pytest.mark.parametrize("size", [0, 2**64 - 16, 2**64 - 23, 2**63])
def test_texts_that_lead_nowhere_or_backward(index: int, size: int, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    model.save(path)

    def patch(content: bytearray) -> None:
        at = content.index(b"GCOL") + 16
        put(content, at, index, 2)
        put(content, at + 8, size)

    refused(patched(path, patch), keras.saving.load_model, "heap|expected a JSON|JSON|keras_version|unknown|config")


def test_a_list_of_free_places_that_leads_to_itself_is_not_read(model: Any, tmp_path: Path) -> None:
    def patch(content: bytearray) -> None:
        for at in places(content, b"HEAP"):
            data = int.from_bytes(content[at + 24 : at + 32], "little")
            put(content, at + 16, 8)
            put(content, data + 8, 8)

    path = patched(weights(tmp_path / "x.weights.h5", more=lambda file: file.create_group("more")), patch)
    with File(str(path)) as file:
        assert quickly(lambda: len(file)) == 2


def test_groups_nested_very_deeply(model: Any, tmp_path: Path) -> None:
    def nest(file: Any) -> None:
        group = file
        for _ in range(2000):
            group = group.create_group("g")

    path = weights(tmp_path / "x.weights.h5", "latest", nest)
    assert quickly(lambda: model.load_weights(path)) is None
    refused(path, keras.saving.KerasFileEditor, "nested deeper than 100")
    with File(str(path)) as file:
        assert quickly(lambda: safe_h5.allowance(file)) == safe_h5.SMALL + 16 * 4 * 1230


def test_very_many_parts(model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_PARTS", 2000)
    path = weights(tmp_path / "x.weights.h5", "latest", _many_groups)
    everywhere(path, model, "more than 2000 parts")


# -- sizes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filters", [[5], [4], [6], [307], [1, 5], [1, 1]], ids=str)
def test_filters(filters: list[int], model: Any, tmp_path: Path) -> None:
    """Patched into the message of an honest filter, with the values that crash the C library's nbit."""
    path = weights(tmp_path / "x.weights.h5", chunks=SHAPE, compression="gzip", fletcher32=len(filters) == 2)

    def patch(content: bytearray) -> None:
        names = places(content, b"deflate\0")
        assert len(names) == 1
        at = names[0] - 8
        if len(filters) == 1:
            put(content, at, filters[0], 2)
            return
        other = at - 16 if content[at - 16] == 3 else content.index(b"fletcher32") - 8
        put(content, other, filters[1], 2)

    everywhere(patched(path, patch), model, "unknown filter|same filter twice")


def test_nbit_with_false_settings(model: Any, tmp_path: Path) -> None:
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk(SHAPE)
    plan.set_filter(h5py.h5z.FILTER_NBIT, 0, ())

    def more(file: Any) -> None:
        del file[KERNEL]
        space = h5py.h5s.create_simple(SHAPE)
        made = h5py.h5d.create(file["layers/dense/vars"].id, b"0", h5py.h5t.IEEE_F32LE, space, plan)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ones(SHAPE, "f4"))

    def patch(content: bytearray) -> None:
        at = content.index(struct.pack("<8I", 8, 1, 1200, 1, 4, 0, 32, 0))
        content[at : at + 32] = struct.pack("<8I", 8, 0, 2**27, 1, 4, 0, 1, 0)

    path = patched(weights(tmp_path / "x.weights.h5", more=more), patch)
    everywhere(path, model, "unknown filter 5")


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_a_piece_that_inflates_to_more_than_it_declares(libver: str, model: Any, tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(120)) + packer.flush()

    def more(file: Any) -> None:
        file[KERNEL].id.write_direct_chunk((0, 0), packed)

    path = weights(tmp_path / "x.weights.h5", libver, more, chunks=SHAPE, compression="gzip")
    everywhere(path, model, "unpacks to more than the 4804 bytes")


def test_lzf_that_grows(model: Any, tmp_path: Path) -> None:
    packed = b"\0a" + b"\xe0\xff\0" * 100_000

    def more(file: Any) -> None:
        file[KERNEL].id.write_direct_chunk((0, 0), packed)

    path = weights(tmp_path / "x.weights.h5", more=more, chunks=SHAPE, compression="lzf")
    everywhere(path, model, "unpacks to more than the 4804 bytes")


def test_very_many_pieces_that_are_nearly_empty(model: Any, tmp_path: Path) -> None:
    """Of each piece one row counts; together they unpack to far more than the dataset."""
    path = tmp_path / "x.weights.h5"
    small = keras.Sequential([keras.Input((2000,)), keras.layers.Dense(1)])
    with h5py.File(path, "w") as file:
        options: dict[str, Any] = {"chunks": (1, 2**17), "maxshape": (None, None), "compression": "gzip"}
        made = file.create_dataset(KERNEL, (2000, 1), "f4", **options)
        packed = zlib.compress(bytes(2**19), 9)
        for i in range(2000):
            made.id.write_direct_chunk((i, 0), packed)
        file["layers/dense/vars/1"] = np.zeros(1, "f4")
    everywhere(path, small, r"declares 8000 bytes")


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("limits", [None, (None, 30), (None, None)])
def test_pieces_that_are_missing_are_not_zeros(libver: str, limits: Any, model: Any, tmp_path: Path) -> None:
    def more(file: Any) -> None:
        del file[KERNEL]
        made = file.create_dataset(KERNEL, SHAPE, "f4", chunks=(8, 8), maxshape=limits)
        made[:16] = 1

    path = weights(tmp_path / "x.weights.h5", libver, more)
    everywhere(path, model, "12 of its 20 pieces are missing")


def test_one_text_named_very_often(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        names = ["n" * 1_234_567] + ["m"] * 2999
        file.attrs.create("layer_names", np.array(names, object), dtype=h5py.string_dtype())

    def patch(content: bytearray) -> None:
        at = content.index(struct.pack("<I", 1_234_567))
        content[at : at + 16 * 3000] = content[at : at + 16] * 3000

    refused(patched(path, patch), model.load_weights, "at most 33554432 are read")


def test_a_heap_read_over_and_over(model: Any, tmp_path: Path) -> None:
    """Each attribute is small enough by itself; together they name the same text hundreds of times."""
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        for i in range(60):
            names = ["n" * 1_234_567 if i == j == 0 else "m" * 777 for j in range(10)]
            file.attrs.create(f"layer_names{i}", np.array(names, object), dtype=h5py.string_dtype())

    def patch(content: bytearray) -> None:
        first = content.index(struct.pack("<I", 1_234_567))
        for at in places(content, struct.pack("<I", 777)):
            content[at : at + 16] = content[first : first + 16]

    refused(patched(path, patch), model.load_weights, "used over and over", 100)


def test_a_type_of_very_many_types() -> None:
    deep = struct.pack("<BBBBI", 0x19, 0, 0, 0, 16) * 7000
    assert quickly(lambda: kind_of(source.Fields(deep))).what == "values of variable length"
    enumeration = struct.pack("<BBBBI", 0x18, 2, 0, 0, 1) * 7000
    assert isinstance(quickly(lambda: kind_of(source.Fields(enumeration))), ValueError)


@pytest.mark.parametrize("count", [2, 150])
def test_datasets_that_share_their_data(count: int, model: Any, tmp_path: Path) -> None:
    def more(file: Any) -> None:
        for i in range(count):
            file[f"layers/other{i:03}/vars/0"] = np.full(1000, 7.0 + i, "f8")

    def patch(content: bytearray) -> None:
        at = content.index(struct.pack("<d", 7.0) * 9)
        layout = struct.pack("<BB", 3, 1)
        for i in range(1, count):
            other = content.index(struct.pack("<d", 7.0 + i) * 9)
            place = content.index(layout + struct.pack("<QQ", other, 8000))
            put(content, place + 2, at)

    path = patched(weights(tmp_path / "x.weights.h5", more=more), patch)
    refused(path, keras.saving.KerasFileEditor, "the data of several")
    with File(str(path)) as file, pytest.raises(ValueError, match="the data of several"):
        safe_h5.allowance(file)


def test_two_names_of_one_dataset_count_once(tmp_path: Path) -> None:
    def more(file: Any) -> None:
        for i in range(150):
            file[f"again{i}"] = file[KERNEL]

    with File(str(weights(tmp_path / "x.weights.h5", more=more))) as file:
        assert safe_h5.allowance(file) == safe_h5.SMALL + 16 * 4 * 1230


def test_data_that_looks_like_structure_is_data(tmp_path: Path) -> None:
    kernel = np.frombuffer((b"GCOL\x01\0\0\0TREESNODOHDR" + bytes(range(1, 45))) * 2, "f4").reshape(4, 8)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8)])
    model.set_weights([kernel, np.zeros(8)])
    model.save_weights(tmp_path / "model.weights.h5")
    model.load_weights(tmp_path / "model.weights.h5")
    assert np.array_equal(model.get_weights()[0], kernel)


@pytest.mark.parametrize(("libver", "place"), [("earliest", 13), ("earliest", 14), ("latest", 9), ("latest", 10)])
def test_sizes_of_other_widths(libver: str, place: int, model: Any, tmp_path: Path) -> None:
    path = weights(tmp_path / "x.weights.h5", libver)
    everywhere(patched(path, lambda content: put(content, place, 4, 1)), model, "not of 64 bits")


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_a_file_that_is_cut_off(libver: str, model: Any, tmp_path: Path) -> None:
    whole = weights(tmp_path / "whole.h5", libver).read_bytes()
    path = tmp_path / "x.weights.h5"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="the file is empty" if length == 0 else "not a readable HDF5 file"):
            model.load_weights(path)


def test_any_damage_to_a_new_structure_is_noticed(tmp_path: Path) -> None:
    """The newer format has checksums."""
    content = weights(tmp_path / "x.h5", "latest").read_bytes()
    at = content.rindex(b"OHDR")
    for i in range(at, at + 40):
        damaged = bytearray(content)
        damaged[i] ^= 4
        with pytest.raises(ValueError, match="not a readable HDF5 file"), File(io.BytesIO(bytes(damaged))) as file:
            for dataset in file.datasets():
                dataset.read()


# -- random changes ------------------------------------------------------------------------------------------


def test_structures_with_random_changes() -> None:
    """A sample of the fuzzer's files, in a child with limits; KERASISH_FUZZ gives another number of them."""
    count = int(os.environ.get("KERASISH_FUZZ", "300"))
    command = [sys.executable, str(Path(__file__).with_name("hdf5_fuzzer.py")), "0", str(count)]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60 + count, check=False)
    assert done.returncode == 0, f"{done.stderr[-3000:]}\n{done.stdout}"
    counts = ast.literal_eval(done.stdout)
    assert counts["refused"] > count / 3 and counts["read"] > count / 20 and sum(counts.values()) == count
