"""`tf.train`'s checkpoints: the numbers of objects' variables in a file, and back.

The files are NumPy's, `ckpt-1.npz`, not TensorFlow's, which are not read here. A variable is known by the attributes
that lead to it and by its place among the variables of its layer, model or optimizer.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish.backend.variable import Variable as BaseVariable
from kerasish.compat.tensorflow.control import NotFoundError
from kerasish.compat.tensorflow.files import path_of
from kerasish.compat.tensorflow.types import Module, Variable
from kerasish.saving.atomic import replacing

_STATE = "checkpoint"
_END = ".npz"


class Status:
    """What `restore` returns: which variables had no numbers in the file, and which numbers no variable."""

    def __init__(self, without: list[str], unused: list[str]) -> None:
        self._without, self._unused = without, unused

    def assert_existing_objects_matched(self) -> Status:
        """Raise unless every variable had its numbers.

        Raises:
            AssertionError: with the names of the others.
        """
        assert not self._without, f"the checkpoint has no numbers for {self._without}"
        return self

    def assert_consumed(self) -> Status:
        """Raise unless, besides, all numbers of the file were taken.

        Raises:
            AssertionError: with the names of the others.
        """
        assert not self._unused, f"nothing took these numbers of the checkpoint: {self._unused}"
        return self.assert_existing_objects_matched()

    def assert_nontrivial_match(self) -> Status:
        """The status itself."""
        return self

    def expect_partial(self) -> Status:
        """The status itself: nothing warns here."""
        return self


class Checkpoint:
    """Objects whose variables are saved together: layers, models, optimizers, metrics, modules, lists and dicts.

    Raises:
        ValueError: for an object without variables.
    """

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        self.save_counter = Variable(0, trainable=False, dtype="int64", name="save_counter")
        if root is not None:
            kwargs["root"] = root
        for name, value in kwargs.items():
            list(_variables(value, name))
            setattr(self, name, value)

    def _all(self) -> Iterator[tuple[str, BaseVariable]]:
        for name, value in sorted(vars(self).items()):
            yield from _variables(value, name)

    def write(self, file_prefix: Any, options: Any = None) -> str:
        """Write the numbers to `file_prefix` with `.npz` behind; returns `file_prefix`."""
        path = path_of(file_prefix)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        held = io.BytesIO()
        np.savez(held, allow_pickle=False, **{name: np.asarray(v.value) for name, v in self._all()})
        with replacing(path + _END) as temporary, open(temporary, "wb") as file:
            file.write(held.getvalue())
        return path

    def save(self, file_prefix: Any, options: Any = None) -> str:
        """Write a file with a number behind its name, one more than the last time; returns the path."""
        self.save_counter.assign(int(self.save_counter.numpy()) + 1)
        path = self.write(f"{path_of(file_prefix)}-{int(self.save_counter.numpy())}")
        _note(os.path.dirname(path), [path])
        return path

    def read(self, save_path: Any, options: Any = None) -> Status:
        """Set the variables to the numbers of a file.

        An optimizer that has no state yet takes it once it is built.

        Raises:
            NotFoundError: if there is no such file.
            ValueError: if numbers have another shape than their variable, or belong to a model that is not built.
        """
        path = path_of(save_path) + _END
        if not os.path.exists(path):
            raise NotFoundError(f"there is no checkpoint {path}; TensorFlow's own files are not read here")
        without, unused = self._set(path, "")
        waiting = [name for name in unused if self._waits(name, path)]
        return Status(without, sorted(unused.difference(waiting)))

    def _set(self, path: str, prefix: str) -> tuple[list[str], set[str]]:
        """Set the variables whose names begin so; which had no numbers, and which numbers no variable."""
        without = []
        with zipfile.ZipFile(path) as file:
            known = {name.removesuffix(".npy") for name in file.namelist()}
            for name, variable in self._all():
                if name in known:
                    known.remove(name)
                    if name.startswith(prefix):
                        variable.assign(_numbers(file, name, variable))
                else:
                    without.append(name)
        return without, known

    def _waits(self, name: str, path: str) -> bool:
        """Whether numbers belong to an optimizer that is not built, which is told to come back for them."""
        owner: Any = self
        *parts, _ = name.split("/")
        for part in parts:
            owner = owner.get(part) if isinstance(owner, dict) else getattr(owner, part, None)
        if getattr(owner, "built", True):
            return False
        if not hasattr(owner, "apply_gradients"):
            raise ValueError(
                f"Checkpoint: {'.'.join(parts)} has no variables yet; call it on data, and restore it then"
            )
        if "build" not in vars(owner):
            build = owner.build

            def built(variables: Any) -> None:
                del owner.build
                build(variables)
                self._set(path, "/".join([*parts, ""]))

            owner.build = built
        return True

    def restore(self, save_path: Any, options: Any = None) -> Status:
        """As `read`; of None, which `latest_checkpoint` says where there is none, nothing happens."""
        return Status([], []) if save_path is None else self.read(save_path)


def _variables(value: Any, name: str) -> Iterator[tuple[str, BaseVariable]]:
    if isinstance(value, BaseVariable):
        yield name, value
    elif isinstance(value, Checkpoint):
        for inner, variable in value._all():
            yield f"{name}/{inner}", variable
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _variables(part, f"{name}/{key}")
    elif isinstance(value, (list, tuple)):
        for place, part in enumerate(value):
            yield from _variables(part, f"{name}/{place}")
    elif isinstance(value, Module) or hasattr(value, "variables"):
        for place, variable in enumerate(value.variables):
            yield f"{name}/{place}", variable
    else:
        raise ValueError(
            f"Checkpoint: {name}={value!r} has no variables. Variables, layers, models, optimizers, metrics and "
            "modules are saved, and lists and dicts of them"
        )


def _numbers(file: zipfile.ZipFile, name: str, variable: BaseVariable) -> np.ndarray:
    """An array of a file, read once its size is known to be the variable's."""
    with file.open(f"{name}.npy") as member:
        version = np.lib.format.read_magic(member)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, kind = read(member)
        if shape != tuple(variable.shape) or kind.hasobject:
            raise ValueError(
                f"the checkpoint has an array of shape {shape} and dtype {kind} for {name}, whose variable "
                f"{variable.name!r} has the shape {tuple(variable.shape)}: it was written by another model"
            )
    with file.open(f"{name}.npy") as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _note(directory: str, paths: list[str]) -> None:
    """Write down which checkpoints there are, the latest last, in the words of TensorFlow's file."""
    names = [os.path.basename(path) for path in paths]
    lines = [f'model_checkpoint_path: "{names[-1]}"\n'] if names else []
    lines += [f'all_model_checkpoint_paths: "{name}"\n' for name in names]
    with replacing(os.path.join(directory, _STATE)) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.writelines(lines)


def _noted(directory: str) -> list[str]:
    """The checkpoints of a directory that are there; a name leads out of it never."""
    path = os.path.join(directory, _STATE)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        names = re.findall(r'^all_model_checkpoint_paths: "([^"]+)"$', file.read(), re.MULTILINE)
    found = [os.path.join(directory, os.path.basename(name)) for name in names]
    return [path for path in found if os.path.exists(path + _END)]


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """The path of the last checkpoint that was saved in a directory; None if there is none."""
    return next(reversed(_noted(path_of(checkpoint_dir))), None)


class CheckpointManager:
    """Saves a checkpoint again and again, and keeps the last `max_to_keep`; None keeps all."""

    def __init__(
        self, checkpoint: Checkpoint, directory: Any, max_to_keep: int | None, *_: Any, checkpoint_name: str = "ckpt"
    ) -> None:
        self.checkpoint, self.directory = checkpoint, path_of(directory)
        self._most, self._name = max_to_keep, checkpoint_name
        self._paths = _noted(self.directory)

    @property
    def checkpoints(self) -> list[str]:
        """The paths of those that are kept, the latest last."""
        return list(self._paths)

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the last."""
        return self._paths[-1] if self._paths else None

    def save(self, checkpoint_number: Any = None, check_interval: bool = True, options: Any = None) -> str:
        """Save, and remove the first if there are too many; returns the path."""
        counter = self.checkpoint.save_counter
        counter.assign(int(counter.numpy()) + 1)
        number = int(counter.numpy()) if checkpoint_number is None else int(checkpoint_number)
        path = self.checkpoint.write(os.path.join(self.directory, f"{self._name}-{number}"))
        self._paths = [known for known in self._paths if known != path] + [path]
        gone = self._paths[: -self._most] if self._most else []
        self._paths = self._paths[len(gone) :]
        _note(self.directory, self._paths)
        for old in gone:
            if os.path.exists(old + _END):
                os.remove(old + _END)
        return path

    def restore_or_initialize(self) -> str | None:
        """Restore the last, if there is one; returns its path."""
        self.checkpoint.restore(self.latest_checkpoint)
        return self.latest_checkpoint
