"""Attention computed block by block: never more scores at a time than stay in a core's cache.

With the scores `S = scale · Q Kᵀ + bias`, the probabilities `P = softmax(S)` of each row and the output `O = P V`, the
gradients for that of the output, `G`, are (Dao et al., 2022, arXiv:2205.14135, appendix B.2)

    dV = Pᵀ G,    dS = P ∘ (G Vᵀ - rowsum(G ∘ O)),    dQ = scale · dS K,    dK = scale · dSᵀ Q.

A block holds whole rows of scores, so that each row is normalized at once. Going back, `P` is computed again from the
logarithms of the rows' sums, unless all of it fits a few caches.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.plans import copied, shared
from kerasish.backend.random import draw_key
from kerasish.backend.room import Call, Calls, Room
from kerasish.ops.attention_rules import Rule, block_key, hopeless, offsets, seen, tiles
from kerasish.ops.noise import dropout_mask
from kerasish.ops.plans.common import largest

# Bytes of scores that are computed at a time, and that are kept for the way back.
BLOCK = 1 << 20
KEPT = 1 << 22
# Into how many parts, which cores share, blocks are put at the most: each has blocks of its own in memory.
_PARTS = 4

# Scores between this and its negative have exponentials whose sums and ratios are far from the ends of the range.
_SMALL = 30.0


@dataclass
class _Block:
    """Some rows of the scores.

    Attributes:
        place: their slices of the axes batch, key heads, queries' heads of each, rows.
        keys: the keys that they see.
        number: which block it is.
        opens, closes: whether it is the first, or the last, of its keys and values.
    """

    place: tuple[slice, ...]
    keys: slice
    number: int
    opens: bool = True
    closes: bool = True

    @property
    def pair(self) -> tuple[slice, slice]:
        """Its slices of batch and key heads."""
        return self.place[0], self.place[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """Batch, key heads, rows of all heads together, keys."""
        batch, heads, groups, rows = (part.stop - part.start for part in self.place)
        return batch, heads, groups * rows, self.keys.stop - self.keys.start

    def of(self, a: np.ndarray) -> np.ndarray:
        """Its part of an array that broadcasts with batch, key heads, groups, rows, keys."""
        cuts = (*self.place, self.keys)
        return a[tuple(cut if n > 1 else slice(None) for cut, n in zip(cuts, a.shape, strict=True))]


class Blocks:
    """The computation in arrays that are kept: forward, and from the gradient of the output to those of the arguments.

    Args:
        room: where arrays come from.
        arrays: query `(batch, rows, heads, size)`, key and value `(batch, keys, key heads, size)`, bias and mask
            `(batch, heads, rows, keys)` or 1 in place of any of these, or None.
        output: `(batch, rows, heads, value size)`.
        rule: how scores become probabilities.
        remember: whether the probabilities may be kept for the way back.
    """

    def __init__(self, room: Room, arrays: list[Any], output: np.ndarray, rule: Rule, remember: bool) -> None:
        query, key, value, bias, mask = arrays
        self.room, self.rule = room, rule
        batch, rows, heads, _ = query.shape
        self.count, shared = key.shape[1], key.shape[2]
        self.sizes = (batch, shared, heads // shared, rows)
        self.query, self.output = self._by_group(query), self._by_group(output)
        self.key, self.value = key.transpose(0, 2, 1, 3), value.transpose(0, 2, 1, 3)
        self.kind = np.result_type(query.dtype, key.dtype, value.dtype)
        if self.kind.itemsize < 4:
            self.kind = np.dtype(np.float32)
        self.bias = None if bias is None else self._split_heads(bias)
        self.mask = None if mask is None else self._split_heads(mask)
        if mask is None and self._may_be_blind():
            self.mask = np.ones((1,) * 5, bool)
        self.shift = room.keep(self.sizes, self.kind)  # what is taken from each row's scores
        self.inverse = room.keep(self.sizes, self.kind)  # what its exponentials are then multiplied by
        self.drawn = np.zeros(2, np.uint32)  # the key of the last run's dropout
        size = math.prod(self.sizes) * self.count
        self.kept = None
        if remember and size * self.kind.itemsize <= KEPT:
            self.kept = room.keep((*self.sizes, self.count), self.kind)
        self.blocks = self._blocks() if size and output.size else []
        self.most = max((math.prod(block.shape) for block in self.blocks), default=0)

    # -- layout ----------------------------------------------------------------------------------------------

    def _by_group(self, a: np.ndarray) -> np.ndarray:
        """`(batch, rows, heads, size)` as batch, key heads, groups, rows, size."""
        batch, rows, _, size = a.shape
        _, shared, groups, _ = self.sizes
        return a.reshape(batch, rows, shared, groups, size).transpose(0, 2, 3, 1, 4)

    def _split_heads(self, a: np.ndarray) -> np.ndarray:
        _, shared, groups, _ = self.sizes
        return a.reshape(a.shape[0], *((1, 1) if a.shape[1] == 1 else (shared, groups)), *a.shape[2:])

    def _may_be_blind(self) -> bool:
        """Whether the reach alone leaves a query without a key."""
        before = self.rule.reach[0]
        return before is not None and self.sizes[-1] - before > self.count

    def _blocks(self) -> list[_Block]:
        blocks = [
            _Block(place, self._keys_of(place[-1]), i)
            for i, place in enumerate(tiles(self.sizes, self.count * self.kind.itemsize, BLOCK))
        ]
        for before, block in itertools.pairwise(blocks):
            before.closes = block.opens = before.pair != block.pair
        return blocks

    def _keys_of(self, rows: slice) -> slice:
        """The keys that some rows reach. A mask may leave a row none, which then gets the mean of all."""
        if self.mask is not None or self.kept is not None:
            return slice(0, self.count)
        before, after = self.rule.reach
        first = 0 if before is None else min(max(rows.start - before, 0), self.count - 1)
        last = self.count if after is None else min(rows.stop + after, self.count)
        return slice(first, last)

    def _lend(self, shape: tuple[int, ...], use: str) -> np.ndarray:
        return self.room.lend(shape, self.kind, f"attention {use}")

    def _lend_scores(self, block: _Block, use: str) -> np.ndarray:
        """An array for a block's scores, in memory for those of any: a smaller one would stay when it has to grow."""
        whole = self._lend((self.most,), use)
        return whole[: math.prod(block.shape)].reshape(block.shape)

    def _turned_keys(self, block: _Block) -> tuple[Calls, np.ndarray]:
        """The keys of a block times the scale, one in each column, and the calls that write them if they are new."""
        part = self.key[block.pair].swapaxes(-1, -2)
        whole = self._lend(part.shape, "turned keys")
        return [self._scaled(part, whole)] if block.opens else [], whole[..., block.keys]

    def _keys(self, block: _Block) -> tuple[Calls, np.ndarray]:
        """The same, one in each row."""
        part = self.key[block.pair]
        whole = self._lend(part.shape, "keys")
        return [self._scaled(part, whole)] if block.opens else [], whole[..., block.keys, :]

    def _values(self, block: _Block) -> tuple[Calls, np.ndarray]:
        """The values of a block, as they stand if they are of the kind that is computed in."""
        part = self.value[block.pair]
        if part.dtype == self.kind:
            return [], part[..., block.keys, :]
        whole = self._lend(part.shape, "values")
        return [copied(whole, part)] if block.opens else [], whole[..., block.keys, :]

    def _scaled(self, part: np.ndarray, out: np.ndarray) -> Call:
        scale = np.full((), self.rule.scale, self.kind)
        return partial(np.multiply, part, scale, out, casting="unsafe", dtype=self.kind)

    def _rows(self, block: _Block, a: np.ndarray, use: str) -> tuple[Calls, np.ndarray]:
        """Queries of a block, or gradients of the output, one row after the other."""
        part = a[block.place]
        if self._is_plain(a):
            return [], part[:, :, 0]
        whole = self._lend(part.shape, use)
        return [copied(whole, part)], whole.reshape(*block.shape[:3], part.shape[-1])

    def _home(self, block: _Block, a: np.ndarray, use: str) -> tuple[np.ndarray, Calls]:
        """Where to write a block's rows of an array, and the calls that then bring them there."""
        part = a[block.place]
        if self._is_plain(a):
            return part[:, :, 0], []
        made = self._lend((*block.shape[:3], part.shape[-1]), use)
        return made, [copied(part, self._in_groups(block, made))]

    def _is_plain(self, a: np.ndarray) -> bool:
        """Whether products can read and write an array of rows as it stands."""
        return a.dtype == self.kind and self.sizes[2] == 1

    def _scores(self, block: _Block) -> np.ndarray:
        """Where a block's scores and probabilities stand: in what is kept, or in what every block uses."""
        if self.kept is None:
            return self._lend_scores(block, "scores")
        return self.kept[block.place].reshape(block.shape)

    def _in_groups(self, block: _Block, a: np.ndarray) -> np.ndarray:
        """A block's scores with an axis for the groups."""
        batch, heads, groups, rows = (part.stop - part.start for part in block.place)
        return a.reshape(batch, heads, groups, rows, a.shape[-1])

    # -- forward ---------------------------------------------------------------------------------------------

    def forward(self) -> Calls:
        """The calls that fill the output."""
        if not self.blocks:
            return [partial(self.output.fill, 0)]
        draw: Calls = [self._draw] if self.rule.dropping else []
        return [*draw, *self._in_parts(self._forward_calls)]

    def _forward_calls(self, block: _Block) -> Calls:
        calls = self._first_probabilities(block)
        drop, probabilities = self._dropped(block, self._scores(block))
        copy, values = self._values(block)
        target, home = self._home(block, self.output, "output")
        return [*calls, *drop, *copy, partial(np.matmul, probabilities, values, target), *home]

    def _in_parts(self, calls_of: Callable[[_Block], Calls]) -> Calls:
        """The calls of all blocks, shared by cores; blocks with the same keys and values belong to one part."""
        ends = [number for number, block in enumerate(self.blocks, 1) if block.closes]
        count, room = min(len(ends), _PARTS), self.room
        parts: list[Calls] = []
        for part in range(count):
            first, last = (ends[len(ends) * i // count - 1] if i else 0 for i in (part, part + 1))
            self.room = room.beside(part)
            parts.append([call for block in self.blocks[first:last] for call in calls_of(block)])
        self.room = room
        return shared(parts, math.prod(self.sizes) * self.count * self.query.shape[-1])

    def _first_probabilities(self, block: _Block) -> Calls:
        """The calls that compute a block's probabilities, and note by what they are computed again."""
        scores, shift = self._scores(block), self._column(block, self.shift)
        sums = self._lend((scores[..., 0].size,), "sums")
        inverse = sums.reshape(shift.shape)
        again: Calls = [] if self.kept is not None else [copied(self._column(block, self.inverse), inverse)]
        return [
            *self._products(block),
            partial(self._lower, block, scores, self._largest(block)),
            partial(np.exp, scores, scores),
            partial(scores.reshape(-1, scores.shape[-1]).dot, np.ones(scores.shape[-1], self.kind), sums),
            partial(np.divide, np.ones((), self.kind), sums, sums),
            *self._blinded(block, inverse),
            *again,
            partial(np.multiply, scores, inverse, scores),
        ]

    def _products(self, block: _Block) -> Calls:
        """The calls that compute a block's scores, bias included."""
        scores = self._scores(block)
        copy, keys = self._turned_keys(block)
        load, queries = self._rows(block, self.query, "queries")
        calls: Calls = [*copy, *load, partial(np.matmul, queries, keys, scores)]
        if self.bias is not None:
            grouped = self._in_groups(block, scores)
            calls.append(partial(np.add, grouped, block.of(self.bias), grouped))
        return calls

    def _largest(self, block: _Block) -> Calls:
        """The calls that find the largest score of each row, and take it from the others."""
        scores, top = self._scores(block), self._column(block, self.shift)
        find = largest(self.room, scores.reshape(-1, scores.shape[-1]), top.reshape(-1))
        return [*find, partial(np.subtract, scores, top, scores)]

    def _lower(self, block: _Block, scores: np.ndarray, calls: Calls) -> None:
        """Hide what is not seen, and lower scores so that their exponentials are finite, unless they are anyway."""
        flat = scores.reshape(-1)
        is_small = self.mask is None and flat[flat.argmax()] <= _SMALL and flat[flat.argmin()] >= -_SMALL
        self._hide(block, self._in_groups(block, scores))
        if is_small:
            self.shift[block.place] = 0
            return
        for call in calls:
            call()

    def _probabilities_again(self, block: _Block) -> Calls:
        """The calls that compute a block's probabilities on the way back."""
        scores = self._scores(block)
        return [
            *self._products(block),
            partial(self._hide, block, self._in_groups(block, scores)),
            partial(np.subtract, scores, self._column(block, self.shift), scores),
            partial(np.exp, scores, scores),
            partial(np.multiply, scores, self._column(block, self.inverse), scores),
        ]

    def _column(self, block: _Block, a: np.ndarray) -> np.ndarray:
        """One number for each row of a block."""
        return a[block.place].reshape(*block.shape[:3], 1)

    def _allowed(self, block: _Block) -> np.ndarray:
        """Where a block's queries see its keys, by the mask and the reach."""
        assert self.mask is not None
        allowed = block.of(self.mask)
        if self.rule.reach != (None, None):
            allowed = np.logical_and(allowed, seen(block.place[-1], block.keys, self.rule.reach))
        return allowed

    def _hide(self, block: _Block, scores: np.ndarray) -> None:
        """Add to the scores what hides the keys that are not seen."""
        if self.mask is not None:
            np.add(scores, np.multiply(~self._allowed(block), hopeless(self.kind), dtype=self.kind), scores)
        elif self.rule.reach != (None, None):
            rows, keys = block.place[-1], block.keys
            np.add(scores, offsets(rows.start, rows.stop, keys.start, keys.stop, self.rule.reach, self.kind), scores)

    def _blinded(self, block: _Block, rows: np.ndarray) -> Calls:
        """The calls that make the rows 0 that see nothing, if they are to be."""
        if not self.rule.zero_if_blind or self.mask is None:
            return []
        grouped = self._in_groups(block, rows)
        return [lambda: np.multiply(grouped, self._allowed(block).any(axis=-1, keepdims=True), grouped)]

    def _level(self, block: _Block, slopes: np.ndarray) -> None:
        """Queries that see nothing do not ask what the keys are: their probabilities are constant."""
        sees = self._allowed(block).any(axis=-1, keepdims=True)
        if not sees.all():
            np.multiply(slopes, sees, slopes)

    def _draw(self) -> None:
        assert self.rule.dropping is not None
        self.drawn[:] = draw_key(self.rule.dropping.seeds)

    def _factors(self, block: _Block, out: np.ndarray) -> Callable[[], Any]:
        """The call that writes the factors of a block's dropout: the same whenever the key is."""
        assert self.rule.dropping is not None
        rate = self.rule.dropping.rate
        return lambda: dropout_mask(block_key(self.drawn, block.number), rate, out.shape, out.dtype, out=out)

    def _dropped(self, block: _Block, scores: np.ndarray) -> tuple[Calls, np.ndarray]:
        """The calls that drop a share of the probabilities, and where the others then stand."""
        if self.rule.dropping is None:
            return [], scores
        factors = self._lend_scores(block, "factors")
        left = self._lend_scores(block, "left") if self.kept is not None else scores
        return [self._factors(block, factors), partial(np.multiply, scores, factors, left)], left

    # -- backward --------------------------------------------------------------------------------------------

    def backward(self, gradient: np.ndarray, into: list[Any]) -> Calls:
        """The calls that fill the gradients of the arguments.

        Args:
            gradient: of the output.
            into: for each argument the array to fill, or None.
        """
        if not self.blocks:
            return [partial(place.fill, 0) for place in into if place is not None]
        if into[3] is not None:  # several blocks add to one bias
            calls = [call for block in self.blocks for call in self._backward_calls(block, gradient, into)]
            return [partial(into[3].fill, 0), *calls]
        return self._in_parts(lambda block: self._backward_calls(block, gradient, into))

    def _backward_calls(self, block: _Block, gradient: np.ndarray, into: list[Any]) -> Calls:
        calls: Calls = self._probabilities_again(block) if self.kept is None else []
        if self.rule.dropping is not None:
            calls.append(self._factors(block, self._lend_scores(block, "factors")))
        load, rows = self._rows(block, self._by_group(gradient), "gradient")
        calls += [*load, *self._value_calls(block, rows, into[2])]
        slopes = self._lend_scores(block, "slopes")
        calls += self._slope_calls(block, self._by_group(gradient), rows, slopes)
        return [*calls, *self._argument_calls(block, slopes, into)]

    def _value_calls(self, block: _Block, rows: np.ndarray, into: np.ndarray | None) -> Calls:
        """The values' gradient; the probabilities themselves are left as they are."""
        if into is None:
            return []
        left, drop = self._scores(block), []
        if self.rule.dropping is not None:
            left, all_of_them = self._lend_scores(block, "left"), left
            drop = [partial(np.multiply, all_of_them, self._lend_scores(block, "factors"), left)]
        return [*drop, *self._sums(block, left, rows, into, "value slopes")]

    def _slope_calls(self, block: _Block, gradient: np.ndarray, rows: np.ndarray, slopes: np.ndarray) -> Calls:
        """The gradient of a block's scores."""
        part, made = gradient[block.place], self.output[block.place]
        product, inner = self._lend(part.shape, "output"), self._lend(block.shape[:3], "sums")
        copy, values = self._values(block)
        calls: Calls = [
            partial(np.multiply, part, made, product, casting="unsafe", dtype=self.kind),
            partial(product.reshape(-1, part.shape[-1]).dot, np.ones(part.shape[-1], self.kind), inner.reshape(-1)),
            *copy,
            partial(np.matmul, rows, values.swapaxes(-1, -2), slopes),
        ]
        if self.rule.dropping is not None:
            calls.append(partial(np.multiply, slopes, self._lend_scores(block, "factors"), slopes))
        calls += [
            partial(np.subtract, slopes, inner[..., None], slopes),
            partial(np.multiply, slopes, self._scores(block), slopes),
        ]
        if self.mask is not None:
            calls.append(partial(self._level, block, self._in_groups(block, slopes)))
        return calls

    def _argument_calls(self, block: _Block, slopes: np.ndarray, into: list[Any]) -> Calls:
        """The gradients of bias, queries and keys from that of the scores."""
        into_query, into_key, _, into_bias, _ = into
        calls: Calls = []
        if into_bias is not None:
            calls.append(partial(_add_up, self._in_groups(block, slopes), block.of(self._split_heads(into_bias))))
        if into_query is not None:
            copy, keys = self._keys(block)
            target, home = self._home(block, self._by_group(into_query), "query slopes")
            calls += [*copy, partial(np.matmul, slopes, keys, target), *home]
        if into_key is not None:
            load, queries = self._rows(block, self.query, "queries")
            calls += [*load, *self._sums(block, slopes, queries, into_key, "key slopes", is_scaled=True)]
        return calls

    def _sums(
        self, block: _Block, left: np.ndarray, right: np.ndarray, into: np.ndarray, use: str, is_scaled: bool = False
    ) -> Calls:
        """The calls that sum products over a block's rows, and over all blocks of the same keys."""
        turned, target = left.swapaxes(-1, -2), into.transpose(0, 2, 1, 3)[block.pair]
        total = self._lend((*block.shape[:2], self.count, right.shape[-1]), use)
        part = total[..., block.keys, :]
        is_whole = block.opens and block.closes and part.shape == total.shape
        if is_whole and not is_scaled and into.dtype == self.kind:
            return [partial(np.matmul, turned, right, target)]
        if is_whole:
            calls: Calls = [partial(np.matmul, turned, right, total)]
        else:
            share = self._lend(total.shape, "share")[..., block.keys, :]
            clear: Calls = [partial(total.fill, 0)] if block.opens else []
            calls = [*clear, partial(np.matmul, turned, right, share), partial(np.add, part, share, part)]
        if block.closes:
            calls.append(self._scaled(total, target) if is_scaled else copied(target, total))
        return calls


def dropout_factors(blocks: Blocks) -> np.ndarray:
    """The factors of the last run's dropout, of all scores: `(batch, heads, rows, keys)`."""
    batch, shared, groups, rows = blocks.sizes
    factors = np.ones((*blocks.sizes, blocks.count), blocks.kind)
    for block in blocks.blocks:
        part = np.empty(block.shape, blocks.kind)
        blocks._factors(block, part)()
        factors[(*block.place, block.keys)] = blocks._in_groups(block, part)
    return factors.reshape(batch, shared * groups, rows, blocks.count)


def _add_up(slopes: np.ndarray, into: np.ndarray) -> None:
    """Add the gradients of scores to that of a bias that stood for several of them."""
    axes = tuple(i for i, (n, m) in enumerate(zip(slopes.shape, into.shape, strict=True)) if m == 1 and n > 1)
    share = np.sum(slopes, axis=axes, keepdims=True) if axes else slopes
    np.add(into, share, into, casting="unsafe")
