"""keras.tree: nested lists, tuples and dicts, and the leaves in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend import nest
from kerasish.backend.nest import (
    MAP_TO_NONE,
    assert_same_paths,
    flatten,
    flatten_with_path,
    is_nested,
    lists_to_tuples,
    map_structure,
    pack_sequence_as,
    traverse,
)
from kerasish.backend.sizes import is_shape

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]
__dir__ = __all__.copy  # what completion shows


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raise ValueError unless two structures nest alike, whatever their leaves are.

    Args:
        a, b: nested structures.
        check_types: accepted for compatibility.

    Raises:
        ValueError: naming the first difference.
    """
    nest.assert_same_structure(a, b)


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """`func` of the parts of the structures that stand where `shallow_structure` has its leaves.

    Args:
        shallow_structure: says how deep to go.
        func: called with one part of each structure.
        *structures: structures that are alike down to the leaves of `shallow_structure`.

    Returns:
        The structure of `shallow_structure` with what `func` returned as leaves.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.map_structure_up_to([0, 0], len, [[1, 2], (3,)])
        [2, 1]
    """
    if not structures:
        raise ValueError("map_structure_up_to needs at least one structure")
    if not is_nested(shallow_structure):
        return func(*structures)
    levels = [_level_like(shallow_structure, structure) for structure in structures]
    shallow = nest.children(shallow_structure)
    mapped = [map_structure_up_to(part, func, *parts) for part, *parts in zip(shallow, *levels, strict=True)]
    return nest.rebuild(shallow_structure, mapped)


def _level_like(shallow: Any, structure: Any) -> list[Any]:
    nest.assert_same_level(shallow, structure)
    return nest.children(structure)


def map_shape_structure(func: Callable[[tuple[Any, ...]], Any], structure: Any) -> Any:
    """A structure with `func` applied to each shape in it: a tuple or list of sizes and None.

    Args:
        func: called with each shape, as a tuple.
        structure: nested lists, tuples and dicts of shapes.

    Example:
        >>> import kerasish as keras
        >>> keras.tree.map_shape_structure(len, {"a": (None, 3), "b": (2,)})
        {'a': 2, 'b': 1}
    """
    if is_shape(structure):
        return func(tuple(structure))
    if not is_nested(structure):
        raise ValueError(f"map_shape_structure takes a structure of shapes; found {structure!r} in it")
    return nest.rebuild(structure, [map_shape_structure(func, part) for part in nest.children(structure)])
