"""Vocabularies and other files of layers: kept in `.keras` files, read from Keras's own, and never from elsewhere."""

import json
import os
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

WRITTEN_BY_KERAS = Path(__file__).parent / "vocabularies"
TEXTS = np.array([["a b"], ["b b d"]])


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("string_lookup", np.array([["b", "q"], ["é", "zz"], ["a", "a"]]), [[3, 2], [4, 1], [5, 5]]),
        ("integer_lookup", np.array([[30, 0], [1, 7]]), [[3, 0], [2, 1]]),
        (
            "text_vectorization",
            TEXTS,
            [[0.0, 0.51082563, 0.0, 0.0, 0.6931472, 0.6931472], [1.9700485, 1.0216513, 0.0, 0.0, 0.0, 0.0]],
        ),
    ],
)
def test_files_of_keras_open_and_compute_the_same(name: str, x: Any, expected: Any, tmp_path: Path) -> None:
    model = keras.saving.load_model(WRITTEN_BY_KERAS / f"{name}.keras")
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-6)
    model.save(tmp_path / "again.keras")
    theirs, ours = (zipfile.ZipFile(path) for path in (WRITTEN_BY_KERAS / f"{name}.keras", tmp_path / "again.keras"))
    with theirs, ours:
        assert sorted(ours.namelist()) == sorted(theirs.namelist())
        for member in ours.namelist():
            if member.startswith("assets/"):
                assert ours.read(member) == theirs.read(member)


def _model(layer: Any = None) -> Any:
    if layer is None:
        layer = layers.TextVectorization(output_mode="tf_idf")
        layer.adapt(["a b", "c b"])
    return keras.Sequential([keras.Input((1,), dtype="string"), layer])


@pytest.mark.parametrize("name", ["model.keras", "directory"])
def test_an_adapted_vocabulary_is_saved(name: str, tmp_path: Path) -> None:
    model = _model()
    for _ in range(2):  # the second time over the first
        model.save(tmp_path / name, zipped=None if "." in name else False)
    copy = keras.saving.load_model(tmp_path / name)
    assert copy.layers[0].get_vocabulary() == ["[UNK]", "b", "c", "a"]
    np.testing.assert_array_equal(copy.predict(TEXTS, verbose=0), model.predict(TEXTS, verbose=0))


def test_tokens_with_every_sign_but_a_line_break_are_saved(tmp_path: Path) -> None:
    tokens = ["", "\x0b", "\x1c", "\x85", "\u2028", " ", "漢字", "a\tb"]
    layer = layers.StringLookup()
    layer.adapt(tokens)
    assert layer.get_vocabulary()[-1] == ""
    _model(layer).save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras").layers[0]
    assert copy.get_vocabulary() == layer.get_vocabulary()
    layer.adapt(["a\nb"])
    with pytest.raises(ValueError, match="line break"):
        _model(layer).save(tmp_path / "model.keras")


def test_an_h5_file_has_no_place_for_an_adapted_vocabulary(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="vocabulary.*of 'text_vectorization"):
        _model().save(tmp_path / "model.h5")
    given = _model(layers.TextVectorization(vocabulary=["a", "b"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given.save(tmp_path / "model.h5")
    copy = keras.saving.load_model(tmp_path / "model.h5")
    np.testing.assert_array_equal(copy.predict(TEXTS, verbose=0), given.predict(TEXTS, verbose=0))


@keras.saving.register_keras_serializable("vocabularies")
class Notes(keras.layers.Layer):
    """A caller's layer, which keeps files of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text = ""

    def call(self, inputs: Any) -> Any:
        return inputs

    def save_assets(self, dir_path: str) -> None:
        os.makedirs(os.path.join(dir_path, "more"))
        Path(dir_path, "more", "note.txt").write_text(self.text)

    def load_assets(self, dir_path: str) -> None:
        self.text = Path(dir_path, "more", "note.txt").read_text()


@pytest.mark.parametrize("name", ["model.keras", "directory"])
def test_a_layer_of_the_callers_keeps_files(name: str, tmp_path: Path) -> None:
    layer = Notes()
    layer.text = "remember"
    model = keras.Sequential([keras.Input((2,)), layer])
    model.save(tmp_path / name, zipped=None if "." in name else False)
    assert keras.saving.load_model(tmp_path / name).layers[0].text == "remember"


@pytest.mark.parametrize("name", ["m.weights.h5", "m.weights.json", "m.npz"])
def test_weights_alone_lose_a_vocabulary_with_a_warning(name: str, tmp_path: Path) -> None:
    layer = keras.layers.StringLookup()
    layer.adapt(np.array(["a", "b", "in two\nlines"]))  # which could not be written as lines either
    model = keras.Sequential([keras.Input((1,), dtype="string"), layer, keras.layers.Dense(1)])
    sharded = {"max_shard_size": 1} if name.endswith("json") else {}
    with pytest.warns(UserWarning, match="vocabulary.*of 'string_lookup"):
        model.save_weights(tmp_path / name, **sharded)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if not sharded:
            keras.saving.save_weights(model, tmp_path / name, objects_to_skip=[layer])
        known = keras.layers.StringLookup(vocabulary=["a", "b"])
        other = keras.Sequential([keras.Input((1,), dtype="string"), known, keras.layers.Dense(1)])
        other.save_weights(tmp_path / name, **sharded)


# -- hostile and damaged files -------------------------------------------------------------------------------


def _rewritten(source: Path, target: Path, change: Any) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        members = {name: old.read(name) for name in old.namelist()}
        for name, content in change(members).items():
            new.writestr(name, content)
    return target


def _with_vocabulary(path: str) -> Any:
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        config = json.loads(members["config.json"])
        for layer in config["config"]["layers"]:
            if "vocabulary" in layer["config"]:
                layer["config"]["vocabulary"] = path
        return {**members, "config.json": json.dumps(config).encode()}

    return change


@pytest.mark.parametrize("name", ["string_lookup", "text_vectorization", "integer_lookup"])
@pytest.mark.parametrize("safe_mode", [True, False])
def test_a_file_that_a_configuration_names_is_not_opened(name: str, safe_mode: bool, tmp_path: Path) -> None:
    """CVE-2025-12058."""
    secret = tmp_path / "secret.txt"
    secret.write_text("1\n2\n")
    for place in (str(secret), "https://example.com/words.txt"):
        path = _rewritten(WRITTEN_BY_KERAS / f"{name}.keras", tmp_path / "evil.keras", _with_vocabulary(place))
        with pytest.raises(ValueError, match="never opened"):
            keras.saving.load_model(path, safe_mode=safe_mode)


def test_nor_by_a_layer_of_the_callers_that_hands_it_on(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("1\n2\n")

    class Own(layers.StringLookup):
        @classmethod
        def from_config(cls, config: Any) -> Any:
            return cls(**config)

    config = {"module": None, "class_name": "Own", "config": {"vocabulary": str(secret)}, "registered_name": "Own"}
    with pytest.raises(ValueError, match="never opened"):
        keras.saving.deserialize_keras_object(config, {"Own": Own})
    assert Own(vocabulary=str(secret)).get_vocabulary() == ["[UNK]", "1", "2"]
    with pytest.raises(ValueError, match="never opened"):
        layers.StringLookup.from_config({"vocabulary": str(secret)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: {n: c for n, c in m.items() if "assets" not in n}, "there is no vocabulary.txt"),
        (lambda m: {n: b"\xff" if "assets" in n else c for n, c in m.items()}, "utf-8"),
        (lambda m: {n: b"[UNK]\na\na" if "assets" in n else c for n, c in m.items()}, "more than once"),
        (lambda m: {n: b"[UNK]\na" if "assets" in n else c for n, c in m.items()}, "rows of length"),
    ],
)
def test_damaged_vocabularies_are_told(change: Any, message: str, tmp_path: Path) -> None:
    path = _rewritten(WRITTEN_BY_KERAS / "text_vectorization.keras", tmp_path / "damaged.keras", change)
    with pytest.raises(ValueError, match=rf"damaged\.keras: .*{message}"):
        keras.saving.load_model(path)


def test_names_that_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    layer = Notes()
    keras.Sequential([keras.Input((2,)), layer]).save(tmp_path / "model.keras")
    for evil in ("../../../evil.txt", "..\\evil.txt", "/evil.txt", "c:evil.txt"):
        path = _rewritten(
            tmp_path / "model.keras", tmp_path / "evil.keras", lambda m, e=evil: {**m, f"assets/layers/notes/{e}": b"x"}
        )
        with pytest.raises(ValueError, match="no name of a file"):
            keras.saving.load_model(path)
    assert not list(tmp_path.parent.glob("**/evil.txt"))


def test_a_link_in_a_directory_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("[UNK]\na\nb\nc")
    _model().save(tmp_path / "model", zipped=False)
    for place in (tmp_path / "model").glob("assets/**/vocabulary.txt"):
        place.unlink()
        place.symlink_to(secret)
    with pytest.raises(ValueError, match="is not followed"):
        keras.saving.load_model(tmp_path / "model")
