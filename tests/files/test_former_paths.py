"""Layers under the names that tf.keras 2.12 to 2.14 gave them in `.keras` and `.weights.h5` files."""

import gzip
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.saving.legacy.paths import CONTAINER, FormerPaths

DATA = Path(__file__).parent / "data"
X = np.load(DATA / "tf_keras_2_13_repeated.npz")["x0"]
EXPECTED = np.load(DATA / "tf_keras_2_13_repeated.npz")["y0"]


def _stored() -> bytes:
    return gzip.decompress((DATA / "tf_keras_2_13_repeated.weights.h5.gz").read_bytes())


def _on_windows(path: str) -> str:
    """The path of a group as TensorFlow wrote it on Windows: one name, whose last part alone is a group in a group."""
    above, _, last = path.rpartition("/")
    return f"{above}/{last}" if last == "vars" and "/" not in above else above.replace("/", "\\") + f"/{last}"


def _counted_on(path: str) -> str:
    """The path with numbers that go on from the models before."""
    return re.sub(r"(dense|dropout|add)(?:_(\d+))?(?=/)", lambda m: f"{m[1]}_{int(m[2] or 0) + 7}", path)


def _rewritten(change: Any) -> bytes:
    """The stored file with its groups elsewhere."""
    made = io.BytesIO()
    with h5py.File(io.BytesIO(_stored())) as old, h5py.File(made, "w") as new:

        def copy(path: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                group, _, name = path.rpartition("/")
                new.require_group(change(f"{group}/")[:-1] if change is _counted_on else change(group))[name] = item[()]

        old.visititems(copy)
    return made.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        _on_windows,
        _counted_on,
        lambda path: _on_windows(_counted_on(f"{path}/")[:-1]),
        lambda path: path.replace("/", "\\"),
    ],
    ids=["backslashes", "counted on", "both", "no groups at all"],
)
@pytest.mark.parametrize("ending", ["keras", "weights.h5"])
def test_the_layers_are_found_by_their_order(ending: str, change: Any, tmp_path: Path) -> None:
    path = tmp_path / f"model.{ending}"
    weights = _rewritten(change)
    with zipfile.ZipFile(
        io.BytesIO(gzip.decompress((DATA / "tf_keras_2_13_repeated.keras.gz").read_bytes()))
    ) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "whole.keras", "w") as archive:
        for name, content in {**members, "model.weights.h5": weights}.items():
            archive.writestr(name, content)
    model = keras.saving.load_model(tmp_path / "whole.keras")
    if ending == "weights.h5":
        path.write_bytes(weights)
        model.set_weights([np.zeros_like(w) for w in model.get_weights()])
        model.load_weights(path)
    assert np.allclose(model.predict(X, verbose=0), EXPECTED, atol=1e-6, rtol=1e-5)


def test_keras_3_on_windows(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), keras.layers.Dense(4)])
    model.save_weights(tmp_path / "a.weights.h5")
    expected = model.get_weights()
    with h5py.File(tmp_path / "a.weights.h5", "a") as file:
        for name in list(file["layers"]):
            file.move(f"layers/{name}", f"layers\\{name}")
        del file["layers"]
    model.set_weights([np.zeros_like(w) for w in expected])
    model.load_weights(tmp_path / "a.weights.h5")
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), expected, strict=True))


@pytest.mark.parametrize("separator", ["/", "\\"])
def test_vocabularies_are_found_too(separator: str, tmp_path: Path) -> None:
    words, others = keras.layers.StringLookup(), keras.layers.StringLookup()
    words.adapt(np.array(["a", "b", "b"]))
    others.adapt(np.array(["c", "d", "d"]))
    inputs = [keras.Input((1,), dtype="string"), keras.Input((1,), dtype="string")]
    keras.Model(inputs, [words(inputs[0]), others(inputs[1])]).save(tmp_path / "now.keras")
    names = {"string_lookup/": "string_lookup_4/", "string_lookup_1/": "string_lookup_6/"}
    with zipfile.ZipFile(tmp_path / "now.keras") as now, zipfile.ZipFile(tmp_path / "old.keras", "w") as old:
        for name in now.namelist():
            new = name.replace("layers/", f"{CONTAINER}/")
            for part, changed in names.items():
                new = new.replace(f"{CONTAINER}/{part}", f"{CONTAINER}/{changed}")
            old.writestr(new.replace("/", separator), now.read(name))
    model = keras.saving.load_model(tmp_path / "old.keras")
    made = model.predict([np.array([["b"], ["x"]]), np.array([["d"], ["b"]])], verbose=0)
    assert [part.tolist() for part in made] == [[[1], [0]], [[1], [0]]]


def test_a_layer_that_was_saved_elsewhere_takes_no_number() -> None:
    paths = FormerPaths(lambda path: ["dense_9", "dense_12", "max_pooling2_d"] if path else [CONTAINER])
    assert paths.find("layers/dense_1") == f"{CONTAINER}/dense_9"
    assert paths.find("layers/dense_2") == paths.find("layers/dense_2") == f"{CONTAINER}/dense_12"
    assert paths.find("layers/max_pooling2d/x") == f"{CONTAINER}/max_pooling2_d/x"
    assert paths.find("layers/dense_3") == f"{CONTAINER}/dense_3"


def test_files_of_today_keep_their_numbers() -> None:
    paths = FormerPaths(lambda path: ["layers", CONTAINER])
    assert paths.find("layers/dense_1") == "layers/dense_1"
