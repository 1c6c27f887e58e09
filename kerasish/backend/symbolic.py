"""Symbolic tensors: a shape, a dtype and the call that would make the values."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import budget, dtypes, nest
from kerasish.backend.array import eager
from kerasish.backend.names import auto_name, printable
from kerasish.backend.tensor import Traceable, recording

# An unknown size is inferred by computing twice with different sizes: what changes is unknown.
# The larger pair is for operations that need room, such as windows.
_SUBSTITUTES = ((2, 3), (83, 89))
# What a third run puts in their place, for of 2 and of 3 numbers every third is one number, and seems to be known. It
# is small enough for the three axes of a volume.
_CONFIRMING = 31


class Call:
    """One application of a layer or an operation to symbolic tensors: a node of a functional model.

    Attributes:
        operation: the layer, primitive or function that was called.
        args, kwargs: its arguments; the symbolic tensors among them are the node's inputs.
        outputs: the structure of symbolic tensors that it returned.
        name: the name of a primitive's or function's only call; a layer has its own.
    """

    __slots__ = ("args", "kwargs", "name", "operation", "outputs")

    def __init__(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], name: str | None = None) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.name = name
        self.outputs: Any = None

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic tensors among the arguments, in order."""
        return [leaf for leaf in nest.iterate((self.args, self.kwargs)) if isinstance(leaf, KerasTensor)]

    def place_of(self, tensor: Any) -> int:
        """Which of the outputs a tensor is; 0 for one that the call stands in for."""
        return next((i for i, leaf in enumerate(nest.iterate(self.outputs)) if leaf is tensor), 0)

    def __repr__(self) -> str:
        return f"<Call of {self.operation!r} name={printable(str(self.name))}>"


class KerasTensor(Traceable):
    """A tensor without values: what `Input` returns and layers called on it return.

    Args:
        shape: sizes, `None` where unknown.
        dtype: the dtype's name.
        sparse, ragged: must be False; arrays here are dense.
        record_history: accepted for compatibility.
        name: shown in summaries and errors.

    Attributes:
        history: the call that makes it; None for what no call has made.
    """

    _keras_mask: KerasTensor | None = None  # the class's, so that a script may delete one

    def __init__(
        self,
        shape: Any,
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if sparse or ragged:
            raise ValueError("sparse and ragged tensors do not exist here: every tensor is a dense array")
        self.shape = tuple(None if n is None else int(n) for n in shape)
        self.dtype = dtypes.standardize_dtype(dtype)
        self.sparse = self.ragged = False
        self.ragged_rank = self.row_splits_dtype = None  # of ragged tensors, which do not exist here
        self.name = name or auto_name("keras_tensor")
        self.history: Call | None = None

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def reshape(self, newshape: Any) -> Any:
        """The tensor with another shape and the same values in order."""
        return np.reshape(self, newshape)

    def squeeze(self, axis: Any = None) -> Any:
        """The tensor without its dimensions of size one."""
        return np.squeeze(self, axis)

    def _no_values(self) -> str:
        return (
            f"the symbolic tensor {self.name!r} (shape={self.shape}) has no values yet, so it cannot become a "
            "number, a bool or an array. Use kerasish.ops in place of Python control flow on values (ops.where "
            "for `if`), or move the code into the `call` of a Layer subclass."
        )

    def _refuse_value(self, *_: Any, **__: Any) -> Any:
        raise ValueError(self._no_values())

    def _refuse(self) -> Any:
        raise TypeError(self._no_values())

    __array__ = __float__ = __int__ = _refuse_value
    __bool__ = __index__ = _refuse

    # As in Keras, `==` asks whether two names mean one tensor, so that `in` and `index` work; ops.equal compares.
    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__

    def __len__(self) -> int:
        size = self.shape[0] if self.shape else None
        return self._refuse() if size is None else size

    def __iter__(self) -> Any:
        if not self.shape or self.shape[0] is None:
            raise NotImplementedError(f"cannot iterate over the symbolic tensor {self.name!r} of shape {self.shape}")
        return (self[i] for i in range(len(self)))  # type: ignore[index]

    def __repr__(self) -> str:
        name = printable(str(self.name))
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, sparse=False, ragged=False, name={name}>"


class SymbolicScope:
    """A block in which calls are about shapes and not about numbers: no tape records them.

    Example:
        >>> import kerasish as keras
        >>> with keras.SymbolicScope():
        ...     y = keras.layers.Dense(2)(keras.Input((3,)))
        >>> y.shape
        (None, 2)
    """

    def __enter__(self) -> SymbolicScope:
        self._tapes, recording.tapes = recording.tapes, []
        return self

    def __exit__(self, *args: object, **kwargs: object) -> None:
        recording.tapes = self._tapes


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor: what `Input` returns, and layers called on it.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.is_keras_tensor(keras.Input((2,)))
        True
    """
    return isinstance(x, KerasTensor)


def is_symbolic(*values: Any) -> bool:
    """Whether a KerasTensor is anywhere in these structures."""
    return any(isinstance(leaf, KerasTensor) for leaf in nest.iterate(values))


def record_call(
    operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any, name: str | None = None
) -> Any:
    """Note on each output that `operation(*args, **kwargs)` makes it.

    Returns:
        The outputs; in place of a tensor that another call has made already, one like it.
    """
    call = Call(operation, args, kwargs, name)

    def note(leaf: Any) -> Any:
        if not isinstance(leaf, KerasTensor):
            return leaf
        if leaf.history is not None:
            mask, leaf = leaf._keras_mask, KerasTensor(leaf.shape, leaf.dtype)
            leaf._keras_mask = mask
        leaf.history = call
        return leaf

    call.outputs = nest.map_structure(note, outputs)
    return call.outputs


class _Asking(threading.local):
    """How many shape rules are at work in this thread: what they call is no part of a model."""

    depth = 0


_asking = _Asking()


def symbolic_call(operation: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """Apply a primitive to symbolic tensors: infer the shape and, if no shape rule asks, record the call."""
    spec = output_spec(operation, args, params)
    if _asking.depth:
        return spec
    return record_call(operation, args, params, spec, auto_name(operation.name))


def output_spec(operation: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """The shapes and dtypes that a primitive returns: by its rule, or else found on small arrays."""
    if not operation.has_shape_rule:
        return infer_spec(operation, *args, **params)
    _asking.depth += 1
    try:
        return operation.shape(*args, **params)
    finally:
        _asking.depth -= 1


def infer_spec(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """The shapes and dtypes that `function` returns, found by running it on small arrays of ones."""
    error: Exception | None = None
    for sizes in _SUBSTITUTES:
        try:
            first, second = (_run_with(function, args, kwargs, size) for size in sizes)
        except Exception as failure:  # the next pair may fit; the first error is the one to show
            error = error or failure
            continue
        found = nest.map_structure(_merge, first, second)
        return found if sizes is _SUBSTITUTES[-1] else _confirmed(found, function, args, kwargs)
    assert error is not None
    raise error


def _confirmed(found: Any, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """The same, less what another size shows to be unknown."""
    symbols = [leaf for leaf in nest.iterate((args, kwargs)) if isinstance(leaf, KerasTensor)]
    if all(None not in leaf.shape[1:] for leaf in symbols):
        return found
    try:
        larger = _run_with(function, args, kwargs, _CONFIRMING, samples=2)
    except Exception:  # not every size fits every function
        return found
    return nest.map_structure(_merge, found, larger)


def _run_with(function: Callable[..., Any], args: Any, kwargs: Any, size: int, samples: int | None = None) -> Any:
    """What `function` returns for ones, with `size` for unknown sizes, and `samples` where the first is unknown."""

    def fill(leaf: Any) -> Any:
        if not isinstance(leaf, KerasTensor):
            return leaf._value if hasattr(leaf, "_value") else leaf
        shape = [size if n is None else n for n in leaf.shape]
        if samples is not None and shape and leaf.shape[0] is None:
            shape[0] = samples
        return eager(np.broadcast_to(np.ones((), dtypes.numpy_dtype(leaf.dtype)), shape))

    filled_args, filled_kwargs = nest.map_structure(fill, (args, kwargs))
    if budget.is_limited():
        arrays = [leaf for leaf in nest.iterate((filled_args, filled_kwargs)) if isinstance(leaf, np.ndarray)]
        shapes = [array.shape for array in arrays]
        budget.check(sum(array.nbytes for array in arrays), f"an operation on the shapes {shapes}")
        numbers = sum(array.size for array in arrays)
        budget.work(budget.WORK_PER_NUMBER * numbers, f"an operation on the shapes {shapes}")
    with np.errstate(all="ignore"):
        return function(*filled_args, **filled_kwargs)


def _merge(a: Any, b: Any) -> KerasTensor | None:
    if a is None:
        return None
    sizes = a.shape if isinstance(a, KerasTensor) else np.shape(a)
    shape = tuple(n if n == m else None for n, m in zip(sizes, np.shape(b), strict=True))
    return KerasTensor(shape, getattr(a, "dtype", type(a)))
