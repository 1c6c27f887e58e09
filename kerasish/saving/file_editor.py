"""A look into a file of weights, and changes to it: for weights that were saved before the model was changed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish.backend.names import printable
from kerasish.saving import atomic, keras_archive, saveables
from kerasish.saving.errors import MissingFileError, as_path, reading
from kerasish.saving.guards import file_kinds, safe_h5
from kerasish.saving.hdf5.file import Group
from kerasish.saving.weights_store import StoreWriter

Weights = dict[str, Any]

_MAX_DEPTH = 100
_VARIABLES = "vars"


class KerasFileEditor:
    """The weights of a `.keras` or `.weights.h5` file as a tree that can be looked at, compared, changed and saved.

    An object is a layer or optimizer; it is named by its path in the file, such as `"layers/dense_1"`, or by the last
    part of the path where only one object has it. Its weights are named `"0"`, `"1"`, ...

    Args:
        filepath: the file; it stays as it is.

    Attributes:
        weights_dict: the tree: for each object a dict of its weights and of the objects below it.
        object_metadata: for each path, which begins with a slash, what the file says of the object, such as its name.
        config, metadata: what a `.keras` file holds besides weights; None for `.weights.h5`.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it ends in neither, or is damaged.

    Example:
        >>> import os, tempfile
        >>> import kerasish as keras
        >>> path = os.path.join(tempfile.mkdtemp(), "model.weights.h5")
        >>> keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save_weights(path)
        >>> editor = KerasFileEditor(path)
        >>> editor.rename_object("layers/dense", new_name="einsum_dense")
        >>> editor.summary()
        layers
          einsum_dense ('dense')
            0: shape=(2, 1), dtype=float32
            1: shape=(1,), dtype=float32
    """

    def __init__(self, filepath: Any) -> None:
        self.filepath = as_path(filepath)
        self.config: dict[str, Any] | None = None
        self.metadata: dict[str, Any] | None = None
        self.object_metadata: dict[str, dict[str, str]] = {}
        if not self.filepath.endswith((".keras", ".weights.h5")):
            raise ValueError(f"the editor opens files that end in .keras or .weights.h5; received {self.filepath}")
        source: Any = self.filepath
        try:
            if file_kinds.kind_of(self.filepath) == file_kinds.ARCHIVE:
                self.config, self.metadata, content = keras_archive.contents(self.filepath)
                source = io.BytesIO(content)
            with reading(self.filepath, "weights"), safe_h5.open_file(source) as file:
                self.weights_dict: Weights = self._tree(file, "", set())
        except FileNotFoundError as error:
            raise MissingFileError(self.filepath) from error

    def _tree(self, group: Any, path: str, seen: set[Any]) -> Weights:
        """The weights at a path of the file and below; a group or dataset may have one name only."""
        if path.count("/") > _MAX_DEPTH:
            raise ValueError(f"the groups are nested deeper than {_MAX_DEPTH} levels")
        tree: Weights = {}
        for name in group:
            item = group.member(name)
            _meet(item, seen)
            if not isinstance(item, Group):
                raise ValueError(f"{item.name} is no group; weights are in groups named {_VARIABLES!r}")
            if name == _VARIABLES:
                tree |= self._variables(item, path, seen)
            elif found := self._tree(item, f"{path}/{name}", seen):
                tree[name] = found
        return tree

    def _variables(self, group: Any, path: str, seen: set[Any]) -> Weights:
        label = safe_h5.text_attribute(group, "name", "")
        if label and len(group):
            self.object_metadata[path] = {"name": label}
        found: Weights = {}
        for key in group:
            dataset = safe_h5.dataset_at(group, key)
            _meet(dataset, seen)
            found[key] = safe_h5.read(dataset)
        return found

    # -- looking ---------------------------------------------------------------------------------------------

    def summary(self) -> None:
        """Print the objects, and the shapes of their weights."""
        for line in self._lines(self.weights_dict, "", 0):
            print(printable(line))

    def _lines(self, tree: Weights, path: str, depth: int) -> Iterator[str]:
        for name, value in sorted(tree.items(), key=lambda pair: _in_order(pair[0])):
            here = f"{path}/{name}"
            if isinstance(value, dict):
                label = self.object_metadata.get(here, {}).get("name")
                yield f"{'  ' * depth}{name}{f' ({label!r})' if label else ''}"
                yield from self._lines(value, here, depth + 1)
            else:
                yield f"{'  ' * depth}{name}: shape={np.shape(value)}, dtype={np.asarray(value).dtype.name}"

    def compare(self, reference_model: Any) -> dict[str, Any]:
        """Print what stands between these weights and a model, and count it.

        Args:
            reference_model: a built model.

        Returns:
            `status`, "success" or "error"; `error_count`, the weights that are missing on one side or have another
            shape; and `match_count`, the weights that fit.
        """
        ours = dict(_flat(self.weights_dict, ""))
        theirs = _shapes_of(reference_model)
        errors = 0
        for path in [*theirs, *(path for path in ours if path not in theirs)]:
            found, expected = ours.get(path), theirs.get(path)
            if found != expected:
                errors += 1
                print(f"{printable(path)}: {_told(found)} in the file, {_told(expected)} in the model")
        matches = sum(ours.get(path) == shape for path, shape in theirs.items())
        print(f"{matches} weight(s) fit the model, {errors} do(es) not")
        return {"status": "error" if errors else "success", "error_count": errors, "match_count": matches}

    # -- changing --------------------------------------------------------------------------------------------

    def rename_object(self, object_name: str, new_name: str) -> None:
        """Give an object another name.

        Args:
            object_name: its name or path.
            new_name: the last part of its new path.

        Raises:
            ValueError: if there is no such object, or the new name is taken or a path.
        """
        if "/" in new_name or not new_name:
            raise ValueError(f"new_name is the last part of a path, without '/'; received {new_name!r}")
        tree, path, name = self._find(object_name)
        if new_name in tree:
            raise ValueError(f"{path}/{new_name} is there already; delete it first")
        tree[new_name] = tree.pop(name)
        old, new = f"{path}/{name}", f"{path}/{new_name}"
        self.object_metadata = {
            new + key[len(old) :] if key == old or key.startswith(f"{old}/") else key: value
            for key, value in self.object_metadata.items()
        }

    def delete_object(self, object_name: str) -> None:
        """Leave out an object, and those below it.

        Raises:
            ValueError: if there is no such object.
        """
        tree, path, name = self._find(object_name)
        del tree[name]
        gone = f"{path}/{name}"
        self.object_metadata = {
            key: value for key, value in self.object_metadata.items() if key != gone and not key.startswith(f"{gone}/")
        }

    def add_object(self, object_path: str, weights: dict[str, Any]) -> None:
        """Put an object into the file, in place of the one that has its path.

        Args:
            object_path: its path, such as `"layers/dense_2"`.
            weights: its weights: `{"0": kernel, "1": bias}`.

        Raises:
            ValueError: if the object above it is not there, or `weights` are not a dict.
        """
        made = _checked(weights)
        parent, _, name = object_path.rpartition("/")
        tree = self._find_path(parent) if parent else self.weights_dict
        tree[name] = made

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Leave out a weight of an object.

        Raises:
            ValueError: if there is no such weight.
        """
        tree, _, name = self._find(object_name)
        if weight_name not in tree[name]:
            raise ValueError(f"{object_name!r} has no weight {weight_name!r}; it has {list(tree[name])}")
        del tree[name][weight_name]

    def add_weights(self, object_name: str, weights: dict[str, Any]) -> None:
        """Put weights into an object, in place of those of the same names.

        Raises:
            ValueError: if there is no such object, or `weights` are not a dict.
        """
        made = _checked(weights)
        tree, _, name = self._find(object_name)
        tree[name].update(made)

    def save(self, filepath: Any) -> None:
        """Write the weights to a file that ends in `.weights.h5`.

        Raises:
            ValueError: if it ends otherwise.
        """
        path = as_path(filepath)
        if not path.endswith(".weights.h5"):
            raise ValueError(f"the editor writes files that end in .weights.h5; received {path}")
        with atomic.replacing(path) as temporary, safe_h5.creating(temporary) as file:
            self._write(StoreWriter(file), self.weights_dict, "")

    resave_weights = save

    def _write(self, writer: StoreWriter, tree: Weights, path: str) -> None:
        store = writer.make(path.removeprefix("/"), self.object_metadata.get(path, {}).get("name"))
        for name, value in tree.items():
            if isinstance(value, dict):
                self._write(writer, value, f"{path}/{name}")
            else:
                store[name] = value

    # -- finding ---------------------------------------------------------------------------------------------

    def _find(self, name: str) -> tuple[Weights, str, str]:
        """The dict that holds an object, the path of that dict, and the object's name in it."""
        if "/" in name:
            path, _, last = name.strip("/").rpartition("/")
            places = [(self._find_path(path) if path else self.weights_dict, f"/{path}" if path else "")]
        else:
            last = name
            places = [(tree, path) for tree, path in _objects(self.weights_dict, "") if name in tree]
        places = [(tree, path) for tree, path in places if isinstance(tree.get(last), dict)]
        if len(places) > 1:
            raise ValueError(f"several objects are named {name!r}: {[f'{p}/{name}' for _, p in places]}; give a path")
        if not places:
            raise ValueError(f"the file holds no object {name!r}; its objects are {self._paths()[:12]}")
        return *places[0], last

    def _find_path(self, path: str) -> Weights:
        tree = self.weights_dict
        for part in path.strip("/").split("/"):
            found = tree.get(part)
            if not isinstance(found, dict):
                raise ValueError(f"the file holds no object {path!r}; its objects are {self._paths()[:12]}")
            tree = found
        return tree

    def _paths(self) -> list[str]:
        return [path.removeprefix("/") for _, path in _objects(self.weights_dict, "") if path]


def _meet(member: Any, seen: set[Any]) -> None:
    """Remember a member of the file; raise ValueError if it was met before under another name."""
    if member.address in seen:
        raise ValueError(f"{member.name} is the same as another member of the file")
    seen.add(member.address)


def _objects(tree: Weights, path: str) -> Iterator[tuple[Weights, str]]:
    """Every dict of the tree with its path, the tree itself first."""
    yield tree, path
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _objects(value, f"{path}/{name}")


def _flat(tree: Weights, path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The path and shape of every weight."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}/{name}")
        else:
            yield f"{path}/{name}", np.shape(value)


def _shapes_of(model: Any) -> dict[str, tuple[int, ...]]:
    """The path and shape of every weight that the model's own file would hold."""
    shapes: dict[str, tuple[int, ...]] = {}

    def note(part: Any, path: str) -> bool:
        if not saveables.has_random_state(part):
            store: dict[str, Any] = {}
            part.save_own_variables(store)
            shapes.update({f"/{path}/{key}" if path else f"/{key}": np.shape(v) for key, v in store.items()})
        return True

    saveables.walk(model, note)
    return shapes


def _checked(weights: Any) -> dict[str, np.ndarray]:
    if not isinstance(weights, dict):
        raise ValueError(
            f'weights is a dict of arrays by name, such as {{"0": kernel}}; received {type(weights).__name__}'
        )
    return {str(key): np.asarray(value) for key, value in weights.items()}


def _in_order(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdigit() else (-1, name)


def _told(shape: tuple[int, ...] | None) -> str:
    return "missing" if shape is None else f"shape {shape}"
