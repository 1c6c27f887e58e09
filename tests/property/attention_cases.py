"""Gradient checks of attention: shapes, shared heads, masks, biases, reaches, dropout; in one block and in many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish.ops import attention_blocks
from kerasish.ops.attention import attention
from kerasish.ops.attention_rules import Rule
from kerasish.ops.noise import Dropping
from tests.property.gradient_draw import Case, Draw


@contextmanager
def blocks_of(block: int, kept: int) -> Iterator[None]:
    """A time in which attention computes so many bytes of scores at once, and keeps so many."""
    before = attention_blocks.BLOCK, attention_blocks.KEPT
    attention_blocks.BLOCK, attention_blocks.KEPT = block, kept
    try:
        yield
    finally:
        attention_blocks.BLOCK, attention_blocks.KEPT = before


def draw_rule(d: Draw) -> Rule:
    """How scores become probabilities: causal or not, within a window or not, with and without dropout."""
    reach = d.pick((None, None), (None, 0), (1, 0), (0, 0), (1, 1), (None, 1))
    dropping = d.pick(None, None, Dropping(np.array([d.int(0, 99), 7], "uint32"), 0.4))
    return Rule(0.7, reach, d.pick(True, False), dropping)


def _attention(d: Draw) -> Any:
    batch, rows, keys, shared, groups = d.int(1, 2), d.int(1, 4), d.int(1, 4), d.int(1, 2), d.int(1, 2)
    sizes = (batch, shared * groups, rows, keys)
    rule = draw_rule(d)
    partly = tuple(n if d.pick(True, False) else 1 for n in sizes)
    mask = d.pick(None, d.rng.random(partly) < 0.6)
    block, kept = d.pick(1, 60, 1 << 20), d.pick(0, 1 << 22)

    def function(query: Any, key: Any, value: Any, bias: Any = None) -> Any:
        with blocks_of(block, kept):
            return attention(query, key, value, rule, bias, mask)

    arrays = [d.array((batch, rows, sizes[1], 2)), d.array((batch, keys, shared, 2)), d.array((batch, keys, shared, 3))]
    if d.pick(True, False):
        arrays.append(d.array(tuple(n if d.pick(True, False) else 1 for n in sizes)))
    return function, arrays


ATTENTION_CASES: dict[str, Case] = {"attention": _attention}
