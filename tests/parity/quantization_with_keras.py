"""Quantizers, and layers in few bits or with factors: what Keras makes of them.

`python tests/parity/quantization_with_keras.py`, with the clone on PYTHONPATH, takes minutes, because JAX compiles
every shape anew, so the suite does not run it. It writes what the installed Keras answers to `quantization.json` beside
it, and `test_quantization.py` asks the same of the library here.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

FOUND = Path(__file__).with_name("quantization.json")
SHOWN = 24  # the numbers of an array that are written down, besides the sum of all

LAYERS = {
    "dense": (lambda k: k.Dense(7, activation="relu"), (5, 11)),
    "dense without bias": (lambda k: k.Dense(6, use_bias=False), (2, 4, 6)),
    "heads": (lambda k: k.EinsumDense("abc,cde->abde", (None, 3, 5), bias_axes="de"), (2, 4, 6)),
    "heads back": (lambda k: k.EinsumDense("abcd,cde->abe", (None, 5), bias_axes="e"), (2, 4, 3, 6)),
    "batches": (lambda k: k.EinsumDense("abc,bcd->abd", (4, 5)), (2, 4, 6)),
    "turned": (lambda k: k.EinsumDense("abc,dc->adb", (7, 4)), (2, 4, 6)),
    "embedding": (lambda k: k.Embedding(13, 9), None),
    "tied": (lambda k: k.ReversibleEmbedding(13, 9, logit_soft_cap=3.0), None),
    "untied": (lambda k: k.ReversibleEmbedding(13, 9, tie_weights=False), None),
}
CONFIGS = {
    "int8": lambda q: q.Int8QuantizationConfig(),
    "int8 weights": lambda q: q.Int8QuantizationConfig(activation_quantizer=None),
    "int4": lambda q: q.Int4QuantizationConfig(),
    "int4 blocks": lambda q: q.Int4QuantizationConfig(block_size=4),
    "int4 columns": lambda q: q.Int4QuantizationConfig(block_size=None),
}
TRAINED = {
    "factors": None,
    "int8": CONFIGS["int8"],
    "int4": CONFIGS["int4"],
    "float8": lambda q: q.Float8QuantizationConfig(),
}


def _noted(array: Any) -> dict[str, Any]:
    found = np.asarray(array.numpy() if hasattr(array, "numpy") else array)
    numbers = found.astype("float64").ravel()
    kept = [round(float(x), 7) for x in numbers[:SHOWN]]
    return {"shape": list(found.shape), "dtype": found.dtype.name, "sum": float(np.abs(numbers).sum()), "first": kept}


def _functions(package: Any) -> Iterator[tuple[str, Any]]:
    q, rng = package.quantizers, np.random.default_rng(1)
    x = rng.normal(size=(7, 10)).astype("float32")
    for axis in (0, -1, (0, 1)):
        yield f"abs_max {axis}", q.abs_max_quantize(x, axis)
    for size in (3, 4, 7, 10):
        yield f"grouped {size}", q.abs_max_quantize_grouped_with_zero_point(x, size, to_numpy=True)
    for kind, low in (("int8", -8), ("uint8", 0)):
        whole = rng.integers(low, low + 16, (5, 7, 3)).astype(kind)
        for axis in (0, 1, -1):
            packed, shape, length = q.pack_int4(whole, axis, kind)
            yield f"packed {kind} {axis}", [packed, np.array(shape), np.array(length)]
            yield f"unpacked {kind} {axis}", [q.unpack_int4(packed, length, axis, kind)]
    spread = rng.normal(size=40) * 10.0 ** rng.integers(-8, 6, 40)
    spread = np.append([0, 448, 449, -1e9, 1e9], spread).astype("float32")
    for kind in ("float8_e4m3fn", "float8_e5m2"):
        yield kind, [q.quantize_and_dequantize(spread, np.float32(0.5), kind, "float32")]
    yield "history", [q.compute_float8_amax_history(x, package.ops.array(rng.random(5).astype("float32")))]
    for amax in np.float32([0, 3, np.inf]):
        yield f"scale {amax}", [q.compute_float8_scale(amax, np.float32(2), np.float32(448), 1)]
    for bits, narrow, axis in ((8, False, None), (4, True, None), (3, False, 1)):
        size = () if axis is None else (10,)
        ends = [np.float32(sign * (0.3 + rng.random(size))) for sign in (-1, 1)]
        yield f"fake {bits}", [q.fake_quant_with_min_max_vars(x, *ends, bits, narrow, axis)]


def _drawn(weights: Any, rng: Any) -> list[np.ndarray]:
    return [rng.normal(size=tuple(w.shape)).astype("float32") * 0.5 for w in weights]


def _layer(package: Any, name: str, config: str) -> dict[str, Any]:
    make, shape = LAYERS[name]
    rng = np.random.default_rng(2)
    x = rng.integers(0, 13, (3, 4)) if shape is None else rng.normal(size=shape).astype("float32")
    layer = make(package.layers)
    layer.build(x.shape)
    layer.set_weights(_drawn(layer.weights, rng))
    layer.quantize(config=CONFIGS[config](package.quantizers))
    found: dict[str, Any] = {w.name: _noted(w) for w in layer.weights}
    found["output"] = _noted(layer(x))
    if "tie" in name:
        found["back"] = _noted(layer(rng.normal(size=(2, 9)).astype("float32"), reverse=True))
    config_of = layer.get_config()
    found["config"] = json.dumps([config_of["dtype"], config_of["quantization_config"]])
    found["spec"] = {mode or "": layer.variable_serialization_spec[mode] for mode in (None, "int8", "int4")}
    return found


def network(package: Any) -> Any:
    """A small model with every layer that can be quantized or have factors."""
    layers = package.layers
    inputs = layers.Input((5,), dtype="int32")
    h = layers.Embedding(30, 12, name="emb")(inputs)
    h = layers.Reshape((5, 8))(layers.EinsumDense("abc,cde->abde", (None, 2, 4), bias_axes="de", name="ein")(h))
    h = layers.Flatten()(layers.Conv1D(6, 3, name="conv")(h))
    return package.Model(inputs, layers.Dense(3, name="top")(h))


def prepared(package: Any, config: Any, factors: bool) -> Any:
    """The same with weights that were drawn, quantized, and with factors."""
    model, rng = network(package), np.random.default_rng(3)
    model.set_weights(_drawn(model.weights, rng))
    if config is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of layers that stay as they are
            model.quantize(config=config(package.quantizers))
    for name in ("emb", "ein", "conv", "top") if factors else ():
        layer = model.get_layer(name)
        layer.enable_lora(2, lora_alpha=3)
        for factor in (w for w in layer.trainable_weights if "lora" in w.name):
            factor.assign(rng.normal(size=tuple(factor.shape)) * 0.2)
    return model


def places() -> np.ndarray:
    """What it is called on."""
    return np.random.default_rng(4).integers(0, 30, (24, 5))


def _training(package: Any, name: str) -> dict[str, Any]:
    model = prepared(package, TRAINED[name], name != "float8")
    model.compile(package.optimizers.SGD(0.02), package.losses.SparseCategoricalCrossentropy(from_logits=True))
    data = places()
    losses = model.fit(data, data[:, 0] % 3, batch_size=8, epochs=3, shuffle=False, verbose=0).history["loss"]
    found: dict[str, Any] = {f"{i} {w.name}": _noted(w) for i, w in enumerate(model.weights)}
    return {**found, "losses": _noted(losses), "slots": len(model.optimizer.variables)}


def answers(package: Any) -> Iterator[tuple[str, Any]]:
    """What a library answers to everything, by name."""
    for name, made in _functions(package):
        yield f"function {name}", {str(i): _noted(part) for i, part in enumerate(made)}
    for name in LAYERS:
        for config in CONFIGS:
            yield f"layer {name}, {config}", _layer(package, name, config)
    for name in TRAINED:
        yield f"training {name}", _training(package, name)


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in answers(keras)]
    FOUND.write_text("{\n" + ",\n".join(lines) + "\n}\n")
