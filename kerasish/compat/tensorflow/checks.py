"""`tf.debugging`: what must hold of tensors, or an error says that it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.compat.tensorflow.arrays import equal, not_equal, tensor
from kerasish.compat.tensorflow.control import check, check_numerics


def _compared(symbol: str, holds: Callable[[Any, Any], Any]) -> Callable[..., None]:
    def assertion(x: Any, y: Any, message: str | None = None, summarize: Any = None, name: str | None = None) -> None:
        check(holds(x, y), f"x {symbol} y of x={x!r} and y={y!r}", message)

    return assertion


assert_equal = _compared("==", equal)
assert_none_equal = _compared("!=", not_equal)
assert_greater = _compared(">", np.greater)
assert_greater_equal = _compared(">=", np.greater_equal)
assert_less = _compared("<", np.less)
assert_less_equal = _compared("<=", np.less_equal)


def _against_zero(symbol: str, holds: Callable[[Any, Any], Any]) -> Callable[..., None]:
    def assertion(x: Any, message: str | None = None, summarize: Any = None, name: str | None = None) -> None:
        check(holds(x, 0), f"x {symbol} 0 of x={x!r}", message)

    return assertion


assert_positive = _against_zero(">", np.greater)
assert_non_negative = _against_zero(">=", np.greater_equal)
assert_negative = _against_zero("<", np.less)
assert_non_positive = _against_zero("<=", np.less_equal)


def assert_near(
    x: Any,
    y: Any,
    rtol: Any = None,
    atol: Any = None,
    message: str | None = None,
    summarize: Any = None,
    name: str | None = None,
) -> None:
    """That `|x - y| <= atol + rtol |y|`, both ten times the dtype's precision by default."""
    a, b = np.asarray(tensor(x)), np.asarray(tensor(y))
    small = 10 * np.finfo(a.dtype).eps
    bound = (small if atol is None else atol) + (small if rtol is None else rtol) * np.abs(b)
    check(np.abs(a - b) <= bound, f"that x and y are near each other, of x={x!r} and y={y!r},", message)


def assert_all_finite(x: Any, message: str, name: str | None = None) -> Any:
    return check_numerics(x, message)


def _known(condition: bool, told: str, message: str | None) -> None:
    if not condition:
        raise ValueError(f"{message}: {told}" if message else told)


def assert_rank(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    _known(np.ndim(x) == int(rank), f"a tensor of {rank} axes is wanted; received shape {np.shape(x)}", message)


def assert_rank_at_least(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    _known(np.ndim(x) >= int(rank), f"{rank} axes or more are wanted; received shape {np.shape(x)}", message)


def assert_rank_in(x: Any, ranks: Any, message: str | None = None, name: str | None = None) -> None:
    wanted = [int(rank) for rank in ranks]
    _known(np.ndim(x) in wanted, f"one of {wanted} axes is wanted; received shape {np.shape(x)}", message)


def assert_scalar(tensor: Any, name: str | None = None, message: str | None = None) -> Any:
    _known(np.ndim(tensor) == 0, f"a single number is wanted; received shape {np.shape(tensor)}", message)
    return tensor


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> None:
    if dtypes.standardize_dtype(tensor.dtype) != str(tf_type):
        raise TypeError(f"{message or ''}{': ' if message else ''}the dtype {tf_type} is wanted, not {tensor.dtype}")


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> None:
    kind = tensor(x).dtype
    if not dtypes.is_int_dtype(kind):
        raise TypeError(f"{message or ''}{': ' if message else ''}whole numbers are wanted, not {kind}")


def is_numeric_tensor(tensor: Any) -> bool:
    return hasattr(tensor, "dtype") and np.dtype(tensor.dtype).kind in "iufc"


def assert_shapes(
    shapes: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> None:
    """That tensors have their shapes, where a letter stands for the same size everywhere, and None for any.

    Raises:
        ValueError: for the first tensor that has another one.
    """
    sizes: dict[Any, int] = {}
    for x, wanted in shapes.items() if isinstance(shapes, dict) else shapes:
        found = np.shape(x)
        listed = list(wanted) if isinstance(wanted, (list, tuple, str)) else [wanted]
        if listed and listed[0] in ("...", Ellipsis, "*"):
            listed = listed[1:]
            found = found[len(found) - len(listed) :]
        fits = len(found) == len(listed)
        for size, symbol in zip(found, listed, strict=False):
            if symbol not in (None, "."):
                known = symbol if isinstance(symbol, int) else sizes.setdefault(symbol, size)
                fits = fits and known == size
        _known(fits, f"a tensor of shape {np.shape(x)} has not the shape {wanted}, with {sizes}", message)


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """That two nested structures have their leaves at the same places.

    Raises:
        ValueError: if they have not.
        TypeError: if lists and tuples, say, stand for each other.
    """
    if check_types:
        _same_types(nest1, nest2)
    _known(_places(nest1) == _places(nest2), f"the structures {nest1!r} and {nest2!r} are not the same", None)


def _same_types(a: Any, b: Any) -> None:
    inner = (list, tuple, dict)
    if isinstance(a, inner) and isinstance(b, inner):
        if type(a) is not type(b):
            raise TypeError(f"the structures differ: one has a {type(a).__name__}, the other a {type(b).__name__}")
        keys: Any = a.keys() & b.keys() if isinstance(a, dict) else range(min(len(a), len(b)))  # type: ignore[union-attr]
        for key in keys:
            _same_types(a[key], b[key])


def _places(structure: Any) -> Any:
    if isinstance(structure, dict):
        return {key: _places(part) for key, part in structure.items()}
    return [_places(part) for part in structure] if isinstance(structure, (list, tuple)) else None
