"""TensorFlow's types: dtypes, shapes, tensors, variables, modules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

import numpy as np

from kerasish.backend import dtypes, tape
from kerasish.backend import variable as base
from kerasish.backend.array import Array
from kerasish.backend.names import name_scope
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor as TapeTensor


class DType(str):
    """A dtype that is also its own name, as everything here takes it: `tf.float32 == "float32" == x.dtype`."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name."""
        return str(self)

    @property
    def as_numpy_dtype(self) -> Any:
        """NumPy's type of the numbers."""
        return dtypes.numpy_dtype(str(self)).type

    @property
    def is_floating(self) -> bool:
        """Whether the numbers are floats."""
        return self in dtypes.FLOAT_TYPES

    @property
    def is_integer(self) -> bool:
        """Whether the numbers are whole."""
        return self in dtypes.INT_TYPES

    @property
    def is_bool(self) -> bool:
        """Whether the values are true or false."""
        return self == "bool"

    @property
    def is_complex(self) -> bool:
        """Whether the numbers are complex."""
        return self in dtypes.COMPLEX_TYPES

    @property
    def size(self) -> int:
        """Bytes a number."""
        return dtypes.numpy_dtype(str(self)).itemsize

    @property
    def min(self) -> Any:
        """The smallest number."""
        return self._limits().min

    @property
    def max(self) -> Any:
        """The largest number."""
        return self._limits().max

    def _limits(self) -> Any:
        kind = dtypes.numpy_dtype(str(self))
        return np.iinfo(kind) if kind.kind in "iu" else np.finfo(kind)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str) or other is None:
            return str.__eq__(self, other) is True
        try:
            return str(self) == dtypes.standardize_dtype(other)
        except ValueError:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __repr__(self) -> str:
        return f"tf.{self}"


bool_, string = DType("bool"), DType("string")
float16, float32, float64, bfloat16 = map(DType, ("float16", "float32", "float64", "bfloat16"))
int8, int16, int32, int64 = map(DType, dtypes.SIGNED_TYPES)
uint8, uint16, uint32, uint64 = map(DType, dtypes.UNSIGNED_TYPES)
complex64, complex128 = map(DType, dtypes.COMPLEX_TYPES)


def as_dtype(type_value: Any) -> DType:
    """A dtype from its name, NumPy's type or a dtype."""
    return DType(dtypes.standardize_dtype(type_value))


class TensorShape(tuple[Any, ...]):
    """Sizes, None where one is unknown."""

    __slots__ = ()

    def __new__(cls, dims: Any) -> Self:
        if dims is None:
            raise NotImplementedError(
                "a shape whose rank is unknown is not there: give the sizes, None for each unknown"
            )
        return super().__new__(
            cls, (None if n is None else int(n) for n in ([dims] if isinstance(dims, int) else dims))
        )

    def as_list(self) -> list[Any]:
        """The sizes as a list."""
        return list(self)

    @property
    def rank(self) -> int:
        """How many axes there are."""
        return len(self)

    ndims = rank

    @property
    def dims(self) -> list[Any]:
        """The sizes as a list."""
        return list(self)

    def is_fully_defined(self) -> bool:
        """Whether every size is known."""
        return None not in self

    def num_elements(self) -> int | None:
        """How many numbers a tensor of this shape has; None where that is unknown."""
        return int(np.prod(self)) if self.is_fully_defined() else None

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        return TensorShape(part) if isinstance(key, slice) else part

    def __repr__(self) -> str:
        return f"TensorShape({list(self)})"


class TensorSpec:
    """What a tensor is like: its shape and dtype."""

    def __init__(self, shape: Any, dtype: Any = float32, name: str | None = None) -> None:
        self.shape = None if shape is None else TensorShape(shape)
        self.dtype = as_dtype(dtype)
        self.name = name

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec of a tensor."""
        return cls(np.shape(tensor), tensor.dtype, name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and (self.shape, self.dtype) == (other.shape, other.dtype)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"


class _AnyTensor(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, (Array, TapeTensor, KerasTensor))


class Tensor(metaclass=_AnyTensor):
    """What `isinstance(x, tf.Tensor)` asks for: what operations return, on a tape or off it. Plain arrays are none."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError("a tensor comes of an operation: write tf.constant(value)")


class _NeverThere(type):
    """A class that nothing is of, for scripts that ask; whatever else is wanted of it says what to write instead."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        from kerasish.compat.tensorflow import table

        raise AttributeError(table.missing(f"{cls.__name__}.{name}"))

    def __call__(cls, *_: Any, **__: Any) -> Any:
        from kerasish.compat.tensorflow import table

        raise NotImplementedError(table.missing(cls.__name__))


class RaggedTensor(metaclass=_NeverThere):
    """What `isinstance(x, tf.RaggedTensor)` asks for: nothing is one here."""


class IndexedSlices(metaclass=_NeverThere):
    """What `isinstance(gradient, tf.IndexedSlices)` asks for: gradients are dense here."""


def is_tensor(x: Any) -> bool:
    """Whether `x` came of an operation or is a variable; False for plain arrays."""
    return isinstance(x, (Tensor, base.Variable))


class _AnyVariable(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return (
            isinstance(instance, base.Variable) if cls.__name__ == "Variable" else type.__instancecheck__(cls, instance)
        )


class Variable(base.Variable, metaclass=_AnyVariable):
    """A variable with TensorFlow's constructor; those of layers are instances of it, too."""

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: str | None = None,
        constraint: Callable[[Any], Any] | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        if initial_value is None:
            raise ValueError("tf.Variable needs a value to begin with, as initial_value")
        value = initial_value() if callable(initial_value) and not is_tensor(initial_value) else initial_value
        if shape is not None and None in tuple(shape):
            shape = None  # it is that of the value, here for good
        super().__init__(value, shape, dtype, trainable is not False, name=(name or "Variable").replace("/", "_"))
        self.constraint = constraint

    def read_value(self) -> Any:
        """What the variable holds now."""
        return self.value

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        super().assign(value)
        return self

    def assign_add(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        super().assign_add(delta)
        return self

    def assign_sub(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        super().assign_sub(delta)
        return self


class Module:
    """Something with variables, which it finds in its attributes."""

    def __init__(self, name: str | None = None) -> None:
        self._name = name or type(self).__name__.lower()

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def name_scope(self) -> Any:
        """A block in which names begin with this one's."""
        return name_scope(self.name)

    @staticmethod
    def with_name_scope(method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, whose variables' names begin with the module's."""

        def scoped(self: Module, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return scoped

    @property
    def variables(self) -> tuple[Any, ...]:
        """All variables, by the names of the attributes that lead to them."""
        return tuple(_distinct(_variables(self, set())))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """The variables that training changes."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Any, ...]:
        """The others."""
        return tuple(v for v in self.variables if not v.trainable)

    @property
    def submodules(self) -> tuple[Any, ...]:
        """The modules within."""
        return tuple(_distinct(_modules(self, {id(self)})))


def _distinct(found: Iterable[Any]) -> Iterator[Any]:
    seen: set[int] = set()
    for value in found:
        if id(value) not in seen:
            seen.add(id(value))
            yield value


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (value[key] for key in sorted(value, key=str))
    elif isinstance(value, (list, tuple)):
        yield from value
    elif isinstance(value, Module):
        yield from (attribute for _, attribute in sorted(vars(value).items()))


def _variables(value: Any, seen: set[int]) -> Iterator[Any]:
    if isinstance(value, base.Variable):
        yield value
    elif not isinstance(value, Module) and hasattr(value, "trainable_variables"):
        yield from value.variables
    elif id(value) not in seen:
        seen.add(id(value))
        for part in _inside(value):
            yield from _variables(part, seen)


def _modules(value: Any, seen: set[int]) -> Iterator[Any]:
    for part in _inside(value):
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Module):
            yield part
        yield from _modules(part, seen)


class UnconnectedGradients:
    """What a source gets on which the target does not depend."""

    NONE = "none"
    ZERO = "zero"


class GradientTape(tape.GradientTape):
    """The tape, which watches the tensors that it is given where they are."""

    def _source_leaf(self, source: Any) -> Any:
        if isinstance(source, np.ndarray) and id(source) not in self._leaves:
            return None  # nothing watches it
        return super()._source_leaf(source)

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: str = UnconnectedGradients.NONE,
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of each number of `target`: for each source, the axes of the target and then its own."""
        was, self.persistent = self.persistent, True
        try:
            shape, size = np.shape(target), int(np.prod(np.shape(target)))
            rows = []
            for place in range(size):
                one = np.zeros(size, target.dtype)
                one[place] = 1
                rows.append(self.gradient(target, sources, one.reshape(shape), unconnected_gradients))
        finally:
            self.persistent = was
        single = not isinstance(sources, (list, tuple))
        columns = [rows] if single else list(zip(*rows, strict=True))
        found = [None if column[0] is None else _stacked(column, shape) for column in columns]
        return found[0] if single else found

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: str = UnconnectedGradients.NONE,
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of each sample's numbers by the same sample's: `(batch, of the target, of the source)`."""
        from kerasish import ops

        if np.shape(target)[:1] != np.shape(source)[:1]:
            raise ValueError(
                f"batch_jacobian: target {np.shape(target)} and source {np.shape(source)} have not the same samples"
            )
        was, self.persistent = self.persistent, True
        try:
            shape = np.shape(target)
            rows = []
            for place in range(int(np.prod(shape[1:]))):
                one = np.zeros((shape[0], int(np.prod(shape[1:]))), target.dtype)
                one[:, place] = 1
                rows.append(self.gradient(target, source, one.reshape(shape), unconnected_gradients))
        finally:
            self.persistent = was
        if rows[0] is None:
            return None
        return ops.reshape(ops.stack(rows, 1), (*shape, *np.shape(source)[1:]))


def _stacked(rows: Any, shape: tuple[int, ...]) -> Any:
    from kerasish import ops

    made = ops.stack(list(rows))
    return ops.reshape(made, (*shape, *made.shape[1:]))


def _get_shape(self: Any) -> TensorShape:
    return TensorShape(self.shape)


def _check_shape(self: Any, shape: Any) -> None:
    """Shapes are known here, so there is none to set; a script that says one is believed if it is right."""
    if len(shape) != len(self.shape) or any(
        a not in (b, None) and b is not None for a, b in zip(shape, self.shape, strict=True)
    ):
        raise ValueError(f"set_shape({tuple(shape)}) of a tensor of shape {tuple(self.shape)}: they do not agree")


for _kind in (Array, TapeTensor, KerasTensor, base.Variable):
    setattr(_kind, "get_shape", _get_shape)  # noqa: B010 (a type checker need not know it)
    setattr(_kind, "set_shape", _check_shape)  # noqa: B010


def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Text as bytes."""
    if not isinstance(bytes_or_text, (str, bytes, bytearray)):
        raise TypeError(f"as_bytes takes text or bytes; received {bytes_or_text!r}")
    return bytes_or_text.encode(encoding) if isinstance(bytes_or_text, str) else bytes(bytes_or_text)


def as_text(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Bytes as text."""
    if not isinstance(bytes_or_text, (str, bytes)):
        raise TypeError(f"as_text takes text or bytes; received {bytes_or_text!r}")
    return bytes_or_text.decode(encoding) if isinstance(bytes_or_text, bytes) else bytes_or_text


def as_str_any(value: Any, encoding: str = "utf-8") -> str:
    """Bytes as text, and anything else as it is printed."""
    return as_text(value, encoding) if isinstance(value, bytes) else str(value)
