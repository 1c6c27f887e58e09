"""Honest HDF5 files with a few fields of their structure changed: `python tests/security/hdf5_fuzzer.py 0 20000`.

The reader itself tells which bytes are a field: every number that it takes from a structure is noted, with its place
and width. A number becomes 0, its neighbour, its double, the largest, or the address of something else; checksums are
made right again, so that what lies behind them is reached. Each file is then loaded, within limits on memory and time.
"""

import contextlib
import io
import random
import resource
import signal
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import h5py
import numpy as np

import kerasish as keras
from kerasish.saving.hdf5 import checksums, source

SECONDS = 10
MEGABYTES = 700
SHAPE = (40, 30)


class Honest(NamedTuple):
    """A file that opens, what opens it, and what the reader took from it: numbers and checked structures."""

    content: bytes
    path: Path
    load: Callable[[Path], Any]
    fields: list[tuple[int, int]]
    sums: list[tuple[int, int]]


def honest_files(directory: Path) -> list[Honest]:
    """A file of each format and each way to keep data."""
    model = keras.Sequential([keras.Input(SHAPE[:1]), keras.layers.Dense(SHAPE[1], name="first")])
    model.compile("adam", "mse")
    model.save(directory / "model.h5")
    model.save_weights(directory / "plain.weights.h5")
    made = [_observed(directory / "model.h5", keras.saving.load_model)]

    def load(path: Path) -> None:
        model.load_weights(path)
        keras.saving.KerasFileEditor(path)

    made.append(_observed(directory / "plain.weights.h5", load))
    packings: list[dict[str, Any]] = [
        {"chunks": (7, 6), "compression": "gzip", "shuffle": True, "fletcher32": True},
        {"chunks": (7, 6), "maxshape": (None, 30), "compression": "lzf"},
        {"chunks": SHAPE, "compression": "gzip"},
        {"chunks": (3, 3), "maxshape": (None, None)},
    ]
    for libver in ("earliest", "latest"):
        for i, packing in enumerate(packings):
            path = directory / f"{libver}{i}.weights.h5"
            with h5py.File(path, "w", libver=libver, track_order=i == 1) as file:
                _fill(file, packing)
            made.append(_observed(path, load))
    return made


def _fill(file: Any, packing: dict[str, Any]) -> None:
    values = np.random.default_rng(3).normal(size=SHAPE).astype("f4").round(1)
    file.create_dataset("layers/dense/vars/0", data=values, **packing)
    file["layers/dense/vars/1"] = np.zeros(SHAPE[1], "f4")
    file["layers/dense/vars"].attrs["name"] = "first"
    for i in range(12):
        file["layers/dense/vars"].attrs[f"note{i}"] = "x" * 20 * i
        file.create_group(f"layers/dense/more{i}/vars")


def _observed(path: Path, load: Callable[[Path], Any]) -> Honest:
    """Load a file, and note what the reader takes from it."""
    fields: set[tuple[int, int]] = set()
    sums: set[tuple[int, int]] = set()
    number, numbers, checked = source.Fields.number, source.Fields.numbers, source.Source.checked

    def note_number(self: Any, size: int) -> int:
        fields.add((self.at + self.position, size))
        return number(self, size)

    def note_numbers(self: Any, count: int, size: int) -> list[int]:
        begin = self.at + self.position
        fields.update((begin + i * size, size) for i in range(min(count, 100)))
        return numbers(self, count, size)

    def note_checked(self: Any, at: int, size: int, signature: bytes) -> Any:
        sums.add((at, size))
        return checked(self, at, size, signature)

    with (
        mock.patch.object(source.Fields, "number", note_number),
        mock.patch.object(source.Fields, "numbers", note_numbers),
        mock.patch.object(source.Source, "checked", note_checked),
    ):
        load(path)
    return Honest(path.read_bytes(), path, load, sorted(place for place in fields if place[1]), sorted(sums))


def changed(honest: Honest, draw: random.Random) -> bytes:
    """The file with some of its fields changed, and its checksums right."""
    content = bytearray(honest.content)
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        at, size = draw.choice(honest.fields)
        old = int.from_bytes(content[at : at + size], "little")
        new = draw.choice([*_others(old, size), draw.choice(honest.fields)[0], at, draw.choice([0, *honest.sums])])
        value = new[0] if isinstance(new, tuple) else new
        content[at : at + size] = (value % 256**size).to_bytes(size, "little")
    for at, size in honest.sums:
        summed = bytes(content[at : at + size - 4])
        content[at + size - 4 : at + size] = checksums.lookup3(summed).to_bytes(4, "little")
    if draw.random() < 0.02:
        del content[draw.randrange(len(content)) :]
    return bytes(content)


def _others(old: int, size: int) -> list[int]:
    most = 256**size
    return [
        0,
        1,
        2,
        7,
        255,
        old + 1,
        old - 1,
        2 * old,
        old + 8,
        old ^ 1 << 8 * size - 1,
        most - 1,
        most // 2,
        2**31,
        2**20,
    ]


@contextlib.contextmanager
def limits() -> Iterator[None]:
    """A block that may take little more memory than there is now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEGABYTES * 2**20
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


class TooSlowError(BaseException):
    """A file has taken longer than it may."""


def _late(*args: Any) -> None:
    raise TooSlowError


def run(first: int, count: int) -> Counter[str]:
    """Load so many changed files, the draws of each given by its number; raise AssertionError unless all end well."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _late)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place, limits():
        files = honest_files(Path(place))
        for number in range(first, first + count):
            draw = random.Random(number)
            honest = files[number % len(files)]
            honest.path.write_bytes(changed(honest, draw))
            print(number, file=sys.stderr, flush=True)
            found[_outcome(honest, number)] += 1
    return found


def _outcome(honest: Honest, number: int) -> str:
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            honest.load(honest.path)
    except (ValueError, OSError) as error:
        told = str(error)
        assert str(honest.path) in told and "more memory than there is" not in told, f"file {number}: {told}"
        return "refused"
    except BaseException as error:
        raise AssertionError(f"file {number} ({honest.path.name}) ends in {error!r}") from error
    finally:
        signal.alarm(0)
    return "read"


if __name__ == "__main__":
    print(dict(run(int(sys.argv[1]), int(sys.argv[2]))))
