"""The base of all metrics: a number that is followed over batches and starts anew with each epoch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish import _older_names
from kerasish.backend import nest
from kerasish.backend.names import auto_name, name_scope, printable
from kerasish.backend.trace import noted, pending
from kerasish.backend.typing import DTypeLike, InitializerLike
from kerasish.backend.variable import Variable
from kerasish.losses.reduction import compute_dtype


class Metric:
    """A quantity whose state `update_state` gathers batch by batch and `result` reads.

    A metric of your own makes its variables in `__init__` with `add_variable`, changes them in `update_state`
    and computes its value from them in `result`.

    Args:
        dtype: the dtype, or dtype policy, of the result; `floatx()` by default.
        name: the key in logs and histories; made from the class's name by default.

    Example:
        >>> import kerasish as keras
        >>> class Count(keras.metrics.Metric):
        ...     def __init__(self, **kwargs):
        ...         super().__init__(**kwargs)
        ...         self.seen = self.add_variable((), "zeros", name="seen")
        ...
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.seen.assign_add(len(y_true))
        ...
        ...     def result(self):
        ...         return self.seen.value
        >>> float(Count()([1, 2, 3], [1, 2, 4]))
        3.0
    """

    # Whether what a recorded step does to it is noted as a whole; otherwise its parts note what is done to them.
    _is_noted = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, noting in (("update_state", noted), ("result", pending)) if cls._is_noted else ():
            if name in cls.__dict__:
                setattr(cls, name, noting(cls.__dict__[name]))

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or auto_name(type(self).__name__)
        self._dtype = compute_dtype(dtype)
        self._added: list[Variable] = []

    @property
    def dtype(self) -> str:
        """The name of the dtype of the result."""
        return self._dtype

    @property
    def variables(self) -> list[Variable]:
        """The state: the metric's own variables in order of creation, then those of metrics inside it."""
        self._check_initialized()
        own = list(self._added)
        inner: list[Variable] = []
        for name, value in self.__dict__.items():
            if name == "_added":
                continue
            for leaf in nest.iterate(value):
                if isinstance(leaf, Variable):
                    own.append(leaf)
                elif isinstance(leaf, Metric):
                    inner += leaf.variables
        return list({id(variable): variable for variable in (*own, *inner)}.values())

    def add_variable(
        self,
        shape: Any,
        initializer: InitializerLike,
        dtype: DTypeLike = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """Make a variable of the state.

        Args:
            shape: its shape.
            initializer: what it holds before the first batch: a name such as `"zeros"`, an initializer, an array.
            dtype: its dtype; `floatx()` by default.
            aggregation: accepted for compatibility; one process holds one copy.
            name: the last part of its path.

        Raises:
            RuntimeError: if `super().__init__()` has not been called.
        """
        self._check_initialized()
        if initializer is None:
            raise ValueError(f"the variable {name!r} of {self.name!r} needs an initializer; 'zeros' fits most metrics")
        if isinstance(initializer, (str, dict, type)):
            from kerasish.initializers import get

            initializer = get(initializer)
        with name_scope(self.name.replace("/", ">")):
            variable = Variable(
                initializer, shape=shape, dtype=dtype, trainable=False, aggregation=aggregation, name=name
            )
        self._added.append(variable)
        return variable

    def add_weight(
        self, shape: Any = (), initializer: InitializerLike = None, dtype: DTypeLike = None, name: str | None = None
    ) -> Variable:
        """`add_variable` under its former name."""
        return self.add_variable(shape=shape, initializer=initializer, dtype=dtype, name=name)

    def reset_state(self) -> None:
        """Set every variable to zero."""
        for variable in self.variables:
            variable._value[...] = 0

    if not TYPE_CHECKING:  # to a type checker a class with `__getattr__` has every name

        def __getattr__(self, name: str) -> Any:
            if name != "reset_states":
                raise AttributeError(f"the metric {type(self).__name__} has no attribute {name!r}")
            _older_names.warn_of("metric.reset_states", "metric.reset_state")
            return self.reset_state

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Take a batch into account."""
        raise NotImplementedError(f"{type(self).__name__} needs a method `update_state`")

    def result(self) -> Any:
        """The value of the metric over the batches since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} needs a method `result`")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take a batch into account and return the result so far."""
        self._check_initialized()
        self.update_state(*args, **kwargs)
        return self.result()

    def stateless_update_state(self, metric_variables: Any, *args: Any, **kwargs: Any) -> list[np.ndarray]:
        """The state after a batch, computed from a given state; the metric's own stays.

        Args:
            metric_variables: one value for each of `variables`.
            *args: of `update_state`.
            **kwargs: of `update_state`.

        Raises:
            ValueError: if there are more or fewer values than variables.
        """
        with self._borrowed_state(metric_variables) as variables:
            self.update_state(*args, **kwargs)
            return [variable._value for variable in variables]

    def stateless_result(self, metric_variables: Any) -> Any:
        """The result of a given state.

        Raises:
            ValueError: if there are more or fewer values than variables.
        """
        with self._borrowed_state(metric_variables):
            return self.result()

    def stateless_reset_state(self) -> list[np.ndarray]:
        """The state before the first batch; the metric's own stays."""
        with self._borrowed_state(self.variables) as variables:
            self.reset_state()
            return [variable._value for variable in variables]

    @contextmanager
    def _borrowed_state(self, values: Any) -> Iterator[list[Variable]]:
        variables = self.variables
        if len(values) != len(variables):
            raise ValueError(
                f"{type(self).__name__} {self.name!r} has {len(variables)} variables; received metric_variables with "
                f"{len(values)} values"
            )
        own = [variable._value for variable in variables]
        for variable, value in zip(variables, values, strict=True):
            variable._value = np.array(plain_state(value), variable._value.dtype)
        try:
            yield variables
        finally:
            for variable, value in zip(variables, own, strict=True):
                variable._value = value

    def _check_initialized(self) -> None:
        if "_added" not in self.__dict__:
            raise RuntimeError(f"{type(self).__name__}.__init__ must call super().__init__() before anything else")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric anew."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A metric from the result of `get_config`."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={printable(str(self.name))}>"


def plain_state(value: Any) -> Any:
    """The array behind a variable; anything else as it is."""
    return value._value if isinstance(value, Variable) else value


def zeros(shape: Any, dtype: Any = None) -> np.ndarray:
    """The initializer of sums and counts."""
    return np.zeros(shape, dtype)


def add_to(variable: Variable, amount: Any) -> None:
    """Add to a variable of a metric, in place: no tape watches it, so nobody holds its present value.

    What rounding takes away is kept beside the variable and added the next time (Kahan, 1965): a float32 that counts
    would otherwise stop at 2**24.
    """
    value = variable._value
    if value.dtype.kind != "f":
        np.add(value, amount, out=value, casting="unsafe")
        return
    left = variable.__dict__.get("_left_over")
    exact = value + np.asarray(amount, np.float64)
    if left is not None and np.array_equal(left[0], value):  # nobody has set another value since
        exact = exact + left[1]
    value[...] = exact
    variable.__dict__["_left_over"] = (value.copy(), exact - value)


def divide_no_nan(a: Any, b: Any) -> Any:
    """`a / b`, and zero where `b` is zero."""
    some = np.not_equal(b, 0)
    return np.where(some, a / np.where(some, b, 1), np.zeros((), np.result_type(a)))
