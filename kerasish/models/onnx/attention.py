"""Attention layers as ONNX operators, with the masks and settings of a call.

These layers are called with more than their inputs, so their rules get the arguments of the call by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.layers.attention import attention_masks
from kerasish.layers.attention.headed_attention import inverse_root, letters
from kerasish.models.onnx import layers
from kerasish.models.onnx.writer import Value, Writer, refuse, softmax
from kerasish.ops.attention_rules import Reach, hopeless, seen
from kerasish.saving.names import is_own

Arguments = dict[str, Any]
CallRule = Callable[[Writer, Any, Arguments], list[Value]]


def takes(layer: Any) -> bool:
    """Whether a layer's rule is among those of this file."""
    return type(layer).__name__ in RULES and is_own(type(layer), "keras.layers")


def write(writer: Writer, layer: Any, arguments: Arguments) -> list[Value]:
    """The nodes of one call of a layer at inference.

    Args:
        writer: the graph.
        layer: the layer.
        arguments: what `call` was given, by name, with values in the place of tensors.

    Raises:
        ValueError: if a setting has no counterpart; the layer is named.
    """
    if getattr(layer, "compute_dtype", "float32") != "float32":
        refuse(layer, f"it computes in {layer.compute_dtype}; only float32 is written")
    return RULES[type(layer).__name__](writer, layer, arguments)


# -- masks -----------------------------------------------------------------------------------------------------------


def _boolean(w: Writer, mask: Any) -> Value | None:
    """A mask, of the graph or a plain array, as booleans of the graph."""
    from onnx import TensorProto

    if mask is None:
        return None
    if isinstance(mask, Value):
        return Value(w.node("Cast", mask.name, to=TensorProto.BOOL), mask.shape)
    array = np.asarray(mask, bool)
    return Value(w.constant(array, "bool"), array.shape)


def _widened(w: Writer, mask: Value | None, axis: int) -> Value | None:
    """A mask with one axis more."""
    if mask is None:
        return None
    place = axis % (mask.rank + 1)
    shape = (*mask.shape[:place], 1, *mask.shape[place:])
    return Value(w.node("Unsqueeze", mask.name, w.integers([place])), shape)


def _both(w: Writer, first: Value | None, second: Value | None) -> Value | None:
    if first is None or second is None:
        return second if first is None else first
    shape = first.shape if first.rank >= second.rank else second.shape
    return Value(w.node("And", first.name, second.name), shape)


def _beside(w: Writer, mask: Value | None, rank: int, axes: int = 1) -> Value | None:
    while mask is not None and mask.rank < rank:
        mask = _widened(w, mask, -2 * axes - 1)
    return mask


def _combined(w: Writer, given: Arguments) -> Value | None:
    """One mask from those of queries, of values and keys, and of pairs; see `attention_masks.combined`."""
    mask = _widened(w, _boolean(w, given.get("query_mask")), -1)
    for name in ("value_mask", "key_mask"):
        mask = _both(w, mask, _widened(w, _boolean(w, given.get(name)), -2))
    pairs = _boolean(w, given.get("attention_mask"))
    if pairs is not None:
        mask = _beside(w, mask, pairs.rank)
    return _both(w, pairs, mask)


def _near(w: Writer, query: Value, value: Value, reach: Reach, axis: int = 1) -> Value | None:
    """The mask of how far a query sees; lengths that are unknown are asked for when the graph runs."""
    if reach == (None, None):
        return None
    rows, keys = query.shape[axis], value.shape[axis]
    if rows is not None and keys is not None:
        near = seen(slice(0, rows), slice(0, keys), reach)[None]
        return Value(w.constant(near, "bool"), near.shape)
    lines, columns = (_places(w, x, axis) for x in (query, value))
    distance = w.node("Sub", columns, w.node("Unsqueeze", lines, w.integers([1])))
    before, after = reach
    mask: Value | None = None
    if before is not None:
        mask = Value(w.node("GreaterOrEqual", distance, w.integers(-before)), (None, None))
    if after is not None:
        mask = _both(w, mask, Value(w.node("LessOrEqual", distance, w.integers(after)), (None, None)))
    return _widened(w, mask, 0)


def _places(w: Writer, x: Value, axis: int) -> str:
    """0, 1, 2, ... along an axis."""
    length = w.node("Gather", w.node("Shape", x.name), w.integers(axis), axis=0)
    return w.node("Range", w.integers(0), length, w.integers(1))


# -- several heads ---------------------------------------------------------------------------------------------------


def _projected(w: Writer, dense: Any, x: Value) -> Value:
    return Value(layers.write(w, dense, [x]), tuple(dense.compute_output_shape(x.shape)))


def _headed(w: Writer, layer: Any, given: Arguments) -> list[Value]:
    query, value = given["query"], given["value"]
    key = given.get("key") or value
    openly = bool(given.get("return_attention_scores"))
    axes = getattr(layer, "attention_axes", (1,))
    queries, keys, values = (
        _projected(w, dense, x)
        for dense, x in ((layer._query_dense, query), (layer._key_dense, key), (layer._value_dense, value))
    )
    if hasattr(layer, "num_repeats"):
        keys, values = (_repeated(w, layer, x) for x in (keys, values))
    left, right, made = letters(queries.rank, axes)
    scale = w.constant(inverse_root(queries.shape[-1] or 1))
    scores = w.node("Einsum", w.node("Mul", queries.name, scale), keys.name, equation=f"{left},{right}->{made}")
    reach = attention_masks.reach_of(bool(given.get("use_causal_mask")), layer._sliding_window)
    mask = _both(w, _combined(w, given), _near(w, query, value, reach))
    zero = openly or layer.dropout > 0 or queries.rank != 4
    p = _shares(w, scores, _beside(w, mask, len(made), len(axes)), len(axes), zero)
    found = w.node("Einsum", p, values.name, equation=f"{made},{right}->{left}")
    if layer._use_gate:
        found = w.node("Mul", found, _projected(w, layer._gate_dense, query).name)
    inner = (*queries.shape[:-1], values.shape[-1])
    outputs = [_projected(w, layer._output_dense, Value(found, inner))]
    return [*outputs, Value(p, layer._scores_shape(query.shape, value.shape))] if openly else outputs


def _repeated(w: Writer, layer: Any, x: Value) -> Value:
    """Keys or values with a head for each of the queries'."""
    column = w.node("Unsqueeze", x.name, w.integers([3]))
    tiled = w.node("Tile", column, w.integers([1, 1, 1, layer.num_repeats, 1]))
    heads = w.node("Reshape", tiled, w.integers([0, 0, layer.num_query_heads, layer.head_dim]))
    return Value(heads, (*x.shape[:2], layer.num_query_heads, layer.head_dim))


def _shares(w: Writer, scores: str, mask: Value | None, axes: int, zero: bool) -> str:
    """The softmax of scores where they are seen; what sees nothing gets 0, or equal shares."""
    last = list(range(-axes, 0))
    if mask is None:
        return softmax(w, scores, last)
    p = softmax(w, w.node("Where", mask.name, scores, w.constant(hopeless(np.dtype("float32")))), last)
    return w.node("Where", mask.name, p, w.constant(0)) if zero else p


# -- no heads --------------------------------------------------------------------------------------------------------


def _plain_attention(w: Writer, layer: Any, given: Arguments) -> list[Value]:
    query, value, key = given["inputs"][0], given["inputs"][1], given["inputs"][-1]
    masks = [_boolean(w, part) for part in given.get("mask") or [None, None]]
    by_products = type(layer).__name__ == "Attention" and layer.score_mode == "dot"
    scores = (_products if by_products else _sums)(w, layer, query, key)
    near = _near(w, query, key, (None, 0) if given.get("use_causal_mask") else (None, None), query.rank - 2)
    mask = _both(w, _widened(w, masks[1], -2), near)
    if mask is not None:
        scores = w.node("Add", scores, w.node("Where", mask.name, w.constant(0), w.constant(-1e9)))
    p = softmax(w, scores, -1)
    found = w.node("MatMul", p, value.name)
    if masks[0] is not None:
        rows = _widened(w, masks[0], -1)
        found = w.node("Where", rows.name, found, w.constant(0))  # type: ignore[union-attr]
    outputs = [Value(found, layer.compute_output_shape([query.shape, value.shape]))]
    if given.get("return_attention_scores"):
        outputs.append(Value(p, (*query.shape[:-1], key.shape[-2])))
    return outputs


def _products(w: Writer, layer: Any, query: Value, key: Value) -> str:
    order = [*range(key.rank - 2), key.rank - 1, key.rank - 2]
    scores = w.node("MatMul", query.name, w.node("Transpose", key.name, perm=order))
    return scores if layer.scale is None else w.node("Mul", scores, w.weight(layer.scale))


def _sums(w: Writer, layer: Any, query: Value, key: Value) -> str:
    """Sums of the hyperbolic tangents; the scale is within them in one class, and outside in the other."""
    rows = w.node("Unsqueeze", query.name, w.integers([-2]))
    sums = w.node("Add", rows, w.node("Unsqueeze", key.name, w.integers([-3])))
    is_additive = type(layer).__name__ == "AdditiveAttention"
    if layer.scale is not None and not is_additive:
        sums = w.node("Mul", sums, w.weight(layer.scale))
    bent = w.node("Tanh", sums)
    if is_additive:
        bent = bent if layer.scale is None else w.node("Mul", bent, w.weight(layer.scale))
        return w.node("ReduceSum", bent, w.integers([-1]), keepdims=0)
    return w.node("Mul", w.node("ReduceSum", bent, w.integers([-1]), keepdims=0), w.weight(layer.concat_score_weight))


# -- an embedding and its way back -----------------------------------------------------------------------------------


def _reversible_embedding(w: Writer, layer: Any, given: Arguments) -> list[Value]:
    x = given["inputs"]
    shape = layer.compute_output_shape(x.shape, bool(given.get("reverse")))
    if not given.get("reverse"):
        return [Value(layers.write(w, layer, [x]), shape)]
    if layer.reverse_dtype not in (None, "float32"):
        refuse(layer, f"reverse_dtype={layer.reverse_dtype!r}; only float32 is written")
    kernel = w.weight(layer.embeddings, np.transpose) if layer.tie_weights else w.weight(layer.reverse_embeddings)
    logits = w.node("MatMul", x.name, kernel)
    if layer.logit_soft_cap is not None:
        cap = w.constant(layer.logit_soft_cap)
        logits = w.node("Mul", w.node("Tanh", w.node("Div", logits, cap)), cap)
    return [Value(logits, shape)]


RULES: dict[str, CallRule] = {
    "AdditiveAttention": _plain_attention,
    "Attention": _plain_attention,
    "GroupedQueryAttention": _headed,
    "MultiHeadAttention": _headed,
    "ReversibleEmbedding": _reversible_embedding,
}
