"""`.keras`: a zip archive, or a directory, of a model's configuration and its weights."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from typing import Any

from kerasish.backend import budget, first_values
from kerasish.backend.callers import warn
from kerasish.saving import assets, atomic
from kerasish.saving.errors import reading
from kerasish.saving.guards import safe_h5, safe_json, safe_zip
from kerasish.saving.legacy import config as legacy_config
from kerasish.saving.names import CustomObjectScope
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object, sharing
from kerasish.saving.weights_h5 import read_state, write_state
from kerasish.saving.weights_store import StoreReader, StoreWriter

# The version of the format, which is that of the Keras whose layout this is.
KERAS_VERSION = "3.15.1"

_METADATA = "metadata.json"
_CONFIG = "config.json"
_WEIGHTS = "model.weights.h5"
_PICKLED = "model.weights.npz"


def save(model: Any, path: str) -> None:
    """Write a `.keras` file."""
    members = _members(model)
    with atomic.replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def save_directory(model: Any, path: str) -> None:
    """Write the members of a `.keras` file into a directory."""
    members = _members(model)
    own = (_WEIGHTS, _METADATA, _CONFIG)
    with atomic.replacing_files(path, [*(name for name in members if name not in own), *own]) as temporary:
        for name, content in members.items():
            place = os.path.join(temporary, *name.split("/"))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(content)


def _members(model: Any) -> dict[str, bytes]:
    if not model.built:
        warn(
            f"the model {model.name!r} is saved before it is built, that is, without weights; call it on data first",
        )
    metadata = {"keras_version": KERAS_VERSION, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")}
    config = json.dumps(serialize_keras_object(model))
    weights = io.BytesIO()
    with safe_h5.open_file(weights, "w") as file:
        write_state(model, StoreWriter(file), random_state=True)
    own = {_METADATA: json.dumps(metadata).encode(), _CONFIG: config.encode(), _WEIGHTS: weights.getvalue()}
    return {**own, **assets.written(model)}


def load(path: str, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    """The model of a `.keras` file.

    Raises:
        ValueError: if the file is damaged or names what is not known here.
    """
    with reading(path, "archive"), safe_zip.Archive(path) as archive:
        return _load(path, archive, custom_objects, compile)


def load_directory(path: str, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    """The model of a directory that `save_directory` wrote.

    Raises:
        ValueError: if a file is damaged or names what is not known here.
    """
    with reading(path, "directory"):
        return _load(path, assets.Directory(path), custom_objects, compile)


def _load(path: str, members: assets.Members, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    with reading(path, _METADATA):
        is_old = _is_of_keras_2(members)
    with reading(path, _CONFIG):
        config = safe_json.loads_dict(members.read(_CONFIG, safe_json.MAX_BYTES))
    with reading(path, _WEIGHTS):
        if _PICKLED in members.names:
            raise ValueError(
                f"the file keeps its weights in {_PICKLED}, pickled Python objects, which are never read, here or by "
                "Keras; open it with the Keras that wrote it, and save it in the usual format"
            )
        weights = members.read(_WEIGHTS)
    with (
        reading(path, _WEIGHTS),
        safe_h5.open_file(io.BytesIO(weights)) as file,
        budget.limited(safe_h5.allowance(file)),
        first_values.later(),
    ):
        with reading(path, _CONFIG):
            model = _make(config, is_old, custom_objects, compile)
        with reading(path, "assets"):
            assets.read(model, members)
        read_state(model, StoreReader(file), random_state=True)
    return model


def _is_of_keras_2(members: assets.Members) -> bool:
    if _METADATA not in members.names:
        return False
    metadata = safe_json.loads_dict(members.read(_METADATA, safe_json.MAX_BYTES))
    return str(metadata.get("keras_version", "")).startswith("2.")


def is_directory(path: str) -> bool:
    """Whether a path is a directory that `save_directory` wrote."""
    return os.path.isdir(path) and os.path.isfile(os.path.join(path, _CONFIG))


def load_weights(model: Any, path: str, skip_mismatch: bool = False) -> None:
    """Read only the weights, and the state of the optimizer, of a `.keras` file.

    Raises:
        ValueError: if they do not fit; nothing is changed then.
    """
    with reading(path, _WEIGHTS):
        with safe_zip.Archive(path) as archive:
            weights = archive.read(_WEIGHTS)
        with safe_h5.open_file(io.BytesIO(weights)) as file:
            read_state(model, StoreReader(file), skip_mismatch)


def contents(path: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """The configuration, the metadata and the weights of a `.keras` file, the weights as an HDF5 file's bytes.

    Raises:
        ValueError: if the file is damaged.
    """
    with reading(path, "archive"), safe_zip.Archive(path) as archive:
        found = []
        for name in (_CONFIG, _METADATA):
            with reading(path, name):
                found.append(safe_json.loads_dict(archive.read(name, safe_json.MAX_BYTES)))
        with reading(path, _WEIGHTS):
            return found[0], found[1], archive.read(_WEIGHTS)


def _make(config: dict[str, Any], is_old: bool, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    if not compile:
        config["compile_config"] = None
    with sharing, CustomObjectScope(custom_objects):
        model = deserialize_keras_object(legacy_config.modern_archive(config) if is_old else config)
    if not hasattr(model, "load_own_variables"):
        raise ValueError(f"the file describes a {type(model).__name__}, not a model")
    return model
