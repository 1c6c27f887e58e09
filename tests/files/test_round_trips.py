"""What is saved here and read back here is the same model, to the bit, and goes on training as if never saved."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras

MODELS = ["model.keras", "model.h5", "model.hdf5", "directory"]
WEIGHTS = ["model.weights.h5", "model.weights.json"]


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_model_predicts_and_trains_on_to_the_bit(
    name: str, saved: Any, trained: Any, train: Any, x: Any
) -> None:
    copy = keras.saving.load_model(saved(name))
    assert np.array_equal(copy.predict(x, verbose=0), trained.predict(x, verbose=0))
    assert train(copy) == train(trained)
    for ours, theirs in zip(copy.variables, trained.variables, strict=True):
        assert np.array_equal(ours.numpy(), theirs.numpy())
    assert copy.get_config() == trained.get_config()


@pytest.mark.parametrize("name", [*WEIGHTS, "model.keras", "model.h5"])
def test_loaded_weights_are_the_saved_ones(name: str, saved: Any, trained: Any, make_model: Any, train: Any) -> None:
    path = saved(name)
    copy = make_model()
    train(copy)  # so that the optimizer has its variables
    copy.load_weights(path)
    for ours, theirs in zip(copy.weights, trained.weights, strict=True):
        assert np.array_equal(ours.numpy(), theirs.numpy())
    if not name.endswith("model.h5"):
        for ours, theirs in zip(copy.optimizer.variables, trained.optimizer.variables, strict=True):
            assert np.array_equal(ours.numpy(), theirs.numpy())


def test_random_layers_go_on_where_they_were(make_model: Any, train: Any, tmp_path: Path) -> None:
    model = make_model(rate=0.5)
    train(model)
    model.save(tmp_path / "model.keras")
    assert train(keras.saving.load_model(tmp_path / "model.keras")) == train(model)


def test_a_model_without_an_input_and_one_inside_another(tmp_path: Path, x: np.ndarray) -> None:
    inner = keras.Sequential([keras.layers.Dense(3, activation="tanh"), keras.layers.Dropout(0.2)])
    model = keras.Sequential([inner, keras.layers.Dense(1)])
    expected = model.predict(x, verbose=0)
    for name in ("model.keras", "model.h5"):
        model.save(tmp_path / name)
        assert np.array_equal(keras.saving.load_model(tmp_path / name).predict(x, verbose=0), expected)


def test_a_model_that_is_not_built_keeps_its_layers(tmp_path: Path, x: np.ndarray) -> None:
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(1)])
    with pytest.warns(UserWarning, match="before it is built"):
        model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    assert [layer.units for layer in copy.layers] == [3, 1] and not copy.built
    assert copy.predict(x, verbose=0).shape == (24, 1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_has_not_been_trained_loads_in_silence(name: str, make_model: Any, tmp_path: Path) -> None:
    make_model().save(tmp_path / name, zipped=None if "." in name else False)
    assert keras.saving.load_model(tmp_path / name).compiled


def test_without_compile_the_model_only_predicts(saved: Any) -> None:
    for name in ("model.keras", "model.h5", "directory"):
        assert not keras.saving.load_model(saved(name), compile=False).compiled


def test_without_the_optimizer_an_h5_file_holds_the_model_alone(trained: Any, tmp_path: Path) -> None:
    trained.save(tmp_path / "model.h5", include_optimizer=False)
    assert not keras.saving.load_model(tmp_path / "model.h5").compiled


def test_a_model_of_the_callers_own_class(tmp_path: Path, x: np.ndarray) -> None:
    @keras.saving.register_keras_serializable("tests")
    class Net(keras.Model):
        def __init__(self, units: int = 3, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.blocks = [keras.layers.Dense(units), keras.layers.Dense(units)]
            self.heads = {"a": keras.layers.Dense(1), "b": [keras.layers.Dense(1)]}
            self._scale = keras.layers.Rescaling(2.0)

        def build(self, input_shape: Any) -> None:
            self.offset = self.add_weight(shape=(self.units,), initializer="ones")
            for block in self.blocks:
                block.build(input_shape)
                input_shape = (input_shape[0], self.units)
            for head in (self.heads["a"], *self.heads["b"]):
                head.build(input_shape)

        def call(self, inputs: Any) -> Any:
            for block in self.blocks:
                inputs = block(inputs)
            inputs = self._scale(inputs + self.offset)
            return self.heads["a"](inputs) + self.heads["b"][0](inputs)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    model = Net(units=4)
    model.compile("adam", "mse")
    model.fit(x, np.ones((24, 1)), verbose=0)
    model.save(tmp_path / "net.keras")
    copy = keras.saving.load_model(tmp_path / "net.keras")
    assert np.array_equal(copy.predict(x, verbose=0), model.predict(x, verbose=0))
    assert int(copy.optimizer.iterations) == int(model.optimizer.iterations) == 1


def test_parts_with_their_own_way_of_saving(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable("tests")
    class Table(keras.layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.table = self.add_weight(shape=(2,), trainable=False)

        def call(self, inputs: Any) -> Any:
            return inputs * self.table

        def save_own_variables(self, store: Any) -> None:
            store["doubled"] = 2 * self.table.numpy()

        def load_own_variables(self, store: Any) -> None:
            assert list(store.keys()) == ["doubled"] and len(store) == 1 and "other" not in store
            self.table.assign(store["doubled"] / 2)

    model = keras.Sequential([keras.Input((2,)), Table(), keras.layers.Dense(1)])
    model.layers[0].table.assign([3.0, 4.0])
    model.save(tmp_path / "model.keras")
    assert np.array_equal(keras.saving.load_model(tmp_path / "model.keras").layers[0].table.numpy(), [3, 4])


def test_functions_of_the_callers_own(tmp_path: Path, x: np.ndarray) -> None:
    def swoosh(values: Any) -> Any:
        return values * keras.ops.sigmoid(values)

    def off(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation=swoosh)])
    model.compile("sgd", loss=off, metrics=[off])
    model.fit(x, np.ones((24, 1)), verbose=0)
    for name in ("model.keras", "model.h5"):
        model.save(tmp_path / name)
        with pytest.raises(ValueError, match="swoosh"):
            keras.saving.load_model(tmp_path / name)
        mine = {"swoosh": swoosh, "off": off}
        copy = keras.saving.load_model(tmp_path / name, custom_objects=mine)
        assert copy.layers[0].activation is swoosh and copy.loss is off
        with keras.saving.custom_object_scope(mine):
            assert keras.saving.load_model(tmp_path / name).evaluate(x, np.ones((24, 1)), verbose=0)


def test_weights_that_do_not_fit_change_nothing(saved: Any, make_model: Any, x: np.ndarray) -> None:
    other = make_model()
    other.layers[-2].bias._value = np.zeros(3, "float32")  # the last weight of the file
    before = [v.numpy() for v in other.weights]
    for name in (*WEIGHTS, "model.keras", "model.h5"):
        with pytest.raises(ValueError, match="has shape"):
            other.load_weights(saved(name))
        assert all(np.array_equal(v.numpy(), old) for v, old in zip(other.weights, before, strict=True))


def test_skipping_what_does_not_fit_loads_the_rest(saved: Any, trained: Any, x: np.ndarray) -> None:
    for name in ("model.weights.h5", "model.h5"):
        path = saved(name)
        other = keras.models.Sequential([keras.Input((4,)), *(_twin(layer) for layer in trained.layers)])
        with pytest.warns(UserWarning, match="has shape"):
            other.load_weights(path, skip_mismatch=True)
        assert np.array_equal(other.layers[1].kernel.numpy(), trained.layers[1].kernel.numpy())


def _twin(layer: Any) -> Any:
    config = layer.get_config()
    return type(layer).from_config({**config, "units": 3} if config.get("units") == 2 else config)


def test_layers_left_out_and_layers_by_name(saved: Any, trained: Any, make_model: Any) -> None:
    other = make_model()
    before = other.layers[1].kernel.numpy()
    other.load_weights(saved("model.weights.h5"), objects_to_skip=[other.layers[1]])
    assert np.array_equal(other.layers[1].kernel.numpy(), before)
    assert np.array_equal(other.layers[7].kernel.numpy(), trained.layers[7].kernel.numpy())
    names = [layer.name for layer in trained.layers]
    last = keras.Sequential([keras.Input((6,)), keras.layers.Dense(2, name=names[7])])
    last.load_weights(saved("model.h5"), by_name=True)
    assert np.array_equal(last.layers[0].kernel.numpy(), trained.layers[7].kernel.numpy())


def test_an_archive_is_what_keras_expects(saved: Any) -> None:
    with zipfile.ZipFile(saved("model.keras")) as archive:
        assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]
        assert json.loads(archive.read("metadata.json"))["keras_version"] == "3.15.1"
        config = json.loads(archive.read("config.json"))
    assert {"module", "class_name", "config", "registered_name", "build_config", "compile_config"} == set(config)
    assert (config["module"], config["class_name"], config["registered_name"]) == ("keras", "Sequential", None)


def test_shards_hold_no_more_than_they_may(saved: Any, tmp_path: Path) -> None:
    index = json.loads(Path(saved("model.weights.json")).read_text())
    shards = sorted(tmp_path.glob("model_*.weights.h5"))
    assert len(shards) > 3 and index["weight_map"]["/layers/dense/vars"] == ["model_00000.weights.h5"]


@pytest.mark.parametrize("name", [*MODELS, *WEIGHTS])
def test_a_file_that_is_there_is_kept_if_asked(name: str, saved: Callable[[str], str], trained: Any) -> None:
    path = saved(name)
    save = trained.save_weights if name in WEIGHTS else trained.save
    options = {"max_shard_size": 1.0} if name.endswith(".json") else {"zipped": False} if name == "directory" else {}
    with pytest.raises(FileExistsError, match="overwrite=False"):
        save(path, overwrite=False, **options)
    save(path, overwrite=True, **options)
    assert keras.saving.load_model(path) if name in MODELS else trained.load_weights(path) is None
