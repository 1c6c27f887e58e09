"""Attention computed block by block: never more scores at a time than stay in a core's cache.

With the scores `S = scale · Q Kᵀ + bias`, the probabilities `P = softmax(S)` of each row and the output `O = P V`, the
gradients for that of the output, `G`, are (Dao et al., 2022, arXiv:2205.14135, appendix B.2)

    dV = Pᵀ G,    dS = P ∘ (G Vᵀ - rowsum(G ∘ O)),    dQ = scale · dS K,    dK = scale · dSᵀ Q.

A block holds whole rows of scores, so that each row is normalized at once, and by its exponentials `E` alone: the
output is divided by their sum, and so is `G`. Going back, `E` is computed again, unless all of it fits a few caches.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.program import Calls, Room
from kerasish.backend.random import draw_key
from kerasish.ops.noise import Dropping, dropout_mask
from kerasish.ops.plans import copied, largest

# Bytes of scores that are computed at a time, and that are kept for the way back.
BLOCK = 1 << 20
KEPT = 1 << 22

# How many keys before and behind its own place a query sees; None for all of them.
Reach = tuple[int | None, int | None]


class Rule(NamedTuple):
    """How scores become probabilities.

    Attributes:
        scale: the factor of the products.
        reach: how far a query sees.
        zero_if_blind: what a query gets that sees no key at all: 0, or the mean of all values.
        dropping: what is dropped of the probabilities, or None.
    """

    scale: float
    reach: Reach = (None, None)
    zero_if_blind: bool = False
    dropping: Dropping | None = None


def hopeless(dtype: np.dtype[Any]) -> float:
    """What is added to the score of a key that is not seen: so much that nothing else of the score is left."""
    return float(np.finfo(dtype).min) * 0.7


def seen(rows: slice, keys: slice, reach: Reach) -> np.ndarray:
    """Whether each query of some rows reaches each of some keys."""
    distance = np.arange(keys.start, keys.stop) - np.arange(rows.start, rows.stop)[:, None]
    before, after = reach
    near = np.ones(distance.shape, bool)
    if before is not None:
        near &= distance >= -before
    if after is not None:
        near &= distance <= after
    return near


@lru_cache(maxsize=8)
def _offsets(start: int, stop: int, first: int, last: int, reach: Reach, dtype: np.dtype[Any]) -> np.ndarray:
    """What is added to the scores of some rows and keys for how far the queries see."""
    near = seen(slice(start, stop), slice(first, last), reach)
    return np.where(near, 0, hopeless(dtype)).astype(dtype)


def tiles(sizes: tuple[int, ...], row_bytes: int, most: int) -> Iterator[tuple[slice, ...]]:
    """Parts of an array's rows of at most so many bytes, if a row has no more: one axis is cut, those before it too.

    Args:
        sizes: of the leading axes, which number the rows.
        row_bytes: what a row takes.
        most: bytes.

    Yields:
        A slice of each leading axis.
    """
    inner, axis = row_bytes, len(sizes)
    while axis and inner * sizes[axis - 1] <= most:
        axis -= 1
        inner *= sizes[axis]
    whole = tuple(slice(0, n) for n in sizes[axis:])
    if not axis:
        yield whole
        return
    count = sizes[axis - 1]
    parts = -(-count // max(most // inner, 1))
    step = -(-count // max(parts, 1))
    for outer in np.ndindex(*sizes[: axis - 1]):
        for start in range(0, count, max(step, 1)):
            yield (*(slice(i, i + 1) for i in outer), slice(start, min(start + step, count)), *whole)


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
        remember: whether the exponentials may be kept for the way back.
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
        self.top, self.inverse = (room.keep(self.sizes, self.kind) for _ in range(2))
        self.drawn = np.zeros(2, np.uint32)  # the key of the last run's dropout
        size = math.prod(self.sizes) * self.count
        self.kept = None
        if remember and size * self.kind.itemsize <= KEPT:
            self.kept = room.keep((*self.sizes, self.count), self.kind)
        self.blocks = self._blocks() if size and output.size else []

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

    def _matrix(self, block: _Block, a: np.ndarray, use: str, turned: bool = False) -> tuple[Calls, np.ndarray]:
        """Keys or values of a block, contiguous and of the kind that is computed in; the calls if they are new."""
        part = a[block.pair].swapaxes(-1, -2) if turned else a[block.pair]
        whole = self._lend(part.shape, use)
        calls: Calls = [copied(whole, part)] if block.opens else []
        return calls, whole[..., block.keys] if turned else whole[..., block.keys, :]

    def _queries(self, block: _Block) -> tuple[Calls, np.ndarray]:
        """The queries of a block times the scale, one row after the other."""
        part = self.query[block.place]
        rows = self._lend(part.shape, "queries")
        scale = np.full((), self.rule.scale, self.kind)
        call = partial(np.multiply, part, scale, rows, casting="unsafe", dtype=self.kind)
        return [call], rows.reshape(*block.shape[:3], part.shape[-1])

    def _scores(self, block: _Block) -> np.ndarray:
        """Where a block's exponentials stand: in what is kept, or in what every block uses."""
        if self.kept is None:
            return self._lend(block.shape, "scores")
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
        calls: Calls = [self._draw] if self.rule.dropping else []
        for block in self.blocks:
            calls += self._exponentials(block, first_time=True)
            scores = self._scores(block)
            column = self.inverse[block.place].reshape(-1)
            sums: Calls = [
                partial(scores.reshape(-1, scores.shape[-1]).dot, np.ones(scores.shape[-1], self.kind), column),
                partial(np.divide, np.ones((), self.kind), column, column),
                *self._blinded(block),
            ]
            drop, scores = self._dropped(block, scores)
            copy, values = self._matrix(block, self.value, "values")
            mixed = self._lend((*block.shape[:3], values.shape[-1]), "mixed")
            calls += [
                *sums,
                *drop,
                *copy,
                partial(np.matmul, scores, values, mixed),
                partial(np.multiply, mixed, self._column(block, self.inverse), mixed),
                copied(self.output[block.place], self._in_groups(block, mixed)),
            ]
        return calls

    def _column(self, block: _Block, a: np.ndarray) -> np.ndarray:
        """One number for each row of a block."""
        return a[block.place].reshape(*block.shape[:3], 1)

    def _exponentials(self, block: _Block, first_time: bool) -> Calls:
        """The calls that compute a block's scores, less the largest of each row, and their exponentials."""
        scores = self._scores(block)
        copy, keys = self._matrix(block, self.key, "turned keys", turned=True)
        load, queries = self._queries(block)
        top = self._column(block, self.top)
        find = largest(self.room, scores.reshape(-1, scores.shape[-1]), top.reshape(-1)) if first_time else []
        return [
            *copy,
            *load,
            partial(np.matmul, queries, keys, scores),
            *self._shifted(block, self._in_groups(block, scores)),
            *find,
            partial(np.subtract, scores, top, scores),
            partial(np.exp, scores, scores),
        ]

    def _shifted(self, block: _Block, scores: np.ndarray) -> Calls:
        """The calls that add the bias, and what hides the keys that are not seen."""
        calls: Calls = [] if self.bias is None else [partial(np.add, scores, block.of(self.bias), scores)]
        if self.mask is not None:
            calls.append(partial(self._hide, block, scores))
        elif self.rule.reach != (None, None):
            rows, keys = block.place[-1], block.keys
            window = (rows.start, rows.stop, keys.start, keys.stop, self.rule.reach, self.kind)
            calls.append(lambda: np.add(scores, _offsets(*window), scores))
        return calls

    def _allowed(self, block: _Block) -> np.ndarray:
        """Where a block's queries see its keys, by the mask and the reach."""
        assert self.mask is not None
        allowed = block.of(self.mask)
        if self.rule.reach != (None, None):
            allowed = np.logical_and(allowed, seen(block.place[-1], block.keys, self.rule.reach))
        return allowed

    def _hide(self, block: _Block, scores: np.ndarray) -> None:
        offset = np.multiply(~self._allowed(block), hopeless(self.kind), dtype=self.kind)
        np.add(scores, offset, scores)

    def _blinded(self, block: _Block) -> Calls:
        """The calls that make the rows 0 that see nothing, if they are to be."""
        if not self.rule.zero_if_blind or self.mask is None:
            return []
        column = self.inverse[block.place]
        return [lambda: np.multiply(column, self._allowed(block).any(axis=-1), column)]

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
        """The calls that drop a share of the exponentials, and where the others then stand."""
        if self.rule.dropping is None:
            return [], scores
        factors = self._lend(block.shape, "factors")
        left = self._lend(block.shape, "left") if self.kept is not None else scores
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
        into_query, into_key, into_value, into_bias, _ = into
        calls: Calls = [] if into_bias is None else [partial(into_bias.fill, 0)]
        for block in self.blocks:
            back, rows = self._output_gradient(block, self._by_group(gradient))
            calls += back
            if self.kept is None:
                calls += self._exponentials(block, first_time=False)
            if self.rule.dropping is not None:
                calls.append(self._factors(block, self._lend(block.shape, "factors")))
            calls += self._value_calls(block, rows, into_value)
            slopes = self._lend(block.shape, "slopes")
            calls += self._slope_calls(block, rows, slopes)
            if into_bias is not None:
                calls.append(partial(_add_up, self._in_groups(block, slopes), block.of(self._split_heads(into_bias))))
            if into_query is not None:
                calls += self._query_calls(block, slopes, self._by_group(into_query))
            if into_key is not None:
                load, queries = self._queries(block)
                calls += [*load, *self._sums(block, slopes, queries, into_key, "key slopes")]
        return calls

    def _output_gradient(self, block: _Block, gradient: np.ndarray) -> tuple[Calls, np.ndarray]:
        """The gradient of a block's output, divided by the sums of the exponentials; its products with the output."""
        part, made = gradient[block.place], self.output[block.place]
        rows, product = self._lend(part.shape, "gradient"), self._lend(part.shape, "mixed")
        inner = self._lend(part.shape[:-1], "inner")
        calls: Calls = [
            partial(np.multiply, part, self.inverse[block.place][..., None], rows, casting="unsafe", dtype=self.kind),
            partial(np.multiply, rows, made, product, casting="unsafe", dtype=self.kind),
            partial(product.reshape(-1, part.shape[-1]).dot, np.ones(part.shape[-1], self.kind), inner.reshape(-1)),
        ]
        return calls, rows.reshape(*block.shape[:3], part.shape[-1])

    def _value_calls(self, block: _Block, rows: np.ndarray, into: np.ndarray | None) -> Calls:
        """The values' gradient; the exponentials themselves are left as they are."""
        if into is None:
            return []
        scores = self._scores(block)
        if self.rule.dropping is None:
            return self._sums(block, scores, rows, into, "value slopes")
        factors, left = self._lend(block.shape, "factors"), self._lend(block.shape, "left")
        drop: Calls = [partial(np.multiply, scores, factors, left)]
        return [*drop, *self._sums(block, left, rows, into, "value slopes")]

    def _slope_calls(self, block: _Block, rows: np.ndarray, slopes: np.ndarray) -> Calls:
        """The gradient of a block's scores."""
        copy, values = self._matrix(block, self.value, "turned values", turned=True)
        inner = self._lend(block.shape[:3], "inner")[..., None]
        drop: Calls = []
        if self.rule.dropping is not None:
            drop = [partial(np.multiply, slopes, self._lend(block.shape, "factors"), slopes)]
        return [
            *copy,
            partial(np.matmul, rows, values, slopes),
            *drop,
            partial(np.subtract, slopes, inner, slopes),
            partial(np.multiply, slopes, self._scores(block), slopes),
            *([] if self.mask is None else [partial(self._level, block, self._in_groups(block, slopes))]),
        ]

    def _query_calls(self, block: _Block, slopes: np.ndarray, into: np.ndarray) -> Calls:
        copy, keys = self._matrix(block, self.key, "keys")
        made = self._lend((*block.shape[:3], keys.shape[-1]), "query slopes")
        scale, home = np.full((), self.rule.scale, self.kind), into[block.place]
        return [
            *copy,
            partial(np.matmul, slopes, keys, made),
            partial(np.multiply, self._in_groups(block, made), scale, home, casting="unsafe", dtype=self.kind),
        ]

    def _sums(self, block: _Block, left: np.ndarray, right: np.ndarray, into: np.ndarray, use: str) -> Calls:
        """The calls that sum products over a block's rows, and over all blocks of the same keys."""
        turned, width = left.swapaxes(-1, -2), right.shape[-1]
        total = self._lend((*block.shape[:2], self.count, width), use)
        part = total[..., block.keys, :]
        calls: Calls = []
        if block.opens and block.closes and part.shape == total.shape:
            calls.append(partial(np.matmul, turned, right, part))
        else:
            share = self._lend(part.shape, "share")
            clear: Calls = [partial(total.fill, 0)] if block.opens else []
            calls += [*clear, partial(np.matmul, turned, right, share), partial(np.add, part, share, part)]
        if block.closes:
            calls.append(copied(into.transpose(0, 2, 1, 3)[block.pair], total))
        return calls


def block_key(key: np.ndarray, number: int) -> np.ndarray:
    """The key of the random numbers of a block, from that of the whole: its seed, moved by the golden ratio."""
    return np.array([(int(key[0]) + number * 0x9E3779B9) & 0xFFFFFFFF, key[1]], np.uint32)


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
