"""`.keras`: a zip archive, or a directory, of a model's configuration and its weights."""

from __future__ import annotations

import io
import json
import os
import time
import warnings
import zipfile
from typing import Any

from kerasish.saving import atomic, safe_h5, safe_json, safe_zip
from kerasish.saving.errors import reading
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object, sharing
from kerasish.saving.weights_h5 import read_state, write_state
from kerasish.saving.weights_store import StoreReader, StoreWriter

# The version of the format, which is that of the Keras whose layout this is.
KERAS_VERSION = "3.15.1"

_METADATA = "metadata.json"
_CONFIG = "config.json"
_WEIGHTS = "model.weights.h5"


def save(model: Any, path: str) -> None:
    """Write a `.keras` file."""
    members = _members(model)
    with atomic.replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def save_directory(model: Any, path: str) -> None:
    """Write the members of a `.keras` file into a directory."""
    members = _members(model)
    with atomic.replacing_files(path, [_WEIGHTS, _METADATA, _CONFIG]) as temporary:
        for name, content in members.items():
            with open(os.path.join(temporary, name), "wb") as file:
                file.write(content)


def _members(model: Any) -> dict[str, bytes]:
    if not model.built:
        warnings.warn(
            f"the model {model.name!r} is saved before it is built, that is, without weights; call it on data first",
            stacklevel=5,
        )
    metadata = {"keras_version": KERAS_VERSION, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")}
    config = json.dumps(serialize_keras_object(model))
    weights = io.BytesIO()
    with safe_h5.open_file(weights, "w") as file:
        write_state(model, StoreWriter(file), random_state=True)
    return {_METADATA: json.dumps(metadata).encode(), _CONFIG: config.encode(), _WEIGHTS: weights.getvalue()}


def load(path: str, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    """The model of a `.keras` file.

    Raises:
        ValueError: if the file is damaged or names what is not known here.
    """
    with reading(path, "archive"), safe_zip.Archive(path) as archive:
        with reading(path, _CONFIG):
            model = _make(archive.read(_CONFIG, safe_json.MAX_BYTES), custom_objects, compile)
        with reading(path, _WEIGHTS), safe_h5.open_file(io.BytesIO(archive.read(_WEIGHTS))) as file:
            read_state(model, StoreReader(file), random_state=True)
    return model


def load_directory(path: str, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    """The model of a directory that `save_directory` wrote.

    Raises:
        ValueError: if a file is damaged or names what is not known here.
    """
    with reading(path, _CONFIG), open(os.path.join(path, _CONFIG), "rb") as file:
        model = _make(file.read(safe_json.MAX_BYTES + 1), custom_objects, compile)
    with reading(path, _WEIGHTS), safe_h5.open_file(os.path.join(path, _WEIGHTS)) as file:
        read_state(model, StoreReader(file), random_state=True)
    return model


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


def _make(text: bytes, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    config = safe_json.loads_dict(text)
    if not compile:
        config["compile_config"] = None
    with sharing:
        model = deserialize_keras_object(config, custom_objects)
    if not hasattr(model, "load_own_variables"):
        raise ValueError(f"the file describes a {type(model).__name__}, not a model")
    return model
