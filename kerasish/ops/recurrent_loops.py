"""The loops of the recurrent layers over time, as calls into arrays that are kept.

Arrays have time first and the batch last, `(steps, features, batch)`, so that a gate of one step is contiguous. Of each
step there is a matrix with the rows `[h 1 x absent]`: the state, ones that meet the biases, the inputs, and 1 where a
mask leaves the step out, which meets a weight so large that a gate stays shut (or open) to the last bit. One product
with it gives the weighted sums of all gates. `tanh` serves all gates in one call: `sigmoid(z) = (1 + tanh(z / 2)) / 2`.
On the way back, what a block of steps says of the weights is added up while it is in cache.

The batch is cut into lots, and there is a product for each. With the extra `fast` the loop over time is compiled and
runs for several lots at once, each of which lies together, `(steps, lots, features, lot)`; it computes the same bits
(`backend.fast_recurrence`).

A loop serves twice: run at once, or laid out in a replayed step; its names are those of the equations in
`ops.recurrence`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.fast import FusedParts, takes
from kerasish.backend.plans import copied, product
from kerasish.backend.room import Call, Calls, Room
from kerasish.ops.recurrent_options import Arrays, Options

# Added to the weighted sum of a gate that a mask shuts or opens: whatever else is added, its sigmoid is 0 or 1.
_BEYOND = 1e30

# Sequences of a lot: with fewer, the BLAS is slower for each of them. And steps of a block, times sequences.
_LOT, _MOST_LOTS = 16, 8
_BLOCK = 256

# Up to so many numbers, NumPy computes with an array of equal numbers in half the time that it takes with one number.
_FEW = 1 << 10


def _lots(batch: int) -> int:
    """Into how many lots a batch is cut: by its size alone, so that results are the same on any number of cores."""
    return next((lots for lots in range(min(batch // _LOT, _MOST_LOTS), 1, -1) if batch % lots == 0), 1)


class Loop:
    """What the kinds of recurrence share: inputs, masks, products, and the way in and out.

    Args:
        room: where arrays come from.
        arrays: the arguments, of one float dtype.
        options: how it runs.

    Attributes:
        name: that of its compiled loops; None if it has none.
        blocks: for each block of rows of the gates, which blocks of the kernel's and of the recurrent kernel's columns
            it comes from; None for none.
        pieces: which blocks of rows see which rows of a step's matrix, as slices.
        sigmoids: the blocks of rows that are gates.
        shut: for each block of rows, the sign of what a masked step adds to it.
    """

    name: str | None = None
    blocks: tuple[tuple[int | None, int | None], ...] = ((0, 0),)
    sigmoids: tuple[int, ...] = ()
    shut: tuple[float, ...] = (0.0,)
    # Whether masked steps keep the state by what `shut` does alone.
    keeps_by_gates = False
    # Rows of the gates of a step, in blocks, and of what else is kept of it.
    kept_blocks, squashed_blocks = 1, 0

    def __init__(self, room: Room, arrays: Arrays, options: Options) -> None:
        self.room, self.arrays, self.options = room, arrays, options
        self.batch, self.steps, self.features = arrays.x.shape
        self.lots = _lots(self.batch)
        self.lot = self.batch // self.lots
        self.units = arrays.recurrent.shape[0]
        self.kind = arrays.x.dtype
        self.half, self.one, self.zero = (np.full((), value, self.kind) for value in (0.5, 1, 0))
        self._scratch: dict[Any, np.ndarray] = {}
        self.biased, self.masked = arrays.bias is not None, arrays.mask is not None
        self.extra = int(self.biased and arrays.bias.ndim == 2)  # a bias of its own beside the recurrent kernel
        self.first_input = self.units + self.biased
        self.height = self.first_input + self.features + self.masked
        columns = len(self.blocks) * self.units
        self.weights = self._kept(columns, self.height)
        self.back = self._kept(self.units + self.features, columns)
        standard = options.activation == "tanh" and options.slope is None
        states = self._kept(self.steps + 1, self.height, self.batch)
        self.is_fused = self.name is not None and standard and takes(states)
        self.states = states.reshape(len(states), *self._shape(self.height))
        self.absent = room.keep((self.steps, *self._shape(1)), bool) if self.masked else None
        # The product with one sequence's inputs is taken for all times at once: with one vector each it is slow.
        self.ahead = self.batch == 1
        self.gates = self._kept(self.steps + 1, *self._shape(self.kept_blocks * self.units))
        self.squashed = self._kept(self.steps, *self._shape(self.squashed_blocks * self.units))
        self.pieces = self._pieces()

    def _shape(self, rows: int) -> tuple[int, ...]:
        """How so many numbers of each sequence lie: those of a lot together for a compiled loop, else of the batch."""
        return (self.lots, rows, self.lot) if self.is_fused else (rows, self.batch)

    def _kept(self, *shape: int) -> np.ndarray:
        return self.room.keep(shape, self.kind)

    def _lent(self, use: str, *shape: int) -> np.ndarray:
        """Scratch memory; the same for each step that asks for the same."""
        found = self._scratch.get((use, shape))
        if found is None:
            found = self._scratch[use, shape] = self.room.lend(shape, self.kind, f"recurrence {use}")
        return found

    def _lent_state(self, use: str, blocks: int = 1) -> np.ndarray:
        """Scratch memory for so many numbers as there are in the state, for each unit of each sequence."""
        return self._lent(use, *self._shape(blocks * self.units))

    def _equal(self, name: str, like: np.ndarray) -> np.ndarray:
        """The number `half` or `one` to compute with, as an array like this one where that is faster."""
        if like.size > _FEW:
            return getattr(self, name)
        found = self._scratch.get((name, like.shape))
        if found is None:
            found = self._scratch[name, like.shape] = self._lent(f"of {name}", *like.shape)
            found.fill(getattr(self, name))
        return found

    def _rows(self, a: np.ndarray, first: int, count: int = 1) -> np.ndarray:
        """Blocks of rows of an array whose rows are next to last."""
        return a[..., first * self.units : (first + count) * self.units, :]

    def _pieces(self) -> list[tuple[slice, slice]]:
        """Blocks of rows of the gates, and the rows of a step's matrix that they see."""
        units = self.units
        found: list[tuple[slice, slice]] = []
        for place, (of_inputs, of_state) in enumerate(self.blocks):
            seen = slice(units if of_state is None else 0, units + self.extra if of_inputs is None else self.height)
            if found and found[-1][1] == seen:
                found[-1] = slice(found[-1][0].start, (place + 1) * units), seen
            else:
                found.append((slice(place * units, (place + 1) * units), seen))
        return found

    # -- the way in --------------------------------------------------------------------------------------------

    def _in_time(self, a: np.ndarray) -> np.ndarray:
        """An array `(steps, ...)` in the order of computation."""
        return a[::-1] if self.options.reverse else a

    def _placed(self, a: np.ndarray) -> np.ndarray:
        """An array `(batch, steps, features)` seen as `(steps, *self._shape(features))`."""
        if self.is_fused:
            return a.reshape(self.lots, self.lot, *a.shape[1:]).transpose(2, 0, 3, 1)
        return a.transpose(1, 2, 0)

    def _placed_state(self, a: np.ndarray) -> np.ndarray:
        """A state `(batch, units)` seen as `self._shape(units)`."""
        return a.reshape(self.lots, self.lot, a.shape[1]).transpose(0, 2, 1) if self.is_fused else a.T

    def _by_lot(self, a: np.ndarray) -> np.ndarray:
        """An array of `_shape(rows)` seen as `(lots, rows, lot)`."""
        return a if self.is_fused else a.reshape(len(a), self.lots, self.lot).transpose(1, 0, 2)

    def _load(self) -> Calls:
        """Inputs, weights and first states, brought to where the loop wants them."""
        x, mask = self.arrays.x, self.arrays.mask
        inside = self.states[: self.steps, ..., self.first_input : self.first_input + self.features, :]
        calls: Calls = [copied(inside, self._in_time(self._placed(x)))]
        if self.biased:
            calls.append(partial(self.states[..., self.units, :].fill, 1))
        if mask is not None:
            assert self.absent is not None
            calls += [
                partial(np.logical_not, self._in_time(self._placed(mask[..., None])), self.absent),
                copied(self.states[: self.steps, ..., -1:, :], self.absent),
                # what is left out may be anything, and 0 times infinity is no number
                partial(np.copyto, inside, 0, where=self.absent),
            ]
        return [*calls, *self._load_weights(), self._first(self._state(0), self.arrays.h)]

    def _load_weights(self) -> Calls:
        """The weights turned about, and halved where a sigmoid is computed by `tanh`, or times a hard one's slope."""
        kernel, recurrent, bias, units = self.arrays.kernel, self.arrays.recurrent, self.arrays.bias, self.units
        inputs = slice(self.first_input, self.first_input + self.features)
        calls: Calls = []
        for place, (of_inputs, of_state) in enumerate(self.blocks):
            here = slice(place * units, (place + 1) * units)
            rows, back = self.weights[here], self.back[:, here]
            scale = np.full((), (self.options.slope or 0.5) if place in self.sigmoids else 1, self.kind)
            biases = []
            if of_inputs is not None:
                source = kernel[:, of_inputs * units : (of_inputs + 1) * units]
                calls += [partial(np.multiply, source.T, scale, rows[:, inputs]), copied(back[units:], source)]
                if bias is not None:
                    biases.append(self._input_bias(bias)[of_inputs * units : (of_inputs + 1) * units])
            if of_state is not None:
                source = recurrent[:, of_state * units : (of_state + 1) * units]
                calls += [partial(np.multiply, source.T, scale, rows[:, :units]), copied(back[:units], source)]
                if self.extra:
                    biases.append(bias[1, of_state * units : (of_state + 1) * units])
            if biases:
                row = rows[:, units]
                calls += [copied(row, biases[0]), *(partial(np.add, row, more, row) for more in biases[1:])]
                calls.append(partial(np.multiply, row, scale, row))
            if self.masked:
                calls.append(partial(rows[:, -1].fill, self.shut[place] * _BEYOND))
        return calls

    @staticmethod
    def _input_bias(bias: np.ndarray) -> np.ndarray:
        return bias[0] if bias.ndim == 2 else bias

    def _first(self, target: np.ndarray, state: np.ndarray | None) -> Call:
        return partial(target.fill, 0) if state is None else copied(target, self._placed_state(state))

    # -- forward -----------------------------------------------------------------------------------------------

    def forward(self, y: np.ndarray, *states: np.ndarray) -> Calls:
        """The calls that fill the output and the last states."""
        calls = [*self._load(), *self._before()]
        if self.ahead:
            calls += self._products_ahead()
        calls += self._fused(f"{self.name}_forward", self._forward_arrays, self._over_steps)
        calls += self._deliver(y)
        last = self._last_states()
        return [*calls, *(copied(self._placed_state(a), state) for a, state in zip(states, last, strict=False))]

    def _fused(self, name: str, arrays: Callable[[], tuple[Any, ...]], calls: Callable[[], Calls]) -> Calls:
        """A loop over time: compiled for each lot where that is possible, or call by call."""
        return [FusedParts(name, self.lots, arrays(), calls)] if self.is_fused else calls()

    def _piece_array(self) -> np.ndarray:
        return np.array([(a.start, a.stop, b.start, b.stop) for a, b in self.pieces], np.intp)

    def _forward_arrays(self) -> tuple[Any, ...]:
        pieces = self._piece_array()
        return self.states, self.weights, pieces, self.gates, self.squashed, self.ahead, self.masked

    def _over_steps(self) -> Calls:
        calls: Calls = []
        for t in range(self.steps):
            calls += self._step(t)
            if self.absent is not None and not self.keeps_by_gates:
                calls.append(partial(np.copyto, self._state(t + 1), self._state(t), where=self.absent[t]))
        return calls

    def _state(self, t: int) -> np.ndarray:
        return self.states[t, ..., : self.units, :]

    def _product(self, a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Call:
        """The product of a matrix with the matrix of each lot."""
        if self.lots == 1 < self.batch:
            return product(a, b.reshape(b.shape[-2:]), out.reshape(out.shape[-2:]))
        return partial(np.matmul, a, self._by_lot(b), self._by_lot(out))

    def _products_ahead(self) -> Calls:
        """The products with one sequence's inputs, of all times at once."""
        inputs, sums = (a.reshape(len(a), -1)[: self.steps] for a in (self.states, self.gates))
        calls: Calls = []
        for columns, rows in self.pieces:
            seen = slice(max(rows.start, self.units), rows.stop)
            if seen.start < seen.stop:
                calls.append(partial(np.matmul, inputs[:, seen], self.weights[columns, seen].T, out=sums[:, columns]))
            else:
                calls.append(partial(sums[:, columns].fill, 0))
        return calls

    def _products(self, t: int) -> Calls:
        """The weighted sums of one step, in the rows of the gates."""
        s, sums, calls = self.states[t], self.gates[t], []
        for columns, rows in self.pieces:
            if not self.ahead:
                calls.append(self._product(self.weights[columns, rows], s[..., rows, :], sums[..., columns, :]))
            elif rows.start < self.units:
                seen = slice(rows.start, min(rows.stop, self.units))
                spare = self._lent_state("products", len(self.blocks))[..., columns, :]
                calls.append(self._product(self.weights[columns, seen], s[..., seen, :], spare))
                calls.append(partial(np.add, sums[..., columns, :], spare, sums[..., columns, :]))
        return calls

    def _step(self, t: int) -> Calls:
        raise NotImplementedError

    def _last_states(self) -> Sequence[np.ndarray]:
        return [self._state(self.steps)]

    def _before(self) -> Calls:
        return []

    def _gate(self, gates: np.ndarray) -> Calls:
        """`(1 + tanh) / 2` in place, from `tanh`; or `x + 1 / 2`, clipped."""
        if self.options.slope is None:
            half = self._equal("half", gates)
            return [partial(np.multiply, gates, half, gates), partial(np.add, gates, half, gates)]
        return [
            partial(np.add, gates, self.half, gates),
            partial(np.maximum, gates, self.zero, out=gates),
            partial(np.minimum, gates, self.one, out=gates),
        ]

    def _squashed(self, sums: np.ndarray) -> Calls:
        """`tanh` in place, where the gates are made of it."""
        return [partial(np.tanh, sums, sums)] if self.options.slope is None else []

    def _deliver(self, y: np.ndarray) -> Calls:
        zeroed = self.absent if self.options.zero_masked and self.steps else None
        if self.options.sequences:
            y, computed = self._placed(y), self.states[1:, ..., : self.units, :]
        else:
            y, computed = self._placed_state(y), self._state(self.steps)
            zeroed = None if zeroed is None else zeroed[-1]
        return (
            [copied(y, computed)] if zeroed is None else [copied(y, computed), partial(np.copyto, y, 0, where=zeroed)]
        )

    # -- backward ----------------------------------------------------------------------------------------------

    def backward(self, gradients: Sequence[np.ndarray | None], into: Sequence[np.ndarray | None]) -> Calls:
        """The calls that fill the gradients of the arguments.

        Args:
            gradients: those of the output and of the last states.
            into: for each argument the array to fill, or None.
        """
        places = Arrays(*into)
        self.dh, self.dc = self._lent_state("dh"), self._lent_state("dc")
        self.shares = self._lent("shares", self.lots, self.height, len(self.weights))
        self.image = None
        if places.x is not None:
            self.image = self._lent("image", self.steps, *self._shape(self.features))
        arrived, calls = self._arrive(gradients)
        calls.append(partial(self.shares.fill, 0))
        calls += self._fused(
            f"{self.name}_backward", lambda: (self._backward_arrays(arrived),), lambda: self._back_over_steps(arrived)
        )
        return [*calls, *self._leave(places)]

    def _columns(self) -> tuple[slice, slice]:
        """The blocks of rows that see the state, and those that see the inputs."""
        seen = []
        for side in (1, 0):
            places = [place for place, block in enumerate(self.blocks) if block[side] is not None]
            seen.append(slice(places[0] * self.units, (places[-1] + 1) * self.units))
        return seen[0], seen[1]

    def _backward_arrays(self, arrived: np.ndarray | None) -> tuple[Any, ...]:
        of_state, of_inputs = self._columns()
        columns = np.array([of_state.start, of_state.stop, of_inputs.start, of_inputs.stop], np.intp)
        none = np.empty((0, 0, 0, 0), self.kind)
        return (
            *(self.states, self.back, self._piece_array(), columns, self._block(), self.gates, self.squashed),
            *(none if arrived is None else arrived, self.dh, self.dc, none if self.image is None else self.image),
            *(self.shares, self.masked),
        )

    def _block(self) -> int:
        """How many steps are collected before what they say of the weights is added up."""
        return max(1, _BLOCK // max(self.lot, 1))

    def _back_over_steps(self, arrived: np.ndarray | None) -> Calls:
        of_state, of_inputs = self._columns()
        self.past, self.held = self._lent_state("past"), self._lent_state("held")
        block = self._block()
        deltas = self._lent("deltas", block, *self._shape(len(self.weights)))
        calls: Calls = []
        for t in reversed(range(self.steps)):
            delta = deltas[t % block]
            if arrived is not None:
                calls.append(partial(np.add, self.dh, arrived[t], self.dh))
            holds = self.absent is not None and not self.keeps_by_gates
            if holds:
                calls += [
                    partial(np.multiply, self.dh, self.states[t, ..., -1:, :], self.held),
                    partial(np.subtract, self.dh, self.held, self.dh),
                ]
            calls += [*self._slope(t, delta), *self._to_state(t, delta[..., of_state, :], of_state)]
            if holds:
                calls.append(partial(np.add, self.dh, self.held, self.dh))
            if self.image is not None:
                weights = self.back[self.units :, of_inputs]
                calls.append(self._product(weights, delta[..., of_inputs, :], self.image[t]))
            if t % block == 0:
                calls += self._weight_shares(slice(t, min(t + block, self.steps)), deltas)
        return calls

    def _to_state(self, t: int, delta: np.ndarray, columns: slice) -> Calls:
        """The state's gradient from that of the weighted sums."""
        product = self._product(self.back[: self.units, columns], delta, self.past)
        if self.keeps_by_gates:
            return [product, partial(np.add, self.dh, self.past, self.dh)]
        return [product, copied(self.dh, self.past)]

    def _arrive(self, gradients: Sequence[np.ndarray | None]) -> tuple[np.ndarray | None, Calls]:
        """The gradients of the states, those of every step's output as `(steps, lots, units, lot)`."""
        g, *of_states = gradients
        calls: Calls = [
            self._first(target, g) for target, g in zip((self.dh, self.dc), (*of_states, None, None), strict=False)
        ]
        if g is None:
            return None, calls
        zeroed = self.absent if self.options.zero_masked and self.steps else None
        if self.options.sequences:
            arrived = self._lent("arrived", self.steps, *self._shape(self.units))
            calls.append(copied(arrived, self._placed(g)))
        else:
            arrived = self._lent_state("arrived")
            calls.append(copied(arrived, self._placed_state(g)))
            zeroed = None if zeroed is None else zeroed[-1]
        if zeroed is not None:
            calls.append(partial(np.copyto, arrived, 0, where=zeroed))
        return (
            (arrived, calls) if self.options.sequences else (None, [*calls, partial(np.add, self.dh, arrived, self.dh)])
        )

    def _slope(self, t: int, delta: np.ndarray) -> Calls:
        """The gradients of the weighted sums from that of the state."""
        raise NotImplementedError

    def _gate_slope(self, gates: np.ndarray, g: np.ndarray) -> Calls:
        """`g * gates * (1 - gates)` in place of `g`; or `g` times the slope, where a hard gate has one."""
        if self.options.slope is not None:
            low, high = (self.room.lend(gates.shape, bool, f"recurrence {side}") for side in ("low", "high"))
            return [
                partial(np.greater, gates, self.zero, low),
                partial(np.less, gates, self.one, high),
                partial(np.logical_and, low, high, low),
                partial(np.multiply, g, low, g),
                partial(np.multiply, g, np.full((), self.options.slope, self.kind), g),
            ]
        slope = self._lent("slope", *gates.shape)
        return [
            partial(np.subtract, self.one, gates, slope),
            partial(np.multiply, slope, gates, slope),
            partial(np.multiply, g, slope, g),
        ]

    def _collected(self, use: str, of_steps: np.ndarray) -> tuple[np.ndarray, Call]:
        """The numbers of some steps as `(lots, rows, numbers)`, and the call that brings them there."""
        a = of_steps if self.is_fused else of_steps.reshape(*of_steps.shape[:2], self.lots, self.lot).swapaxes(1, 2)
        a = a.transpose(1, 2, 0, 3)
        target = self._lent(use, *a.shape)
        return target.reshape(*a.shape[:2], -1), copied(target, a)

    def _weight_shares(self, steps: slice, deltas: np.ndarray) -> Calls:
        """Add what a block of steps says of the weights."""
        rows, collect_rows = self._collected("rows", self.states[steps])
        columns_of, collect_deltas = self._collected("columns", deltas[: steps.stop - steps.start])
        calls: Calls = [collect_rows, collect_deltas]
        for columns, seen in self.pieces:
            calls += self._shared(rows[:, seen], columns_of[:, columns], self.shares[:, seen, columns])
        return calls

    def _shared(self, rows: np.ndarray, deltas: np.ndarray, target: np.ndarray) -> Calls:
        product = self._lent("product", *target.shape)
        return [partial(np.matmul, rows, deltas.transpose(0, 2, 1), product), partial(np.add, target, product, target)]

    def _leave(self, into: Arrays) -> Calls:
        """The gradients of the arguments."""
        shares, units = self.shares[0], self.units
        calls: Calls = [partial(np.add, shares, more, shares) for more in self.shares[1:]]
        inputs = slice(self.first_input, self.first_input + self.features)
        for place, (of_inputs, of_state) in enumerate(self.blocks):
            source = shares[:, place * units : (place + 1) * units]
            if of_inputs is not None:
                target = slice(of_inputs * units, (of_inputs + 1) * units)
                if into.kernel is not None:
                    calls.append(copied(into.kernel[:, target], source[inputs]))
                if into.bias is not None:
                    calls.append(copied(self._input_bias(into.bias)[target], source[units]))
            if of_state is not None:
                target = slice(of_state * units, (of_state + 1) * units)
                if into.recurrent is not None:
                    calls.append(copied(into.recurrent[:, target], source[:units]))
                if into.bias is not None and self.extra:
                    calls.append(copied(into.bias[1, target], source[units]))
        if self.image is not None:
            calls.append(copied(self._in_time(self._placed(into.x)), self.image))
        of_states = ((into.h, self.dh), (into.c, self.dc))
        return [*calls, *(copied(self._placed_state(a), g) for a, g in of_states if a is not None)]
