"""Loads configurations that name every class and operation with strange settings, one after the other, under limits.

Run as a script, in a process of its own, with how many cases to draw, or "whole": a case that takes too long or too
much ends the process, and the last line that was printed tells which it was. `load_model` may load or refuse.
"""

import inspect
import io
import json
import random
import resource
import signal
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

import kerasish as keras
from kerasish.models.operations.operation_names import _NAMES, OPERATIONS, settings_of
from kerasish.saving import names

Config = dict[str, Any]

SECONDS = 10
MEGABYTES = 700
# What a setting becomes.
VALUES: tuple[Any, ...] = (
    0,
    -1,
    10**9,
    10**30,
    1e308,
    "x" * 1000,
    ["x" * 20_000] + ["a"] * 20_000,
    [[[[10**9] * 3] * 3] * 3] * 3,
    [10**9] * 40,
    {"a": {"b": [None, {}]}},
    {"class_name": "__numpy__", "config": {"value": [[1e30, -1.0]], "dtype": "int8"}},
    [],
    None,
    True,
)
_LABELS = [f"{value!r:.40}" for value in VALUES]
# What makes a class work, where it has no default.
_NEEDED = {
    "activation": "relu", "axes": -1, "axis": -1, "bin_boundaries": [0.0, 1.0], "boundaries": [1, 2], "clip_norm": 1.0,
    "cropping": 1, "decay_rate": 0.5, "decay_steps": 10, "dims": [1], "equation": "ab,bc->ac", "filters": 2,
    "first_decay_steps": 10, "gate_units": 2, "initial_learning_rate": 0.1, "input_dim": 3, "kernel_size": 2, "n": 2,
    "name": "o", "num_bins": 4, "num_classes": 3, "num_tokens": 3, "output_dim": 2, "output_shape": [3],
    "output_size": 2, "pool_size": 2, "precision": 0.5, "rate": 0.5, "recall": 0.5, "scale": 0.5, "sensitivity": 0.5,
    "size": 2, "specificity": 0.5, "stddev": 0.5, "target_class_ids": [0], "target_shape": [-1], "units": 2,
    "value": 1.0, "values": [0.1, 0.2, 0.3], "vocabulary": ["a", "b"],
}  # fmt: skip
_SHAPES = ([None, 4], [None, 4, 4], [None, 4, 4, 3], [None, 4, 4, 4, 3])
_HUGE = ([None, 10**9], [10**5, 10**5], [None] * 3, [2] * 31, [0, 4], [None, 10**6, 10**6])


def tensor(shape: Any, name: str = "x") -> Config:
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": shape, "dtype": "float32", "keras_history": [name, 0, 0]},
    }


def described(class_name: str, config: Config, module: str = "keras.layers") -> Config:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def graph(shape: Any, layer: Config, *args: Any) -> Config:
    """A model whose one layer is called on these arguments."""
    entrance = described("InputLayer", {"batch_shape": shape, "dtype": "float32", "name": "x"})
    layers = [
        {**entrance, "name": "x", "inbound_nodes": []},
        {**layer, "name": "o", "inbound_nodes": [{"args": list(args), "kwargs": {}}]},
    ]
    config = {"name": "f", "trainable": True, "layers": layers}
    config |= {"input_layers": [["x", 0, 0]], "output_layers": [["o", 0, 0]]}
    return described("Functional", config, "keras.src.models.functional")


def _settings(cls: Any) -> Config:
    """The settings of a class: what it needs, and the names of the others with None."""
    found: Config = {}
    for parent in cls.__mro__[:-1]:
        if "__init__" not in vars(parent):
            continue
        for key, parameter in list(inspect.signature(parent.__init__).parameters.items())[1:]:
            if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                found.setdefault(key, _NEEDED.get(key, 2) if parameter.default is parameter.empty else ...)
    return found


def _around(module: str, one: Config) -> Iterator[Config]:
    """Models in which an object of a module stands where it is used."""
    home = module.split(".")[1] if "." in module else "layers"
    dense: Config = {"name": "o", "units": 2}
    places = {"activations": "activation", "constraints": "kernel_constraint", "dtype_policies": "dtype"}
    places |= {"initializers": "kernel_initializer", "regularizers": "kernel_regularizer"}
    if home in ("layers", "models"):
        for shape in _SHAPES:
            yield graph(shape, one, tensor(shape))
        yield graph([None, 4], one, [tensor([None, 4]), tensor([None, 4])])
    elif home in places:
        yield graph([None, 4], described("Dense", {**dense, places[home]: one}), tensor([None, 4]))
    elif home == "random":
        yield graph([None, 4], described("Dropout", {"name": "o", "rate": 0.5, "seed": one}), tensor([None, 4]))
    else:
        training: Config = {"optimizer": "sgd", "loss": "mse"}
        if module.endswith("schedules"):
            one = described("SGD", {"learning_rate": one}, "keras.optimizers")
        training["optimizer" if home == "optimizers" else {"losses": "loss"}.get(home, "metrics")] = one
        yield graph([None, 4], described("Dense", dense), tensor([None, 4])) | {"compile_config": training}


def _labelled() -> Iterator[tuple[Any, str]]:
    return zip(VALUES, _LABELS, strict=True)


def _of_classes() -> Iterator[tuple[str, Config]]:
    for module in names.PACKAGES:
        for name in names.public_names(module):
            cls = names.find_public(module, name)
            if not isinstance(cls, type) or not hasattr(cls, "from_config"):
                continue
            own = _settings(cls)
            plain = {key: value for key, value in own.items() if value is not ...} | (
                {"name": "o"} if "name" in own else {}
            )
            changes: list[tuple[str, Config]] = [("as it is", {})]
            changes += [(f"{key}={label}", {key: value}) for key in own for value, label in _labelled()]
            for what, change in changes:
                for i, model in enumerate(_around(module, described(name, plain | change, module))):
                    yield f"{module}.{name} {what} place {i}", model


def _of_operations() -> Iterator[tuple[str, Config]]:
    for class_name, name in _NAMES.items():
        module, keys = OPERATIONS[name], settings_of(name)
        plain = {key: _NEEDED[key] for key in keys if key in _NEEDED and key not in ("axis", "axes")}
        for shape in (*_SHAPES, *_HUGE):
            x = tensor(shape)
            for args in ([x], [x, x], [x, x, x], [[x, x]], [x, [0, 1]], [1.0], [[[1.0] * 9] * 9, 2.0]):
                one = described(class_name, {"name": "o", **plain}, f"keras.src.ops.{module}")
                yield f"{name} of {len(args)} on {shape}", graph(shape, one, *args)
        for key in keys:
            for value, label in _labelled():
                one = described(class_name, {"name": "o", **plain, key: value}, f"keras.src.ops.{module}")
                for args in ([tensor([None, 4, 4])], [tensor([4, 4]), tensor([4, 4])]):
                    yield f"{name} {key}={label} of {len(args)}", graph(args[0]["config"]["shape"], one, *args)


def cases() -> list[tuple[str, Config]]:
    """Every case, with what it is."""
    return [*_of_classes(), *_of_operations()]


def _weights() -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.create_group("layers")
    return content.getvalue()


def _load(path: Path, config: Config, weights: bytes) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", weights)
    try:
        model = keras.saving.load_model(path)
        model.summary(print_fn=lambda text: None, line_length=100)
    except ValueError as error:
        assert str(error).startswith(f"{path}: ") and len(str(error)) < 5000, f"not told well: {error!r:.300}"
        assert "more memory than there is" not in str(error), "out of memory"
        return "refused"
    return "loaded"


def main(amount: str) -> None:
    """Load so many cases, the same in every run; print what came of each."""
    warnings.simplefilter("ignore")
    every, weights = cases(), _weights()
    numbers = (
        range(len(every)) if amount == "whole" else sorted(random.Random(11).sample(range(len(every)), int(amount)))
    )
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    room = base + 3 * MEGABYTES
    resource.setrlimit(resource.RLIMIT_AS, (room * 2**20 + 2**31, room * 2**20 + 2**31))
    with tempfile.TemporaryDirectory() as directory:
        for number in numbers:
            what, config = every[number]
            print(f"{number} {what}", end=" ", flush=True)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of this process, for others may share the machine
            outcome = _load(Path(directory) / "model.keras", config, weights)
            signal.setitimer(signal.ITIMER_PROF, 0)
            taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - base
            assert taken < MEGABYTES, f"{taken} MB"
            print(outcome, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
