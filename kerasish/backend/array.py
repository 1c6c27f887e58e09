"""Arrays that nobody changes in place: what the code of a layer, a loss or a step is handed where no tape records.

Tensors are values. `x -= 1` gives the name `x` to another tensor, whether a tape records or not, and leaves the
caller's data, and every other tensor that shares its memory, as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Array(np.ndarray):
    """A NumPy array with the manners of a tensor.

    Augmented operators rebind, and writing into it raises; `numpy()` or `np.array(x)` give a copy that can be written
    to. Arithmetic promotes dtypes as Keras does. The operators are installed by `backend.methods`.
    """

    # The mask of the steps of a sequence, for as long as the array lives; see `backend.masks`.
    _keras_mask: Any = None

    def numpy(self) -> np.ndarray:
        """A plain array with these values, which may be changed; of a single text, the text."""
        return self.item() if self.dtype == object and not self.ndim else np.array(self)

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.item(), digits)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """NumPy's functions compute on plain arrays, into which they may write on their way."""
        if not all(issubclass(kind, np.ndarray) for kind in types):
            return NotImplemented
        return eager(function(*_bare_parts(args), **{key: _bare_parts(value) for key, value in kwargs.items()}))

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.flags.writeable:
            raise TypeError(
                "a tensor cannot be changed in place: others may share its memory. Make a new one with "
                "ops.slice_update, ops.scatter_update or ops.where, or write to a copy, np.array(x)."
            )
        super().__setitem__(index, value)

    def __repr__(self) -> str:
        return repr(self.view(np.ndarray))


class _Scalars:
    """Whether single numbers that operations return are `Array`s too, so that they have `numpy()`."""

    are_tensors = False


def let_scalars_be_tensors(wanted: bool = True) -> None:
    """Let every number be an `Array` that comes of an operation, an index or a loop, from now on; or not.

    TensorFlow's scripts ask results for `.numpy()`, also where NumPy would have made a plain number of one.
    """
    _Scalars.are_tensors = wanted
    if wanted:
        setattr(Array, "__getitem__", lambda self, index: eager(np.ndarray.__getitem__(self, index)))  # noqa: B010
        setattr(Array, "__iter__", lambda self: map(eager, np.ndarray.__iter__(self)))  # noqa: B010
    else:
        for name in ("__getitem__", "__iter__"):
            if name in Array.__dict__:
                delattr(Array, name)


def are_scalars_tensors() -> bool:
    """Whether scripts ask everything for `.numpy()`, also what no operation made."""
    return _Scalars.are_tensors


def eager(value: Any) -> Any:
    """What an operation returns without a tape, protected: arrays as `Array`s, also in tuples, lists and dicts."""
    kind = type(value)
    if kind is np.ndarray or (kind is not Array and isinstance(value, np.ndarray) and not isinstance(value, Array)):
        value = value.view(Array)
        value.setflags(write=False)
        return value
    if kind is list or kind is tuple:
        return kind([eager(part) for part in value])
    if kind is dict:
        return {key: eager(part) for key, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return kind(*(eager(part) for part in value))
    if _Scalars.are_tensors and isinstance(value, np.generic):
        return eager(np.asarray(value))
    return value


def _bare_parts(value: Any) -> Any:
    if type(value) is tuple or type(value) is list:
        return type(value)(map(_bare_parts, value))
    return bare(value)


def bare(value: Any) -> Any:
    """The plain array that an `Array` is a view of; anything else as it is."""
    return value.view(np.ndarray) if type(value) is Array else value
