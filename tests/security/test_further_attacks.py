"""Attacks that nobody has published: on time, on memory, and with values where others are expected."""

import gc
import io
import json
import pickle
import time
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.saving import serialization

LAYERS = "keras.layers"


@pytest.fixture
def model() -> Any:
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="first")])
    made.compile("adam", "mse")
    return made


def refused(path: Path, act: Callable[[], Any], message: str, seconds: float = 5, megabytes: int = 60) -> None:
    """Hold that a file is refused by its name, soon, and without much memory."""
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(ValueError, match=message) as caught:
            act()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(f"{path}: ") and len(str(caught.value)) < 5000
    assert time.perf_counter() - began < seconds and peak < megabytes * 2**20


def with_config(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Change the configuration of a `.keras` file, and pack it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (members | {"config.json": json.dumps(config).encode()}).items():
            archive.writestr(name, content)
    return path


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"module": LAYERS, "class_name": class_name, "config": config, "registered_name": None}


# -- configurations ------------------------------------------------------------------------------------------


def test_a_small_file_of_very_many_layers(model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serialization, "_MAX_OBJECTS", 4000)
    model.save(tmp_path / "model.keras")
    path = with_config(tmp_path / "model.keras", lambda c: c["config"]["layers"].extend([layer("Identity")] * 4500))
    assert path.stat().st_size < 6000
    refused(path, lambda: keras.saving.load_model(path), "more than 4000 objects")


def test_the_time_grows_with_the_layers_and_not_with_their_square(model: Any, tmp_path: Path) -> None:
    took = []
    for count in (1000, 4000):
        model.save(tmp_path / "model.keras")
        path = with_config(
            tmp_path / "model.keras", lambda c, n=count: c["config"]["layers"].extend([layer("Identity")] * n)
        )
        gc.disable()  # neither it, nor other threads, shall count what the tests before have left
        try:
            began = time.thread_time()
            keras.saving.load_model(path)
            took.append(time.thread_time() - began)
        finally:
            gc.enable()
    assert took[1] < 10 * took[0]  # squares would give 16 times


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (layer("LayerNormalization", axis=[-1] * 300_000), "the same axis twice"),
        (layer("TextVectorization", vocabulary=["a"], ngrams=10**9), "ngrams=1000000000 asks for"),
        (layer("StringLookup", vocabulary=["a"], num_oov_indices=10**9), "num_oov_indices=1000000000 asks for"),
        (layer("IntegerLookup", vocabulary=[1], num_oov_indices=10**30), "num_oov_indices=10+ asks for"),
        (layer("Flatten", data_format="x" * 10**6), "data_format must be"),
    ],
    ids=lambda value: value["class_name"] if isinstance(value, dict) else "",
)
def test_arguments_that_cost_time_or_memory(entry: Any, message: str, model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    path = with_config(tmp_path / "model.keras", lambda c: c["config"]["layers"].append(entry))
    refused(path, lambda: keras.saving.load_model(path), message)


STRANGE = [
    {"class_name": "__ellipsis__", "config": {}},
    {"class_name": "__slice__", "config": {"start": 0, "stop": 1, "step": None}},
    {"class_name": "__bytes__", "config": {"value": "x"}},
    {"class_name": "__numpy__", "config": {"value": [1], "dtype": "float32"}},
    {"class_name": "__tensor__", "config": {"value": [1.0], "dtype": "float32"}},
    {"class_name": "__tuple__", "config": {"value": [1]}},
    {"class_name": "__typespec__", "spec_name": "TensorSpec", "module": "os", "config": None},
    {"class_name": "TypeSpec", "module": "os", "config": None},
    {"class_name": "__class_lambda__", "config": {"value": "x"}},
    {"class_name": "function", "config": "relu.__globals__", "module": "builtins", "registered_name": "function"},
    {"class_name": "function", "config": "os.system", "module": "keras.activations", "registered_name": "function"},
    {"class_name": "function", "config": "__class__", "module": "builtins", "registered_name": "function"},
    {"class_name": "relu", "config": {}, "module": "keras.activations", "registered_name": None},
    {"class_name": "register_keras_serializable", "config": {}, "module": "keras.saving", "registered_name": "x"},
    {},
    5,
    [],
    float("nan"),
    10**400,
]


@pytest.mark.parametrize("place", ["activation", "kernel_initializer", "kernel_constraint"])
@pytest.mark.parametrize("value", STRANGE, ids=lambda value: str(value)[:40])
def test_values_that_are_no_function(place: str, value: Any, model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    path = with_config(tmp_path / "model.keras", lambda c: c["config"]["layers"][1]["config"].update({place: value}))
    refused(path, lambda: keras.saving.load_model(path), r"config\.json: ")


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "a/b"])
def test_a_name_that_is_a_path(name: str, model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    path = with_config(tmp_path / "model.keras", lambda c: c["config"]["layers"][1]["config"].update(name=name))
    refused(path, lambda: keras.saving.load_model(path), "without '/'")


# -- HDF5 ----------------------------------------------------------------------------------------------------


def test_a_piece_that_is_much_larger_than_its_dataset(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    model.save_weights(path)
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/0"]
        made = file.create_dataset(
            "layers/dense/vars/0", (4, 3), "f4", maxshape=(None, None), chunks=(2**12, 2**12), compression="gzip"
        )
        made[0, 0] = 1
    assert path.stat().st_size < 2**18
    refused(path, lambda: model.load_weights(path), "declares pieces of 67108864 bytes")


@pytest.mark.parametrize("name", ["model_config", "training_config", "keras_version"])
def test_an_attribute_larger_than_any_configuration(name: str, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    model.save(path)
    with h5py.File(path) as old, h5py.File(tmp_path / "big.h5", "w", libver="latest") as file:
        for member in old:
            old.copy(member, file)
        for key, value in old.attrs.items():
            file.attrs[key] = value
        del file.attrs[name]
        file.attrs.create(name, np.array(b"x" * (40 * 2**20)))
    big = tmp_path / "big.h5"
    refused(big, lambda: keras.saving.load_model(big), "at most 33554432 are read", megabytes=20)


@pytest.mark.parametrize("attribute", ["layer_names", "weight_names"])
def test_an_attribute_of_very_many_names(attribute: str, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    with h5py.File(path, "w", libver="latest") as file:
        model.save(tmp_path / "small.h5")
        with h5py.File(tmp_path / "small.h5") as old:
            file.attrs["model_config"] = old.attrs["model_config"]
        first = file.create_group("model_weights/first")
        group = file["model_weights"] if attribute == "layer_names" else first
        if group is first:
            file["model_weights"].attrs["layer_names"] = [b"first"]
        group.attrs.create(attribute, np.full(200_000, "x", object), dtype=h5py.string_dtype())
    refused(path, lambda: keras.saving.load_model(path), "has 200000 strings")


@pytest.mark.parametrize("kind", ["reference", "number", "array", "empty", "compound", "opaque", "bool"])
@pytest.mark.parametrize("name", ["model_config", "training_config", "keras_version", "layer_names", "weight_names"])
def test_an_attribute_of_another_type(name: str, kind: str, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    model.save(path)
    with h5py.File(path, "a") as file:
        group = {"layer_names": file["model_weights"], "weight_names": file["model_weights/first"]}.get(name, file)
        values: dict[str, Any] = {"number": 3, "array": np.ones(3), "empty": h5py.Empty("S1"), "bool": True}
        values |= {"compound": np.zeros((), [("a", "f4")]), "opaque": np.void(b"abc"), "reference": file.ref}
        del group.attrs[name]
        group.attrs.create(name, values[kind], dtype=h5py.ref_dtype if kind == "reference" else None)
    refused(path, lambda: keras.saving.load_model(path), "expected a string|no member")


@pytest.mark.parametrize(
    "dtype",
    [
        [("a", "f4"), ("b", "i4")],
        h5py.vlen_dtype("f4"),
        h5py.regionref_dtype,
        h5py.ref_dtype,
        np.dtype(("f4", (3,))),
        "c8",
        "V4",
        "S4",
    ],
    ids=str,
)
def test_a_dataset_of_another_type(dtype: Any, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    model.save_weights(path)
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/0"]
        file.create_dataset("layers/dense/vars/0", (4,) if dtype == np.dtype(("f4", (3,))) else (4, 3), dtype)
    refused(path, lambda: model.load_weights(path), "expected numbers|stores 0")


# -- npz -----------------------------------------------------------------------------------------------------


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (open, (str(self.path), "w"))


def header(description: str) -> bytes:
    text = description.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def pickled(directory: Path) -> bytes:
    """An array of objects, as `np.savez` writes it."""
    store = io.BytesIO()
    np.save(store, np.array([Trap(directory / "ran")], object), allow_pickle=True)
    assert pickle.dumps(Trap(directory / "ran")) and not (directory / "ran").exists()
    return store.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("pickled", "pickled objects are never read"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 1125899906842624), }"), "declares"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }") + bytes(47), "declares 48 bytes"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (-4, -3), }") + bytes(48), "weights: "),
        (header("{'descr': '|V48', 'fortran_order': False, 'shape': (), }") + bytes(48), "expected numbers"),
        (header("{'descr': '<U12', 'fortran_order': False, 'shape': (), }") + bytes(48), "expected numbers"),
        (header("__import__('os').system('true')"), "weights: "),
        (header("[" * 100), "weights: "),
        (b"\x93NUMPY\x03\x00" + bytes(60), r"unknown version \(3, 0\)"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "weights: "),
        (b"", "weights: "),
    ],
)
@pytest.mark.parametrize("place", ["layers/dense/vars/0", "arr_0"])
def test_arrays_of_an_npz_that_lie(content: Any, message: str, place: str, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    content = pickled(tmp_path) if content == "pickled" else content
    bias = io.BytesIO()
    np.save(bias, np.zeros(3, "f4"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{place}.npy", content)
        archive.writestr("arr_1.npy" if place == "arr_0" else "layers/dense/vars/1.npy", bias.getvalue())
    before = model.get_weights()
    refused(path, lambda: model.load_weights(path), message)
    assert not (tmp_path / "ran").exists()
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True))


def test_an_npz_that_unpacks_to_very_much(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("layers/dense/vars/0.npy", bytes(100 * 2**20))
        archive.writestr("layers/dense/vars/1.npy", b"")
    refused(path, lambda: model.load_weights(path), "attack on memory")


def test_an_npz_with_a_name_twice(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    model.save_weights(path)
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("layers/dense/vars/0.npy", b"")
    refused(path, lambda: model.load_weights(path), "has 3 variables|2 variables; the file holds 3|2 members")
