"""Pickles of data sets that crash the interpreter, take its memory or never end are refused."""

import pickle
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerasish_datasets import cifar100, imdb

ARRAY = b"cnumpy\nndarray\n"
DTYPE = b"cnumpy\ndtype\n"
OBJECTS = DTYPE + b"(X\x01\0\0\0OK\0K\1tR"
RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def tuples(depth: int) -> bytes:
    """A tuple of one tuple twice, which is one of another twice, and so on."""
    return b"K\1" + b"".join(b"q%ch%c\x86" % (i, i) for i in range(depth))


REBUILT = RECONSTRUCT + b"(" + ARRAY + b"K\0\x85C\x01btR"
ATTACKS: dict[str, bytes] = {
    "an array called on a buffer of pointers": ARRAY + b"(K\x02\x85" + OBJECTS + b"C\x10" + b"A" * 16 + b"tR.",
    "a type that is called": ARRAY + b"K\x02\x85R.",
    "an array made again as objects": REBUILT + b"(K\1K\1\x85" + OBJECTS + b"\x89C\x08AAAAAAAAtb.",
    "a structured dtype": REBUILT + b"(K\1K\1\x85" + DTYPE + b"(](X\1\0\0\0aX\1\0\0\0O\x86etR\x89C\x08AAAAAAAAtb.",
    "more values than bytes": REBUILT + b"(K\1" + number(2**30) + b"\x85" + DTYPE + b"X\2\0\0\0u1\x85R\x89C\1Atb.",
    "a shape below zero": REBUILT + b"(K\1" + number(-1) + b"\x85" + DTYPE + b"X\2\0\0\0u1\x85R\x89C\1Atb.",
    "a name that is changed": RECONSTRUCT + b"}X\x05\0\0\0_callK\1sb.",
    "a memo of 2**32 entries": b"K\1r\xff\xff\xff\xff.",
    "a memo of 2**32 entries, in text": b"K\1p4294967295\n.",
    "a text of 2**62 bytes": b"\x8e" + struct.pack("<Q", 2**62) + b"A.",
    "a frame of 2**62 bytes": b"\x95" + struct.pack("<Q", 2**62) + b"K\1.",
    "a class made anew": b"cnumpy\ndtype\n)\x81.",
    "a persistent name": b"K\1Q.",
    "another module": b"cos\ngetcwd\n)R.",
    "a name with a dot": b"cnumpy\nndarray.tobytes\n.",
    "half a file": b"K",
    "nothing": b"",
    "tuples in tuples": tuples(60) + b".",
}


def refused(act: Callable[[], Any], path: Path) -> None:
    """Hold that a data set is refused by its file, soon, and without much memory."""
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(ValueError, match="damaged or of another format") as caught:
            act()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(str(path))
    assert time.perf_counter() - began < 5 and peak < 60 * 2**20


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets/cifar-100-python").mkdir(parents=True)
    return tmp_path / "datasets"


def texts_in(path: Path, content: bytes) -> None:
    """An archive whose texts are a pickle."""
    description = "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }".ljust(117) + "\n"
    header = b"\x93NUMPY\x01\0" + struct.pack("<H", 118) + description.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("x_train", "y_train", "x_test", "y_test"):
            archive.writestr(f"{name}.npy", header + content)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_texts(attack: bytes, home: Path) -> None:
    texts_in(home / "imdb.npz", attack)
    refused(imdb.load_data, home / "imdb.npz")


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_batch(attack: bytes, home: Path) -> None:
    path = home / "cifar-100-python" / "train"
    for content in (attack, b"}C\x04data" + attack.removesuffix(b".") + b"s."):
        path.write_bytes(content)
        refused(cifar100.load_data, path)


def test_a_key_that_takes_for_ever_to_hash(home: Path) -> None:
    path = home / "cifar-100-python" / "train"
    for put in (b"q%c", b"q%cq%c"):
        doubled = b"".join(put % ((i,) * put.count(b"%c")) + b"h%c\x86" % i for i in range(60))
        path.write_bytes(b"}K\1" + doubled + b"K\1s.")
        refused(cifar100.load_data, path)


def test_one_long_list_very_often(home: Path) -> None:
    values: Any = np.empty(2000, object)
    values[:] = [list(range(2000))] * 2000
    texts_in(home / "imdb.npz", pickle.dumps(values, protocol=3))
    refused(imdb.load_data, home / "imdb.npz")
    (home / "cifar-100-python/train").write_bytes(pickle.dumps({"data": [[[0] * 99] * 99] * 99}, protocol=3))
    refused(cifar100.load_data, home / "cifar-100-python/train")


@pytest.mark.parametrize("value", ["a", [1], None, ("a",), {"a": 1}], ids=str)
def test_texts_that_are_not_lists_of_numbers(value: Any, home: Path) -> None:
    values: Any = np.empty(2, object)
    values[:] = [[1, 2], [1, value]]
    texts_in(home / "imdb.npz", pickle.dumps(values, protocol=3))
    refused(imdb.load_data, home / "imdb.npz")


def test_an_archive_that_unpacks_to_very_much(home: Path) -> None:
    texts_in(home / "imdb.npz", bytes(100 * 2**20))
    refused(imdb.load_data, home / "imdb.npz")


def test_texts_as_python_2_wrote_them(home: Path) -> None:
    head = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03"
    dtype = b"cnumpy\ndtype\nq\x04U\x02O8K\x00K\x01\x87Rq\x05(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb"
    lists = b"]q\x06(]q\x07(K\x05M\x01\x01e]q\x08K\x07ae"
    texts_in(home / "imdb.npz", head + b"(K\x01K\x02\x85" + dtype + b"\x89" + lists + b"tb.")
    (texts, _), _ = imdb.load_data(start_char=None, index_from=0, num_words=300)
    assert sorted(texts.tolist()) == [[5, 257], [7]]


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_honest_pickles_of_every_protocol(protocol: int, home: Path) -> None:
    values: Any = np.empty(300, object)
    values[:] = [[i, 300 * i, 70_000 * i] for i in range(300)]
    texts_in(home / "imdb.npz", pickle.dumps(values, protocol=protocol))
    assert imdb.load_data(start_char=None, index_from=0)[0][0].shape == (300,)


def test_honest_batches(home: Path) -> None:
    for protocol in (3, 4):
        for part in ("train", "test"):
            found = {b"data": np.zeros((400, 3072), "u1"), b"fine_labels": [7] * 400, b"names": [b"x"] * 400}
            found[b"coarse_labels"] = found[b"fine_labels"][:]
            found[b"more"] = np.ones(3, ">f4")
            (home / "cifar-100-python" / part).write_bytes(pickle.dumps(found, protocol=protocol))
        assert cifar100.load_data()[0][1].tolist() == [[7]] * 400
