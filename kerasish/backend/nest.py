"""Nested structures: the leaves of lists, tuples, named tuples and dicts, in one fixed order.

A dict's leaves come in sorted key order; `None` is a leaf. `keras.tree` is this file.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any


def is_nested(structure: Any) -> bool:
    """Whether `structure` is a list, a tuple or a dict rather than a leaf."""
    return isinstance(structure, (list, tuple, dict))


def _keys(mapping: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(mapping)
    except TypeError:
        return list(mapping)


def _children(structure: Any) -> list[tuple[Any, Any]]:
    if isinstance(structure, OrderedDict):
        return list(structure.items())
    if isinstance(structure, dict):
        return [(key, structure[key]) for key in _keys(structure)]
    return list(enumerate(structure))


def children(structure: Any) -> list[Any]:
    """What stands on the first level of `structure`."""
    return [child for _, child in _children(structure)]


def listed(value: Any) -> list[Any]:
    """The items of a list or tuple, or the one thing that is given by itself, as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def rebuild(structure: Any, parts: list[Any]) -> Any:
    """A structure like `structure` with these parts on its first level, in the order of `children`."""
    if isinstance(structure, dict):
        values = dict(zip([key for key, _ in _children(structure)], parts, strict=True))
        ordered = [(key, values[key]) for key in structure]
        if isinstance(structure, defaultdict):
            return defaultdict(structure.default_factory, ordered)
        return type(structure)(ordered)
    if hasattr(structure, "_fields"):
        return type(structure)(*parts)
    return type(structure)(parts)


def iterate(structure: Any) -> Iterator[Any]:
    """The leaves of `structure`, one after the other."""
    if is_nested(structure):
        for _, child in _children(structure):
            yield from iterate(child)
    else:
        yield structure


def flatten(structure: Any) -> list[Any]:
    """The leaves of `structure` as a list.

    Example:
        >>> flatten({"b": [1, 2], "a": 3})
        [3, 1, 2]
    """
    return list(iterate(structure))


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """The leaves of `structure`, each with the tuple of keys and indices that leads to it."""
    if not is_nested(structure):
        return [((), structure)]
    return [((key, *path), leaf) for key, child in _children(structure) for path, leaf in flatten_with_path(child)]


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """The structure of the first argument with `func` applied to the leaves at the same places of all.

    Args:
        func: called with one leaf of each structure.
        *structures: nested structures of the same shape.
        none_is_leaf: whether `None` is passed to `func`; otherwise it stays `None`.

    Raises:
        ValueError: if the structures differ.
    """
    if not structures:
        raise ValueError("map_structure needs at least one structure")
    first = structures[0]
    if not is_nested(first):
        if first is None and not none_is_leaf:
            return None
        return func(*structures)
    for other in structures[1:]:
        assert_same_level(first, other)
    lists = [[child for _, child in _children(s)] for s in structures]
    mapped = [map_structure(func, *leaves, none_is_leaf=none_is_leaf) for leaves in zip(*lists, strict=True)]
    return rebuild(first, mapped)


def assert_same_level(a: Any, b: Any) -> None:
    """Raise ValueError unless the outermost level of two structures has the same kind, keys and length."""
    same_kind = (
        (isinstance(a, dict) and isinstance(b, dict)) or type(a) is type(b) or not (is_nested(a) or is_nested(b))
    )
    if not same_kind or (is_nested(a) and [k for k, _ in _children(a)] != [k for k, _ in _children(b)]):
        raise ValueError(f"the structures differ: {_describe(a)} and {_describe(b)}")


def _describe(structure: Any) -> str:
    if isinstance(structure, dict):
        return f"a dict with keys {list(structure)}"
    if is_nested(structure):
        return f"a {type(structure).__name__} of {len(structure)}"
    return f"a leaf of type {type(structure).__name__}"


def assert_same_structure(a: Any, b: Any) -> None:
    """Raise ValueError unless two structures nest alike, whatever their leaves are."""
    assert_same_level(a, b)
    if is_nested(a):
        for (_, x), (_, y) in zip(_children(a), _children(b), strict=True):
            assert_same_structure(x, y)


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise ValueError unless two structures have leaves at the same paths."""
    pa, pb = {p for p, _ in flatten_with_path(a)}, {p for p, _ in flatten_with_path(b)}
    if pa != pb:
        raise ValueError(f"the structures have leaves at different paths: {sorted(pa ^ pb, key=str)}")


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any]) -> Any:
    """`flat_sequence` arranged like `structure`: the inverse of `flatten`.

    Raises:
        ValueError: if there are more or fewer items than leaves.
    """
    leaves = flatten(structure)
    if len(leaves) != len(flat_sequence):
        raise ValueError(f"the structure has {len(leaves)} leaves; received {len(flat_sequence)} items")
    items = iter(flat_sequence)
    return map_structure(lambda _: next(items), structure)


def lists_to_tuples(structure: Any) -> Any:
    """`structure` with every list made a tuple."""
    if isinstance(structure, dict):
        return rebuild(structure, [lists_to_tuples(child) for _, child in _children(structure)])
    if isinstance(structure, list):
        return tuple(lists_to_tuples(child) for child in structure)
    if isinstance(structure, tuple):
        return rebuild(structure, [lists_to_tuples(child) for child in structure])
    return structure


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """`structure` with each subtree replaced by `func(subtree)` where that is not None.

    Args:
        func: called with every subtree; returns its replacement or None to keep it. The class
            `MAP_TO_NONE` stands for a replacement by None.
        structure: a nested structure.
        top_down: parents before children (a replaced parent is not entered); otherwise children first.
    """
    if top_down:
        replaced = func(structure)
        if replaced is not None:
            return None if replaced is MAP_TO_NONE else replaced
    if is_nested(structure):
        structure = rebuild(structure, [traverse(func, child, top_down) for _, child in _children(structure)])
    if not top_down:
        replaced = func(structure)
        if replaced is not None:
            return None if replaced is MAP_TO_NONE else replaced
    return structure


class MAP_TO_NONE:
    """Returned by a function given to `traverse` to replace a subtree by None."""
