"""Quantizers, and layers in few bits or with factors, against what Keras makes of them; files in both directions."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerasish

pytestmark = pytest.mark.parity

HERE = Path(__file__).parent


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("quantization_with_keras", HERE / "quantization_with_keras.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules.setdefault("quantization_with_keras", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


compared = _load()
FOUND = json.loads((HERE / "quantization.json").read_text())


def _check(theirs: Any, ours: Any, trail: str) -> None:
    if not isinstance(theirs, dict):
        assert theirs == ours, trail
    elif "first" not in theirs:
        assert theirs.keys() == ours.keys(), trail
        for key in theirs:
            _check(theirs[key], ours[key], f"{trail}: {key}")
    else:
        assert theirs["shape"] == ours["shape"], trail
        assert theirs["dtype"] == ours["dtype"] or "losses" in trail, trail
        # trained weights have gone through nine steps, each of which rounds; others through one product
        tolerance = 1e-3 if trail.startswith("training") else 2e-5
        assert np.allclose(theirs["first"], ours["first"], rtol=tolerance, atol=tolerance / 10), trail
        assert np.isclose(theirs["sum"], ours["sum"], rtol=tolerance), trail


def test_everything_is_as_in_keras() -> None:
    found = dict(compared.answers(kerasish))
    assert found.keys() == FOUND.keys()
    for name, theirs in FOUND.items():
        _check(theirs, found[name], name)


@pytest.mark.parametrize(
    "name", ["int8_from_float32", "int4/64_from_mixed_bfloat16", "int4_from_float32", "float8_from_bfloat16",
             "gptq/3/-1_from_float32", "awq/4/8_from_float32"],
)  # fmt: skip
def test_policies(name: str) -> None:
    theirs, ours = (package.dtype_policies.get(name) for package in (keras, kerasish))
    assert repr(theirs) == repr(ours) and theirs.quantization_mode == ours.quantization_mode
    assert keras.dtype_policies.serialize(theirs) == kerasish.dtype_policies.serialize(ours)
    assert kerasish.dtype_policies.deserialize(keras.dtype_policies.serialize(theirs)) == ours


@pytest.mark.parametrize(
    "make",
    [
        lambda q: q.Int8QuantizationConfig(),
        lambda q: q.Int8QuantizationConfig(q.AbsMaxQuantizer(0), None),
        lambda q: q.Int4QuantizationConfig(),
        lambda q: q.Float8QuantizationConfig(),
        lambda q: q.GPTQConfig(None, None, weight_bits=3),
        lambda q: q.AWQConfig(None, None, group_size=8),
    ],
)
def test_configs(make: Any) -> None:
    theirs, ours = (package.saving.serialize_keras_object(make(package.quantizers)) for package in (keras, kerasish))
    assert json.dumps(theirs) == json.dumps(ours)
    read = kerasish.saving.deserialize_keras_object(json.loads(json.dumps(theirs)))
    assert json.dumps(kerasish.saving.serialize_keras_object(read)) == json.dumps(ours)


def _mixed(package: Any) -> Any:
    """A model of which each layer is kept in another way."""
    model = compared.prepared(package, None, factors=False)
    q = package.quantizers
    model.get_layer("emb").quantize("int4", config=q.Int4QuantizationConfig(block_size=4))
    model.get_layer("ein").quantize("int8")
    model.get_layer("ein").enable_lora(2, b_initializer="ones", a_initializer="ones")
    model.get_layer("conv").enable_lora(1, lora_alpha=2, b_initializer="ones", a_initializer="ones")
    model.get_layer("top").quantize("float8")
    return model


def test_files_in_both_directions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is read by both, which then have the same weights. Keras draws none at first: it takes long."""
    drawing = importlib.import_module("keras.src.backend").random
    for kind in ("normal", "truncated_normal", "uniform"):
        monkeypatch.setattr(drawing, kind, lambda shape, *_, dtype=None, **__: np.zeros(shape, dtype or "float32"))
    models = _mixed(keras), _mixed(kerasish)
    ours = models[1]
    kept = [[(w.name, tuple(w.shape), w.dtype) for w in model.weights] for model in models]
    assert kept[0] == kept[1]
    x = compared.places()[:2]
    expected = ours.predict(x, verbose=0)
    for model in models:
        model.save(tmp_path / "m.keras")
        read = [package.saving.load_model(tmp_path / "m.keras") for package in (keras, kerasish)]
        # the layer with factors was rounded again
        assert np.allclose(read[1].predict(x, verbose=0), expected, atol=0.02 * np.abs(expected).max())
        model.save_weights(tmp_path / "m.weights.h5")
        ours.load_weights(tmp_path / "m.weights.h5")
        values = [{w.path: np.asarray(w) for w in held.weights} for held in (*read, ours)]
        for path, value in values[0].items():
            assert all(np.array_equal(other[path], value) for other in values[1:]), path
