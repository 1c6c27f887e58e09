"""The editor of files of weights finds, compares, renames, adds and deletes, and what it saves loads."""

import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.saving import KerasFileEditor


def make(units: int = 3, library: Any = keras, last: str = "dense") -> Any:
    layers = library.layers
    model = library.Sequential(
        [
            library.Input((4,)),
            layers.Dense(units, name="first"),
            layers.BatchNormalization(),
            layers.Dense(2, name=last),
        ]
    )
    model.compile("adam", "mse")
    return model


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    make().save_weights(tmp_path / "model.weights.h5")
    return tmp_path / "model.weights.h5"


def test_the_tree_of_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make().save(tmp_path / "model.keras")
    editor = KerasFileEditor(tmp_path / "model.keras")
    assert list(editor.weights_dict) == ["layers", "optimizer"]
    assert editor.weights_dict["layers"]["dense"]["0"].shape == (4, 3)
    assert editor.object_metadata["/layers/dense"] == {"name": "first"}
    assert editor.config is not None and editor.config["class_name"] == "Sequential"
    assert editor.metadata is not None and editor.metadata["keras_version"] == "3.15.1"
    editor.summary()
    assert "  dense_1 ('dense')\n    0: shape=(3, 2), dtype=float32\n" in capsys.readouterr().out


def test_a_comparison_counts_every_weight_once(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    editor = KerasFileEditor(saved)
    same = editor.compare(make())
    assert same == {"status": "success", "error_count": 0, "match_count": 10}
    other = editor.compare(make(units=5))
    assert other["status"] == "error" and (other["match_count"], other["error_count"]) == (3, 7)
    assert "/layers/dense/0: shape (4, 3) in the file, shape (4, 5) in the model" in capsys.readouterr().out
    del editor.weights_dict["optimizer"]
    assert editor.compare(make())["error_count"] == 2


def test_weights_of_a_changed_model_load(saved: Path, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    old = make()
    old.load_weights(saved)
    editor = KerasFileEditor(saved)
    editor.delete_object("optimizer")
    editor.delete_object("layers/batch_normalization")
    assert not any("optimizer" in key or "batch_normalization" in key for key in editor.object_metadata)
    editor.rename_object("dense_1", "dense_2")
    editor.add_object("layers/dense_1", {"0": np.eye(3, dtype="f4")})
    editor.add_weights("layers/dense_1", {"1": np.zeros(3, "f4"), "2": np.zeros(3)})
    editor.delete_weight("dense_1", "2")
    editor.resave_weights(tmp_path / "new.weights.h5")
    with h5py.File(tmp_path / "new.weights.h5") as file:
        assert file["layers/dense_2/vars"].attrs["name"] == "dense"
    model = keras.Sequential([keras.Input((4,)), *(keras.layers.Dense(n) for n in (3, 3, 2))])
    model.load_weights(tmp_path / "new.weights.h5")
    expected = old.layers[2](old.layers[0](x))
    assert np.allclose(model.predict(x, verbose=0), expected, atol=1e-6)


@pytest.mark.parity
def test_keras_opens_what_the_editor_saves_and_counts_the_same_tree(saved: Path, tmp_path: Path) -> None:
    theirs = pytest.importorskip("keras")
    KerasFileEditor(saved).save(tmp_path / "again.weights.h5")
    model = make(library=theirs)
    model.load_weights(tmp_path / "again.weights.h5")
    editor, ours = theirs.saving.KerasFileEditor(str(saved)), KerasFileEditor(saved)
    assert editor.object_metadata == ours.object_metadata
    assert set(editor.weights_dict["optimizer"]) == set(ours.weights_dict["optimizer"])


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("rename_object", ("nothing", "x"), "no object 'nothing'; its objects are .*layers/dense_1"),
        ("rename_object", ("dense", "a/b"), "last part of a path"),
        ("rename_object", ("dense", "dense_1"), "layers/dense_1 is there already"),
        ("rename_object", ("inner", "x"), "several objects are named 'inner'"),
        ("delete_object", ("layers/nothing",), "no object 'layers/nothing'"),
        ("delete_object", ("nothing/dense",), "no object 'nothing'"),
        ("delete_object", ("layers/dense/0",), "no object 'layers/dense/0'"),
        ("add_object", ("nothing/x", {}), "no object 'nothing'"),
        ("add_object", ("x", 3), "a dict of arrays by name"),
        ("add_weights", ("dense", [3]), "a dict of arrays by name"),
        ("delete_weight", ("dense", "7"), r"no weight '7'; it has \['0', '1', 'inner'\]"),
        ("save", ("model.h5",), r"end in \.weights\.h5"),
    ],
)
def test_wrong_uses_are_explained(name: str, args: Any, message: str, saved: Path) -> None:
    editor = KerasFileEditor(saved)
    for place in ("layers/dense/inner", "optimizer/inner"):
        editor.add_object(place, {"0": np.zeros(1)})
    with pytest.raises(ValueError, match=message):
        getattr(editor, name)(*args)


def test_files_that_it_does_not_open(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(ValueError, match=r"end in \.keras or \.weights\.h5"):
        KerasFileEditor(tmp_path / "model.h5")
    for name in ("missing.keras", "missing.weights.h5"):
        with pytest.raises(FileNotFoundError, match=name):
            KerasFileEditor(tmp_path / name)
    (tmp_path / "no.keras").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"no\.keras: archive: "):
        KerasFileEditor(tmp_path / "no.keras")


@pytest.mark.parametrize(("target", "name"), [("layers", "layers/dense/loop"), ("layers/dense/vars/0", "again/vars/0")])
def test_a_member_with_two_names_is_read_once(target: str, name: str, saved: Path) -> None:
    with h5py.File(saved, "a") as file:
        file[name] = file[target]
    with pytest.raises(ValueError, match=r"model\.weights\.h5: weights: .* is the same as another member"):
        KerasFileEditor(saved)


def test_nothing_is_warned_of(saved: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        KerasFileEditor(saved)


@pytest.mark.parametrize(("kind", "name"), [("a.keras", "b.weights.h5"), ("a.weights.h5", "b.keras")])
def test_a_file_is_known_by_its_content(kind: str, name: str, tmp_path: Path) -> None:
    model = make()
    (model.save_weights if "weights" in kind else model.save)(tmp_path / kind)
    (tmp_path / kind).rename(tmp_path / name)
    editor = KerasFileEditor(tmp_path / name)
    assert editor.weights_dict["layers"]["dense"]["0"].shape == (4, 3)
    assert (editor.config is None) == ("weights" in kind)
