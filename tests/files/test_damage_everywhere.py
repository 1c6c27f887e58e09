"""Every hundredth of a file missing, a wrong byte in every region: the error names the file; no model is half new."""

import tracemalloc
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras

NAMES = ["model.keras", "model.h5", "model.weights.h5"]


def _read(path: Path, model: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "weights" not in path.name:
            return keras.saving.load_model(path)
        model.load_weights(path)
        return model


def _outcome(path: Path, model: Any) -> str:
    """Whether a file was read or refused, in a way that a caller can live with."""
    before = model.get_weights()
    tracemalloc.start()
    try:
        read = _read(path, model)
    except (ValueError, OSError) as error:
        assert path.name in str(error), f"{error!r} does not name the file"
        assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True))
        return "refused"
    else:
        assert [w.shape for w in read.get_weights()] == [w.shape for w in before]
        return "read"
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20 * 2**20
        model.set_weights(before)


@pytest.mark.parametrize("name", [*NAMES, "model.weights.npz"])
def test_cut_at_every_hundredth(name: str, saved: Callable[[str], str], trained: Any) -> None:
    path = Path(saved(name))
    content = path.read_bytes()
    for percent in range(100):
        path.write_bytes(content[: len(content) * percent // 100])
        assert _outcome(path, trained) == "refused", f"cut at {percent} %"


@pytest.mark.parametrize("name", [*NAMES, "model.weights.npz"])
def test_a_wrong_byte_in_every_region(name: str, saved: Callable[[str], str], trained: Any) -> None:
    path = Path(saved(name))
    content = path.read_bytes()
    counts: Counter[str] = Counter()
    for region in range(90):
        damaged = bytearray(content)
        damaged[len(content) * region // 90 + region % 7] ^= 0xFF
        path.write_bytes(bytes(damaged))
        counts[_outcome(path, trained)] += 1
    print(f"{name}: {dict(counts)}")
    assert counts["refused"] >= (85 if name == "model.keras" else 1)  # a zip has checksums; HDF5 has none for data


@pytest.mark.parametrize("name", NAMES)
def test_every_byte_of_the_beginning(name: str, saved: Callable[[str], str], trained: Any) -> None:
    path = Path(saved(name))
    content = path.read_bytes()
    for place in range(64):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        _outcome(path, trained)


@pytest.mark.parametrize("name", ["model.h5", "model.weights.h5"])
def test_not_a_number_is_a_number_like_others(name: str, saved: Callable[[str], str], trained: Any) -> None:
    weights = [np.full_like(w, [np.nan, np.inf, -np.inf][i % 3]) for i, w in enumerate(trained.get_weights())]
    trained.set_weights(weights)
    path = Path(saved(name))
    trained.set_weights([np.zeros_like(w) for w in weights])
    assert all(
        np.array_equal(a, b, equal_nan=True) for a, b in zip(_read(path, trained).get_weights(), weights, strict=True)
    )


@pytest.mark.parametrize("value", [np.zeros((4, 5), "f4"), np.zeros(24, "f4"), np.zeros((6, 4), "f4"), np.float32(0)])
@pytest.mark.parametrize("name", NAMES)
def test_another_shape(name: str, value: Any, saved: Callable[[str], str], trained: Any) -> None:
    path = Path(saved(name))
    _change_weights(path, lambda file: _replace_first(file, (4, 6), value))
    with pytest.raises(ValueError, match=r"has shape \(4, 6\)") as caught:
        _read(path, trained)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("name", NAMES)
def test_a_weight_is_missing(name: str, saved: Callable[[str], str], trained: Any) -> None:
    path = Path(saved(name))
    _change_weights(path, lambda file: _replace_first(file, (4, 6), None))
    with pytest.raises(ValueError, match=r"no member|the file holds") as caught:
        _read(path, trained)
    assert str(caught.value).startswith(f"{path}: ")


def _change_weights(path: Path, change: Callable[[Any], None]) -> None:
    if path.suffix != ".keras":
        with h5py.File(path, "a") as file:
            change(file)
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = BytesIO(members["model.weights.h5"])
    with h5py.File(weights, "a") as file:
        change(file)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | {"model.weights.h5": weights.getvalue()}).items():
            archive.writestr(name, content)


def _replace_first(file: Any, shape: tuple[int, ...], value: Any) -> None:
    places: list[str] = []

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.shape == shape and "optimizer" not in name:
            places.append(name)

    file.visititems(note)
    del file[places[0]]
    if value is not None:
        file[places[0]] = value
