"""Functions, loops and branches, checks, and what has no effect here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend import nest
from kerasish.compat.tensorflow.arrays import tensor


def function(func: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """The function itself: everything runs as it is written."""
    return func if func is not None else lambda f: f


def unchanged(f: Callable[..., Any], *_: Any, **__: Any) -> Any:
    return f


def cond(pred: Any, true_fn: Callable[[], Any] | None = None, false_fn: Any = None, name: str | None = None) -> Any:
    if true_fn is None or false_fn is None:
        raise TypeError("cond needs two functions: tf.cond(pred, true_fn, false_fn)")
    return ops.cond(pred, true_fn, false_fn)


def case(pred_fn_pairs: Sequence[Any], default: Any = None, exclusive: bool = False, **kwargs: Any) -> Any:
    for predicate, branch in pred_fn_pairs:
        if bool(predicate):
            return branch()
    if default is None:
        raise ValueError("case: no predicate is true, and there is no default")
    return default()


def switch_case(branch_index: Any, branch_fns: Any, default: Any = None, name: str | None = None) -> Any:
    pairs = branch_fns.items() if isinstance(branch_fns, dict) else enumerate(branch_fns)
    branches = dict(map(_numbered, pairs))
    chosen = branches.get(int(branch_index), default or branches[max(branches)])
    return chosen()


def _numbered(pair: Any) -> Any:
    number, branch = pair
    return branch if isinstance(branch, tuple) else (number, branch)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    *args: Any,
    maximum_iterations: Any = None,
    **__: Any,
) -> Any:
    state = [tensor(part) if isinstance(part, (int, float)) else part for part in loop_vars]
    done = 0
    while bool(cond(*state)) and (maximum_iterations is None or done < int(maximum_iterations)):
        state = nest.listed(body(*state))
        done += 1
    return type(loop_vars)(state) if isinstance(loop_vars, (list, tuple)) else state


def map_fn(
    fn: Callable[[Any], Any], elems: Any, dtype: Any = None, *args: Any, fn_output_signature: Any = None, **_: Any
) -> Any:
    made = _stacked(map(fn, _rows(elems)))
    wanted = fn_output_signature or dtype
    if wanted is None or isinstance(wanted, (list, tuple, dict)):
        return made
    return ops.cast(made, getattr(wanted, "dtype", wanted))


def vectorized_map(fn: Callable[[Any], Any], elems: Any, *args: Any, **kwargs: Any) -> Any:
    return map_fn(fn, elems)


def scan(
    fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, *args: Any, reverse: bool = False, **_: Any
) -> Any:
    rows = _rows(elems)[::-1] if reverse else _rows(elems)
    made = [] if initializer is not None else [rows.pop(0)]
    state = initializer if initializer is not None else made[0]
    for row in rows:
        state = fn(state, row)
        made.append(state)
    return _stacked(made[::-1] if reverse else made)


def foldl(fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, *args: Any, **kwargs: Any) -> Any:
    rows = _rows(elems)
    state = rows.pop(0) if initializer is None else initializer
    for row in rows:
        state = fn(state, row)
    return state


def _rows(elems: Any) -> list[Any]:
    """The rows of tensors, each in their structure."""
    return [nest.map_structure(lambda part, i=i: part[i], elems) for i in range(len(next(nest.iterate(elems))))]


def _stacked(rows: Iterable[Any]) -> Any:
    return nest.map_structure(lambda *leaves: ops.stack([tensor(leaf) for leaf in leaves]), *rows)


def custom_gradient(f: Callable[..., Any]) -> Any:
    """A function with a derivative of its own: `f(x)` returns the value and the function `grad(upstream)`."""
    return ops.custom_gradient(f)


def py_function(func: Callable[..., Any], inp: Any, Tout: Any, name: str | None = None) -> Any:
    return _typed(func(*inp), Tout)


def numpy_function(
    func: Callable[..., Any], inp: Any, Tout: Any, stateful: bool = True, name: str | None = None
) -> Any:
    return _typed(func(*(np.array(part) for part in inp)), Tout)


def _typed(made: Any, kinds: Any) -> Any:
    if isinstance(kinds, (list, tuple)) and isinstance(made, (list, tuple)):
        return [tensor(part, kind) for part, kind in zip(made, kinds, strict=True)]
    kind = kinds[0] if isinstance(kinds, (list, tuple)) else kinds
    return tensor(made) if kind == "string" else tensor(made, kind)


def print_(
    *inputs: Any, output_stream: Any = None, summarize: int = 3, sep: str = " ", end: str = "\n", name: Any = None
) -> None:
    """Print, to the standard error as TensorFlow does."""
    stream = sys.stderr if output_stream is None or isinstance(output_stream, str) else output_stream
    shown = (str(np.asarray(part)) if hasattr(part, "dtype") else str(part) for part in inputs)
    print(*shown, sep=sep, end=end, file=stream)


def foldr(fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, *args: Any, **kwargs: Any) -> Any:
    rows = _rows(elems)
    state = rows.pop() if initializer is None else initializer
    for row in reversed(rows):
        state = fn(state, row)
    return state


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with the derivative of the identity: for rounding, and what else has none of its own."""

    def passing(*args: Any, **kwargs: Any) -> Any:
        return ops.custom_gradient(lambda x: (f(x, *args[1:], **kwargs), lambda upstream: upstream))(args[0])

    return passing


def tuple_(tensors: Sequence[Any], control_inputs: Any = None, name: str | None = None) -> list[Any]:
    """The tensors as they are: everything before has happened."""
    return list(tensors)


def no_op(*_: Any, **__: Any) -> None:
    """Nothing: what it asks for is so anyway, or has no meaning on NumPy."""


def block_without_effect(*_: Any, **__: Any) -> Any:
    """A `with` block that changes nothing."""
    return nullcontext()


def executing_eagerly() -> bool:
    return True


def is_false(*_: Any, **__: Any) -> bool:
    return False


class InvalidArgumentError(ValueError):
    """An argument that cannot be used; operations here raise ValueError."""


class OutOfRangeError(Exception):
    """The end of what was iterated."""


class NotFoundError(FileNotFoundError):
    """A file that is not there."""


class ResourceExhaustedError(MemoryError):
    """Too little memory."""


def check(holds: Any, what: str, message: str | None) -> None:
    if not np.all(holds):
        raise InvalidArgumentError(f"{message or ''}{': ' if message else ''}{what} does not hold")


def Assert(condition: Any, data: Any, summarize: Any = None, name: str | None = None) -> None:
    check(condition, f"the condition, with {data!r},", None)


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Any:
    check(np.isfinite(np.asarray(tensor)), "that all numbers are finite", message)
    return tensor
