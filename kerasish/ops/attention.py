"""Scaled dot-product attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import cast_to, dtype_of, matmul, to_array
from kerasish.backend.primitive import primitive
from kerasish.backend.room import Calls, Node, Room
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import recording
from kerasish.ops.attention_blocks import Blocks, dropout_factors
from kerasish.ops.attention_rules import Rule, hopeless, seen
from kerasish.ops.composite import composite_by
from kerasish.ops.elementwise import tanh
from kerasish.ops.nn import softmax
from kerasish.ops.shape import repeat, transpose
from kerasish.ops.specs import float_kind, shape_of


class _Found:
    """What a forward pass leaves for its backward pass: the blocks that it ran."""

    __slots__ = ("blocks",)

    blocks: Blocks


def _output_of(query: Any, key: Any, value: Any) -> np.ndarray:
    kind = np.result_type(query.dtype, key.dtype, value.dtype)
    return np.empty((*query.shape[:3], value.shape[-1]), kind)


def _forward(query: Any, key: Any, value: Any, bias: Any, mask: Any, *, rule: Rule, found: _Found) -> Any:
    output = _output_of(query, key, value)
    arrays = [query, key, value, bias, mask]
    found.blocks = Blocks(Room(), arrays, output, rule, remember=bool(recording.tapes))
    for call in found.blocks.forward():
        call()
    return output


def _backward(
    g: np.ndarray, y: np.ndarray, arrays: list[Any], params: dict[str, Any], needs: list[bool], into: list[Any]
) -> list[Any]:
    """All gradients, block by block."""
    places = [
        None if not need or i == 4 else np.empty_like(a) if place is None else place
        for i, (need, a, place) in enumerate(zip(needs, arrays, into, strict=True))
    ]
    for call in params["found"].blocks.backward(g, places):
        call()
    return places


# -- the same in plain steps, which can be differentiated again ------------------------------------------------------


def _by_head(x: Any, heads: int) -> Any:
    """`(batch, heads, length, size)`, with the heads that several queries share as often as they are used."""
    shared = np.shape(x)[2]
    return transpose(x if shared == heads else repeat(x, heads // shared, axis=2), (0, 2, 1, 3))


def _to_shared(x: Any, shared: int) -> Any:
    """The way back, of gradients: `(batch, length, shared heads, size)`."""
    batch, heads, length, size = np.shape(x)
    if heads != shared:
        x = np.sum(np.reshape(x, (batch, shared, heads // shared, length, size)), axis=2)
    return transpose(x, (0, 2, 1, 3))


def _allowed(rows: int, keys: int, mask: Any, rule: Rule) -> Any:
    """Where queries see keys; None for everywhere."""
    if rule.reach == (None, None):
        return mask
    near = seen(slice(0, rows), slice(0, keys), rule.reach)
    return near if mask is None else np.logical_and(mask, near)


def _probabilities(query: Any, key: Any, bias: Any, mask: Any, rule: Rule, soft_cap: float | None = None) -> Any:
    """The softmax of the scores, `(batch, heads, rows, keys)`."""
    heads = np.shape(query)[2]
    scores = matmul(_by_head(query, heads) * rule.scale, np.swapaxes(_by_head(key, heads), -1, -2))
    if bias is not None:
        scores = scores + bias
    if soft_cap is not None:
        scores = tanh(scores / soft_cap) * soft_cap
    allowed = _allowed(np.shape(query)[1], np.shape(key)[1], mask, rule)
    if allowed is None:
        return softmax(scores)
    found = softmax(np.where(allowed, scores, hopeless(np.dtype(scores.dtype))))
    return found * np.any(allowed, axis=-1, keepdims=True) if rule.zero_if_blind else found


def _vjp(
    i: int, g: Any, y: Any, query: Any, key: Any, value: Any, bias: Any, mask: Any, *, rule: Rule, found: _Found
) -> Any:
    if i == 4:
        return None
    heads, shared = np.shape(query)[2], np.shape(key)[2]
    g, p = transpose(g, (0, 2, 1, 3)), _probabilities(query, key, bias, mask, rule)
    factors = None if rule.dropping is None else dropout_factors(found.blocks)
    if i == 2:
        return _to_shared(matmul(np.swapaxes(p if factors is None else p * factors, -1, -2), g), shared)
    slope = matmul(g, np.swapaxes(_by_head(value, heads), -1, -2))
    slope = slope if factors is None else slope * factors
    slope = p * (slope - np.sum(slope * p, axis=-1, keepdims=True))
    allowed = _allowed(np.shape(query)[1], np.shape(key)[1], mask, rule)
    if allowed is not None:  # what sees nothing has constant probabilities
        slope = slope * np.any(allowed, axis=-1, keepdims=True)
    if i == 3:
        return slope
    if i == 0:
        return transpose(matmul(slope, _by_head(key, heads)) * rule.scale, (0, 2, 1, 3))
    return _to_shared(matmul(np.swapaxes(slope, -1, -2), _by_head(query, heads)) * rule.scale, shared)


def _plan(room: Room, node: Node) -> tuple[Calls, Calls] | None:
    """The same in the arrays of a replayed step."""
    arrays = [a for a in (*node.args, node.output) if a is not None]
    if not all(isinstance(a, np.ndarray) for a in arrays):
        return None
    blocks = Blocks(room, node.args, node.output, node.params["rule"], remember=node.gradient is not None)
    backward = [] if node.gradient is None else blocks.backward(node.gradient, node.into)
    return blocks.forward(), backward


_attention = primitive(
    "attention",
    _forward,
    variadic=_vjp,
    backward=_backward,
    optional=True,
    shape=lambda q, k, v, *_, **__: KerasTensor(
        (*q.shape[:3], v.shape[-1]), dtypes.result_type(dtype_of(q), dtype_of(k), dtype_of(v))
    ),
)
_attention.plan = _plan


def attention(query: Any, key: Any, value: Any, rule: Rule, bias: Any = None, mask: Any = None) -> Any:
    """`softmax(scale · Q Kᵀ + bias) V` for each head, in blocks of scores that stay in cache.

    Args:
        query: (batch, T, heads, size).
        key: (batch, S, key heads, size); the number of key heads divides that of heads.
        value: (batch, S, key heads, value size).
        rule: how scores become probabilities.
        bias: added to the scores; broadcasts with (batch, heads, T, S).
        mask: booleans, True where attention is allowed; broadcasts likewise.

    Raises:
        ValueError: if shapes do not belong together.

    Example:
        >>> x = np.eye(2, dtype="float32").reshape(1, 2, 1, 2)
        >>> attention(x, x, x, Rule(scale=0.0)).ravel()
        array([0.5, 0.5, 0.5, 0.5], dtype=float32)
    """
    query, key, value = (x if hasattr(x, "shape") else to_array(x) for x in (query, key, value))
    _check(query, key, value)
    sizes = (np.shape(query)[0], np.shape(query)[2], np.shape(query)[1], np.shape(key)[1])
    bias, mask = _beside(bias, "bias", sizes), _beside(mask, "mask", sizes)
    if mask is not None and mask.dtype != "bool":
        mask = cast_to(mask, dtype="bool")
    return _attention(query, key, value, bias, mask, rule=rule, found=_Found())


def _check(query: Any, key: Any, value: Any) -> None:
    """Raise ValueError unless the three belong together."""
    shapes = {"query": tuple(query.shape), "key": tuple(key.shape), "value": tuple(value.shape)}
    for name, shape in shapes.items():
        if len(shape) != 4:
            raise ValueError(
                f"dot_product_attention needs {name} of shape (batch, length, heads, size); received shape {shape}"
            )
    told = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    (batch, _, heads, size), (batch2, length, shared, size2), (batch3, length3, shared3, _) = shapes.values()
    if not shared or heads % shared:
        raise ValueError(f"{heads} heads of the query cannot share {shared} heads of the key evenly; received {told}")
    if (batch, batch) != (batch2, batch3) or size != size2 or (length, shared) != (length3, shared3):
        raise ValueError(
            "dot_product_attention needs one batch, keys of the queries' size, and as many values as keys, with as "
            f"many heads; received shapes {told}"
        )


def _beside(x: Any, name: str, sizes: tuple[int, ...]) -> Any:
    """A bias or a mask with four axes."""
    if x is None:
        return None
    x = x if hasattr(x, "shape") else to_array(x)
    shape = tuple(np.shape(x))
    fits = len(shape) <= 4 and all(n in (1, m) for n, m in zip(shape[::-1], sizes[::-1], strict=False))
    if not fits:
        raise ValueError(
            f"the {name} of an attention must broadcast with (batch, heads, T, S) = {sizes}; received shape {shape}"
        )
    return x if len(shape) == 4 else np.reshape(x, (1,) * (4 - len(shape)) + shape)


def _attention_spec(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> KerasTensor:
    for name, x in (("query", query), ("key", key), ("value", value)):
        if len(shape_of(x)) != 4:
            raise ValueError(f"dot_product_attention needs {name} of shape (batch, length, heads, size); "
                             f"received shape {shape_of(x)}")  # fmt: skip
    return KerasTensor((*shape_of(query)[:-1], shape_of(value)[-1]), float_kind(query, key, value))


@composite_by(_attention_spec)
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    """`softmax(scale · Q Kᵀ + bias) V`, for each head (Vaswani et al., 2017, arXiv:1706.03762).

    The scores are computed in blocks that stay in cache (Dao et al., 2022, arXiv:2205.14135), so that memory grows with
    the length and not with its square. A query that may attend to nothing gets the mean of all values.

    Args:
        query: (batch, T, heads, size).
        key: (batch, S, key heads, size); the number of key heads divides that of heads.
        value: (batch, S, key heads, value size).
        bias: added to the logits; broadcasts with (batch, heads, T, S).
        mask: True where attention is allowed; broadcasts with (batch, heads, T, S).
        scale: of the logits; `1 / √size` by default.
        is_causal: whether each position attends only to itself and to those before it.
        flash_attention: accepted for compatibility: scores are computed in blocks anyway, but with a soft cap.
        attn_logits_soft_cap: a bound of the logits: `cap · tanh(logits / cap)`; all of them are computed at once then.

    Returns:
        (batch, T, heads, value size).

    Raises:
        ValueError: if the shapes do not belong together, or flash attention is asked for with a soft cap.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> q = np.ones((2, 4, 8, 16), "float32")
        >>> keras.ops.dot_product_attention(q, q, q, is_causal=True).shape
        (2, 4, 8, 16)
    """
    if flash_attention and attn_logits_soft_cap is not None:
        raise ValueError(
            "flash_attention=True asks for scores in blocks, and a soft cap for all of them at once; leave one of them "
            f"out. Received attn_logits_soft_cap={attn_logits_soft_cap!r}"
        )
    query, key, value = (x if hasattr(x, "shape") else to_array(x) for x in (query, key, value))
    _check(query, key, value)
    scale = 1 / math.sqrt(np.shape(query)[-1] or 1) if scale is None else float(scale)
    rule = Rule(scale, (None, 0) if is_causal else (None, None))
    if attn_logits_soft_cap is None:
        return attention(query, key, value, rule, bias, mask)
    p = _probabilities(query, key, bias, mask, rule, attn_logits_soft_cap)
    return transpose(matmul(p, _by_head(value, np.shape(query)[2])), (0, 2, 1, 3))
