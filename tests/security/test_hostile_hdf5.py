"""HDF5 files that point elsewhere or promise more than they hold are refused before anything is read or changed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.saving.guards import safe_h5

KERNEL = "layers/dense/vars/0"


@pytest.fixture
def model() -> Any:
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])


@pytest.fixture
def hostile(model: Any, tmp_path: Path) -> Callable[..., str]:
    """A function that writes the model's weights, changes the file, and returns its path."""

    def make(change: Callable[[Any, Path], None]) -> str:
        path = str(tmp_path / "model.weights.h5")
        model.save_weights(path)
        with h5py.File(path, "a") as file:
            del file[KERNEL]
            change(file, tmp_path)
        return path

    return make


def _external_link(file: Any, directory: Path) -> None:
    with h5py.File(directory / "other.h5", "w") as other:
        other["secret"] = np.ones((4, 3), "f4")
    file[KERNEL] = h5py.ExternalLink(str(directory / "other.h5"), "secret")


def _soft_link(file: Any, directory: Path) -> None:
    file["elsewhere"] = np.ones((4, 3), "f4")
    file[KERNEL] = h5py.SoftLink("/elsewhere")


def _link_to_a_group(file: Any, directory: Path) -> None:
    file.move("layers/dense", "moved")
    file["layers/dense"] = h5py.SoftLink("/moved")


def _external_storage(file: Any, directory: Path) -> None:
    (directory / "secret.bin").write_bytes(os.urandom(48))
    external = [(str(directory / "secret.bin"), 0, 48)]
    file.create_dataset(KERNEL, (4, 3), "f4", external=external)


def _virtual(file: Any, directory: Path) -> None:
    with h5py.File(directory / "other.h5", "w") as other:
        other["secret"] = np.ones((4, 3), "f4")
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource(str(directory / "other.h5"), "secret", (4, 3))
    file.create_virtual_dataset(KERNEL, layout)


def _huge(file: Any, directory: Path) -> None:
    file.create_dataset(KERNEL, (2**40, 3), "f4", chunks=(1024, 3), compression="gzip")


def _huge_without_chunks(file: Any, directory: Path) -> None:
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
    space = h5py.h5s.create_simple((2**40, 3))
    h5py.h5d.create(file["layers/dense/vars"].id, b"0", h5py.h5t.IEEE_F32LE, space, plan)


def _never_written(file: Any, directory: Path) -> None:
    file.create_dataset(KERNEL, (4, 3), "f4", chunks=(4, 3))


def _group_in_place_of_data(file: Any, directory: Path) -> None:
    file.create_group(KERNEL)


def _objects(file: Any, directory: Path) -> None:
    file.create_dataset(KERNEL, (4, 3), h5py.string_dtype())


def _references(file: Any, directory: Path) -> None:
    file.create_dataset(KERNEL, (4, 3), h5py.ref_dtype)


def _no_shape(file: Any, directory: Path) -> None:
    file[KERNEL] = h5py.Empty("f4")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_external_link, "ExternalLink"),
        (_soft_link, "SoftLink"),
        (_link_to_a_group, "SoftLink"),
        (_external_storage, "other files"),
        (_virtual, "virtual"),
        (_huge, "declares"),
        (_huge_without_chunks, "declares"),
        (_never_written, "declares 48 bytes"),
        (_group_in_place_of_data, "expected a dataset"),
        (_objects, "expected numbers"),
        (_references, "expected numbers"),
        (_no_shape, "no shape"),
    ],
)
def test_refused_with_the_file_and_the_reason(change: Any, message: str, hostile: Any, model: Any) -> None:
    before = model.get_weights()
    path = hostile(change)
    with pytest.raises(ValueError, match=message) as caught:
        model.load_weights(path)
    assert path in str(caught.value) and "dense" in str(caught.value)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True))


def test_an_unknown_filter_loads_no_plugin(hostile: Any, model: Any) -> None:
    def packed(file: Any, directory: Path) -> None:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((4, 3))
        plan.set_filter(32015, h5py.h5z.FLAG_OPTIONAL)
        space = h5py.h5s.create_simple((4, 3))
        h5py.h5d.create(file["layers/dense/vars"].id, b"0", h5py.h5t.IEEE_F32LE, space, plan)

    with pytest.raises(ValueError, match="unknown filter 32015"):
        model.load_weights(hostile(packed))


def test_the_shape_is_compared_before_anything_is_read(hostile: Any, model: Any, monkeypatch: Any) -> None:
    def wide(file: Any, directory: Path) -> None:
        file[KERNEL] = np.zeros((4, 300_000), "f4")

    read: list[str] = []
    monkeypatch.setattr(safe_h5, "read", lambda dataset: read.append(dataset.name))
    with pytest.raises(ValueError, match=r"has shape \(4, 3\)"):
        model.load_weights(hostile(wide))
    assert KERNEL not in "".join(read)


def test_packed_data_that_is_real_is_read(hostile: Any, model: Any) -> None:
    def packed(file: Any, directory: Path) -> None:
        file.create_dataset(KERNEL, data=np.full((4, 3), 2, "f4"), compression="gzip", shuffle=True, fletcher32=True)

    model.load_weights(hostile(packed))
    assert (model.layers[0].kernel.numpy() == 2).all()


@pytest.mark.parametrize("change", [_external_link, _external_storage, _virtual])
def test_whole_models_are_no_way_around(change: Any, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    model.save(path)
    with h5py.File(path, "a") as file:
        group = file[f"model_weights/{model.layers[0].name}"]
        name = f"{group.name}/{group.attrs['weight_names'][0]}"
        del file[name]
        change(_Renamed(file, name), tmp_path)
    with pytest.raises(ValueError, match=r"elsewhere|other files"):
        keras.saving.load_model(path)


class _Renamed:
    """A file in which the kernel has another path."""

    def __init__(self, file: Any, name: str) -> None:
        self.file = file
        self.name = name

    def __setitem__(self, key: str, value: Any) -> None:
        self.file[self.name] = value

    def create_dataset(self, key: str, *args: Any, **options: Any) -> None:
        self.file.create_dataset(self.name, *args, **options)

    def create_virtual_dataset(self, key: str, layout: Any) -> None:
        self.file.create_virtual_dataset(self.name, layout)


def test_an_index_opens_no_files_but_its_own(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.weights.json"
    model.save_weights(path, max_shard_size=1.0)
    text = path.read_text()
    for name in ("../secret.weights.h5", "/etc/passwd", "other_00000.weights.h5", "model_00000.weights.h5/../x", 3):
        path.write_text(text.replace('"model_00000.weights.h5"', f'"{name}"' if isinstance(name, str) else str(name)))
        with pytest.raises(ValueError, match="is said to be in"):
            model.load_weights(path)


def test_a_group_that_contains_itself_ends(hostile: Any, model: Any) -> None:
    def loop(file: Any, directory: Path) -> None:
        file["layers/dense/vars/loop"] = file["layers"]
        file["layers/dense/layers"] = file["layers"]

    with pytest.raises(ValueError, match="'0'"):
        model.load_weights(hostile(loop))
