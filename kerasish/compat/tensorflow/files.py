"""Files and text: `tf.io`, `tf.io.gfile` and `tf.strings`."""

from __future__ import annotations

import glob as _glob
import os
import re
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend.array import eager
from kerasish.backend.nest import listed
from kerasish.compat.tensorflow.arguments import single
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.types import float32


def path_of(name: Any) -> str:
    """A path from text, bytes, a path object or a tensor of text."""
    name = single(name)
    path = name.decode() if isinstance(name, bytes) else os.fspath(name)
    if "://" in path:
        raise NotImplementedError(f"{path!r} is not on this machine: only local files are read and written here")
    return path


def read_file(filename: Any, name: str | None = None) -> Any:
    with open(path_of(filename), "rb") as file:
        return eager(np.array(file.read(), object))


def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    path = path_of(filename)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        file.write(tensor(contents).item())


class GFile:
    """A local file; `open` by another name."""

    def __init__(self, name: Any, mode: str = "r") -> None:
        self._file = open(path_of(name), mode)  # noqa: SIM115 (it is closed by its user)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def size(self) -> int:
        """How many bytes the file has."""
        return os.stat(self._file.name).st_size

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Any:
        return iter(self._file)


def exists(path: Any) -> bool:
    return os.path.exists(path_of(path))


def isdir(path: Any) -> bool:
    return os.path.isdir(path_of(path))


def glob(pattern: Any) -> list[str]:
    return [path for one in listed(pattern) for path in _glob.glob(path_of(one))]


def listdir(path: Any) -> list[str]:
    return os.listdir(path_of(path))


def makedirs(path: Any) -> None:
    os.makedirs(path_of(path), exist_ok=True)


def mkdir(path: Any) -> None:
    os.mkdir(path_of(path))


def remove(path: Any) -> None:
    os.remove(path_of(path))


def rmtree(path: Any) -> None:
    shutil.rmtree(path_of(path))


def _refuse_present(dst: Any, overwrite: bool) -> None:
    if not overwrite and exists(dst):
        raise FileExistsError(f"{path_of(dst)!r} is there already; overwrite=True replaces it")


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    _refuse_present(dst, overwrite)
    shutil.copyfile(path_of(src), path_of(dst))


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    _refuse_present(dst, overwrite)
    os.replace(path_of(src), path_of(dst))


def join(path: Any, *paths: Any) -> str:
    return os.path.join(path_of(path), *map(path_of, paths))


# -- text ------------------------------------------------------------------------------------------------------------


def _each(function: Callable[[bytes], Any], text: Any, kind: Any = object) -> Any:
    given = np.asarray(tensor(text), object)
    made = np.empty(given.shape, kind)
    for place in np.ndindex(given.shape):
        made[place] = function(given.item(place))
    return eager(made)


def lower(input: Any, encoding: str = "", name: str | None = None) -> Any:
    return _each(lambda text: text.decode().lower().encode() if encoding else text.lower(), input)


def upper(input: Any, encoding: str = "", name: str | None = None) -> Any:
    return _each(lambda text: text.decode().upper().encode() if encoding else text.upper(), input)


def strip(input: Any, name: str | None = None) -> Any:
    return _each(bytes.strip, input)


def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    return _each(lambda text: len(text if unit == "BYTE" else text.decode()), input, "int32")


def regex_replace(input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None) -> Any:
    rule = re.compile(_plain(pattern).encode())
    new = re.sub(rb"\\([0-9])", rb"\\g<\1>", _plain(rewrite).encode())  # \0, all of it, is no group of Python's
    return _each(lambda text: rule.sub(new, text, 0 if replace_global else 1), input)


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Any:
    rule = re.compile(_plain(pattern).encode())
    return _each(lambda text: rule.fullmatch(text) is not None, input, bool)


def _plain(text: Any) -> str:
    text = single(text)
    return text.decode() if isinstance(text, bytes) else text


def string_join(inputs: Any, separator: str = "", name: str | None = None) -> Any:
    columns = np.broadcast_arrays(*(np.asarray(tensor(part), object) for part in inputs))
    made = np.empty(columns[0].shape, object)
    for place in np.ndindex(made.shape):
        parts: list[Any] = [column[place] for column in columns]
        made[place] = separator.encode().join(parts)
    return eager(made)


def split(input: Any, sep: Any = None, maxsplit: int = -1, name: str | None = None) -> Any:
    given = tensor(input)
    if given.ndim:
        raise NotImplementedError("strings.split of several texts makes a ragged tensor; split them one by one")
    return eager(np.array(given.item().split(sep.encode() if sep else None, maxsplit), object))


def to_number(input: Any, out_type: Any = float32, name: str | None = None) -> Any:
    kind = np.dtype(str(out_type))
    return _each(int if kind.kind == "i" else float, input, kind)


def as_string(input: Any, precision: int = -1, **kwargs: Any) -> Any:
    if kwargs:
        raise NotImplementedError(
            f"strings.as_string does not know {sorted(kwargs)} here; format the numbers in Python"
        )
    x = np.asarray(ops.convert_to_numpy(input))
    made = np.empty(x.shape, object)
    for place in np.ndindex(x.shape):
        number = x[place]
        if x.dtype.kind == "f":
            made[place] = (f"{number:.{precision}f}" if precision >= 0 else f"{number:f}").encode()
        else:
            made[place] = str(number).lower().encode() if x.dtype.kind == "b" else str(number).encode()
    return eager(made)


def decode_raw(input_bytes: Any, out_type: Any, little_endian: bool = True, name: str | None = None) -> Any:
    order = "<" if little_endian else ">"
    kind = np.dtype(f"{order}{np.dtype(str(out_type)).str[1:]}")
    return eager(np.frombuffer(single(input_bytes), kind).astype(str(out_type)))
