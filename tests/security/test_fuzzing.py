"""Random damage to configurations and bytes: what comes out is a model, or an error that names the file.

The draws are the same in every run (`derandomize`), and `pytest -s` prints the counts.
"""

import copy
import json
import tracemalloc
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kerasish as keras


def fuzz(examples: int) -> settings:
    """Settings under which every run makes the same draws."""
    quiet = list(HealthCheck)
    return settings(max_examples=examples, derandomize=True, deadline=5000, database=None, suppress_health_check=quiet)


COUNTS: Counter[str] = Counter()
LIMIT = 150 * 2**20

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, 1, -1, 2**31, 2**63, 10**12, 10**30, 1e308, float("nan"), float("inf"), "", "relu", "os", "/x"]
    ),
    st.sampled_from(
        [[], {}, [1, 2], {"a": 1}, [[None]], {"class_name": "Dense", "config": {}}, {"class_name": "__numpy__"}]
    ),
    st.integers(-5, 300),
    st.text(max_size=6),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model with a graph, shared layers, operations, an inner model, and its training, in three formats."""
    directory = tmp_path_factory.mktemp("fuzz")
    layers = keras.layers
    x = keras.Input((6,), name="entrance")
    shared = layers.Dense(6, "relu", kernel_regularizer="l2", name="shared")
    inner = keras.Sequential([keras.Input((6,)), layers.BatchNormalization(), layers.Reshape((3, 2)), layers.Flatten()])
    y = layers.Concatenate()([shared(x), inner(shared(keras.ops.clip(x, -1.0, 1.0)))])
    model = keras.Model(x, layers.Dense(2, "softmax")(layers.Dropout(0.1)(y)))
    model.compile(keras.optimizers.Adam(), "mse", metrics=["accuracy", keras.metrics.AUC(num_thresholds=5)])
    model.save(directory / "model.keras")
    model.save(directory / "model.h5")
    model.save_weights(directory / "model.weights.h5")
    model.save(directory / "whole.keras")
    return {path.name: path for path in directory.iterdir()}


@pytest.fixture(scope="module", autouse=True)
def told() -> Iterator[None]:
    COUNTS.clear()
    yield
    print(f"\n{sum(COUNTS.values())} inputs: {dict(COUNTS)}")


def _note(kind: str, path: Path, model: Any = None) -> None:
    tracemalloc.start()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            keras.saving.load_model(path) if model is None else model.load_weights(path)
            COUNTS[f"{kind} read"] += 1
        except (ValueError, OSError) as error:
            assert str(path) in str(error)
            COUNTS[f"{kind} refused"] += 1
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert peak < LIMIT


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to every value in a configuration."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in items for found in ((*path, key), *_places(part, (*path, key)))]


def _changed(config: Any, changes: list[tuple[int, str, Any]]) -> Any:
    config = copy.deepcopy(config)
    for number, kind, value in changes:
        places = _places(config)
        if not places:
            break
        *path, last = places[number % len(places)]
        owner = config
        for key in path:
            owner = owner[key]
        if kind == "drop":
            del owner[last]
        elif kind == "put":
            owner[last] = value
        elif isinstance(owner, list):
            owner.insert(last, copy.deepcopy(owner[last]))
        else:
            owner[f"{last}x"] = owner[last]
    return config


CHANGES = st.lists(
    st.tuples(st.integers(0, 10**4), st.sampled_from(["put", "put", "drop", "twice"]), VALUES), min_size=1, max_size=3
)


@fuzz(150)
@given(changes=CHANGES)
def test_a_configuration_with_random_changes(files: dict[str, Path], changes: Any) -> None:
    path = files["model.keras"].with_name("changed.keras")
    with zipfile.ZipFile(files["whole.keras"]) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["config.json"] = json.dumps(_changed(json.loads(members["config.json"]), changes)).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    _note("config of .keras", path)


@fuzz(80)
@given(changes=CHANGES, attribute=st.sampled_from(["model_config", "training_config"]))
def test_an_attribute_with_random_changes(files: dict[str, Path], changes: Any, attribute: str) -> None:
    path = files["model.h5"].with_name("changed.h5")
    path.write_bytes(files["model.h5"].read_bytes())
    with h5py.File(path, "a") as file:
        file.attrs[attribute] = json.dumps(_changed(json.loads(file.attrs[attribute]), changes)).encode()
    _note("config of .h5", path)


@fuzz(150)
@given(
    name=st.sampled_from(["model.keras", "model.h5", "model.weights.h5"]),
    edits=st.lists(st.tuples(st.floats(0, 0.9999), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4),
    length=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_random_bytes(files: dict[str, Path], name: str, edits: Any, length: float) -> None:
    content = bytearray(files[name].read_bytes())
    for share, new in edits:
        start = int(share * len(content))
        content[start : start + len(new)] = new
    path = files[name].with_name(f"changed.{name.partition('.')[2]}")
    path.write_bytes(bytes(content[: int(length * len(content))]))
    model = keras.saving.load_model(files["whole.keras"]) if "weights" in name else None
    _note(f"bytes of {name.partition('.')[2]}", path, model)


def test_the_counts_are_of_both_kinds() -> None:
    assert sum(n for kind, n in COUNTS.items() if "refused" in kind) > sum(COUNTS.values()) / 10
    assert sum(n for kind, n in COUNTS.items() if "read" in kind) > 20
