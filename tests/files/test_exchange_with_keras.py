"""Files written here open in Keras, and Keras's files open here: predictions, settings, and training that goes on."""

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

import kerasish
from tests.optimizer_cases import CASES, stored

pytestmark = pytest.mark.parity

BOTH = [(kerasish, keras), (keras, kerasish)]
DIRECTIONS = pytest.mark.parametrize(("writer", "reader"), BOTH, ids=["to Keras", "from Keras"])


@DIRECTIONS
@pytest.mark.parametrize("name", ["model.keras", "model.h5", "directory"])
def test_a_trained_model(
    writer: Any, reader: Any, name: str, make_model: Any, train: Any, x: Any, y: Any, tmp_path: Path
) -> None:
    model = make_model(writer)
    train(model)
    model.save(tmp_path / name, zipped=None if "." in name else False)
    copy = reader.saving.load_model(tmp_path / name)
    assert np.allclose(copy.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)
    assert np.allclose(copy.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0), rtol=1e-5)
    if name != "model.h5" or reader is kerasish:  # Keras cannot train a compiled model from its own .h5 files
        assert np.allclose(train(copy), train(model), rtol=1e-5)


@DIRECTIONS
@pytest.mark.parametrize("name", ["model.weights.h5", "model.weights.json", "model.keras", "model.h5"])
def test_weights(writer: Any, reader: Any, name: str, make_model: Any, train: Any, x: Any, tmp_path: Path) -> None:
    model, other = make_model(writer), make_model(reader)
    train(model)
    train(other)
    if "weights" in name:
        model.save_weights(tmp_path / name, max_shard_size=1e-7 if name.endswith("json") else None)
    else:
        model.save(tmp_path / name)
    other.load_weights(tmp_path / name)
    assert np.allclose(other.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)
    if name != "model.h5":
        assert np.allclose(train(other), train(model), rtol=1e-5)


OPTIMIZERS = [
    *((name, stored(name)) for name in CASES),
    ("SGD", {"gradient_accumulation_steps": 2, "global_clipnorm": 1.0}),
    ("SGD", {"learning_rate": "schedule"}),
]


@DIRECTIONS
@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_every_optimizer_goes_on(
    writer: Any, reader: Any, name: str, options: Any, x: np.ndarray, y: np.ndarray, tmp_path: Path
) -> None:
    def optimizer(library: Any) -> Any:
        schedule = library.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
        given = {**options, "learning_rate": schedule} if "learning_rate" in options else options
        return getattr(library.optimizers, name)(**given)

    def make(library: Any) -> Any:
        model = library.Sequential([library.Input((4,)), library.layers.Dense(2)])
        model.compile(
            optimizer(library), library.losses.MeanSquaredError(), metrics=[library.metrics.MeanAbsoluteError()]
        )
        return model

    fit = {"batch_size": 8, "verbose": 0, "shuffle": False}
    model = make(writer)
    model.fit(x, y, **fit)
    model.save(tmp_path / "model.keras")
    copy = reader.saving.load_model(tmp_path / "model.keras")
    assert type(copy.optimizer).__name__ == name
    expected = writer.saving.load_model(tmp_path / "model.keras").fit(x, y, **fit).history
    found = copy.fit(x, y, **fit).history
    assert set(found) == set(expected)
    assert all(np.allclose(found[key], expected[key], rtol=1e-5) for key in expected)


LAYERS = [
    ("Activation", ("tanh",), {}),
    ("BatchNormalization", (), {"momentum": 0.8, "scale": False}),
    ("BatchNormalization", (), {"renorm": True, "renorm_clipping": {"rmax": 2.0}, "renorm_momentum": 0.5}),
    ("BatchNormalization", (), {"renorm": True}),
    ("Dense", (3,), {"activation": "gelu", "kernel_initializer": "he_normal", "kernel_constraint": "max_norm"}),
    ("Dropout", (0.25,), {"seed": 3}),
    ("ELU", (), {"alpha": 0.5}),
    ("Flatten", (), {}),
    ("LeakyReLU", (), {"negative_slope": 0.1}),
    ("PReLU", (), {}),
    ("ReLU", (), {"max_value": 6.0}),
    ("Rescaling", (2.0,), {"offset": 1.0}),
    ("Rescaling", (np.ones(4),), {"offset": np.arange(4)}),
    ("Reshape", ((2, 2),), {}),
    ("Softmax", (), {"axis": -1}),
]


@pytest.mark.parametrize(("name", "args", "options"), LAYERS)
def test_the_configurations_are_the_same(name: str, args: Any, options: Any) -> None:
    configs = []
    for library in (kerasish, keras):
        layer = getattr(library.layers, name)(*args, **options, name="layer")
        model = library.Sequential([library.Input((4,), name="input"), layer], name="model")
        config = json.loads(json.dumps(library.saving.serialize_keras_object(model)))
        for part in config["config"]["layers"]:
            part.pop("build_config", None)  # a layer without weights may or may not have one
        configs.append(config)
    assert configs[0] == configs[1]


@pytest.mark.parametrize(("writer", "reader"), [(kerasish, keras), (keras, kerasish)])
def test_averages_of_a_renormalization_are_exchanged(writer: Any, reader: Any, tmp_path: Path) -> None:
    model = writer.Sequential([writer.Input((4,)), writer.layers.BatchNormalization(renorm=True)])
    model.layers[0](np.arange(12, dtype="float32").reshape(3, 4), training=True)
    for name in ("model.keras", "model.h5"):
        model.save(tmp_path / name)
        again = reader.models.load_model(tmp_path / name)
        assert [w.name for w in again.weights] == [w.name for w in model.weights]
        for found, expected in zip(again.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(found, expected)


def test_both_write_the_same_groups_and_attributes(make_model: Any, train: Any, tmp_path: Path) -> None:
    contents = []
    for library in (kerasish, keras):
        library.utils.clear_session(free_memory=False)
        model = make_model(library, optimizer=library.optimizers.Adam(name="adam"))
        train(model)
        model.save_weights(tmp_path / "model.weights.h5")
        model.save(tmp_path / "model.h5")
        contents.append([_content(tmp_path / "model.weights.h5"), _content(tmp_path / "model.h5")])
    assert contents[0][0] == contents[1][0]
    assert contents[0][1] == contents[1][1]


def _content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def note(name: str, item: Any) -> None:
        kind = (item.shape, item.dtype.str) if isinstance(item, h5py.Dataset) else ()
        attributes = {key: np.asarray(value).tolist() for key, value in item.attrs.items() if key != "backend"}
        found[name] = (kind, attributes)

    with h5py.File(path) as file:
        file.visititems(note)
        found["/"] = sorted(file.attrs)
    return found


@DIRECTIONS
def test_a_model_without_an_input_and_one_inside_another(
    writer: Any, reader: Any, x: np.ndarray, tmp_path: Path
) -> None:
    inner = writer.Sequential([writer.layers.Dense(3, activation="tanh"), writer.layers.BatchNormalization()])
    model = writer.Sequential([inner, writer.layers.Dense(1)])
    model.compile("rmsprop", loss=["mean_squared_error"], loss_weights=[2.0], weighted_metrics=["mae"])
    model.fit(x, np.ones((24, 1)), verbose=0)
    for name in ("model.keras", "model.h5"):
        model.save(tmp_path / name)
        copy = reader.saving.load_model(tmp_path / name)
        assert np.allclose(copy.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)
        found, expected = (m.evaluate(x, np.ones((24, 1)), verbose=0) for m in (copy, model))
        assert np.allclose(found, expected, rtol=1e-5)


@DIRECTIONS
def test_losses_and_metrics_as_objects_and_functions(writer: Any, reader: Any, x: Any, y: Any, tmp_path: Path) -> None:
    model = writer.Sequential([writer.Input((4,)), writer.layers.Dense(2, activation="sigmoid")])
    loss = writer.losses.BinaryCrossentropy(label_smoothing=0.1)
    metrics = [writer.metrics.AUC(num_thresholds=50), writer.metrics.mean_absolute_error, "mse", "accuracy"]
    model.compile("sgd", loss, metrics=metrics)
    for name in ("model.keras", "model.h5"):
        model.save(tmp_path / name)
        copy = reader.saving.load_model(tmp_path / name)
        found, expected = (m.evaluate(x, y, verbose=0, return_dict=True) for m in (copy, model))
        # Keras calls the metric "mse" of an .h5 file "mean_squared_error".
        assert np.allclose(sorted(found.values()), sorted(expected.values()), rtol=1e-5)
        assert set(found) == set(expected) or name == "model.h5"


def _own_net(library: Any) -> Any:
    class Net(library.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.blocks = [library.layers.Dense(3), library.layers.Dense(3), library.layers.Dropout(0.1)]
            self.heads = {"a": library.layers.Dense(2), "b": [library.layers.Dense(2)]}
            self.inner = library.Sequential([library.layers.Dense(2), library.layers.BatchNormalization()])
            self.nest = [[library.layers.Dense(2)]]
            self._last = library.layers.Dense(1)
            self.shift = self.add_weight(shape=(2,), name="shift")
            self.seeds = library.random.SeedGenerator(3)

        def call(self, inputs: Any) -> Any:
            for block in self.blocks:
                inputs = block(inputs)
            inputs = self.heads["b"][0](self.heads["a"](inputs)) + self.shift
            return self._last(self.inner(self.nest[0][0](inputs)))

    return Net()


@DIRECTIONS
def test_weights_of_a_model_of_the_callers_own_class(writer: Any, reader: Any, x: np.ndarray, tmp_path: Path) -> None:
    model, other = _own_net(writer), _own_net(reader)
    for net in (model, other):
        net.compile("adam", "mse")
        net.fit(x, np.ones((24, 1)), verbose=0)
    model.save_weights(tmp_path / "net.weights.h5")
    other.save_weights(tmp_path / "other.weights.h5")
    with h5py.File(tmp_path / "net.weights.h5") as a, h5py.File(tmp_path / "other.weights.h5") as b:
        names: list[list[str]] = [[], []]
        a.visit(names[0].append)
        b.visit(names[1].append)
    assert names[0] == names[1]
    other.load_weights(tmp_path / "net.weights.h5")
    assert np.allclose(other.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)


@DIRECTIONS
def test_registered_functions_and_classes(writer: Any, reader: Any, x: np.ndarray, tmp_path: Path) -> None:
    for library in (writer, reader):

        @library.saving.register_keras_serializable("exchange")
        def twice(values: Any) -> Any:
            return values + values

        @library.saving.register_keras_serializable("exchange")
        class Plus(library.layers.Layer):
            def __init__(self, amount: float = 0.0, **kwargs: Any) -> None:
                super().__init__(**kwargs)
                self.amount = amount

            def call(self, inputs: Any) -> Any:
                return inputs + self.amount

            def get_config(self) -> dict[str, Any]:
                return {**super().get_config(), "amount": self.amount}

        if library is writer:
            model = library.Sequential([library.Input((4,)), library.layers.Dense(2, activation=twice), Plus(3.0)])
    for name in ("model.keras", "model.h5"):
        model.save(tmp_path / name)
        copy = reader.saving.load_model(tmp_path / name)
        assert np.allclose(copy.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)


def test_keras_passes_over_the_random_state(make_model: Any, tmp_path: Path) -> None:
    make_model(rate=0.5).save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive, archive.open("model.weights.h5") as member:
        assert h5py.File(member)["layers/dropout/seed_generator/vars/0"].shape == (2,)
    assert keras.saving.load_model(tmp_path / "model.keras").layers[4].rate == 0.5


@DIRECTIONS
def test_low_precision_weights(writer: Any, reader: Any, tmp_path: Path) -> None:
    pytest.importorskip("ml_dtypes")
    for dtype in ("bfloat16", "float16", "mixed_float16"):  # JAX has no float64 unless it is told to
        model = writer.Sequential([writer.Input((4,)), writer.layers.Dense(2, dtype=dtype)])
        model.save(tmp_path / "model.keras")
        copy = reader.saving.load_model(tmp_path / "model.keras")
        assert copy.layers[0].kernel.dtype == model.layers[0].kernel.dtype
        kernels = (np.asarray(m.layers[0].kernel).astype("float64") for m in (copy, model))
        assert np.array_equal(*kernels)
