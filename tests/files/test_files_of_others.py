"""Files that tf.keras 2 and Keras 3.15.1 wrote (tests/files/data) open here and predict what their writers did."""

import gzip
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras

DATA = Path(__file__).parent / "data"
# tf.keras leaves the state of its older optimizers out of .keras files.
OLDER_OPTIMIZERS = ("image", "nested")
MODELS = sorted(path.stem for path in DATA.glob("*.npz"))


def _unpacked(name: str, directory: Path) -> Path:
    path = directory / name
    path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    return path


def _expected(name: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    with np.load(DATA / f"{name}.npz") as arrays:
        return tuple([arrays[k] for k in arrays if k[0] == kind] for kind in "xy")  # type: ignore[return-value]


def _answers(model: Any, x: list[np.ndarray]) -> list[np.ndarray]:
    y = model.predict(x if len(x) > 1 else x[0], verbose=0)
    return y if isinstance(y, list) else [y]


@pytest.fixture
def quiet() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*starts anew")  # Nadam of tf.keras keeps its momentum elsewhere
        yield


def test_there_are_files_of_all() -> None:
    assert len(MODELS) == 15 and {name[:13] for name in MODELS} == {"tf_keras_2_13", "tf_keras_2_15", "keras_3_15_co"}


@pytest.mark.parametrize("ending", ["h5", "keras", "weights.h5"])
@pytest.mark.parametrize("name", MODELS)
def test_predictions_are_the_writers(name: str, ending: str, tmp_path: Path, quiet: Any) -> None:
    path = _unpacked(f"{name}.{ending}", tmp_path)
    x, expected = _expected(name)
    if ending == "weights.h5":
        model = keras.saving.load_model(_unpacked(f"{name}.keras", tmp_path))
        model.set_weights([np.zeros_like(w) for w in model.get_weights()])
        model.load_weights(path)
    else:
        model = keras.saving.load_model(path)
    for ours, theirs in zip(_answers(model, x), expected, strict=True):
        assert np.allclose(ours, theirs, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("ending", ["h5", "keras"])
@pytest.mark.parametrize("name", MODELS)
def test_they_are_compiled_train_on_and_are_saved_anew(name: str, ending: str, tmp_path: Path, quiet: Any) -> None:
    model = keras.saving.load_model(_unpacked(f"{name}.{ending}", tmp_path))
    x, expected = _expected(name)
    begun = "noise" not in name and not (ending == "keras" and name.endswith(OLDER_OPTIMIZERS))
    assert int(model.optimizer.iterations) == (2 if begun else 0)
    targets = [np.ones_like(y) for y in expected]
    history = model.fit(x if len(x) > 1 else x[0], targets if len(targets) > 1 else targets[0], verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    model.save(tmp_path / "again.keras")
    again = keras.saving.load_model(tmp_path / "again.keras")
    for ours, before in zip(_answers(again, x), _answers(model, x), strict=True):
        assert np.array_equal(ours, before)


def test_one_name_with_two_formulas_keeps_both(tmp_path: Path) -> None:
    old = keras.saving.load_model(_unpacked("tf_keras_2_15_embedding.keras", tmp_path)).get_layer("dense_7")
    new = keras.saving.load_model(_unpacked("keras_3_15_compiled.h5", tmp_path)).layers[0]
    x = np.array([1.0], "f4")
    assert old.activation(x) == pytest.approx(0.7) and new.activation(x) == pytest.approx(4 / 6)


def test_the_moments_of_an_optimizer_go_on(tmp_path: Path) -> None:
    path = _unpacked("tf_keras_2_15_sequential.h5", tmp_path)
    optimizer = keras.saving.load_model(path).optimizer
    with h5py.File(path) as file:
        group = file["optimizer_weights"]
        stored = [group[name][()] for name in group.attrs["weight_names"]]
    ours = [v.numpy() for i, v in enumerate(optimizer.variables) if i != 1]
    assert all(np.array_equal(a, b) for a, b in zip(ours, stored, strict=True))


def test_a_tensorflow_operation_that_is_unknown_is_named(tmp_path: Path) -> None:
    path = _unpacked("tf_keras_2_15_functional.h5", tmp_path)
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = file.attrs["model_config"].replace('math.multiply"}', 'io.read_file"}')
    with pytest.raises(ValueError, match=r"functional\.h5: model_config: the operation 'io\.read_file'"):
        keras.saving.load_model(path)
