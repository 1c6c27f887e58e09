"""A tensor is an array and the operation that made it: all that a gradient needs to find its way back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from kerasish.backend.primitive import Primitive
    from kerasish.backend.tape import GradientTape
    from kerasish.backend.trace import Trace


class Traceable:
    """What an operation must look at before it computes: a `Tensor`, a `Variable` or a `KerasTensor`.

    The Python operators are installed by `backend.methods`, the answer to NumPy's functions by `backend.dispatch`.
    """

    __slots__ = ()
    __array_priority__ = 1000
    __hash__ = object.__hash__


class NotPlannable(TypeError):
    """What was recorded cannot be replayed; the tape is used instead."""


class _Recording(threading.local):
    """The tapes that record in this thread, innermost last, and the tensors that stand for variables."""

    def __init__(self) -> None:
        self.tapes: list[GradientTape] = []
        self.depth = 0
        self.autocast: np.dtype[Any] | None = None  # what variables are read as, where a layer computes in another type
        self.trace: Trace | None = None  # the one of them that writes a step down, to be run again
        self.leaves: dict[int, tuple[Any, Tensor]] = {}
        self.scope: Any = None  # the block that keeps what is assigned
        self.changed: set[int] = set()  # the ids of variables that have another value than their leaf
        self.arrays: list[Any] = []  # what tapes watch that is no variable


recording = _Recording()


class Tensor(Traceable):
    """An array on a tape.

    Attributes:
        value: the array.
        primitive: the operation that made it; None for a watched leaf.
        inputs: what the operation was called with; tensors among them lead back to the leaves.
        params: the operation's static parameters.
    """

    __slots__ = ("__weakref__", "_keras_mask", "inputs", "params", "primitive", "value")

    def __init__(
        self,
        value: Any,
        primitive: Primitive | None = None,
        inputs: tuple[Any, ...] = (),
        params: dict[str, Any] | None = None,
    ) -> None:
        self.value = value
        self.primitive = primitive
        self.inputs = inputs
        self.params = params
        self._keras_mask: Any = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.value.dtype

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def size(self) -> int:
        return self.value.size

    def numpy(self) -> np.ndarray:
        """The array itself, cut from the tape."""
        return np.asarray(self._present("a tensor becomes an array, by `numpy()`,"))

    def item(self) -> Any:
        """The single number that the tensor holds."""
        return self._present("a tensor becomes a number, by `item()`,").item()

    def tolist(self) -> Any:
        """The numbers as nested lists."""
        return self._present("a tensor becomes a list, by `tolist()`,").tolist()

    def _present(self, what: str) -> Any:
        """The value for Python, which a recorded step does not run again."""
        if recording.trace is not None:
            recording.trace.escape(what)
        return self.value

    def __getattr__(self, name: str) -> Any:
        if name == "_keras_mask":  # scripts delete it, so that a loss does not see it
            self._keras_mask = None
            return None
        trace = recording.trace
        is_asked = trace is not None and not name.startswith("_") and hasattr(self.value, name)
        if is_asked and not trace.leads_to_weights(self):  # type: ignore[union-attr]
            return getattr(self._present(f"an array's `{name}` is used"), name)
        raise AttributeError(f"a tensor on a GradientTape has no attribute {name!r}")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        trace = recording.trace
        if trace is not None and not trace.leads_to_weights(self):
            return np.array(self._present("a tensor becomes an array"), dtype=dtype, copy=copy)
        if recording.tapes:
            raise TypeError(
                "a tensor that a GradientTape records cannot become a NumPy array: its gradient would be lost "
                "without a word. Use kerasish.ops or a NumPy function on the tensor itself, call `.numpy()` to "
                "cut it from the tape on purpose, or convert after the `with` block."
            )
        return np.array(self.value, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self.value)))  # type: ignore[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            "a tensor that a GradientTape records cannot be changed in place. Make a new one with "
            "ops.slice_update, ops.scatter_update or ops.where."
        )

    def __bool__(self) -> bool:
        return bool(self._present("Python asks whether a tensor is true"))

    def __int__(self) -> int:
        return int(self._present("a tensor becomes an `int`").item())

    def __float__(self) -> float:
        return float(self._present("a tensor becomes a `float`").item())

    def __index__(self) -> int:
        return self._present("a tensor becomes an index").__index__()

    def __format__(self, spec: str) -> str:
        value = self._present("a tensor is printed")
        return format(value.item() if np.ndim(value) == 0 else value, spec)

    def __repr__(self) -> str:
        self._present("a tensor is printed")
        made_by = self.primitive.name if self.primitive else "watched"
        return f"<Tensor shape={np.shape(self.value)} dtype={self.value.dtype} from {made_by}: {self.value!r}>"
