"""What is computed in the arrays of a recorded step equals what the tape computes, twice in a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.program import Program
from kerasish.backend.room import Room
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor
from kerasish.backend.trace import Trace
from kerasish.ops.attention import attention
from kerasish.ops.attention_rules import Rule
from kerasish.ops.crossentropy import as_labels
from kerasish.ops.fused import dense
from kerasish.ops.layer_norm import normalized
from kerasish.ops.mean_losses import mean_sigmoid_crossentropy, mean_sparse_softmax_crossentropy
from kerasish.ops.noise import Dropping
from tests.property.attention_cases import blocks_of

RNG = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype("float32")


def by_tape(function: Any, arrays: list[np.ndarray], weights: np.ndarray) -> list[np.ndarray]:
    with GradientTape() as tape:
        inputs = [tape.watch(a) for a in arrays]
        y = function(*inputs)
        loss = ops.sum(y * weights)
    return [y.value, *tape.gradient(loss, inputs)]


def by_program(function: Any, arrays: list[np.ndarray], weights: np.ndarray, given: list[np.ndarray]) -> Any:
    """The same from a program that was recorded on the arrays, and then given others."""
    kept = [a.copy() for a in arrays]
    leaves = [Tensor(a) for a in kept]
    with Trace() as tape:
        y = function(*leaves)
        loss = ops.sum(y * weights)
    gradients = [np.full_like(a, np.nan) for a in kept]
    places = {id(leaf): a for leaf, a in zip(leaves, kept, strict=True)}
    into = {id(leaf): g for leaf, g in zip(leaves, gradients, strict=True)}
    nodes = tape.notes
    planned = [node.primitive.plan for node in nodes if node.primitive.plan is not None]
    assert planned
    program = Program(nodes, places, loss, 1.0, into, Room())
    program.run()
    for place, new in zip(kept, given, strict=True):
        place[...] = new
    program.run()
    return [program.array(y).copy(), *(g.copy() for g in gradients)]


def _attention(**options: Any) -> Any:
    rule = Rule(0.5, options.pop("reach", (None, None)), dropping=options.pop("dropping", None), **options)
    mask = RNG.random((3, 1, 1, 7)) < 0.7
    return lambda q, k, v, *bias: attention(q, k, v, rule, *bias, mask=mask if rule.zero_if_blind else None)


QUERY, KEY, VALUE = (3, 6, 4, 5), (3, 7, 2, 5), (3, 7, 2, 3)
SAME = (3, 6, 2, 5)
TARGETS = (RNG.random((40, 7)) < 0.5).astype("float32")
CASES = {
    "attention": (_attention(), [SAME, SAME, SAME]),
    "attention of shared heads": (_attention(), [QUERY, KEY, VALUE]),
    "causal attention with a bias": (_attention(reach=(None, 0)), [QUERY, KEY, VALUE, (1, 4, 6, 7)]),
    "masked attention": (_attention(zero_if_blind=True, reach=(2, 1)), [QUERY, KEY, VALUE]),
    "attention with dropout": (
        _attention(dropping=Dropping(np.array([3, 4], "uint32"), 0.3)), [QUERY, KEY, VALUE, (3, 1, 1, 7)]),
    "dense": (lambda *xs: dense(*xs, activation="tanh", summed=2), [(3, 4, 2, 5), (2, 5, 6), (6,)]),
    "layer normalization": (lambda *xs: normalized(*xs, 1, 1e-3), [(4, 3, 8), (8,), (8,)]),
    "layer normalization over two axes": (lambda x: normalized(x, None, None, 2, 1e-3), [(4, 3, 8)]),
    "gelu": (ops.gelu, [(50, 3)]),
    "exact gelu": (lambda x: ops.gelu(x, approximate=False), [(9000, 3)]),
    "add": (lambda a, b: a + b + b, [(4, 3), (4, 3)]),
    "erf of a view": (lambda x: ops.erf(ops.transpose(x)), [(4, 3)]),
    "gelu of a view": (lambda x: ops.gelu(ops.transpose(x)), [(4, 3)]),
    "exact gelu of a view": (lambda x: ops.gelu(ops.transpose(x), approximate=False), [(4, 3)]),
    "softmax of a view": (lambda x: ops.softmax(ops.transpose(x)), [(4, 3)]),
    "dense of a view": (lambda x, *w: dense(ops.transpose(x), *w), [(4, 3, 2), (4, 5), (5,)]),
    "dense with a view": (lambda x, kernel: dense(x, ops.transpose(kernel), summed=2), [(3, 2, 4), (5, 4, 2)]),
    "convolution of a view": (lambda x, k: ops.conv(ops.transpose(x), k), [(3, 7, 2), (3, 3, 4)]),
    "convolution with a view": (lambda x, k: ops.conv(x, ops.transpose(k)), [(2, 7, 3), (4, 3, 3)]),
    "layer normalization of a view": (lambda x, *w: normalized(ops.transpose(x), *w, 1, 1e-3), [(8, 3), (8,), (8,)]),
    "crossentropy of a view": (
        lambda x: mean_sparse_softmax_crossentropy(np.array([0, 2, 1]), ops.transpose(x)), [(4, 3)]),
    "crossentropy of few logits": (lambda z: mean_sigmoid_crossentropy(TARGETS[:3], z), [(3, 7)]),
    "crossentropy of many and large logits": (lambda z: mean_sigmoid_crossentropy(TARGETS, 60 * z), [(40, 7)]),
    "sum of rows": (lambda x: ops.sum(x, axis=(0, 1)), [(4, 30, 7)]),
    "sum of rows that stay": (lambda x: ops.sum(x, axis=0, keepdims=True), [(40, 7)]),
    "sum of one column": (lambda x: ops.sum(x, axis=0), [(40, 1)]),
    "sum of rows of a view": (lambda x: ops.sum(ops.transpose(x), axis=0), [(7, 40)]),
    "sum of columns": (lambda x: ops.sum(x, axis=-1), [(40, 7)]),
}  # fmt: skip


@pytest.mark.parametrize("kept", [0, 1 << 22])
@pytest.mark.parametrize("block", [100, 1 << 20])
@pytest.mark.parametrize("name", CASES)
def test_both_ways_are_equal(name: str, block: int, kept: int) -> None:
    function, shapes = CASES[name]
    arrays, others = ([numbers(*shape) for shape in shapes] for _ in range(2))
    with blocks_of(block, kept):
        weights = numbers(*np.shape(function(*arrays)))
        expected = by_tape(function, others, weights)
        found = by_program(function, arrays, weights, others)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5 * max(np.max(np.abs(b)), 1))


@pytest.mark.parametrize("turned", [False, True])
def test_rows_are_taken_at_the_places_of_now_however_these_lie_in_memory(turned: bool) -> None:
    table, places = numbers(5, 3), np.array([[0, 1, 2], [3, 4, 0]])
    index = places.T if turned else places
    kept = [Tensor(table), Tensor(index)]
    with Trace() as trace:
        y = ops.take(*kept, axis=0)
    program = Program(trace.notes, {id(x): x.value for x in kept}, None, 1.0, {}, Room(), (), [y])
    for now in (places, places[::-1] - 1):  # some of which count from the end
        places[...] = now
        program.run()
        np.testing.assert_array_equal(program.array(y), table[index])


def _with_places(function: Any, array: np.ndarray, places: np.ndarray, given: np.ndarray) -> np.ndarray:
    """A function of an array and whole numbers, recorded on some numbers and run again on others."""
    kept = places.copy()
    leaves = [Tensor(array), Tensor(kept)]
    with Trace() as tape:
        y = function(*leaves)
    arrays = dict(zip(map(id, leaves), (array, kept), strict=True))
    program = Program(tape.notes, arrays, None, 1.0, {}, Room())
    kept[...] = given
    program.run()
    return program.array(y)


@pytest.mark.parametrize("count", [100, 128, 129, 1000])
def test_small_whole_numbers_count_from_the_end_of_any_table(count: int) -> None:
    """Without its sign, -1 of eight bits is 255: a row of a large table, and not its last."""
    table, places = numbers(count, 2), np.array([0, 5, -1], "int8")
    found = _with_places(lambda x, i: ops.take(x, i, axis=0), table, np.zeros(3, "int8"), places)
    np.testing.assert_array_equal(found, table[[0, 5, -1]])


@pytest.mark.parametrize("classes", [100, 1000])
def test_small_labels_below_zero_are_no_class(classes: int) -> None:
    z, labels = numbers(3, classes), np.array([0, -1, 2], "int8")
    with pytest.raises(ValueError, match="-1"):
        _with_places(lambda x, i: as_labels(i, classes=classes), z, np.zeros(3, "int8"), labels)
