"""HDF5 files as Keras 1, Keras 2 and tf.keras 2 wrote them, rebuilt attribute by attribute."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.models.operations import operation_names
from kerasish.saving.legacy import config as legacy_config
from kerasish.saving.legacy import operations as legacy_operations

RNG = np.random.default_rng(3)
KERNELS = [RNG.normal(size=(4, 3)).astype("f4"), RNG.normal(size=(3, 1)).astype("f4")]
BIASES = [RNG.normal(size=3).astype("f4"), RNG.normal(size=1).astype("f4")]
X = RNG.normal(size=(8, 4)).astype("f4")
EXPECTED = 1 / (1 + np.exp(-(np.tanh(X @ KERNELS[0] + BIASES[0]) @ KERNELS[1] + BIASES[1])))


def _names(values: list[str]) -> np.ndarray:
    return np.array([value.encode() for value in values])


def _write(path: Path, version: str, model: Any, training: Any, layers: Any, state: Any) -> Path:
    """A file of a whole model.

    Args:
        layers: for each layer its name and its weights by name.
        state: the optimizer's weights by name.
    """
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version.encode()
        file.attrs["model_config"] = json.dumps(model).encode()
        file.attrs["training_config"] = json.dumps(training).encode()
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = _names([name for name, _ in layers])
        for name, weights in layers:
            part = group.create_group(name)
            part.attrs["weight_names"] = _names(list(weights)) if weights else np.array([])
            for key, value in weights.items():
                part.create_dataset(key, data=value)
        if state:
            group = file.create_group("optimizer_weights")
            group.attrs["weight_names"] = _names(list(state))
            for key, value in state.items():
                group.create_dataset(key, data=value)
    return path


def _keras_1(path: Path) -> Path:
    common = {"W_regularizer": None, "b_regularizer": None, "activity_regularizer": None, "W_constraint": None}
    common |= {"b_constraint": None, "bias": True, "trainable": True, "init": "glorot_uniform"}
    first = {
        **common,
        "name": "dense_1",
        "output_dim": 3,
        "input_dim": 4,
        "activation": "tanh",
        "input_dtype": "float32",
    }
    first |= {"batch_input_shape": [None, 4], "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01}}
    second = {
        **common,
        "name": "dense_2",
        "output_dim": 1,
        "input_dim": None,
        "activation": "linear",
        "init": "uniform",
    }
    layers = [
        {"class_name": "Dense", "config": first},
        {"class_name": "Dropout", "config": {"name": "dropout_1", "trainable": True, "p": 0.5}},
        {"class_name": "Dense", "config": second},
        {"class_name": "Activation", "config": {"name": "activation_1", "trainable": True, "activation": "sigmoid"}},
    ]
    optimizer = {"class_name": "SGD", "config": {"lr": 0.25, "momentum": 0.0, "decay": 0.5, "nesterov": False}}
    training = {"optimizer_config": optimizer, "loss": "mse", "metrics": ["accuracy"], "loss_weights": None}
    training["sample_weight_mode"] = None
    weights = [
        ("dense_1", {"dense_1_W": KERNELS[0], "dense_1_b": BIASES[0]}),
        ("dropout_1", {}),
        ("dense_2", {"dense_2_W": KERNELS[1], "dense_2_b": BIASES[1]}),
        ("activation_1", {}),
    ]
    return _write(path, "1.2.2", {"class_name": "Sequential", "config": layers}, training, weights, {})


def _dense(name: str, units: int, activation: str, **more: Any) -> dict[str, Any]:
    scaling = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
    config = {"name": name, "trainable": True, "units": units, "activation": activation, "use_bias": True}
    config |= {"kernel_initializer": {"class_name": "VarianceScaling", "config": scaling}}
    config |= {"bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": None}
    config |= {
        "bias_regularizer": None,
        "activity_regularizer": None,
        "kernel_constraint": None,
        "bias_constraint": None,
    }
    return {"class_name": "Dense", "config": {**config, **more}}


def _moments(shift: float) -> list[np.ndarray]:
    return [np.full(v.shape, shift + i, "f4") for i, v in enumerate((KERNELS[0], BIASES[0], KERNELS[1], BIASES[1]))]


def _keras_2(path: Path) -> Path:
    regularizer = {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.01}}
    layers = [
        _dense("dense_1", 3, "tanh", batch_input_shape=[None, 4], dtype="float32", kernel_regularizer=regularizer),
        _dense("dense_2", 1, "sigmoid"),
    ]
    adam = {"lr": 0.125, "beta_1": 0.9, "beta_2": 0.999, "decay": 0.0, "epsilon": None, "amsgrad": False}
    training = {"optimizer_config": {"class_name": "Adam", "config": adam}, "loss": "binary_crossentropy"}
    training |= {"metrics": ["acc"], "sample_weight_mode": None, "loss_weights": None}
    weights = [
        (f"dense_{i}", {f"dense_{i}/kernel:0": KERNELS[i - 1], f"dense_{i}/bias:0": BIASES[i - 1]}) for i in (1, 2)
    ]
    values = [np.int64(5), *_moments(0.0), *_moments(10.0)]
    state = {f"training/Adam/Variable_{i}:0": value for i, value in enumerate(values)}
    return _write(path, "2.2.4", {"class_name": "Sequential", "config": layers}, training, weights, state)


def _tf_keras(path: Path) -> Path:
    entrance = {
        "batch_input_shape": [None, 4],
        "dtype": "float32",
        "sparse": False,
        "ragged": False,
        "name": "entrance",
    }
    policy = {"class_name": "Policy", "config": {"name": "float32"}}
    layers = [
        {"class_name": "InputLayer", "config": entrance},
        _dense("dense", 3, "tanh", dtype=policy),
        _dense("dense_1", 1, "sigmoid", dtype=policy),
    ]
    schedule = {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": False, "name": None}
    rate = {"class_name": "ExponentialDecay", "config": schedule}
    adam = {"name": "Adam", "learning_rate": rate, "decay": 0.0, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
    optimizer = {"class_name": "Custom>Adam", "config": {**adam, "jit_compile": False, "is_legacy_optimizer": False}}
    crossentropy = {"reduction": "auto", "name": "binary_crossentropy", "from_logits": False, "label_smoothing": 0}
    wrapper = {"name": "accuracy", "dtype": "float32", "fn": "binary_accuracy"}
    training = {
        "loss": {"class_name": "BinaryCrossentropy", "config": crossentropy},
        "metrics": [
            [{"class_name": "MeanMetricWrapper", "config": wrapper}, {"class_name": "AUC", "config": {"name": "auc"}}]
        ],
        "weighted_metrics": None,
        "loss_weights": None,
        "optimizer_config": optimizer,
    }
    names = ("dense", "dense_1")
    weights = [(n, {f"{n}/kernel:0": k, f"{n}/bias:0": b}) for n, k, b in zip(names, KERNELS, BIASES, strict=True)]
    labels = [f"{n}/{kind}" for n in names for kind in ("kernel", "bias")]
    state: dict[str, Any] = {"Adam/iter:0": np.int64(5)}
    for slot, shift in (("m", 0.0), ("v", 10.0)):
        state |= {f"Adam/{label}/{slot}:0": v for label, v in zip(labels, _moments(shift), strict=True)}
    model = {"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}}
    return _write(path, "2.4.0", model, training, weights, state)


@pytest.mark.parametrize("make", [_keras_1, _keras_2, _tf_keras])
def test_the_model_predicts_and_trains(make: Any, tmp_path: Path) -> None:
    model = keras.saving.load_model(make(tmp_path / "old.h5"))
    assert np.allclose(model.predict(X, verbose=0), EXPECTED, atol=1e-6)
    assert model.input_shape == (None, 4)
    history = model.fit(X, np.ones((8, 1)), epochs=2, verbose=0).history
    assert len(history["loss"]) == 2 and {"acc", "accuracy"} & set(history)
    model.save(tmp_path / "new.keras")
    again = keras.saving.load_model(tmp_path / "new.keras")
    assert np.array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_arguments_have_their_names_of_today(tmp_path: Path) -> None:
    model = keras.saving.load_model(_keras_1(tmp_path / "old.h5"))
    assert model.layers[0].kernel_regularizer.l2 == pytest.approx(0.01)
    assert model.layers[1].rate == 0.5
    assert type(model.layers[2].kernel_initializer).__name__ == "RandomUniform"
    model.optimizer.iterations.assign(2)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.25 / (1 + 0.5 * 2))


@pytest.mark.parametrize("make", [_keras_2, _tf_keras])
def test_the_moments_go_to_their_weights(make: Any, tmp_path: Path) -> None:
    optimizer = keras.saving.load_model(make(tmp_path / "old.h5")).optimizer
    assert int(optimizer.iterations) == 5
    slots = [v.numpy() for v in optimizer.variables if v.shape]
    assert all(np.array_equal(a, b) for a, b in zip(slots[0::2], _moments(0.0), strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(slots[1::2], _moments(10.0), strict=True))


def test_a_state_of_another_make_is_left_with_a_warning(tmp_path: Path) -> None:
    path = _keras_2(tmp_path / "old.h5")
    with h5py.File(path, "a") as file:
        group = file["optimizer_weights"]
        group.attrs["weight_names"] = group.attrs["weight_names"][:3]
    with pytest.warns(UserWarning, match="starts anew"):
        model = keras.saving.load_model(path)
    assert int(model.optimizer.iterations) == 0


def test_settings_of_compile(tmp_path: Path) -> None:
    model = keras.saving.load_model(_tf_keras(tmp_path / "old.h5"))
    assert model.loss.reduction == "sum_over_batch_size"
    model.evaluate(X, np.ones((8, 1)), verbose=0)
    assert {"accuracy", "auc"} <= set(model.get_metrics_result())
    assert type(model.optimizer).__name__ == "Adam"
    model.optimizer.iterations.assign(10)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)


def test_weights_alone(tmp_path: Path) -> None:
    path = _keras_2(tmp_path / "old.h5")
    with h5py.File(path) as file, h5py.File(tmp_path / "old.weights.h5", "w") as weights:
        for name in file["model_weights"]:
            file.copy(f"model_weights/{name}", weights)
        weights.attrs["layer_names"] = file["model_weights"].attrs["layer_names"]
    for name in ("old.h5", "old.weights.h5"):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "tanh"), keras.layers.Dense(1, "sigmoid")])
        model.load_weights(tmp_path / name)
        assert np.allclose(model.predict(X, verbose=0), EXPECTED, atol=1e-6)


def test_names_too_many_for_one_attribute(tmp_path: Path) -> None:
    layers = [keras.layers.Dense(1, name=f"layer_with_a_rather_long_name_{'x' * 200}_{i}") for i in range(300)]
    model = keras.Sequential([keras.Input((1,)), *layers])
    model.save(tmp_path / "deep.h5")
    with h5py.File(tmp_path / "deep.h5") as file:
        assert {"layer_names0", "layer_names1"} <= set(file["model_weights"].attrs)
    x = np.ones((1, 1), "f4")
    assert np.array_equal(
        keras.saving.load_model(tmp_path / "deep.h5").predict(x, verbose=0), model.predict(x, verbose=0)
    )


def test_tensorflow_2_12_names_for_layers(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.save_weights(tmp_path / "model.weights.h5")
    expected = model.get_weights()
    with h5py.File(tmp_path / "model.weights.h5", "a") as file:
        file.move("layers", "_layer_checkpoint_dependencies")
    model.set_weights([np.zeros_like(w) for w in expected])
    model.load_weights(tmp_path / "model.weights.h5")
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), expected, strict=True))


def test_classes_that_are_layers_and_operations_are_told_apart() -> None:
    both = set(operation_names._NAMES) & set(keras.layers.__all__)
    assert both == legacy_config._LAYERS_AND_OPERATIONS


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (["entrance", 0, 0, {"axis": 1, "output_type": "int64"}], "argument output_type='int64' of the operation"),
        (["entrance", 0], r"is \[layer, node, tensor, arguments\]"),
        ("entrance", r"is \[layer, node, tensor, arguments\]"),
    ],
)
def test_an_operation_of_tensorflow_with_other_arguments(node: Any, message: str) -> None:
    inner = {"name": "tf.math.argmax", "function": "math.argmax"}
    entry = {"class_name": "TFOpLambda", "config": inner, "inbound_nodes": [node]}
    with pytest.raises(ValueError, match=message):
        legacy_operations.modern_operation(entry, inner)


def test_settings_of_an_operation_that_tensorflow_leaves_unsaid() -> None:
    inner = {"name": "tf.nn.gelu", "function": "nn.gelu"}
    entry = {"class_name": "TFOpLambda", "config": inner, "inbound_nodes": [["entrance", 0, 0, {}]]}
    assert legacy_operations.modern_operation(entry, inner)["config"] == {"name": "tf.nn.gelu", "approximate": False}


def test_a_class_that_its_writer_had_registered() -> None:
    class Doubled(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return 2 * inputs

    config = {"name": "doubled", "trainable": True, "dtype": "float32"}
    entry = {"module": "mine", "class_name": "Doubled", "config": config, "registered_name": "mine>Doubled"}
    shape = {"batch_input_shape": [None, 4], "dtype": "float32", "sparse": False, "ragged": False, "name": "i"}
    entrance = {"module": "keras.layers", "class_name": "InputLayer", "config": shape, "registered_name": None}
    layers = {"name": "s", "layers": [entrance, entry]}
    model = {"module": "keras", "class_name": "Sequential", "config": layers, "registered_name": None}
    with keras.saving.CustomObjectScope({"mine>Doubled": Doubled}):
        made = keras.saving.deserialize_keras_object(legacy_config.modern_archive(model))
    assert type(made.layers[0]) is Doubled and np.array_equal(made.predict(X, verbose=0), 2 * X)


def test_a_class_of_the_caller_goes_before_one_that_had_its_name() -> None:
    class ThresholdedReLU(keras.layers.Layer):
        def __init__(self, theta: float, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.theta = theta

        def call(self, inputs: Any) -> Any:
            return inputs + self.theta

    config = {"name": "s", "layers": [{"class_name": "ThresholdedReLU", "config": {"name": "t", "theta": 3.0}}]}
    with keras.saving.CustomObjectScope({"ThresholdedReLU": ThresholdedReLU}):
        assert np.array_equal(keras.Sequential.from_config(config)(X), X + 3)
    assert type(keras.Sequential.from_config(config).layers[0]) is keras.layers.ReLU
