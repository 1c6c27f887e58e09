"""A variable: the array that training changes."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from kerasish.backend import budget, dtypes, first_values, names
from kerasish.backend.admission import as_array, refuse_unusable
from kerasish.backend.array import eager
from kerasish.backend.tensor import Tensor, Traceable, recording

Initializer = Callable[..., Any]

# Where names of initializers are looked up; loaded the first time that one is given.
_INITIALIZERS = "kerasish.initializers"


class Variable(Traceable):
    """A named array that layers, metrics and optimizers keep as state.

    Args:
        initializer: the first value (an array or number), or an initializer that makes it: a callable
            `(shape, dtype=...)`, or a name such as `"uniform"`.
        shape: needed with an initializer; otherwise taken from the value.
        dtype: defaults to the value's dtype, floats to `floatx()`.
        trainable: whether a gradient tape watches it and an optimizer updates it.
        autocast: whether a layer with a lower compute precision reads it in that precision.
        aggregation, synchronization, layout: accepted for compatibility.
        name: the last part of `path`.

    Raises:
        ValueError: if the shape or the name cannot be used.

    Example:
        >>> v = Variable([1.0, 2.0], name="v")
        >>> v.assign_add([1.0, 1.0])
        array([2., 3.], dtype=float32)
    """

    # How often any variable has moved to another array: whoever keeps such arrays looks again when the number changes.
    moves = 0

    # How often `trainable` was set on any variable.
    freezes = 0

    def __init__(
        self,
        initializer: Any,
        shape: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str = "auto",
        name: str | None = None,
        layout: Any = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise ValueError(f"Variable does not know the argument(s) {sorted(kwargs)}")
        self.name = name or names.auto_name("variable")
        if not isinstance(self.name, str) or "/" in self.name:
            raise ValueError(f"a variable's name is a string without '/'; received name={name!r}")
        self.path = names.path_of(self.name)
        self.autocast = bool(autocast)
        self.aggregation = aggregation
        self.synchronization = synchronization
        self.regularizer: Callable[[Any], Any] | None = None
        self.constraint: Callable[[Any], Any] | None = None
        self.overwrite_with_gradient = False
        self._unset: Callable[[], np.ndarray] | None = None
        self._value = self._first_value(initializer, shape, dtype)
        self.trainable = trainable
        self._leaf: Tensor | None = None

    def _first_value(self, initializer: Any, shape: Any, dtype: Any) -> np.ndarray:
        """The value to begin with; zeros in the place of random numbers that a file will replace."""
        if not getattr(initializer, "is_random", False) or shape is None or not first_values.wait(self._settle):
            return _initial_value(initializer, shape, dtype, self.name)
        sizes, kind = _claimed(shape, dtype, self.name)
        self._unset = lambda: _made(initializer, sizes, kind, self.name)
        return np.zeros(sizes, dtypes.numpy_dtype(kind))

    def _settle(self) -> None:
        """Take the first value, if no other was set."""
        if self._unset is not None:
            self.assign(self._unset())

    @property
    def trainable(self) -> bool:
        """Whether tapes watch the variable and optimizers update it."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        Variable.freezes += 1
        self._watched = self._trainable and dtypes.has_gradient(self._value.dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._value.shape

    @property
    def dtype(self) -> str:
        return self._value.dtype.name if self._value.dtype.kind != "O" else "string"

    @property
    def ndim(self) -> int:
        return self._value.ndim

    @property
    def size(self) -> int:
        return self._value.size

    @property
    def value(self) -> Any:
        """What the variable holds now: a tensor under a tape, otherwise a copy of the array."""
        value = self.read()
        return eager(value.copy()) if value is self._value else value

    def numpy(self) -> np.ndarray:
        """A copy of the array."""
        return self._present("becomes an array").copy()

    def _present(self, what: str) -> np.ndarray:
        """The value for Python, which a recorded step does not run again."""
        if recording.trace is not None:
            recording.trace.escape(f"the variable {self.path!r} {what}")
        return self._value

    # How a value is read in the type that a layer computes in; set by `backend.methods`.
    _cast: Callable[..., Any]
    _renew: Callable[..., Any]

    def read(self) -> Any:
        """The value for an operation, without a copy: a watched tensor under a tape, else the array."""
        kind = recording.autocast
        if kind is not None and self.autocast and dtypes.has_gradient(self._value.dtype) and self._value.dtype != kind:
            return Variable._cast(self._as_recorded(), dtype=kind.name)
        return self._as_recorded()

    def _as_recorded(self) -> Any:
        if not recording.tapes:
            return self._value
        trace = recording.trace
        if trace is not None and id(self) in trace.owed:
            trace.escape(f"the variable {self.path!r} of a metric is read")
        held = recording.leaves.get(id(self))
        if held is not None:
            return self._read_again(held[1]) if recording.changed and id(self) in recording.changed else held[1]
        if trace is not None:
            return self.leaf()  # what is written down must follow the variable, trained or not
        if self._watched and any(tape.watch_accessed_variables for tape in recording.tapes):
            return self.leaf()
        return self._value

    def _read_again(self, leaf: Tensor) -> Any:
        """The value after a change under a tape; what comes of it counts to the same gradient."""
        trace = recording.trace
        if trace is None:
            return Variable._renew(leaf, self._value.copy())
        if id(self) in trace.assigned:
            return Variable._renew(leaf, trace.assigned[id(self)][1])
        if id(self) in trace.acted:
            return trace.read_anew(self, leaf)
        trace.escape(f"the variable {self.path!r} was changed by something that is not recorded, and is read again")
        return Variable._renew(leaf, self._value.copy())

    def leaf(self) -> Tensor:
        """The tensor that stands for this variable on the tapes that record now."""
        held = recording.leaves.get(id(self))
        if held is None:
            self._part()  # from a tape before this one, which may still be asked
            recording.changed.discard(id(self))
            self._leaf = Tensor(self._value)
            held = recording.leaves[id(self)] = (self, self._leaf)
        return held[1]

    def forget(self, leaf: Tensor) -> None:
        """Let a tensor that stands for this variable go: nobody will ask for the value that it had."""
        if self._leaf is leaf:
            self._leaf = None

    def detach(self) -> None:
        """Let a tape that has read this variable, and a scope around, keep the present value: it is about to change."""
        if recording.scope is not None:
            recording.scope.hold(self)
        self._part()

    def _part(self) -> None:
        leaf, self._leaf = self._leaf, None  # in one go: another thread may read the variable under a tape of its own
        if leaf is not None:
            leaf.value = leaf.value.copy()
            if recording.depth:
                recording.changed.add(id(self))

    def _given(self, value: Any) -> Any:
        """What somebody assigns, looked at; a tensor where the step is written down."""
        if recording.trace is not None and isinstance(value, (Tensor, Variable)):
            return value._as_recorded() if isinstance(value, Variable) else value
        value = _plain(value)
        if type(value) is not np.ndarray or value.dtype.kind == "O":
            refuse_unusable(value, f"the new value of the variable {self.path!r}")
        return value

    def assign(self, value: Any) -> np.ndarray:
        """Replace the value, in place; returns the new array.

        Raises:
            ValueError: if the shapes differ.
        """
        given = self._given(value)
        new = np.asarray(_plain(given))
        if new.shape != self._value.shape:
            raise ValueError(
                f"the variable {self.path!r} has shape {self._value.shape}; received a value of shape {new.shape}"
            )
        trace = recording.trace
        if trace is not None:
            self.leaf()
            trace.assign(self, given)
        self.put(new)
        return eager(self._value.copy()) if trace is None else self.read()

    def put(self, value: np.ndarray) -> None:
        """Let the array of this process hold a value, whatever part of the variable it is."""
        self.detach()
        self._value[...] = value
        self._unset = None

    def assign_add(self, value: Any) -> np.ndarray:
        """Add to the value, in place; returns the new array."""
        self._settle()
        return self.assign(self._summand() + self._given(value))

    def assign_sub(self, value: Any) -> np.ndarray:
        """Subtract from the value, in place; returns the new array."""
        self._settle()
        return self.assign(self._summand() - self._given(value))

    def _summand(self) -> Any:
        """The value to add to; a tensor where the step is written down."""
        return self._value if recording.trace is None else self._as_recorded()

    def rehome(self, view: np.ndarray) -> None:
        """Move the value into `view`, which from now on is the variable's storage."""
        self.detach()
        view[...] = self._value
        self._value = view
        Variable.moves += 1

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if recording.tapes and id(self) in recording.leaves:
            return recording.leaves[id(self)][1].__array__(dtype, copy)
        return np.array(self._present("becomes an array"), dtype=dtype)

    def __len__(self) -> int:
        return len(self._value)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self._value)))  # type: ignore[index]

    def __bool__(self) -> bool:
        return bool(self._present("is asked whether it is true"))

    def __int__(self) -> int:
        return int(self._present("becomes an `int`").item())

    def __float__(self) -> float:
        return float(self._present("becomes a `float`").item())

    def __index__(self) -> int:
        return self._present("becomes an index").__index__()

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        twin = self.__class__.__new__(self.__class__)
        memo[id(self)] = twin
        twin.__dict__.update(self.__dict__)
        twin._value = self._value.copy()
        twin._leaf = None
        return twin

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_value": self._value.copy(), "_leaf": None, "_unset": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if not self._value.flags.writeable:  # joblib maps arrays from files that nobody may write
            self._value = np.array(self._value)

    def __repr__(self) -> str:
        path = names.printable(self.path)
        return f"<Variable path={path}, shape={self.shape}, dtype={self.dtype}, value={self._value}>"


def _plain(value: Any) -> Any:
    """The array behind a variable or a tensor; anything else as it is."""
    if isinstance(value, Variable):
        return value._value
    return value.value if isinstance(value, Tensor) else value


def _initial_value(initializer: Any, shape: Any, dtype: Any, name: str) -> np.ndarray:
    if isinstance(initializer, str):
        initializer = importlib.import_module(_INITIALIZERS).get(initializer)
    if callable(initializer) and not isinstance(initializer, Traceable):
        if shape is None:
            raise ValueError(f"the variable {name!r} needs a shape, because its initializer is a callable")
        return _made(initializer, *_claimed(shape, dtype, name), name)
    value = np.array(as_array(_plain(initializer), what=f"the value of the variable {name!r}"))
    if dtype is None:
        keeps = value.dtype.kind != "f" or isinstance(initializer, (np.ndarray, np.generic, Traceable))
        python_int = value.dtype.kind == "i" and not isinstance(initializer, (np.ndarray, np.generic, Traceable))
        dtype = "int32" if python_int else value.dtype if keeps else None
    value = value.astype(dtypes.numpy_dtype(dtypes.standardize_dtype(dtype)))
    if shape is not None and value.shape != _standardize_shape(shape, name):
        raise ValueError(f"the variable {name!r} was given shape={tuple(shape)} but a value of shape {value.shape}")
    return value


def _claimed(shape: Any, dtype: Any, name: str) -> tuple[tuple[int, ...], str]:
    """The sizes and the dtype of a new variable, whose bytes are counted."""
    sizes = _standardize_shape(shape, name)
    kind = dtypes.standardize_dtype(dtype)
    budget.take(math.prod(sizes) * dtypes.numpy_dtype(kind).itemsize, f"the variable {name!r} of shape {sizes}")
    return sizes, kind


def _made(initializer: Initializer, sizes: tuple[int, ...], kind: str, name: str) -> np.ndarray:
    made = np.array(_plain(initializer(sizes, dtype=kind)), dtype=dtypes.numpy_dtype(kind))
    if made.shape != sizes:
        raise ValueError(f"the initializer of variable {name!r} made shape {made.shape}; expected {sizes}")
    return made


def _standardize_shape(shape: Any, name: str) -> tuple[int, ...]:
    sizes = tuple(shape) if isinstance(shape, (list, tuple, np.ndarray)) else (shape,)
    for n in sizes:
        if n is None or isinstance(n, (float, str, bool)) or n < 0:
            raise ValueError(
                f"the variable {name!r} needs a shape of sizes that are known and not negative; received {shape}"
            )
    return tuple(int(n) for n in sizes)


class _Module(ModuleType):
    """This module, which scripts of Keras 2 call: `keras.backend.variable(value)` was a function."""

    def __call__(self, *args: Any, **kwargs: Any) -> Variable:
        older = importlib.import_module("kerasish._older_names")
        return older.found("kerasish.backend", "variable")(*args, **kwargs)


sys.modules[__name__].__class__ = _Module
