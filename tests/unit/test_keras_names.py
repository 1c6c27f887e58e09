"""A name of Keras that is not here is told from a misspelt one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import kerasish as keras
from kerasish import _keras_names

FACTS = json.loads((Path(__file__).parents[1] / "contract" / "keras-3.15.1.json").read_text())
SENTENCE = r"keras\.layers\.Softmix is a layer of Keras 3\.15\.1 that kerasish does not have yet"


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a layer that Keras has and this library does not, and that looks like one that it has."""
    monkeypatch.setitem(_keras_names._NAMES, "keras.layers", _keras_names._NAMES["keras.layers"] + " Softmix")
    return "Softmix"


def test_the_table_is_keras() -> None:
    assert FACTS["keras"] == _keras_names.VERSION
    told = {(name.rpartition(".")[0], name.rpartition(".")[2]) for name in FACTS["api"]}
    assert all(_keras_names.is_known(module, name) for module, name in told)
    modules = {module for module, _ in told}
    parents = {".".join(module.split(".")[:i]) for module in modules for i in range(1, module.count(".") + 2)}
    for module, names in _keras_names._NAMES.items():
        extra = {name for name in names.split() if (module, name) not in told and f"{module}.{name}" not in parents}
        assert not extra, (module, extra)


def test_an_attribute(missing: str) -> None:
    with pytest.raises(AttributeError, match=SENTENCE) as error:
        getattr(keras.layers, missing)
    assert "Did you mean" not in str(error.value)
    with pytest.raises(AttributeError, match="Did you mean Softmax"):
        keras.layers.Softmx  # noqa: B018


@pytest.mark.parametrize("module", ["keras.layers", "keras.src.layers.activations.softmix", None])
def test_a_config(missing: str, module: str | None) -> None:
    config = {"module": module, "class_name": missing, "config": {}, "registered_name": None}
    for read in (keras.saving.deserialize_keras_object, keras.layers.deserialize):
        with pytest.raises(ValueError, match=SENTENCE) as error:
            read(dict(config))
        assert "Did you mean" not in str(error.value) and "custom_objects" in str(error.value)


def test_a_model_of_an_older_file(missing: str) -> None:
    config = {"name": "m", "layers": [{"class_name": missing, "config": {"name": "x"}}]}
    with pytest.raises(ValueError, match=SENTENCE):
        keras.Sequential.from_config(config)


@pytest.mark.parametrize(
    ("module", "name", "use"),
    [
        ("keras.losses", "Softmix", lambda: keras.losses.get("Softmix")),
        ("keras.optimizers", "Softmix", lambda: keras.optimizers.get("Softmix")),
        ("keras.ops", "softmix", lambda: keras.ops.softmix),
        ("keras", "softmix", lambda: keras.softmix),
        ("keras.callbacks", "Softmix", lambda: keras.callbacks.Softmix),
    ],
)
def test_other_kinds(module: str, name: str, use: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_keras_names._NAMES, module, name)
    with pytest.raises(
        (AttributeError, ValueError), match=rf"{module}\.{name} is an? .* of Keras 3\.15\.1 that kerasish"
    ):
        use()


def test_the_switch_for_unsafe_files_says_that_it_changes_nothing() -> None:
    with pytest.warns(UserWarning, match=r"changes nothing: code in a file is never run.*custom_objects"):
        keras.config.enable_unsafe_deserialization()
