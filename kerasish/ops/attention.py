"""Scaled dot-product attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.operators import matmul
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.composite import composite_by
from kerasish.ops.elementwise import tanh, where
from kerasish.ops.nn import softmax
from kerasish.ops.shape import repeat, transpose
from kerasish.ops.specs import float_kind, shape_of


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

    Args:
        query: (batch, T, heads, size).
        key: (batch, S, key heads, size); the number of key heads divides that of heads.
        value: (batch, S, key heads, value size).
        bias: added to the logits; broadcasts with (batch, heads, T, S).
        mask: True where attention is allowed; broadcasts with (batch, heads, T, S).
        scale: of the logits; `1 / √size` by default.
        is_causal: whether each position attends only to itself and to those before it.
        flash_attention: must not be True; there is one implementation.
        attn_logits_soft_cap: a bound of the logits: `cap · tanh(logits / cap)`.

    Returns:
        (batch, T, heads, value size).

    Raises:
        ValueError: if the ranks are not 4, or flash attention is asked for.
    """
    if flash_attention:
        raise ValueError("flash_attention=True needs an accelerator; leave it out")
    for name, x in (("query", query), ("key", key), ("value", value)):
        if np.ndim(x) != 4:
            raise ValueError(f"dot_product_attention needs {name} of shape (batch, length, heads, size); "
                             f"received shape {np.shape(x)}")  # fmt: skip
    heads, key_heads = np.shape(query)[2], np.shape(key)[2]
    if heads % key_heads:
        raise ValueError(f"{heads} heads of the query cannot share {key_heads} heads of the key evenly")
    if heads != key_heads:
        key, value = (repeat(x, heads // key_heads, axis=2) for x in (key, value))
    scale = 1 / math.sqrt(np.shape(query)[-1]) if scale is None else float(scale)
    logits = matmul(transpose(query, (0, 2, 1, 3)) * scale, transpose(key, (0, 2, 3, 1)))
    if bias is not None:
        logits = logits + bias
    if attn_logits_soft_cap is not None:
        logits = tanh(logits / attn_logits_soft_cap) * attn_logits_soft_cap
    logits = _masked(logits, mask, is_causal)
    return transpose(matmul(softmax(logits), transpose(value, (0, 2, 1, 3))), (0, 2, 1, 3))


def _masked(logits: Any, mask: Any, is_causal: bool) -> Any:
    """The logits, hopeless where attention is not allowed."""
    if is_causal:
        causal = np.tri(np.shape(logits)[-2], np.shape(logits)[-1], dtype=bool)
        mask = causal if mask is None else np.logical_and(mask, causal)
    if mask is None:
        return logits
    return where(mask, logits, float(np.finfo(logits.dtype).min) * 0.7)
