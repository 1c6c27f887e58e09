"""Heaps of HDF5 files that the library would never come back from are refused before it reads them."""

import io
import struct
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.saving import heap_guard


@pytest.fixture
def path(tmp_path: Path) -> Path:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.save(tmp_path / "model.h5")
    return tmp_path / "model.h5"


def _first_heap(content: bytes) -> int:
    return content.index(b"GCOL\x01")


@pytest.mark.parametrize(
    ("index", "size"), [(0, 0), (1, 2**64 - 16), (1, 2**64 - 23), (1, 2**64 - 48), (0, 2**64 - 16), (7, 2**63)]
)
def test_an_object_that_leads_nowhere_or_backward(index: int, size: int, path: Path) -> None:
    content = bytearray(path.read_bytes())
    at = _first_heap(content) + 16
    content[at : at + 2] = struct.pack("<H", index)
    content[at + 8 : at + 16] = struct.pack("<Q", size)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.h5: HDF5: .*object without end"):
        keras.saving.load_model(path)


def test_bytes_that_look_like_a_heap_are_data_like_others(tmp_path: Path) -> None:
    kernel = np.frombuffer((b"GCOL\x01\0\0\0" + bytes(range(1, 57))) * 2, "f4").reshape(4, 8)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8)])
    model.set_weights([kernel, np.zeros(8)])
    model.save_weights(tmp_path / "model.weights.h5")
    model.load_weights(tmp_path / "model.weights.h5")
    assert np.array_equal(model.get_weights()[0], kernel)


def test_very_many_heaps_in_one_another_cost_little_time(path: Path) -> None:
    content = path.read_bytes()
    heap = b"GCOL\x01\0\0\0" + struct.pack("<Q", 2**40) + struct.pack("<H6xQ", 1, 16)
    path.write_bytes(content + heap * 50_000)
    began = time.perf_counter()
    with pytest.raises(ValueError, match=r"heaps hold more than \d+ objects"):
        keras.saving.load_model(path)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("piece", [7, 16, 33])
def test_a_heap_across_the_pieces_that_are_read(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"\x89HDF\r\n\x1a\n" + bytes(5) + b"\x08\x08" + bytes(40) + b"GCOL\x01" + bytes(50) + b"GCOL\x01"
    monkeypatch.setattr(heap_guard, "_PIECE", piece)
    assert list(heap_guard._places(io.BytesIO(content), b"GCOL\x01")) == [55, 110]


@pytest.mark.parametrize(("version", "place"), [("earliest", 14), ("latest", 10)])
def test_sizes_of_other_widths_are_refused(version: Any, place: int, tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    with h5py.File(path, "w", libver=version) as file:
        file["layers/dense/vars/0"] = np.ones((4, 3), "f4")
        file["layers/dense/vars/1"] = np.ones(3, "f4")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.load_weights(path)
    content = bytearray(path.read_bytes())
    content[place] = 4
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not of 64 bits"):
        model.load_weights(path)
