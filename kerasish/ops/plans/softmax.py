"""How the softmax and its crossentropies are computed in place."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.fast import Fused, takes
from kerasish.backend.plans import Plan, copied, product, same_floats
from kerasish.backend.room import Call, Calls, Node, Room
from kerasish.ops.crossentropy import checked_labels
from kerasish.ops.plans.common import gradient_scale, in_reach, largest, mean_of

# The most classes whose sum a fused loop forms in NumPy's order.
FEW_CLASSES = 128


def _with_column(room: Room, operation: Any, a: np.ndarray, column: np.ndarray, out: np.ndarray) -> Calls:
    """`out = operation(a, column)`, one number for each row."""
    if a.size > 2048:
        return [partial(operation, a, column, out)]
    rows = room.lend(a.shape, a.dtype, "rows")  # on few numbers, two arrays of one shape outweigh the copy
    return [copied(rows, column), partial(operation, a, rows, out)]


def softmax(room: Room, node: Node) -> Plan:
    """The softmax of the last axis; a loss of the same logits finds its parts in the room's notes."""
    z, p = node.args[0], node.output
    if node.params.get("axis") not in (-1, z.ndim - 1) or not same_floats(z, p):
        return None
    column = (*z.shape[:-1], 1)
    top, total = room.keep(column, z.dtype), room.keep(column, z.dtype)
    room.notes[id(node.sources[0]), "softmax"] = (p, top, total)
    shift: Calls = [*largest(room, z, top), *_with_column(room, np.subtract, z, top, p)]
    share: Calls = [
        partial(np.add.reduce, p, -1, None, total, True),
        *_with_column(room, np.divide, p, total, p),
    ]
    if z.ndim == 2 and z.shape[1] <= FEW_CLASSES and takes(z, p):
        shift, share = (
            [Fused("softmax_shift", (z, top, p), shift, by_rows=True)],
            [Fused("softmax_share", (p, total), share, by_rows=True)],
        )
    forward: Calls = [*shift, partial(np.exp, p, p), *share]
    into, g = node.into[0], node.gradient
    if into is None or g is None:
        return forward, []
    weighted, inner = room.lend(z.shape, z.dtype), room.lend(column, z.dtype, "column")
    return forward, [
        partial(np.multiply, g, p, weighted),
        partial(np.add.reduce, weighted, -1, None, inner, True),
        *_with_column(room, np.subtract, g, inner, weighted),
        partial(np.multiply, weighted, p, into),
    ]


def _softmax_parts(room: Room, node: Node) -> tuple[Calls, np.ndarray, np.ndarray, np.ndarray]:
    """The softmax of the logits with its maxima and sums: that of the network's output, where it ends in one."""
    found = room.notes.get((id(node.sources[1]), "softmax"))
    if found is not None:
        return [], *found
    z = node.args[1]
    twin = Node.__new__(Node)
    twin.args, twin.params, twin.sources = [z], {"axis": -1}, (node.sources[1],)
    twin.output, twin.into, twin.gradient = room.keep(z.shape, z.dtype), [None], None
    calls = softmax(room, twin)
    assert calls is not None
    return calls[0], *room.notes[id(node.sources[1]), "softmax"]


def mean_sparse_softmax_crossentropy(room: Room, node: Node) -> Plan:
    """The mean crossentropy of classes given by number."""
    labels, z = node.args
    if not same_floats(node.output, z) or z.ndim != 2 or labels.shape != z.shape[:1] or not z.flags.c_contiguous:
        return None
    rows, classes = z.shape
    forward, p, top, total = _softmax_parts(room, node)
    index = room.keep((rows,), np.intp)  # of each row's label, in the flat array
    values, picked = room.keep((rows,), z.dtype), room.keep((rows,), z.dtype)
    forward = [
        partial(np.add, np.arange(rows) * classes, labels, index, casting="unsafe"),
        *forward,
        partial(np.log, total.reshape(-1), values),
        partial(z.reshape(-1).take, index, 0, picked, "clip"),
        partial(np.subtract, top.reshape(-1), picked, picked),
        partial(np.add, picked, values, values),
        *mean_of(values, node.output),
    ]
    into = node.into[1]
    if node.gradient is None or into is None:
        return forward, []
    before, factor = gradient_scale(node, rows)
    flat, hit = into.reshape(-1), room.keep((rows,), z.dtype)
    slope: Calls = [
        partial(np.multiply, p, factor, into),
        partial(flat.take, index, 0, hit, "clip"),
        partial(np.subtract, hit, factor, hit),
        partial(flat.__setitem__, index, hit),
    ]
    if takes(p, into):
        slope = [Fused("crossentropy_slope", (p, index, factor, into), slope)]
    return forward, [*before, *slope]


def _check(labels: np.ndarray, classes: int) -> Call:
    """What raises if a label is no class; a negative one is a very large one without a sign."""
    if not labels.size or not labels.flags.c_contiguous or not in_reach(classes, labels.dtype):
        return partial(checked_labels, labels, classes)
    unsigned = labels.reshape(-1).view(f"u{labels.itemsize}")

    def check() -> None:
        if unsigned[unsigned.argmax()] >= classes:
            checked_labels(labels, classes)

    return check


def labels_as_they_are(room: Room, node: Node) -> Plan:
    """Nothing to compute where labels are integers already, but they are checked in every step."""
    labels = node.args[0]
    if labels.dtype.kind not in "iu":
        return None
    node.output = labels
    return [_check(labels, node.params["classes"])], []


def mean_softmax_crossentropy(room: Room, node: Node) -> Plan:
    """The mean crossentropy of classes given as probabilities."""
    target, z = node.args
    if not same_floats(node.output, target, z) or z.ndim != 2 or node.into[0] is not None:
        return None
    forward, p, top, total = _softmax_parts(room, node)
    column = room.lend(total.shape, z.dtype, "column")
    values = room.lend(z.shape, z.dtype)
    weight = room.keep(total.shape, z.dtype)
    flat = values.reshape(-1)
    forward = [
        *forward,
        partial(np.log, total, column),
        partial(np.subtract, top, z, values),
        *_with_column(room, np.add, values, column, values),
        partial(np.multiply, values, target, values),
        product(flat, np.full(flat.size, 1.0 / len(z), flat.dtype), node.output),
        partial(np.add.reduce, target, -1, None, weight, True),
    ]
    into = node.into[1]
    if node.gradient is None or into is None:
        return forward, []
    before, factor = gradient_scale(node, len(z))
    return forward, [
        *before,
        *_with_column(room, np.multiply, p, weight, into),
        partial(np.subtract, into, target, into),
        partial(np.multiply, into, factor, into),
    ]
