"""NumPy's own functions on tensors: looked up among the primitives, or refused by name."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from kerasish.backend import dtypes, nest
from kerasish.backend.array import eager
from kerasish.backend.primitive import NUMPY_RULES
from kerasish.backend.symbolic import is_symbolic
from kerasish.backend.tensor import Tensor, Traceable, recording
from kerasish.backend.variable import Variable
from kerasish.backend.watched import Watched

# The family of operations is loaded the first time one of them is missed.
_FAMILIES = "kerasish.ops"

_REDUCTIONS = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
# What only asks about shapes and types, and so has no gradient to lose.
_QUESTIONS = {np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj, np.may_share_memory}


def _rule(function: Any) -> Any:
    rule = NUMPY_RULES.get(function)
    if rule is None:
        importlib.import_module(_FAMILIES)
        rule = NUMPY_RULES.get(function)
    return rule


def _to_arrays(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any], bool]:
    """The arguments with variables read, and whether a tensor or symbol is left among them."""
    traced = False
    flat = []
    for x in (*args, *kwargs.values()):
        if isinstance(x, Traceable):
            if isinstance(x, (Variable, Watched)):
                x = x.read()
            traced = traced or isinstance(x, Traceable)
        elif isinstance(x, (list, tuple, dict)):
            x, within = _read_within(x)
            traced = traced or within
        flat.append(x)
    return tuple(flat[: len(args)]), dict(zip(kwargs, flat[len(args) :], strict=True)), traced


def _read_within(structure: Any) -> tuple[Any, bool]:
    """A nested argument with variables read, and whether a tensor is in it."""
    traced = False

    def read(leaf: Any) -> Any:
        nonlocal traced
        if isinstance(leaf, (Variable, Watched)):
            leaf = leaf.read()
        traced = traced or isinstance(leaf, Traceable)
        return leaf

    return nest.map_structure(read, structure), traced


def _outside(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What NumPy makes of tensors that have no gradient to lose, where a step is written down; else None."""
    trace = recording.trace
    tensors = [leaf for leaf in nest.iterate((args, kwargs)) if isinstance(leaf, Traceable)]
    if trace is None or not all(isinstance(t, Tensor) and not trace.leads_to_weights(t) for t in tensors):
        return None
    trace.escape(f"{function.__name__} is not an operation of kerasish; it is called")
    args, kwargs = nest.map_structure(lambda leaf: leaf.value if isinstance(leaf, Tensor) else leaf, (args, kwargs))
    return eager(function(*args, **kwargs))


def _refuse(name: str, why: str) -> TypeError:
    return TypeError(
        f"{name} {why}. A gradient is never dropped in silence: use a function of kerasish.ops, cut the tensor "
        "from the tape on purpose with `.numpy()` or ops.stop_gradient, or work outside the tape."
    )


def call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A universal function, or its `reduce`, applied to tensors."""
    name = f"numpy.{ufunc.__name__}"
    out = kwargs.get("out")
    if out is not None and any(isinstance(array, Variable) for array in out):
        raise _refuse(f"{name}(..., out=variable)", "would change a variable behind its back; use variable.assign")
    args, keywords, traced = _to_arrays(inputs, kwargs)
    if not traced:
        return eager(getattr(ufunc, method)(*args, **keywords))
    if method == "reduce" and ufunc in _REDUCTIONS:
        return call_function(_REDUCTIONS[ufunc], args, {"axis": 0, **keywords})
    rule = _rule(ufunc) if method == "__call__" else None
    if rule is None:
        found = _outside(getattr(ufunc, method), args, keywords)
        if found is None:
            raise _refuse(name if method == "__call__" else f"{name}.{method}", "has no derivative here")
        return found
    dtype = keywords.pop("dtype", None)
    if keywords:
        raise _refuse(f"{name} with {', '.join(f'{key}=' for key in keywords)}", "has no derivative here")
    result = rule(*args)
    return result if dtype is None else result.astype(dtype)


def call_function(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A function such as `numpy.sum` or `numpy.concatenate` applied to tensors."""
    if function in _QUESTIONS:
        return _ask(function, args, kwargs)
    args, kwargs, traced = _to_arrays(args, kwargs)
    if not traced:
        return eager(nest.map_structure(_own, function(*args, **kwargs)))
    rule = _rule(function)
    name = f"{function.__module__}.{function.__name__}"
    if rule is None:
        found = _outside(function, args, kwargs)
        if found is not None:
            return found
        kind = "cannot be applied to a symbolic tensor" if is_symbolic(args, kwargs) else "has no derivative here"
        raise _refuse(name, kind)
    if "a" in kwargs:  # NumPy's name of the first argument
        args, kwargs = (kwargs["a"], *args), {key: value for key, value in kwargs.items() if key != "a"}
    kwargs = {key: value for key, value in kwargs.items() if value is not np._NoValue and key != "out"} | (
        {"out": kwargs["out"]} if kwargs.get("out") is not None else {}
    )
    return rule(*args, **kwargs)


def _own(result: Any) -> Any:
    """A result that is no window on a variable, which training writes into."""
    return result.copy() if isinstance(result, np.ndarray) and result.base is not None else result


def _ask(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    first = args[0] if args else next(iter(kwargs.values()))
    if function is np.shape and isinstance(first, Traceable):
        return tuple(first.shape)  # type: ignore[attr-defined]
    if function is np.ndim and isinstance(first, Traceable):
        return len(first.shape)  # type: ignore[attr-defined]

    def bare(leaf: Any) -> Any:
        if isinstance(leaf, Tensor):
            return leaf.value
        if isinstance(leaf, Variable):
            return leaf._value
        return _stand_in(leaf, function) if isinstance(leaf, Traceable) else leaf

    args, kwargs = nest.map_structure(bare, (args, kwargs))
    return function(*args, **kwargs)


def _stand_in(symbol: Any, function: Any) -> np.ndarray:
    """An array with the dtype of a symbolic tensor, and its shape as far as the question is about that."""
    shape = symbol.shape if function is np.size else (1,)
    if None in shape:
        raise TypeError(f"numpy.size of a symbolic tensor of shape {shape} is known when data comes: ask in a layer")
    return np.broadcast_to(np.zeros((), dtypes.numpy_dtype(symbol.dtype)), shape)


def _array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    return call_ufunc(ufunc, method, inputs, kwargs)


def _array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    return call_function(function, args, kwargs)


for _name, _answer in (("__array_ufunc__", _array_ufunc), ("__array_function__", _array_function)):
    setattr(Traceable, _name, _answer)
