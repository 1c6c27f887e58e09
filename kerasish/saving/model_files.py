"""Models and weights in files, the format told by the ending of the name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kerasish.backend.callers import shortened
from kerasish.backend.pieces import gathered
from kerasish.backend.typing import FilePath
from kerasish.backend.variable import Variable
from kerasish.saving import assets, keras_archive, npz_weights, sharded_weights, weights_h5
from kerasish.saving.errors import SAVED_MODEL, DirectoryError, MissingFileError, as_path
from kerasish.saving.guards import file_kinds
from kerasish.saving.legacy import model_h5

if TYPE_CHECKING:
    from kerasish.models.model import Model

_H5 = (".h5", ".hdf5")


@shortened
def save_model(
    model: Any, filepath: FilePath, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
) -> None:
    """Write a model to a file: its configuration, its weights, and the state of its training.

    The file is written beside its place and renamed, so that a crash leaves the old file or the new one.

    Args:
        model: the model.
        filepath: ends in `.keras`, or in `.h5` or `.hdf5` for the older format.
        overwrite: whether a file that is there is replaced.
        zipped: False writes a directory, whose name has any other ending.
        **kwargs: `include_optimizer`, whether the older format holds the state of training.

    Raises:
        FileExistsError: if the file is there and `overwrite` is false.
        ValueError: if the ending is another one.

    Example:
        >>> import tempfile
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> path = os.path.join(tempfile.mkdtemp(), "model.keras")
        >>> keras.saving.save_model(model, path)
        >>> keras.saving.load_model(path).count_params()
        3
    """
    include_optimizer = kwargs.pop("include_optimizer", True)
    kwargs.pop("save_format", None)
    if kwargs:
        raise ValueError(f"save_model does not know the argument(s) {sorted(kwargs)}")
    path = as_path(filepath)
    if zipped is False and path.endswith(".keras"):
        raise ValueError(f"with zipped=False a directory is written; its name cannot end in .keras; received {path}")
    _check_overwrite(path, overwrite)
    if zipped is not False and not path.endswith((".keras", *_H5)):
        raise ValueError(f"the name of a model's file ends in .keras, or in .h5 for the older format; received {path}")
    with gathered(_state_of(model)) as writes:
        if not writes:
            return
        if zipped is False:
            keras_archive.save_directory(model, path)
        elif path.endswith(".keras"):
            keras_archive.save(model, path)
        else:
            model_h5.save(model, path, include_optimizer)


@shortened
def load_model(
    filepath: FilePath, custom_objects: dict[str, Any] | None = None, compile: bool = True, safe_mode: bool = True
) -> Model:
    """The model that a file holds.

    Nothing that a file names is imported, run, opened or downloaded: names are looked up among the library's own, in
    `custom_objects`, and in what `register_keras_serializable` was told.

    Args:
        filepath: a file of any name that was written here or by Keras 1, 2 or 3, which its content tells: a `.keras`
            archive, or HDF5; or a directory that was written with `zipped=False`.
        custom_objects: the caller's own classes and functions by name.
        compile: whether the model is compiled as it was when it was saved.
        safe_mode: accepted for compatibility: code from a file is never run, whatever it says.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is damaged or names what is not known here.

    Example:
        >>> load_model("missing.keras")
        Traceback (most recent call last):
        ...
        kerasish.saving.errors.MissingFileError: [Errno 2] there is no such file: 'missing.keras'
    """
    path = as_path(filepath)
    if keras_archive.is_directory(path):
        return keras_archive.load_directory(path, custom_objects, compile)
    _check_is_file(path)
    kind = file_kinds.kind_of(path)
    if kind is None:
        hint = f" ({SAVED_MODEL})" if os.path.basename(path) == "saved_model.pb" else ""
        raise ValueError(
            f"a model is read from a .keras archive or an HDF5 file; received {path}, which is neither{hint}"
        )
    return (keras_archive if kind == file_kinds.ARCHIVE else model_h5).load(path, custom_objects, compile)


@shortened
def save_weights(
    model: Any, filepath: FilePath, overwrite: bool = True, max_shard_size: float | None = None, **kwargs: Any
) -> None:
    """Write the weights of a model, and the state of its optimizer.

    Args:
        model: a built model.
        filepath: ends in `.weights.h5`, or in `.weights.json` with `max_shard_size`; or in `.npz`, which Keras does not
            read but every program that knows NumPy does.
        overwrite: whether a file that is there is replaced.
        max_shard_size: the most gigabytes in one file; a model that has more is written in several.
        **kwargs: `objects_to_skip`, layers to leave out.

    Raises:
        FileExistsError: if the file is there and `overwrite` is false.
        ValueError: if the ending is another one, or the model has no weights yet.

    Warns:
        UserWarning: if the model has a vocabulary, or the like, that it was adapted to: only `.keras` files hold it.
    """
    skip = kwargs.pop("objects_to_skip", None) or ()
    if kwargs:
        raise ValueError(f"save_weights does not know the argument(s) {sorted(kwargs)}")
    path = as_path(filepath)
    endings = ("weights.h5", "weights.json") if max_shard_size is not None else (".weights.h5", ".npz")
    if not path.endswith(endings):
        raise ValueError(f"the name of a file of weights ends in {' or '.join(endings)}; received {path}")
    _check_built(model, "saved")
    _check_overwrite(path if max_shard_size is None else sharded_weights.index_path(path), overwrite)
    assets.warn_of_loss(model, path, skip)
    with gathered(_state_of(model)) as writes:
        if not writes:
            return
        if path.endswith(".npz"):
            npz_weights.save(model, path, skip)
        elif max_shard_size is None:
            weights_h5.save(model, path, skip)
        else:
            sharded_weights.save(model, path, max_shard_size, skip)


def _state_of(model: Any) -> list[Variable]:
    """What a file may hold of a model."""
    optimizer = getattr(model, "optimizer", None)
    return [*model.variables, *([] if optimizer is None else optimizer.variables)]


@shortened
def load_weights(model: Any, filepath: FilePath, skip_mismatch: bool = False, **kwargs: Any) -> None:
    """Read weights into a model: all of them, or none if one does not fit.

    Args:
        model: a built model.
        filepath: ends in `.weights.json`, or in `.npz`, written by `save_weights` or by
            `np.savez(path, *model.get_weights())`; or a file of any other name, which its content tells: `.weights.h5`,
            a `.keras` archive, or the older format in HDF5.
        skip_mismatch: whether a layer that does not fit is left as it is, with a warning.
        **kwargs: `by_name`, whether the older format's layers are matched by name; `objects_to_skip`, layers to
            leave as they are.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is damaged or does not fit; the model is as before then.
    """
    by_name = kwargs.pop("by_name", None)
    skip = kwargs.pop("objects_to_skip", None)
    if kwargs:
        raise ValueError(f"load_weights does not know the argument(s) {sorted(kwargs)}")
    path = as_path(filepath)
    _check_is_file(path)
    kind = file_kinds.exact_kind_of(path)
    if by_name is not None and kind != file_kinds.LEGACY:
        raise ValueError(f"by_name works with the older .h5 format only; received {path}")
    if skip is not None and kind in (file_kinds.ARCHIVE, file_kinds.LEGACY):
        raise ValueError(f"objects_to_skip works with .weights.h5 and .npz files only; received {path}")
    _check_built(model, "loaded")
    if path.endswith(".weights.json"):
        sharded_weights.load(model, path, skip_mismatch, skip or ())
    elif path.endswith(".npz"):
        npz_weights.load(model, path, skip_mismatch, skip or ())
    elif kind == file_kinds.PARTS:
        weights_h5.load(model, path, skip_mismatch, skip or ())
    elif kind == file_kinds.LEGACY:
        model_h5.load_weights(model, path, bool(by_name), skip_mismatch)
    elif kind == file_kinds.ARCHIVE:
        keras_archive.load_weights(model, path, skip_mismatch)
    else:
        endings = ".weights.h5, .weights.json, .npz, .keras and .h5"
        raise ValueError(f"weights are read from {endings} files; received {path}")


def _check_overwrite(path: str, overwrite: bool) -> None:
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(f"{path} is there already, and overwrite=False: choose another name, or overwrite=True")


def _check_is_file(path: str) -> None:
    if os.path.isfile(os.path.join(path, "saved_model.pb")):
        raise DirectoryError(f"{path} is a directory: {SAVED_MODEL}")
    if os.path.isdir(path):
        is_model = keras_archive.is_directory(path)
        told = "whose weights are in its model.weights.h5" if is_model else "and holds no config.json of a model"
        raise DirectoryError(f"{path} is a directory, {told}; expected a file")
    if not os.path.exists(path):
        raise MissingFileError(path)


def _check_built(model: Any, what: str) -> None:
    if not model.built:
        raise ValueError(
            f"the weights of the model {model.name!r} cannot be {what} before it is built: call it on data, or call "
            "`build(input_shape)`"
        )
