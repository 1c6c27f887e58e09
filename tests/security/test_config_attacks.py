"""Configurations that would cost memory or time while they are read, each in a process of its own, under limits."""

import itertools
import json
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kerasish as keras
from kerasish.saving.guards import safe_json
from tests.security.config_fuzzer import SECONDS, Config, described, graph, tensor

LIMIT = 1500 * 2**20  # of addresses: the interpreter, NumPy and h5py, and 700 MB
_LOAD = """
import sys, resource
import kerasish as keras
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
path = sys.argv[1]
try:
    text = open(path).read() if path.endswith(".json") else None
    model = keras.saving.load_model(path) if text is None else keras.models.model_from_json(text)
    print("loaded", model.output_shape)
except ValueError as error:
    print("refused", str(error)[:2000])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
ROOT = Path(__file__).parents[2]


def attempt(path: Path) -> tuple[str, int]:
    """What comes of loading a file in a child with limits, and the megabytes that it took."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 3, SECONDS + 3))

    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, str(path)],
        capture_output=True,
        text=True,
        env=environment,
        preexec_fn=limit,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcome, megabytes = done.stdout.strip().rsplit("\n", 1)
    assert int(megabytes) < 700
    assert "more memory than there is" not in outcome
    return outcome, int(megabytes)


def archive(directory: Path, config: Config | bytes) -> Path:
    """A model's file with this configuration, and no weights."""
    path = directory / "model.keras"
    keras.Sequential([keras.Input((2,)), keras.layers.Flatten()]).save(path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["config.json"] = config if isinstance(config, bytes) else json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def operation(class_name: str, module: str, **settings: Any) -> Config:
    return described(class_name, {"name": "o", **settings}, f"keras.src.ops.{module}")


def layer(class_name: str, name: str = "o", **settings: Any) -> Config:
    return described(class_name, {"name": name, **settings})


def called(one: Config, name: str, *args: Any) -> Config:
    return {**one, "name": name, "inbound_nodes": [{"args": list(args), "kwargs": {}}]}


def chain(count: int) -> Config:
    """Layers one after the other, the last one first."""
    model = graph([None, 4], layer("Identity"), tensor([None, 4]))
    inner = model["config"]
    names = ["x", *(f"l{i}" for i in range(count))]
    links = [called(layer("Identity", b), b, tensor([None, 4], a)) for a, b in itertools.pairwise(names)]
    inner["layers"] = [*reversed(links), inner["layers"][0]]
    inner["output_layers"] = [[names[-1], 0, 0]]
    return model


def fan(count: int) -> Config:
    """A layer that takes many, all of which come after it."""
    model = graph([None, 4], layer("Concatenate"), [tensor([None, 4], f"l{i}") for i in range(count)])
    inner = model["config"]
    entrance, joined = inner["layers"]
    inner["layers"] = [
        joined,
        *(called(layer("Identity", f"l{i}"), f"l{i}", tensor([None, 4])) for i in range(count)),
        entrance,
    ]
    return model


def models_within_models(depth: int) -> Config:
    """Each model calls the one within it twice, so that there are 2 to the power of `depth` calls."""
    inner = graph([None, 4], layer("Identity"), tensor([None, 4]))
    inner["config"]["name"] = "m0"
    for i in range(1, depth):
        outer = graph([None, 4], layer("Add"), [tensor([None, 4], f"m{i - 1}"), tensor([None, 4], f"m{i - 1}")])
        outer["config"]["layers"][1]["inbound_nodes"][0]["args"][0][1]["config"]["keras_history"][1] = 1
        calls = [{"args": [tensor([None, 4])], "kwargs": {}}] * 2
        outer["config"]["layers"].append({**inner, "name": f"m{i - 1}", "inbound_nodes": calls})
        outer["config"]["name"] = f"m{i}"
        inner = outer
    model = graph([3, 4], inner, tensor([3, 4]))
    model["config"]["layers"][1]["name"] = inner["config"]["name"]
    model["config"]["output_layers"] = [[inner["config"]["name"], 1, 0]]
    return model


_NO_TENSOR = "on no tensor of the model"
_IMAGE = {"class_name": "__numpy__", "config": {"value": [[[1.0]]], "dtype": "float32"}}
ATTACKS: dict[str, tuple[Callable[[], Config | bytes], str]] = {
    "a repeated constant": (lambda: graph([None, 4], layer("RepeatVector", n=10**9), [[1.0]]), _NO_TENSOR),
    "a padded constant": (lambda: graph([None, 4], layer("ZeroPadding1D", padding=10**9), _IMAGE), _NO_TENSOR),
    "an enlarged constant": (lambda: graph([None, 4], layer("UpSampling1D", size=10**9), _IMAGE), _NO_TENSOR),
    "a product of constants": (
        lambda: graph([None, 4], operation("Matmul", "numpy"), [[1.0]] * 30_000, [[1.0] * 30_000]),
        _NO_TENSOR,
    ),
    "differences": (lambda: graph([None, 4], operation("Diff", "numpy", n=10**9, axis=-1), tensor([None, 4])), "0"),
    "an outer product": (
        lambda: graph([3000, 3000], operation("Tensordot", "numpy", axes=0), *[tensor([3000, 3000])] * 2),
        "(3000, 3000, 3000, 3000)",
    ),
    "distances": (
        lambda: graph([15_000, 2], operation("CDist", "math"), *[tensor([15_000, 2])] * 2),
        "(15000, 15000)",
    ),
    "eigenvalues": (lambda: graph([1700, 1700], operation("Eigh", "linalg"), tensor([1700, 1700])), "(1700,)"),
    "singular values": (
        lambda: graph([2000, 2000], operation("SVD", "linalg", compute_uv=True), tensor([2000, 2000])),
        "(2000, 2000)",
    ),
    "many pieces": (
        lambda: graph(
            [None, 10**7], operation("ArraySplit", "numpy", indices_or_sections=10**8, axis=1), tensor([None, 10**7])
        ),
        "at most 10000 are made",
    ),
    "many layers": (
        lambda: graph([None, 10**7], operation("Unstack", "core", num=10**7, axis=1), tensor([None, 10**7])),
        "at most 10000 are made",
    ),
    "indices that make a copy": (
        lambda: graph([None, 10**5, 10**5], operation("GetItem", "numpy"), tensor([None, 10**5, 10**5]), True),
        "use `take`",
    ),
    "very many dimensions": (
        lambda: graph([2] * 31, operation("ViewAsComplex", "math"), tensor([2] * 31)),
        "31 dimensions",
    ),
    "layers in reverse": (lambda: chain(6000), "(None, 4)"),
    "many inputs in reverse": (lambda: fan(3000), "(None, 12000)"),
    "models within models": (lambda: models_within_models(25), "more than 20000 calls"),
    "an orthogonal kernel": (
        lambda: graph([None, 4000], layer("Dense", units=4000, kernel_initializer="orthogonal"), tensor([None, 4000])),
        "holds 0|operations",
    ),
    "a wide layer": (lambda: graph([None, 30_000], layer("Dense", units=30_000), tensor([None, 30_000])), "asks for"),
    "unknown tokens": (
        lambda: graph([None, 1], layer("StringLookup", vocabulary=["a"], num_oov_indices=3 * 10**8), tensor([None, 1])),
        "asks for",
    ),
    "texts for weights": (
        lambda: graph(
            [None, 1],
            layer(
                "StringLookup",
                vocabulary=["a" * 20_000, *map(str, range(20_000))],
                output_mode="tf_idf",
                idf_weights=["a" * 20_000, *map(str, range(20_000))],
            ),
            tensor([None, 1]),
        ),
        "could not convert",
    ),
    "an encoding that takes squares": (
        lambda: graph([None, 1], layer("StringLookup", vocabulary=["a"], encoding="punycode"), tensor([None, 1])),
        "name of a character set",
    ),
    "a long unknown class": (lambda: graph([None, 4], layer("D" * 31_000_000), tensor([None, 4])), "unknown class"),
    "empty lists": (lambda: b'{"a":[' + b"[]," * 10_000_000 + b"[]]}", "lists and objects"),
    "short texts": (lambda: b'{"a":[' + b'"ab",' * 6_000_000 + b"1]}", "6000002 values"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_configuration_costs_little_in_a_file(name: str, tmp_path: Path) -> None:
    make, expected = ATTACKS[name]
    path = archive(tmp_path, make())
    outcome, _ = attempt(path)
    assert any(part in outcome for part in expected.split("|")), outcome
    assert outcome.startswith((f"refused {path}: ", "loaded"))


@pytest.mark.parametrize("name", ["an orthogonal kernel", "a wide layer", "unknown tokens", "distances"])
def test_a_configuration_costs_little_in_a_text(name: str, tmp_path: Path) -> None:
    make, expected = ATTACKS[name]
    path = tmp_path / "model.json"
    path.write_text(json.dumps(make()))
    outcome, _ = attempt(path)
    assert any(part in outcome for part in expected.split("|")), outcome


def test_a_vocabulary_takes_time_in_proportion(tmp_path: Path) -> None:
    words = [f"word {i:_}" for i in range(700_000)]
    path = archive(tmp_path, graph([None, 1], layer("StringLookup", vocabulary=words), tensor([None, 1])))
    assert path.stat().st_size > 10 * 2**20
    assert attempt(path)[0] == "loaded (None, 1)"


def test_texts_at_the_limits_of_counts_are_read() -> None:
    most = safe_json.MAX_CONTAINERS - 1
    assert len(safe_json.loads("[" + "[]," * (most - 1) + "[]]")) == most


def test_names_with_commands_for_a_terminal_are_spelled_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b[2J\x07\u202e\n"
    path = archive(tmp_path, graph([None, 4], layer("Dense", name, units=2), tensor([None, 4])))
    with pytest.raises(ValueError, match=r"a\\x1b\[2J") as caught:
        keras.saving.load_model(path)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name=name)], name=name)
    model.compile("sgd", "mse", metrics=[keras.metrics.MeanSquaredError(name=name)])
    model.summary()
    model.evaluate([[1.0, 2.0, 3.0, 4.0]] * 2, [[1.0, 2.0]] * 2, verbose=2)
    told = capsys.readouterr().out + repr(model.layers) + repr(model.weights) + repr(model.outputs) + str(caught.value)
    assert r"a\x1b[2J\x07\u202e\n" in told
    assert not {"\x1b", "\x07", "\u202e"} & set(told)
