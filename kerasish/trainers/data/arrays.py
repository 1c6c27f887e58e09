"""What a user gives as data, as arrays of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config, nest
from kerasish.backend.admission import refuse_unusable
from kerasish.backend.dtypes import numpy_dtype
from kerasish.backend.frames import frame_to_array, is_frame, is_text
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable
from kerasish.trainers.data.lazy_rows import HUGE, LazyRows, is_on_disk, is_sparse


def to_arrays(structure: Any, name: str) -> Any:
    """Every array of a structure, converted; a list of numbers is one array, not a structure.

    Args:
        structure: None, something like an array, or lists, tuples and dicts of them.
        name: what to call it in errors.
    """
    if structure is None:
        return None
    if not isinstance(structure, (list, tuple, dict)) or _is_list_of_numbers(structure):
        return to_array(structure, name)
    return nest.rebuild(structure, [to_arrays(part, name) for part in nest.children(structure)])


def batch_arrays(x: Any, y: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
    """The three parts of data, converted, each under its own name in errors."""
    return to_arrays(x, "x"), to_arrays(y, "y"), to_arrays(sample_weight, "sample_weight")


def _is_list_of_numbers(structure: Any) -> bool:
    """Whether the first entry that is not a list is neither an array nor a dict."""
    leaf = structure
    while isinstance(leaf, (list, tuple)) and leaf:
        leaf = next((item for item in leaf if item is not None), None)
        if leaf is None:
            return False
    return not isinstance(leaf, dict) and not getattr(leaf, "shape", ())


def to_array(value: Any, name: str) -> Any:
    """One input as an array whose floats are of the default float type.

    What lies on disk, is sparse, or would need a huge copy becomes `LazyRows`, which are converted batch by batch.

    Raises:
        ValueError: if it holds objects, or strings that are no inputs, or has no axis of samples.
    """
    floats = numpy_dtype(config.floatx())
    if type(value) is np.ndarray and value.dtype == floats and value.ndim:
        return value
    array = _as_array(value, name)
    if name == "x" and isinstance(array, np.ndarray) and array.ndim and is_text(array):
        return array.astype(object, copy=False)  # whether the model takes text, its layers know
    if array.dtype.kind == "O":
        raise _objects_error(array, name)
    if array.dtype.kind in "USTMmV" and array.dtype.name != "bfloat16":
        raise ValueError(
            f"{name} holds {array.dtype} values; a network computes with numbers. {_TEXT.get(name, _ENCODE)}"
        )
    if not array.shape:
        raise ValueError(
            f"{name} is a single number; expected an array whose first axis counts the samples. "
            + _HINTS.get(name, _BATCHES)
        )
    if isinstance(array, LazyRows):
        return array
    is_mapped = isinstance(array, np.memmap)
    if array.dtype.kind in "fV" and array.dtype != floats:
        return LazyRows(array) if is_mapped or array.nbytes > HUGE else array.astype(floats)
    return array.view(np.ndarray) if is_mapped else array  # the view still reads from the file


_ENCODE = "Encode text as numbers first, for example with layers.StringLookup or layers.TextVectorization."
_TEXT = {"y": "Names of classes become numbers by `names, y = np.unique(y, return_inverse=True)`."}
_BATCHES = "What yields data yields batches, NumPy arrays: of one sample x[None] and y[None]."
_HINTS = {"sample_weight": "The weights of classes are given as class_weight."}


def _as_array(value: Any, name: str) -> Any:
    if isinstance(value, (np.ndarray, LazyRows)):
        if type(value) is not np.ndarray:
            refuse_unusable(value, name)
        return value
    if isinstance(value, (Tensor, Variable)):
        return value.numpy()
    if is_frame(value):
        return frame_to_array(value, name)
    if is_on_disk(value) or is_sparse(value):
        return LazyRows(value)
    if hasattr(value, "detach"):  # a PyTorch tensor, which may be watched or on a device
        return value.detach().cpu().numpy()
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is not rectangular: its rows have different lengths ({error})") from error


def _objects_error(array: Any, name: str) -> ValueError:
    entries = array[:1000].flat if isinstance(array, LazyRows) else array.flat
    odd = [item for item in entries if not isinstance(item, (bool, int, float, np.number))]
    what = f", among them {odd[0]!r:.80} ({type(odd[0]).__name__})" if odd else ""
    return ValueError(
        f"{name} has dtype object{what}; expected numbers. If every entry is a number, convert with "
        f"`{name}.astype('float32')`."
    )


def common_length(x: Any, y: Any, sample_weight: Any) -> int:
    """The number of samples, which must be the same in every array.

    Raises:
        ValueError: if the lengths differ, or there are no samples.
    """
    if type(x) is np.ndarray:
        size = len(x)
        if (
            size
            and (y is None or (type(y) is np.ndarray and len(y) == size))
            and (sample_weight is None or (type(sample_weight) is np.ndarray and len(sample_weight) == size))
        ):
            return size
    lengths = {}
    for name, part in (("x", x), ("y", y), ("sample_weight", sample_weight)):
        found = [len(leaf) for leaf in nest.iterate(part) if leaf is not None]
        if found:
            lengths[name] = found
    distinct = {n for found in lengths.values() for n in found}
    if len(distinct) > 1:
        parts = ", ".join(f"{name} has {' and '.join(map(str, found))}" for name, found in lengths.items())
        raise ValueError(f"the numbers of samples differ: {parts}. Every array needs one row for each sample.")
    if not distinct:
        raise ValueError("there is no data: x is None")
    if distinct == {0}:
        raise ValueError("the data is empty: x has 0 samples")
    return distinct.pop()


def rows_between(array: Any, start: int, stop: int) -> Any:
    """Some of an array's rows, without copying or reading them; None stays None."""
    if array is None:
        return None
    return array.between(start, stop) if isinstance(array, LazyRows) else array[start:stop]
