"""FeatureSpace: each type of column beside the layer that it stands for, crosses, files, and networks on top."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.utils import FeatureSpace

N = 60
RNG = np.random.default_rng(0)
TABLE = {
    "age": RNG.normal(40, 10, N),
    "bins": RNG.normal(size=N),
    "hash": RNG.choice(["x", "y", "zz"], N),
    "kind": RNG.integers(3, 7, N),
    "place": RNG.integers(0, 50, N),
    "plain": RNG.integers(0, 9, N),
    "town": RNG.choice(["Bonn", "Ulm", "Jena"], N),
    "width": RNG.normal(70, 9, N),
}


def _space(**options: Any) -> FeatureSpace:
    space = FeatureSpace(
        {
            "age": "float_normalized",
            "bins": FeatureSpace.float_discretized(4),
            "hash": FeatureSpace.string_hashed(5),
            "kind": "integer_categorical",
            "place": "integer_hashed",
            "plain": "float",
            "town": "string_categorical",
            "width": FeatureSpace.float_rescaled(0.1, -7),
        },
        crosses=[("kind", "town"), FeatureSpace.cross(("hash", "place"), 7, "one_hot")],
        crossing_dim=6,
        hashing_dim=9,
        **options,
    )
    space.adapt(TABLE)
    return space


def test_each_column_is_what_its_layer_makes_of_it() -> None:
    found = _space(output_mode="dict")(TABLE)
    layers, n = keras.layers, {key: value[:, None] for key, value in TABLE.items()}
    norm, bins = layers.Normalization(axis=-1), layers.Discretization(num_bins=4)
    kinds, towns = layers.IntegerLookup(), layers.StringLookup()
    for layer, key in ((norm, "age"), (bins, "bins"), (kinds, "kind"), (towns, "town")):
        layer.adapt(n[key])
    hashes, places = layers.Hashing(5)(n["hash"]), layers.Hashing(9)(n["place"])

    def rows(places: Any, count: int) -> np.ndarray:
        return np.eye(count)[np.asarray(places)[:, 0]]

    expected = {
        "age": norm(n["age"].astype("float32")),
        "bins": rows(bins(n["bins"]), 4),
        "hash": rows(hashes, 5),
        "kind": rows(kinds(n["kind"]), kinds.vocabulary_size()),
        "place": rows(places, 9),
        "plain": n["plain"],
        "town": rows(towns(n["town"]), 4),
        "width": n["width"] * 0.1 - 7,
        "hash_X_place": rows(layers.HashedCrossing(7)([hashes, places]), 7),
        "kind_X_town": rows(layers.HashedCrossing(6)([kinds(n["kind"]), towns(n["town"])]), 6),
    }
    assert list(found) == [*sorted(TABLE), "hash_X_place", "kind_X_town"]
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-5, atol=1e-6, err_msg=key)
        assert found[key].dtype == np.float32
    joined = _space()(TABLE)
    np.testing.assert_allclose(joined, np.concatenate(list(expected.values()), 1), rtol=1e-5, atol=1e-6)


def test_a_single_sample_has_no_axis_of_samples() -> None:
    space = _space()
    one = space({key: value[3] for key, value in TABLE.items()})
    np.testing.assert_array_equal(one, space(TABLE)[3])


def test_batches_adapt_as_the_whole_table() -> None:
    whole, pieces = _space(), FeatureSpace({"age": "float_normalized", "town": "string_categorical"})
    pieces.adapt({key: value[i : i + 25] for key, value in TABLE.items()} for i in range(0, N, 25))
    for key in ("age", "town"):
        x = TABLE[key][:, None]
        np.testing.assert_array_equal(pieces.preprocessors[key](x), whole.preprocessors[key](x))


def test_what_needs_no_data_is_ready() -> None:
    space = FeatureSpace({"a": "float", "b": FeatureSpace.float_discretized(None, [0.0, 1.0])})
    np.testing.assert_array_equal(space({"a": [1.5, 2.0], "b": [-1.0, 3.0]}), [[1.5, 1, 0, 0], [2.0, 0, 0, 1]])


def test_any_layer_may_prepare_a_column() -> None:
    words = keras.layers.TextVectorization(output_mode="multi_hot", vocabulary=["red", "blue"])
    space = FeatureSpace({"text": FeatureSpace.feature("string", words, "float"), "n": "float"})
    np.testing.assert_array_equal(space({"text": ["blue car", "red"], "n": [1, 2]}), [[1, 1, 0, 1], [2, 0, 1, 0]])


def test_files_hold_what_was_learned(tmp_path: Path) -> None:
    space = _space()
    space.save(tmp_path / "space.keras")
    again = keras.saving.load_model(tmp_path / "space.keras")
    assert type(again) is FeatureSpace and again.crosses[1].crossing_dim == 7
    np.testing.assert_array_equal(again(TABLE), space(TABLE))
    names = zipfile.ZipFile(tmp_path / "space.keras").namelist()
    assert "assets/preprocessors/string_lookup/vocabulary.txt" in names


def test_a_network_takes_the_table_and_its_file_too(tmp_path: Path) -> None:
    space = _space()
    label = ((TABLE["age"] > 40) ^ (TABLE["town"] == "Ulm")).astype("float32")
    hidden = keras.layers.Dense(8, activation="tanh")(space.get_encoded_features())
    model = keras.Model(space.get_inputs(), keras.layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    losses = model.fit(TABLE, label, epochs=15, verbose=0).history["loss"]
    assert losses[-1] < 0.6 * losses[0]
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(TABLE, verbose=0), model.predict(TABLE, verbose=0))


def test_as_a_stage_before_a_network_its_steps_are_recorded() -> None:
    space = _space()
    label = (TABLE["town"] == "Ulm").astype("float32")
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.fit(space(TABLE), label, epochs=3, verbose=0)
    assert model.why_not_recorded() is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FeatureSpace({}), "at least one feature"),
        (lambda: FeatureSpace({"a": "floats"}), "the feature 'a' needs a type"),
        (lambda: FeatureSpace({"a": "float"}, output_mode="list"), "received 'list'"),
        (lambda: FeatureSpace({"a": "float"}, crosses=[("a", "b")]), r"not there: \['b'\]"),
        (lambda: FeatureSpace.string_hashed(3, "float_"), "output_mode of a feature"),
        (lambda: FeatureSpace({"a": "string_categorical"})({"a": ["x"]}), "must see data first"),
        (lambda: FeatureSpace({"a": "float"})([1.0]), "called with a dict"),
        (lambda: FeatureSpace({"a": "float"})({"b": 1.0}), "the feature 'a' is missing"),
        (lambda: FeatureSpace({"a": "float_normalized"}).adapt(3), "takes a dict of columns"),
        (lambda: FeatureSpace({"a": "float_normalized"}).adapt([]), "no data"),
        (lambda: FeatureSpace({"a": FeatureSpace.string_hashed(3, "int")})({"a": ["x"]}), "is not encoded"),
    ],
)
def test_what_does_not_fit_is_named(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def _unregistered(config: Any) -> Any:
    """Without the names under which Keras registers what is at home in a private module."""
    if not isinstance(config, dict):
        return config
    return {key: _unregistered(value) for key, value in config.items() if key != "registered_name"}


@pytest.mark.parity
def test_configs_and_files_are_keras_s(tmp_path: Path) -> None:
    """Keras needs TensorFlow for its lookups and hashes; what it makes without is compared."""
    theirs = pytest.importorskip("keras")

    def made(space: Any) -> Any:
        given = {"a": "float", "b": space.float_rescaled(2.0, name="b"), "c": "float_normalized"}
        return space({**given, "d": space.float_discretized(None, [0.0, 1.0], name="d")})

    known, own = made(theirs.utils.FeatureSpace), made(FeatureSpace)
    assert _unregistered(own.get_config()) == _unregistered(known.get_config())
    with pytest.warns(UserWarning, match="not yet been built"):
        known.save(tmp_path / "theirs.keras")
    again = keras.saving.load_model(tmp_path / "theirs.keras")
    assert _unregistered(again.get_config()) == _unregistered(known.get_config())
    own.adapt({"c": [1.0, 3.0]})
    own.save(tmp_path / "own.keras")
    back = theirs.saving.load_model(tmp_path / "own.keras")
    np.testing.assert_allclose(np.ravel(back.preprocessors["c"].mean), [2.0])
