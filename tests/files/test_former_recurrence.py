"""Recurrent layers in HDF5 files as Keras 1, Keras 2 and tf.keras wrote them, rebuilt attribute by attribute."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish.saving.legacy import functions as legacy_functions

RNG = np.random.default_rng(3)
STEPS, FEATURES, UNITS = 6, 4, 3
X = RNG.normal(size=(5, STEPS, FEATURES)).astype("f4")
BLOCKS = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}


def write(path: Path, version: str, layers: list[Any], weights: list[tuple[str, list[np.ndarray]]]) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version.encode()
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers}).encode()
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([name.encode() for name, _ in weights])
        for name, arrays in weights:
            part = group.create_group(name)
            names = [f"{name}_{i}" for i in range(len(arrays))]
            part.attrs["weight_names"] = np.array([n.encode() for n in names])
            for key, value in zip(names, arrays, strict=True):
                part.create_dataset(key, data=value)
    return path


def kernels(kind: str, bias: tuple[int, ...] | None = None) -> list[np.ndarray]:
    width = BLOCKS[kind] * UNITS
    shapes = [(FEATURES, width), (UNITS, width), bias or (width,)]
    return [RNG.normal(size=shape, scale=0.6).astype("f4") for shape in shapes]


def expected(kind: str, weights: list[np.ndarray], **options: Any) -> np.ndarray:
    layer = getattr(keras.layers, kind)(UNITS, recurrent_activation=legacy_functions.hard_sigmoid, **options)
    layer.build(X.shape)
    layer.set_weights(weights)
    return np.asarray(layer(X))


def keras_1(name: str, **more: Any) -> dict[str, Any]:
    config = {
        "name": name, "trainable": True, "output_dim": UNITS, "init": "glorot_uniform", "inner_init": "orthogonal",
        "activation": "tanh", "inner_activation": "hard_sigmoid", "W_regularizer": None, "b_regularizer": None,
        "U_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01}, "dropout_W": 0.2, "dropout_U": 0.1,
        "return_sequences": False, "go_backwards": False, "stateful": False, "unroll": False, "consume_less": "cpu",
        "input_dim": FEATURES, "input_length": None, "batch_input_shape": [None, None, FEATURES],
    }  # fmt: skip
    return {**config, **more}


def by_gate(kind: str, weights: list[np.ndarray]) -> list[np.ndarray]:
    """Kernel, recurrent kernel and bias of each gate, as Keras 1 had them."""
    parts = [np.split(w, BLOCKS[kind], axis=-1) for w in weights]
    order = {"LSTM": (0, 2, 1, 3), "GRU": (0, 1, 2)}[kind]
    return [part[gate] for gate in order for part in parts]


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
@pytest.mark.parametrize("consume_less", ["cpu", "gpu"])
def test_keras_1(kind: str, consume_less: str, tmp_path: Path) -> None:
    weights = kernels(kind)
    config = keras_1("r", consume_less=consume_less, **({"forget_bias_init": "one"} if kind == "LSTM" else {}))
    stored = by_gate(kind, weights) if consume_less == "cpu" else weights
    path = write(tmp_path / "m.h5", "1.2.2", [{"class_name": kind, "config": config}], [("r", stored)])
    model = keras.saving.load_model(path)
    layer = model.layers[0]
    assert (layer.dropout, layer.recurrent_dropout) == (0.2, 0.1)
    assert type(layer.recurrent_regularizer).__name__ == "L1L2"
    found = model.predict(X, verbose=0)
    options = {"reset_after": False} if kind == "GRU" else {}
    np.testing.assert_allclose(found, expected(kind, weights, **options), rtol=1e-5, atol=1e-6)


def keras_2(name: str, **more: Any) -> dict[str, Any]:
    config = {
        "name": name, "trainable": True, "return_sequences": False, "return_state": False, "go_backwards": False,
        "stateful": False, "units": UNITS, "kernel_regularizer": None, "activity_regularizer": None,
        "kernel_initializer": {"class_name": "VarianceScaling",
                               "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}},
        "recurrent_initializer": {"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": None}},
        "batch_input_shape": [None, STEPS, FEATURES],
    }  # fmt: skip
    return {**config, **more}


PLAIN = {"activation": "tanh", "recurrent_activation": "hard_sigmoid", "unroll": False, "implementation": 1}


def test_a_gru_of_keras_2_resets_before(tmp_path: Path) -> None:
    weights = kernels("GRU")
    layers = [{"class_name": "GRU", "config": keras_2("g", **PLAIN)}]
    model = keras.saving.load_model(write(tmp_path / "m.h5", "2.1.2", layers, [("g", weights)]))
    found = model.predict(X, verbose=0)
    np.testing.assert_allclose(found, expected("GRU", weights, reset_after=False), rtol=1e-5, atol=1e-6)


def test_layers_around_layers_of_tf_keras(tmp_path: Path) -> None:
    forward, backward = kernels("LSTM"), kernels("LSTM")
    inner = {"class_name": "LSTM", "config": keras_2("lstm", **PLAIN, time_major=False, return_sequences=True)}
    cells = {"class_name": "StackedRNNCells", "config": {"name": "cells", "trainable": True, "cells": [
        {"class_name": "SimpleRNNCell", "config": {"name": "c", "trainable": True, "units": 2, "activation": "relu"}},
    ]}}  # fmt: skip
    entrance = {"name": "b", "trainable": True, "layer": inner, "merge_mode": "concat"}
    layers = [
        {"class_name": "Bidirectional", "config": {**entrance, "batch_input_shape": [None, STEPS, FEATURES]}},
        {"class_name": "RNN", "config": {"name": "r", "trainable": True, "cell": cells, "time_major": False}},
    ]
    small = [RNG.normal(size=s).astype("f4") for s in ((2 * UNITS, 2), (2, 2), (2,))]
    path = write(tmp_path / "m.h5", "2.15.0", layers, [("b", [*forward, *backward]), ("r", small)])
    found = keras.saving.load_model(path).predict(X, verbose=0)
    run = {"return_sequences": True}
    there = expected("LSTM", forward, **run)
    back = expected("LSTM", backward, go_backwards=True, **run)[:, ::-1]
    h = np.zeros((5, 2))
    for step in np.concatenate([there, back], axis=-1).transpose(1, 0, 2):
        h = np.maximum(step @ small[0] + small[2] + h @ small[1], 0)
    np.testing.assert_allclose(found, h, rtol=1e-4, atol=1e-5)


def in_cudnn(kind: str, weights: list[np.ndarray]) -> list[np.ndarray]:
    """Kernels as cuDNN keeps them: each gate's numbers by unit, not by feature."""
    kernel, recurrent, bias = weights
    count = BLOCKS[kind]
    return [
        np.hstack([k.T.reshape(FEATURES, UNITS) for k in np.split(kernel, count, axis=1)]),
        np.hstack([k.T for k in np.split(recurrent, count, axis=1)]),
        bias.reshape(-1),
    ]


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
@pytest.mark.parametrize("around", [False, True])
def test_cudnn(kind: str, around: bool, tmp_path: Path) -> None:
    pairs = [kernels(kind, (2, BLOCKS[kind] * UNITS)) for _ in range(2 if around else 1)]
    layer = {"class_name": f"CuDNN{kind}", "config": keras_2("c")}
    if around:
        layer = {"class_name": "Bidirectional", "config": {"name": "c", "trainable": True, "layer": layer,
                 "merge_mode": "sum", "batch_input_shape": [None, STEPS, FEATURES]}}  # fmt: skip
    stored = [w for weights in pairs for w in in_cudnn(kind, weights)]
    model = keras.saving.load_model(write(tmp_path / "m.h5", "2.2.4", [layer], [("c", stored)]))
    total = 0
    for weights, go_backwards in zip(pairs, (False, True), strict=False):
        mine = getattr(keras.layers, kind)(UNITS, go_backwards=go_backwards)
        mine.build(X.shape)
        bias = weights[2].sum(0) if kind == "LSTM" else weights[2]
        mine.set_weights([*weights[:2], bias])
        total = total + np.asarray(mine(X))
    np.testing.assert_allclose(model.predict(X, verbose=0), total, rtol=1e-5, atol=1e-6)
    plain = getattr(keras.layers, kind)(UNITS)
    if not around:  # weights alone, into a model made today
        made = keras.Sequential([keras.Input((STEPS, FEATURES)), plain])
        made.load_weights(tmp_path / "m.h5")
        np.testing.assert_allclose(made.predict(X, verbose=0), total, rtol=1e-5, atol=1e-6)


def test_steps_before_samples_are_refused(tmp_path: Path) -> None:
    layers = [{"class_name": "LSTM", "config": keras_2("l", **PLAIN, time_major=True)}]
    path = write(tmp_path / "m.h5", "2.15.0", layers, [("l", kernels("LSTM"))])
    with pytest.raises(ValueError, match="'l' has time_major=True"):
        keras.saving.load_model(path)


def test_an_encoder_and_a_decoder_of_tf_keras(tmp_path: Path) -> None:
    def entrance(name: str) -> dict[str, Any]:
        config = {"name": name, "batch_input_shape": [None, STEPS, FEATURES], "dtype": "float32", "sparse": False}
        return {"class_name": "InputLayer", "name": name, "config": config, "inbound_nodes": []}

    common = {**PLAIN, "batch_input_shape": None, "time_major": False}
    layers = [
        entrance("a"),
        entrance("b"),
        {"class_name": "LSTM", "name": "e", "config": keras_2("e", **{**common, "return_state": True}),
         "inbound_nodes": [[["a", 0, 0, {}]]]},
        {"class_name": "LSTM", "name": "d", "config": keras_2("d", **common),
         "inbound_nodes": [[["b", 0, 0, {}], ["e", 0, 1, {}], ["e", 0, 2, {}]]]},
    ]  # fmt: skip
    graph = {"name": "m", "layers": layers, "input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": [["d", 0, 0]]}
    first, second = kernels("LSTM"), kernels("LSTM")
    path = write(tmp_path / "m.h5", "2.15.0", [], [("a", []), ("b", []), ("e", first), ("d", second)])
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": graph}).encode()
    found = keras.saving.load_model(path).predict([X, -X], verbose=0)
    gate = legacy_functions.hard_sigmoid
    encoder = keras.layers.LSTM(UNITS, recurrent_activation=gate, return_state=True)
    decoder = keras.layers.LSTM(UNITS, recurrent_activation=gate)
    for layer, weights in ((encoder, first), (decoder, second)):
        layer.build(X.shape)
        layer.set_weights(weights)
    np.testing.assert_allclose(found, decoder(-X, initial_state=encoder(X)[1:]), rtol=1e-5, atol=1e-6)
