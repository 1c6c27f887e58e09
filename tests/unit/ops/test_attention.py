"""Attention block by block against the whole array of scores, its memory, its floats and its errors."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.tape import GradientTape
from kerasish.ops.attention import attention
from kerasish.ops.attention_rules import Rule, seen, tiles
from kerasish.ops.noise import Dropping
from tests.property.attention_cases import blocks_of

RNG = np.random.default_rng(0)


def whole(query: Any, key: Any, value: Any, rule: Rule, bias: Any = None, mask: Any = None) -> np.ndarray:
    """The definition, one query of one head after the other."""
    batch, rows, heads, _ = query.shape
    keys, shared = key.shape[1:3]
    out = np.zeros((batch, rows, heads, value.shape[-1]))
    near = seen(slice(0, rows), slice(0, keys), rule.reach)
    mask = np.broadcast_to(near if mask is None else mask & near, (batch, heads, rows, keys))
    bias = np.broadcast_to(0.0 if bias is None else bias, mask.shape)
    for b, h, t in np.ndindex(batch, heads, rows):
        k, v, visible = key[b, :, h * shared // heads], value[b, :, h * shared // heads], mask[b, h, t]
        if visible.any():
            scores = (k @ query[b, t, h] * rule.scale + bias[b, h, t])[visible]
            p = np.exp(scores - scores.max())
            out[b, t, h] = p / p.sum() @ v[visible]
        elif not rule.zero_if_blind:
            out[b, t, h] = v.mean(axis=0)
    return out


@pytest.mark.parametrize("block", [1, 200, 1000, 1 << 20])
@pytest.mark.parametrize("spread", [1.0, 30.0])  # scores whose exponentials are finite, and others
@pytest.mark.parametrize("is_masked", [False, True])
@pytest.mark.parametrize("reach", [(None, None), (None, 0), (1, 1), (2, 0), (0, None)])
def test_blocks_equal_the_definition(block: int, spread: float, is_masked: bool, reach: Any) -> None:
    for batch, rows, keys, heads, shared in [(2, 5, 7, 4, 2), (1, 9, 4, 3, 3), (2, 1, 1, 2, 1)]:
        query, key = (
            RNG.standard_normal((batch, rows, heads, 3)) * spread,
            RNG.standard_normal((batch, keys, shared, 3)),
        )
        value, bias = RNG.standard_normal((batch, keys, shared, 2)), RNG.standard_normal((heads, rows, 1))
        mask = RNG.random((batch, 1, rows, keys)) < 0.5 if is_masked else None
        for zero in (False, True):
            rule = Rule(0.8, reach, zero)
            with blocks_of(block, 0):
                found = attention(query, key, value, rule, bias, mask)
            np.testing.assert_allclose(found, whole(query, key, value, rule, bias, mask), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("most", [1, 40, 300, 10_000])
def test_tiles_cover_every_row_once(most: int) -> None:
    seen_rows = np.zeros((3, 2, 2, 5), int)
    for place in tiles(seen_rows.shape, 8, most):
        part = seen_rows[place]
        assert part.nbytes <= max(most, 8) or part.size == 1
        part += 1
    assert (seen_rows == 1).all()


def test_long_sequences_need_no_array_of_all_scores() -> None:
    x = RNG.standard_normal((1, 3000, 2, 8)).astype("float32")  # all scores would be 72 MB
    rule = Rule(0.3, (None, 0))
    tracemalloc.start()
    with GradientTape() as tape:
        v = tape.watch(x)
        loss = ops.sum(attention(v, v, v, rule))
    g = tape.gradient(loss, v)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert g.shape == x.shape
    assert peak < 18e6  # two parts at a time


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_short_floats_are_computed_in_single_precision(dtype: str) -> None:
    """Values and gradients are those of the rounded arguments, rounded once."""
    arrays = [ops.cast(RNG.standard_normal((2, 6, 3, 4)), dtype) for _ in range(3)]
    rule = Rule(0.5, (None, 0), dropping=Dropping(np.array([1, 2], "uint32"), 0.2))

    def answers(kind: str) -> list[np.ndarray]:
        with GradientTape() as tape:
            inputs = [tape.watch(ops.cast(a, kind)) if kind != dtype else tape.watch(a) for a in arrays]
            y = attention(*inputs, rule)
        found = [y.value, *tape.gradient(y, inputs, np.ones(y.value.shape, y.value.dtype))]
        assert {str(a.dtype) for a in found} == {kind}
        return [np.asarray(a, "float32") for a in found]

    rounding = 2**-10 if dtype == "float16" else 2**-7
    for short, single in zip(answers(dtype), answers("float32"), strict=True):
        # the output's rounding comes into the gradients once more, by way of its product with its own gradient
        np.testing.assert_allclose(short, single, rtol=rounding, atol=4 * rounding)


def test_dropout_keeps_the_mean_and_its_gradient_its_factors() -> None:
    value = np.ones((1, 50, 1, 1))
    query = np.zeros((1, 200, 1, 1))
    rule = Rule(1.0, dropping=Dropping(np.array([5, 6], "uint32"), 0.4))
    for block in (3000, 1 << 20):
        with blocks_of(block, 0), GradientTape() as tape:
            v = tape.watch(value)
            y = attention(query, query[:, :50], v, rule)
        shares = y.value.ravel()
        assert len(set(np.round(shares, 9))) > 5  # each query drops by itself
        np.testing.assert_allclose(shares.mean(), 1.0, atol=0.05)  # 10 000 draws of deviation 0.8
        np.testing.assert_allclose(np.sum(tape.gradient(y, v)), shares.sum())


def test_nothing_to_attend_to() -> None:
    for batch, rows, keys in [(0, 2, 3), (2, 0, 3), (2, 2, 0)]:
        query, key = np.ones((batch, rows, 2, 3)), np.ones((batch, keys, 2, 3))
        with GradientTape() as tape:
            q, k = tape.watch(query), tape.watch(key)
            y = attention(q, k, k, Rule(1.0))
        np.testing.assert_array_equal(y.value, np.zeros(query.shape))
        for g, x in zip(tape.gradient(y, [q, k]), (query, key), strict=True):
            np.testing.assert_array_equal(g, np.zeros(x.shape))


@pytest.mark.parametrize(
    ("shapes", "options", "words"),
    [
        ([(2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 4)], {}, "needs query of shape"),
        ([(1, 2, 3, 4), (1, 2, 2, 4), (1, 2, 2, 4)], {}, "3 heads of the query cannot share 2 heads"),
        ([(2, 2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 4)], {}, "one batch"),
        ([(1, 2, 3, 4), (1, 2, 3, 5), (1, 2, 3, 5)], {}, "keys of the queries' size"),
        ([(1, 2, 3, 4), (1, 2, 3, 4), (1, 3, 3, 4)], {}, "as many values as keys"),
        ([(1, 2, 3, 4)] * 3, {"mask": np.ones((2, 5), bool)}, r"mask .* \(1, 3, 2, 2\); received shape \(2, 5\)"),
        ([(1, 2, 3, 4)] * 3, {"bias": np.ones((1, 1, 1, 2, 2))}, "bias .* received shape"),
    ],
)
def test_errors(shapes: Any, options: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ops.dot_product_attention(*(np.ones(shape) for shape in shapes), **options)


def test_a_soft_cap_and_flash_attention_agree_with_the_plain_ones() -> None:
    query, key = RNG.standard_normal((2, 3, 4, 5)), RNG.standard_normal((2, 6, 2, 5))
    plain = ops.dot_product_attention(query, key, key, is_causal=True)
    np.testing.assert_array_equal(ops.dot_product_attention(query, key, key, None, None, None, True, True), plain)
    capped = ops.dot_product_attention(query, key, key, is_causal=True, attn_logits_soft_cap=1e6)
    np.testing.assert_allclose(capped, plain, rtol=1e-9)
    with pytest.raises(ValueError, match="attn_logits_soft_cap"):
        ops.dot_product_attention(query, key, key, flash_attention=True, attn_logits_soft_cap=2.0)


def test_a_query_that_sees_nothing_shares_its_gradient_among_all_values() -> None:
    """Also where the probabilities are computed anew on the way back, because to keep them would take too much."""
    key, value = np.ones((1, 4, 1, 2), "float32"), np.ones((1, 4, 1, 3), "float32")
    for kept in (0, 1 << 22):
        with blocks_of(1, kept), GradientTape() as tape:
            seen = tape.watch(value)
            y = attention(key[:, :1], key, seen, Rule(0.5), None, np.zeros((1, 1, 1, 4), bool))
            loss = ops.sum(y)
        (found,) = tape.gradient(loss, [seen])
        np.testing.assert_allclose(found, np.full(value.shape, 0.25), rtol=1e-6)
