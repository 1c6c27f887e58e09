"""A configuration names; it never runs, imports or opens anything."""

import base64
import json
import marshal
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import pytest

import kerasish as keras

deserialize = keras.saving.deserialize_keras_object


def _object(module: Any, name: str, config: Any = None, registered: Any = None) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": config or {}, "registered_name": registered}


@pytest.mark.parametrize(
    "config",
    [
        _object("os", "system", {"command": "true"}),
        _object("subprocess", "Popen", {"args": ["true"]}),
        _object("builtins", "eval", {"source": "1"}),
        _object("builtins", "function", "eval", "function"),
        _object("builtins", "function", "__import__", "function"),
        _object("os", "function", "system", "function"),
        _object("keras.utils", "get_file", {"fname": "x", "origin": "http://example.com"}),
        _object("keras.models", "load_model", {"filepath": "x"}),
        _object("keras.models", "function", "load_model", "function"),
        _object("keras.saving", "function", "load_model", "function"),
        _object("keras.losses", "function", "deserialize", "function"),
        _object("keras.layers", "function", "Dense", "function"),
        _object("keras.layers", "serialize"),
        _object("keras.src.saving.serialization_lib", "importlib"),
        _object("keras.backend", "name_scope", {"name": "x"}),
        _object("keras", "backend"),
        _object("keras", "__builtins__"),
        _object("keras.layers", "__getattr__"),
        _object("kerasish.saving.atomic", "replacing", {"path": "x"}),
        _object("keras.layers.layer", "np"),
        _object(["keras"], "Dense", {"units": 3}),
        _object(None, "Dense.__init__"),
    ],
)
def test_what_is_not_in_the_table_is_refused(config: Any) -> None:
    loaded = set(sys.modules)
    with pytest.raises(ValueError, match="unknown"):
        deserialize(config)
    assert not {name for name in set(sys.modules) - loaded if not name.startswith("kerasish")}


def test_a_module_that_a_config_names_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "trap.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in ("trap", "keras.trap", "kerasish.trap"):
        with pytest.raises(ValueError, match="unknown class 'Trap'"):
            deserialize(_object(module, "Trap", {}, "trap>Trap"))
    assert "trap" not in sys.modules


def _lambda_of_keras() -> str:
    return base64.b64encode(marshal.dumps((lambda: 1 / 0).__code__)).decode()


@pytest.mark.parametrize("safe_mode", [True, False])
def test_code_is_never_run(safe_mode: bool) -> None:
    code = {"class_name": "__lambda__", "config": {"code": _lambda_of_keras(), "defaults": None, "closure": None}}
    with pytest.raises(ValueError, match="never executed"):
        deserialize(code, safe_mode=safe_mode)
    config = keras.saving.serialize_keras_object(keras.layers.Activation("relu"))
    config["config"]["activation"] = code
    with pytest.raises(ValueError, match="never executed"):
        deserialize(config, safe_mode=safe_mode)


def test_a_lambda_in_an_old_file_is_not_run(tmp_path: Path) -> None:
    layer = {
        "name": "lambda_1",
        "function": [_lambda_of_keras(), None, None],
        "function_type": "lambda",
        "arguments": {},
    }
    model = {"class_name": "Sequential", "config": [{"class_name": "Lambda", "config": layer}]}
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(model)
        file.create_group("model_weights").attrs["layer_names"] = [b"lambda_1"]
    for safe_mode in (True, False):
        with pytest.raises(ValueError, match=r"old\.h5: model_config"):
            keras.saving.load_model(tmp_path / "old.h5", safe_mode=safe_mode)


@pytest.mark.parametrize("kind", ["__numpy__", "__tensor__", "__slice__", "__bytes__", "__typespec__", "__reduce__"])
@pytest.mark.parametrize("inner", [None, [], {}, {"value": {"a": 1}, "dtype": "f4"}, {"value": [1], "dtype": "object"}])
def test_values_that_are_malformed(kind: str, inner: Any) -> None:
    with pytest.raises(ValueError, match=r"config|array|value"):
        deserialize({"class_name": kind, "config": inner})


def test_a_loaded_file_names_no_file_of_the_machine(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        text = b"".join(archive.read(name) for name in archive.namelist())
    assert str(Path.home()).encode() not in text or str(Path.home()) == "/"
    assert str(tmp_path).encode() not in text
