"""Files that are cut, empty, of another kind or incomplete: the error names the file and says what is wrong."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras

MODELS = ["model.keras", "model.h5"]
ALL = [*MODELS, "model.weights.h5", "model.weights.npz"]


def _read(path: Path, model: Any) -> Any:
    return model.load_weights(path) if "weights" in path.name else keras.saving.load_model(path)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("name", ALL)
def test_a_file_that_was_cut(name: str, share: float, saved: Any, trained: Any) -> None:
    path = Path(saved(name))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    before = trained.get_weights()
    with pytest.raises(ValueError, match=rf"{name}: "):
        _read(path, trained)
    assert all(np.array_equal(a, b) for a, b in zip(trained.get_weights(), before, strict=True))


@pytest.mark.parametrize("name", ALL)
def test_bits_that_flipped_are_told_or_harmless(name: str, saved: Any, trained: Any) -> None:
    path = Path(saved(name))
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(content), 60):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(damaged))
        try:
            _read(path, trained)
        except ValueError as error:
            assert name in str(error)


@pytest.mark.parametrize(
    "content", [b"", b"garbage" * 100, b"\x89HDF\r\n\x1a\n" + bytes(200), b"PK\x03\x04" + bytes(90)]
)
@pytest.mark.parametrize("name", ALL)
def test_a_file_of_another_kind(name: str, content: bytes, trained: Any, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=name):
        _read(tmp_path / name, trained)


@pytest.mark.parametrize("name", [*ALL, "model.weights.json"])
def test_no_file_and_a_directory(name: str, trained: Any, tmp_path: Path) -> None:
    for kind in (FileNotFoundError, ValueError):
        with pytest.raises(kind, match=name):
            _read(tmp_path / name, trained)
    (tmp_path / name).mkdir()
    with pytest.raises(IsADirectoryError, match=name):
        _read(tmp_path / name, trained)


def test_an_ending_that_means_nothing(saved: Any, trained: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    path.write_bytes(b"neither an archive nor HDF5")
    for read in (keras.saving.load_model, trained.load_weights, trained.save, trained.save_weights):
        with pytest.raises(ValueError, match=r"ends in|are read from|is read from"):
            read(path)
    with pytest.raises(ValueError, match="this machine"):
        keras.saving.load_model("hf://someone/model.keras")
    with pytest.raises(TypeError, match="string or a path"):
        keras.saving.load_model(3)


@pytest.mark.parametrize("kind", ["model.keras", "model.h5"])
@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m.hdf5", "m.weights.h5", "m.model", "m"])
def test_a_model_is_known_by_its_content(
    name: str, kind: str, saved: Any, trained: Any, x: Any, tmp_path: Path
) -> None:
    path = shutil.copy(saved(kind), tmp_path / name)
    expected = trained.predict(x, verbose=0)
    model = keras.saving.load_model(path)
    assert np.array_equal(model.predict(x, verbose=0), expected) and model.compiled
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    model.load_weights(path)
    assert np.array_equal(model.predict(x, verbose=0), expected)


@pytest.mark.parametrize("name", ["w.keras", "w.h5", "w.hdf5", "w.ckpt"])
def test_weights_are_known_by_their_content(name: str, saved: Any, trained: Any, x: Any, tmp_path: Path) -> None:
    expected = trained.predict(x, verbose=0)
    path = shutil.copy(saved("model.weights.h5"), tmp_path / name)
    trained.set_weights([np.zeros_like(w) for w in trained.get_weights()])
    trained.load_weights(path)
    assert np.array_equal(trained.predict(x, verbose=0), expected)
    with pytest.raises(ValueError, match="weights only"):
        keras.saving.load_model(path)


@pytest.mark.parametrize("member", ["config.json", "model.weights.h5"])
def test_an_archive_without_a_member(member: str, saved: Any) -> None:
    path = saved("model.keras")
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if name != member}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match=rf"model\.keras: {member}: the archive has no member"):
        keras.saving.load_model(path)
    directory = Path(saved("directory"))
    (directory / member).unlink()
    with pytest.raises(OSError, match="directory"):
        keras.saving.load_model(directory)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("class_name"), "describes a dict"),
        (lambda c: c["config"].pop("layers"), "the key 'layers' is missing"),
        (lambda c: c["config"]["layers"][2]["config"].update(units="many"), "units"),
        (lambda c: c["config"]["layers"][2]["config"].update(unitz=3), "unitz"),
        (lambda c: c["config"]["layers"][2].update(class_name="Dence"), "Did you mean 'Dense'"),
        (lambda c: c["config"]["layers"][2].update(config=[1]), "must be a dict"),
        (lambda c: c["config"]["layers"][2]["config"]["dtype"]["config"].update(name="float31"), "float31"),
        (lambda c: c["config"]["layers"].append(7), "7"),
        (lambda c: c["compile_config"].update(loss="nonsense"), "unknown loss 'nonsense'"),
        (lambda c: c["compile_config"].update(nonsense=1), "nonsense"),
        (
            lambda c: c["compile_config"]["optimizer"].update(class_name="Dense", module="keras.layers"),
            "optimizer|config",
        ),
    ],
)
def test_a_configuration_with_a_mistake(change: Any, message: str, saved: Any) -> None:
    path = saved("model.keras")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match=r"model\.keras: config\.json: ") as caught:
        keras.saving.load_model(path)
    assert any(part in str(caught.value) for part in message.split("|"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.__delitem__("layers/dense"), "the file holds 0 at layers/dense"),
        (lambda f: f.__delitem__("layers/dense_1/vars/1"), "the file holds 1 at layers/dense_1"),
        (lambda f: f.move("layers/dense_1/vars/1", "layers/dense_1/vars/x"), "'1'"),
        (lambda f: _put(f, "layers/dense/vars/0", np.zeros((4, 5), "f4")), "has shape"),
        (lambda f: _put(f, "layers/dense/vars/0", np.zeros((4, 6), "S3")), "expected numbers"),
        (lambda f: _put(f, "optimizer/vars/0", np.float32(1)), "holds int32"),
    ],
)
def test_weights_that_are_missing_or_odd(change: Any, message: str, saved: Any, trained: Any) -> None:
    path = saved("model.weights.h5")
    with h5py.File(path, "a") as file:
        change(file)
    before = trained.get_weights()
    with pytest.raises(ValueError, match=message):
        trained.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(trained.get_weights(), before, strict=True))


def _put(file: Any, name: str, value: Any) -> None:
    del file[name]
    file[name] = value


def test_a_shard_that_is_missing(saved: Any, trained: Any, tmp_path: Path) -> None:
    path = saved("model.weights.json")
    (tmp_path / "model_00002.weights.h5").unlink()
    with pytest.raises(FileNotFoundError, match=r"model_00002\.weights\.h5"):
        trained.load_weights(path)


def test_a_model_that_is_not_built(saved: Any) -> None:
    model = keras.Sequential([keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="before it is built"):
        model.load_weights(saved("model.weights.h5"))
    with pytest.raises(ValueError, match="before it is built"):
        model.save_weights("unbuilt.weights.h5")


def test_arguments_that_do_not_exist(saved: Any, trained: Any) -> None:
    with pytest.raises(ValueError, match="colour"):
        keras.saving.save_model(trained, saved("model.keras"), colour="red")
    with pytest.raises(ValueError, match="colour"):
        keras.saving.load_weights(trained, saved("model.keras"), colour="red")
    with pytest.raises(ValueError, match="by_name"):
        keras.saving.load_weights(trained, saved("model.keras"), by_name=True)
    with pytest.raises(ValueError, match="objects_to_skip"):
        keras.saving.load_weights(trained, saved("model.keras"), objects_to_skip=[])
    with pytest.raises(ValueError, match="max_shard_size"):
        trained.save_weights(saved("model.weights.json"), max_shard_size=1e-12)
