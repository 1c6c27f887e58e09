"""What a functional model is called with, as a flat list of arrays of the expected dtypes and ranks."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes, nest
from kerasish.backend.admission import as_array
from kerasish.backend.array import Array
from kerasish.backend.masks import get_mask, with_mask
from kerasish.backend.operators import cast_to
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable
from kerasish.layers.core.input_layer import InputLayer

# What an input takes as it is.
_KINDS = (np.ndarray, Array, Tensor)


class Slot:
    """One input: its name and the arrays that fit it.

    Args:
        tensor: the symbolic input.
        entrance: its input layer.
    """

    def __init__(self, tensor: KerasTensor, entrance: InputLayer) -> None:
        self.name = entrance.name
        self.optional = entrance.optional
        self.shape = tensor.shape
        self.dtype = tensor.dtype
        self.kind = dtypes.numpy_dtype(tensor.dtype)
        self.rank = len(tensor.shape)
        self.fixed = [(axis, n) for axis, n in enumerate(tensor.shape) if n is not None]

    def fits(self, x: Any) -> bool:
        """Whether `x` can be used as it is."""
        if type(x) not in _KINDS or x.dtype is not self.kind:
            return False
        shape = x.shape
        if len(shape) != self.rank:
            return False
        return all(shape[axis] == n for axis, n in self.fixed)

    def standardized(self, x: Any, model: str) -> Any:
        """`x` in the dtype and the rank of the input; its mask goes with it.

        Raises:
            ValueError: if it does not fit.
        """
        if x is None:
            if self.optional:
                return None
            raise ValueError(f"the input {self.name!r} of the model {model!r} is None, and it is not optional")
        mask = get_mask(x)
        made = self._ranked(self._cast(x), model)
        for axis, n in self.fixed:
            if made.shape[axis] not in (n, None):
                self._refuse(tuple(x.shape) if hasattr(x, "shape") else made.shape, model)
        return made if mask is None or made is x else with_mask(made, mask)

    def _cast(self, x: Any) -> Any:
        if isinstance(x, Variable):
            x = x.read()
        if isinstance(x, (KerasTensor, Tensor)):
            return x if x.dtype == self.dtype else cast_to(x, dtype=self.dtype)
        x = as_array(x, what=f"the input {self.name!r}")
        if self.dtype == "string" or x.dtype is self.kind:
            return x
        if x.dtype.kind in "OUST":
            raise ValueError(
                f"the input {self.name!r} takes {self.dtype} values; received dtype {x.dtype}. Encode text as numbers "
                "first, or give the input dtype='string' and put layers.StringLookup or layers.TextVectorization "
                "behind it."
            )
        return x.astype(self.kind)

    def _ranked(self, x: Any, model: str) -> Any:
        made = ranked(x, self.shape)
        if len(made.shape) != self.rank:
            self._refuse(tuple(x.shape), model)
        return made

    def _refuse(self, shape: tuple[int | None, ...], model: str) -> None:
        raise ValueError(
            f"the input {self.name!r} of the model {model!r} does not fit: expected shape {self.shape}, received shape "
            f"{shape}. The first axis counts the samples."
        )


def ranked(x: Any, shape: tuple[int | None, ...]) -> Any:
    """Data with as many axes as this shape, if a last axis of size 1 is all that it lacks, or has too many."""
    rank = len(x.shape)
    if rank == len(shape) + 1 and x.shape[-1] == 1:
        return x[..., 0]
    if rank == len(shape) - 1 and shape[-1] == 1:
        return np.expand_dims(x, -1)
    return x


class Inputs:
    """The inputs of a model, in their structure.

    Args:
        structure: symbolic tensors, nested.
        slots: one for each, flat.
        model: the model's name, for errors.
    """

    def __init__(self, structure: Any, slots: list[Slot], model: str) -> None:
        self.structure, self.slots, self.model = structure, slots, model
        self.names = [slot.name for slot in slots]
        flat = not any(nest.is_nested(part) for part in (nest.children(structure) if nest.is_nested(structure) else ()))
        self._deep = not flat
        self._keys = _sorted_keys(structure) if isinstance(structure, dict) and flat else None
        self._listed = isinstance(structure, (list, tuple)) and flat
        self._single = slots[0] if len(slots) == 1 and not isinstance(structure, dict) else None

    def ready(self, data: Any) -> list[Any] | None:
        """The arrays, if they can be used as they are; None if they must be looked at with care."""
        if self._single is not None and not isinstance(data, (list, tuple, dict)):
            return [data] if self._single.fits(data) else None
        if self._keys is not None:
            if type(data) is not dict or len(data) != len(self._keys):
                return None
            leaves = [data.get(key) for key in self._keys]
        elif self._listed and isinstance(data, (list, tuple)) and len(data) == len(self.slots):
            leaves = list(data)
        else:
            return None
        for slot, leaf in zip(self.slots, leaves, strict=True):
            if not slot.fits(leaf):
                return None
        return leaves

    def standardized(self, data: Any) -> list[Any]:
        """The arrays, cast and with the right rank.

        Raises:
            ValueError: naming the model and the input, if their number, a name, or a shape does not fit.
        """
        leaves = self.flat(data)
        return [slot.standardized(leaf, self.model) for slot, leaf in zip(self.slots, leaves, strict=True)]

    def flat(self, data: Any) -> list[Any]:
        """The parts of a structure of data, or of masks, in the order of the inputs."""
        if self._deep and type(data) is type(self.structure):
            return self._by_key(self.structure, data)
        if isinstance(data, dict):
            return self._by_key(self.structure, data) if isinstance(self.structure, dict) else self._by_name(data)
        if isinstance(self.structure, dict) and list(self.structure) != _sorted_keys(self.structure):
            raise ValueError(
                f"the model {self.model!r} takes a dict of inputs with the keys {list(self.structure)}; received "
                f"{_described(data)}"
            )
        if self._single is not None and not (isinstance(data, (list, tuple)) and _holds_tensors(data)):
            return [data]
        leaves = nest.flatten(data)
        if len(leaves) != len(self.slots):
            raise ValueError(
                f"the model {self.model!r} takes {len(self.slots)} input(s), {self.names}; received {_described(data)}"
            )
        return leaves

    def _by_name(self, data: dict[str, Any]) -> list[Any]:
        missing = [name for name in self.names if name not in data]
        if missing:
            raise ValueError(
                f"the model {self.model!r} takes the inputs {self.names}; the dict it was called with has the keys "
                f"{list(data)}: {missing} missing"
            )
        return [data[name] for name in self.names]

    def _by_key(self, structure: Any, data: Any) -> list[Any]:
        """The leaves of `data` at the places of the leaves of `structure`; what is there besides is left."""
        if not nest.is_nested(structure):
            return [data]
        if isinstance(structure, dict) and isinstance(data, dict):
            missing = [key for key in structure if key not in data]
            if missing:
                raise ValueError(
                    f"the model {self.model!r} takes a dict of inputs with the keys {list(structure)}; received the "
                    f"keys {list(data)}: {missing} missing"
                )
            parts = [data[key] for key in _sorted_keys(structure)]
        else:
            parts = nest.children(data) if nest.is_nested(data) else [data]
        children = nest.children(structure)
        if len(parts) != len(children):
            raise ValueError(
                f"the model {self.model!r} takes inputs in the structure {self._named()}; received {_described(data)}"
            )
        return [leaf for child, part in zip(children, parts, strict=True) for leaf in self._by_key(child, part)]

    def _named(self) -> Any:
        return nest.pack_sequence_as(self.structure, self.names)


def _sorted_keys(structure: dict[Any, Any]) -> list[Any]:
    """A dict's keys in the order of its leaves."""
    return [path[0] for path, _ in nest.flatten_with_path(type(structure).fromkeys(structure, 0))]


def _holds_tensors(data: Any) -> bool:
    return any(hasattr(leaf, "shape") for leaf in nest.iterate(data))


def _described(data: Any) -> str:
    if isinstance(data, (list, tuple)):
        shapes = [tuple(leaf.shape) if hasattr(leaf, "shape") else type(leaf).__name__ for leaf in nest.iterate(data)]
        return f"{len(shapes)} of shapes {shapes}"
    return f"one of shape {tuple(data.shape)}" if hasattr(data, "shape") else f"{type(data).__name__}"
