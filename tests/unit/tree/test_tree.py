"""keras.tree against the installed Keras."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from typing import Any

import pytest

from kerasish import tree

keras = pytest.importorskip("keras")

_Pair = namedtuple("_Pair", "left right")
_STRUCTURES: list[Any] = [
    1, None, [], (), {}, [1, [2, (3,)]], {"b": 1, "a": [2, None]}, OrderedDict([("b", 1), ("a", 2)]), _Pair(1, [2]),
    [(), {"x": ()}], {"a": {"c": 1, "b": 2}}, "text",
]  # fmt: skip


@pytest.mark.parity
@pytest.mark.parametrize("structure", _STRUCTURES, ids=repr)
def test_alike(structure: Any) -> None:
    theirs = keras.tree
    assert tree.flatten(structure) == theirs.flatten(structure)
    assert tree.is_nested(structure) == theirs.is_nested(structure)
    assert tree.flatten_with_path(structure) == theirs.flatten_with_path(structure)
    assert tree.map_structure(str, structure) == theirs.map_structure(str, structure)
    assert tree.map_structure(str, structure, none_is_leaf=False) == theirs.map_structure(
        str, structure, none_is_leaf=False
    )
    assert tree.lists_to_tuples(structure) == theirs.lists_to_tuples(structure)
    leaves = list(range(len(tree.flatten(structure))))
    assert tree.pack_sequence_as(structure, leaves) == theirs.pack_sequence_as(structure, leaves)
    for top_down in (True, False):
        assert tree.traverse(_doubled, structure, top_down) == theirs.traverse(_doubled, structure, top_down)


def _doubled(x: Any) -> Any:
    return 2 * x if isinstance(x, int) else None


def test_traverse_to_none() -> None:
    found = tree.traverse(lambda x: tree.MAP_TO_NONE if x == 2 else None, [1, 2, [2]])
    assert found == [1, None, [None]]


def test_map_structure_of_several() -> None:
    assert tree.map_structure(lambda a, b: a + b, {"x": [1]}, {"x": [2]}) == {"x": [3]}
    assert tree.map_structure_up_to([0, 0], len, [[1, 2], (3,)]) == [2, 1]
    assert tree.map_structure_up_to({"a": 0}, lambda a, b: (a, b), {"a": [1]}, {"a": [2]}) == {"a": ([1], [2])}
    assert tree.map_shape_structure(len, {"a": (None, 3), "b": [(2,), (2, 3)]}) == {"a": 2, "b": [1, 2]}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda t: t.map_structure(lambda a, b: a, [1], [1, 2]), ValueError),
        (lambda t: t.map_structure(lambda a, b: a, {"x": 1}, {"y": 1}), ValueError),
        (lambda t: t.map_structure(lambda a: a), ValueError),
        (lambda t: t.pack_sequence_as([1, 2], [1]), ValueError),
        (lambda t: t.assert_same_structure([1], (1,)), ValueError),
        (lambda t: t.assert_same_structure([1], [1, 2]), ValueError),
        (lambda t: t.assert_same_structure([1], 1), ValueError),
        (lambda t: t.assert_same_paths([1], [1, 2]), ValueError),
        (lambda t: t.map_structure_up_to([0, 0], lambda x: x, [1]), ValueError),
    ],
)
def test_errors(call: Any, error: type[Exception]) -> None:
    for library in (tree, keras.tree):
        with pytest.raises(error):
            call(library)
