"""Loops and choices written as functions: cond, while_loop, scan, map.

Arrays here have values, so a Python `if` and `for` do the same; these exist so that a Keras script runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import eager
from kerasish.backend.operators import to_array
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.composite import composite_by
from kerasish.ops.core import convert_to_tensor
from kerasish.ops.elementwise import where
from kerasish.ops.joining import concatenate, stack
from kerasish.ops.shape import flip
from kerasish.ops.specs import agreed, axes_of, kind_of, shape_of


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`true_fn()` if `pred` holds, else `false_fn()`.

    Args:
        pred: a single boolean.
        true_fn, false_fn: functions without arguments.
    """
    if isinstance(pred, KerasTensor):
        return _either(pred, true_fn(), false_fn())
    return true_fn() if pred else false_fn()


def _either(pred: KerasTensor, yes: Any, no: Any) -> Any:
    """What is chosen when the model runs: of both branches, which are computed.

    Raises:
        ValueError: if the branches do not return the same.
    """
    specs = [nest.map_structure(lambda x: None if x is None else (shape_of(x), kind_of(x)), y) for y in (yes, no)]
    if specs[0] != specs[1]:
        raise ValueError(f"both branches of cond must return the same shapes and dtypes; received {specs}")
    return nest.map_structure(lambda a, b: None if a is None else where(pred, a, b), yes, no)


def _switch_spec(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    return branches[0](*operands)


@composite_by(_switch_spec)
def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """The branch of this index, called with the operands; an index beyond the ends takes the nearest branch."""
    return branches[min(max(int(index), 0), len(branches) - 1)](*operands)


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """For each element the choice of the first condition that holds, or the default.

    Args:
        condlist: arrays of booleans.
        choicelist: as many arrays.
        default: where no condition holds.
    """
    if len(condlist) != len(choicelist):
        raise ValueError(f"select needs a choice for each condition; received {len(condlist)} and {len(choicelist)}")
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        default = where(condition, choice, default)
    return default


def _specs(structure: Any) -> Any:
    """Shapes and dtypes in place of values."""
    return nest.map_structure(lambda x: None if x is None else KerasTensor(shape_of(x), kind_of(x)), structure)


@composite_by(lambda cond, body, loop_vars, maximum_iterations=None: _specs(loop_vars))
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """`loop_vars = body(*loop_vars)` for as long as `cond(*loop_vars)` holds.

    Args:
        cond: whether to go on.
        body: the next values, in the structure of `loop_vars`.
        loop_vars: the first values: a tuple or list, or one array.
        maximum_iterations: where to stop at the latest.

    Returns:
        The last values.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.while_loop(lambda i: i < 5, lambda i: i + 2, 0)
        np.int32(6)
    """
    several = isinstance(loop_vars, (tuple, list))
    values = _tensors(tuple(loop_vars) if several else (loop_vars,))
    rounds = 0
    while (maximum_iterations is None or rounds < maximum_iterations) and bool(cond(*values)):
        values = body(*values)
        values = tuple(values) if isinstance(values, (tuple, list)) else (values,)
        rounds += 1
    if not several:
        return values[0]
    return list(values) if isinstance(loop_vars, list) else values


@composite_by(lambda lower, upper, body_fun, init_val: _specs(init_val))
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """`value = body_fun(i, value)` for each `i` from `lower` up to, and without, `upper`."""
    value = _tensors(init_val)
    for i in range(int(lower), int(upper)):
        value = body_fun(i, value)
    return value


def _tensors(structure: Any) -> Any:
    """Python numbers as arrays, which keep their dtype when they meet another."""
    return nest.map_structure(lambda x: None if x is None else convert_to_tensor(x), structure)


def _at(structure: Any, i: int) -> Any:
    return nest.map_structure(lambda x: eager(x)[i], structure)


def _stacked(rows: list[Any]) -> Any:
    return nest.map_structure(lambda *leaves: None if leaves[0] is None else stack(leaves), *rows)


def _row(structure: Any) -> Any:
    """The shapes and dtypes of one element along the first axis."""

    def first(x: Any) -> KerasTensor:
        if not shape_of(x):
            raise ValueError("a loop needs arrays with a first axis; received a single number")
        return KerasTensor(shape_of(x)[1:], kind_of(x))

    return nest.map_structure(first, structure)


def _rows(structure: Any, count: int | None) -> Any:
    """The shapes and dtypes of so many elements, stacked."""
    return nest.map_structure(
        lambda x: None if x is None else KerasTensor((count, *shape_of(x)), kind_of(x)), structure
    )


def _scan_spec(
    f: Callable[..., Any], init: Any, xs: Any = None, length: int | None = None, reverse: bool = False,
    unroll: int | bool = 1,
) -> Any:  # fmt: skip
    if xs is None and length is None:
        raise ValueError("scan needs xs, or length to know how often to loop")
    count = length if xs is None else shape_of(nest.flatten(xs)[0])[0]
    carry, y = f(_specs(init), None if xs is None else _row(xs))
    return _specs(carry), _rows(y, agreed(count, length, "scan with another length than xs has elements"))


@composite_by(_scan_spec)
def scan(
    f: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> Any:
    """A loop that carries a state and collects outputs: `carry, y = f(carry, x)` for each `x` of `xs`.

    Args:
        f: takes and returns the state, and an element and an output.
        init: the first state.
        xs: a structure of arrays whose first axis is looped over; None loops `length` times.
        length: how often, if `xs` does not tell.
        reverse: whether to start at the end.
        unroll: accepted for compatibility.

    Returns:
        The last state, and the outputs stacked along a new first axis.

    Example:
        >>> import kerasish as keras
        >>> total, running = keras.ops.scan(lambda s, x: (s + x, s + x), 0, keras.ops.array([1, 2, 3]))
        >>> running
        array([1, 3, 6], dtype=int32)
    """
    if xs is None and length is None:
        raise ValueError("scan needs xs, or length to know how often to loop")
    count = length if xs is None else len(nest.flatten(xs)[0])
    if length is not None and length != count:
        raise ValueError(f"scan was given length={length}, but xs has {count} elements")
    carry = _tensors(init)
    outputs: list[Any] = []
    order = range(count or 0)
    for i in reversed(order) if reverse else order:
        carry, y = f(carry, None if xs is None else _at(xs, i))
        outputs.append(y)
    if reverse:
        outputs.reverse()
    return carry, _stacked(outputs) if outputs else None


def _map_spec(f: Callable[[Any], Any], xs: Any) -> Any:
    return _rows(f(_row(xs)), shape_of(nest.flatten(xs)[0])[0])


@composite_by(_map_spec)
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """`f` of each element along the first axis, stacked.

    Args:
        f: a function of one element (of a structure of elements).
        xs: an array or a structure of arrays.
    """
    return _stacked([f(_at(xs, i)) for i in range(len(nest.flatten(xs)[0]))])


def _vectorized_map_spec(function: Callable[[Any], Any], elements: Any) -> Any:
    return _map_spec(function, elements)


@composite_by(_vectorized_map_spec)
def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """`function` of each element along the first axis, stacked; the same as `map`."""
    return map(function, elements)


def _associative_spec(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    for leaf in nest.flatten(elems):
        axes_of(axis, len(shape_of(leaf)))
    return _specs(elems)


@composite_by(_associative_spec)
def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """All running results `f(f(x₀, x₁), x₂), ...` of an associative function, in logarithmically many calls.

    Args:
        f: takes two structures of arrays and joins them element by element along `axis`.
        elems: a structure of arrays.
        reverse: whether to start at the end.
        axis: the axis that is run along.

    Returns:
        The structure of `elems`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.associative_scan(lambda a, b: a + b, keras.ops.array([1, 2, 3]))
        array([1, 3, 6], dtype=int32)
    """
    if reverse:
        elems = nest.map_structure(lambda x: flip(x, axis), elems)
    n = nest.flatten(elems)[0].shape[axis]
    step = 1
    while step < n:  # Hillis and Steele (1986): double the reach of every result at each step
        joined = f(_cut(elems, None, n - step, axis), _cut(elems, step, None, axis))
        head = _cut(elems, None, step, axis)
        elems = nest.map_structure(lambda a, b: concatenate([a, b], axis), head, joined)
        step *= 2
    return nest.map_structure(lambda x: flip(x, axis), elems) if reverse else elems


def _cut(structure: Any, start: int | None, stop: int | None, axis: int) -> Any:
    def cut(x: Any) -> Any:
        return eager(x)[(slice(None),) * (axis % len(x.shape)) + (slice(start, stop),)]

    return nest.map_structure(cut, structure)


_AXES = re.compile(r"\(\s*(\w+(?:\s*,\s*\w+)*)?\s*\)")


def _cores(signature: str) -> tuple[list[list[str]], list[list[str]]]:
    """The names of the axes that each argument and each result has for itself, of `"(m,n),(n)->(m)"`."""
    sides = "".join(signature.split()).split("->")
    found = [[core.split(",") if core else [] for core in _AXES.findall(side)] for side in sides]
    spelled = [",".join(f"({','.join(core)})" for core in side) for side in found]
    if len(sides) != 2 or spelled != sides or not found[0]:
        raise ValueError(f"vectorize needs a signature such as '(m,n),(n)->(m)'; received signature={signature!r}")
    return found[0], found[1]


def _outer_shapes(shapes: list[tuple[int, ...]], cores: list[list[str]], signature: str) -> list[tuple[int, ...]]:
    """The axes of each argument in front of its own."""
    if len(shapes) != len(cores):
        raise TypeError(f"vectorize with signature={signature!r} takes {len(cores)} array(s); received {len(shapes)}")
    sizes: dict[str, int] = {}
    for shape, core in zip(shapes, cores, strict=True):
        own = shape[len(shape) - len(core) :] if len(shape) >= len(core) else ()
        if len(own) != len(core) or any(sizes.setdefault(name, n) != n for name, n in zip(core, own, strict=True)):
            raise ValueError(f"the arrays of shapes {shapes} do not fit signature={signature!r}")
    return [shape[: len(shape) - len(core)] for shape, core in zip(shapes, cores, strict=True)]


def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None) -> Any:
    """A function of arrays from a function of single elements, which is called once for each.

    Args:
        pyfunc: a function of scalars, or of the arrays that the signature says.
        excluded: the positions of arguments that are passed whole.
        signature: the axes that each argument and each result has for itself, such as `"(m,n),(n)->(m)"`; those in
            front are looped over, and broadcast. None for scalars.

    Raises:
        ValueError: if the signature is none, or arrays do not fit it.
        TypeError: if there are more or fewer arrays than it says.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.vectorize(lambda a, b: a + b)([1, 2, 3], 2)
        array([3, 4, 5], dtype=int32)
        >>> keras.ops.vectorize(keras.ops.dot, signature="(n),(n)->()")([[1, 2], [3, 4]], [1, 1])
        array([3, 7], dtype=int32)
    """
    left_out = set(excluded or ())
    cores = None if signature is None else _cores(signature)[0]

    def vectorized(*args: Any) -> Any:
        args = tuple(x if i in left_out or hasattr(x, "shape") else to_array(x) for i, x in enumerate(args))
        shapes = [np.shape(x) for i, x in enumerate(args) if i not in left_out]
        outer = shapes if cores is None else _outer_shapes(shapes, cores, signature or "")
        sizes = np.broadcast_shapes(*outer)
        count = int(np.prod(sizes, dtype=np.int64))
        own = iter(zip(shapes, outer, strict=True))
        flat = [x if i in left_out else _rows_of(x, *next(own), sizes, count) for i, x in enumerate(args)]
        rows = [pyfunc(*(x if i in left_out else x[j] for i, x in enumerate(flat))) for j in range(count)]
        return nest.map_structure(lambda *leaves: np.reshape(stack(leaves), sizes + np.shape(leaves[0])), *rows)

    return vectorized


def _rows_of(x: Any, shape: tuple[int, ...], outer: tuple[int, ...], sizes: tuple[int, ...], count: int) -> Any:
    """An argument broadcast to the axes that are looped over, which become one."""
    core = shape[len(outer) :]
    return np.reshape(np.broadcast_to(x, sizes + core), (count, *core))
