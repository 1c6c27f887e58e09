"""The loops of the recurrent layers over time, as calls into arrays that are kept.

Arrays have time first and the batch last, `(steps, features, batch)`, so that a gate of one step is contiguous. Biases
are rows of the kernels that meet rows of ones, and a step that a mask leaves out is a bias so large that a gate
stays shut (or open) to the last bit. `tanh` serves all gates in one call: `sigmoid(z) = (1 + tanh(z / 2)) / 2`.

A loop serves twice: run at once, or laid out in a replayed step; its names are those of the equations in
`ops.recurrence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.fast import Fused, takes
from kerasish.backend.plans import copied, product
from kerasish.backend.room import Call, Calls, Room
from kerasish.ops.plans.dense import finish, slope_in_place

# Added to the weighted sum of a gate that a mask shuts or opens: whatever else is added, its sigmoid is 0 or 1.
_BEYOND = 1e30

# Up to so many numbers, NumPy computes with an array of equal numbers in half the time that it takes with one number.
_FEW = 1 << 10


@dataclass(frozen=True)
class Options:
    """How a recurrence runs.

    Attributes:
        activation: `"tanh"`, `"relu"` or None, for the candidate and the output.
        slope: that of a hard sigmoid, `clip(slope x + 0.5, 0, 1)`, for the gates; None for the sigmoid.
        reverse: whether the last step is the first to be computed; outputs stand in the order of computation.
        sequences: whether the output of every step is returned, or only that of the last.
        states: whether the last states are returned after the output.
        zero_masked: whether the output of a step that the mask leaves out is 0, not the state before it.
        reset_after: whether a GRU's reset gate acts on the product with the state, not on the state.
    """

    activation: str | None = "tanh"
    slope: float | None = None
    reverse: bool = False
    sequences: bool = False
    states: bool = False
    zero_masked: bool = False
    reset_after: bool = True


class Arrays(NamedTuple):
    """The arguments of a recurrence: see `ops.recurrence`."""

    x: Any
    kernel: Any
    recurrent: Any
    bias: Any
    mask: Any
    h: Any
    c: Any = None


def _turned(a: np.ndarray) -> np.ndarray:
    """`(batch, steps, features)` as `(steps, features, batch)`."""
    return a.transpose(1, 2, 0)


class Loop:
    """What the three kinds of recurrence share: inputs, masks, the products over all times, and the way in and out.

    Args:
        room: where arrays come from.
        arrays: the arguments, of one float dtype.
        options: how it runs.

    Attributes:
        order: which block of the kernel's columns each block of rows here comes from.
        recurrent_order: the same of the recurrent kernel.
        shut: for each block of rows, the sign of what a masked step adds to it.
        sigmoids, recurrent_sigmoids: the blocks of rows that are gates.
    """

    order: tuple[int, ...] = (0,)
    recurrent_order: tuple[int, ...] = (0,)
    shut: tuple[float, ...] = (0.0,)
    sigmoids: tuple[int, ...] = ()
    recurrent_sigmoids: tuple[int, ...] = ()
    # Whether masked steps keep the state by what `shut` does alone.
    keeps_by_gates = False

    def __init__(self, room: Room, arrays: Arrays, options: Options) -> None:
        self.room, self.arrays, self.options = room, arrays, options
        self.batch, self.steps, self.features = arrays.x.shape
        self.units = arrays.recurrent.shape[0]
        self.kind = arrays.x.dtype
        self.half, self.one, self.zero = (np.full((), value, self.kind) for value in (0.5, 1, 0))
        self._scratch: dict[Any, np.ndarray] = {}
        biased, masked = arrays.bias is not None, arrays.mask is not None
        self.inputs = self._kept(self.steps, self.features + biased + masked, self.batch)
        self.weights = self._kept(self.inputs.shape[1], len(self.order) * self.units)
        self.turned_weights = self._kept(*self.weights.shape[::-1])
        self.extra = int(biased and arrays.bias.ndim == 2)  # a bias of its own beside the recurrent kernel
        self.recurrent = self._kept(self.units + self.extra, len(self.recurrent_order) * self.units)
        rows, columns = self.recurrent.shape
        # The product with one state, a vector, goes along the longer side of the weights.
        self.turned_recurrent = self._kept(rows, columns).T if self.batch == 1 else self._kept(columns, rows)
        self.h = self._kept(self.steps + 1, self.units + self.extra, self.batch)
        self.absent = room.keep((self.steps, self.batch), bool) if masked else None
        self.is_fused = options.activation == "tanh" and options.slope is None and takes(self.h[0])

    def _kept(self, *shape: int) -> np.ndarray:
        return self.room.keep(shape, self.kind)

    def _lent(self, use: str, *shape: int) -> np.ndarray:
        """Scratch memory; the same for each step that asks for the same."""
        found = self._scratch.get((use, shape))
        if found is None:
            found = self._scratch[use, shape] = self.room.lend(shape, self.kind, f"recurrence {use}")
        return found

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

    def _fused(self, name: str, arrays: tuple[np.ndarray, ...], calls: Calls) -> Calls:
        """Calls as one fused loop over arrays of a step, where there is one."""
        return [Fused(name, tuple(a.reshape(-1) for a in arrays), calls)] if self.is_fused else calls

    # -- the way in --------------------------------------------------------------------------------------------

    def _in_time(self, a: np.ndarray) -> np.ndarray:
        """An array `(batch, steps, ...)` in the order of computation."""
        return a[:, ::-1] if self.options.reverse else a

    def _load(self) -> Calls:
        """Inputs, weights and first states, brought to where the loop wants them."""
        x, bias, mask = self.arrays.x, self.arrays.bias, self.arrays.mask
        inside = self.inputs[:, : self.features]
        calls: Calls = [copied(inside, _turned(self._in_time(x)))]
        if bias is not None:
            calls.append(partial(self.inputs[:, self.features].fill, 1))
        if mask is not None:
            assert self.absent is not None
            calls += [
                partial(np.logical_not, self._in_time(mask).T, self.absent),
                copied(self.inputs[:, -1], self.absent),
                # what is left out may be anything, and 0 times infinity is no number
                partial(np.copyto, inside, 0, where=self.absent[:, None]),
            ]
        calls += [*self._load_weights(), *self._load_recurrent(), self._first(self._state(0), self.arrays.h)]
        return calls

    def _load_weights(self) -> Calls:
        kernel, bias, mask = self.arrays.kernel, self.arrays.bias, self.arrays.mask
        units, calls = self.units, []
        for place, block in enumerate(self.order):
            target = self.weights[:, place * units : (place + 1) * units]
            source = slice(block * units, (block + 1) * units)
            calls.append(copied(target[: self.features], kernel[:, source]))
            if bias is not None:
                calls.append(copied(target[self.features], self._input_bias(bias)[source]))
            if mask is not None:
                calls.append(partial(target[-1].fill, self.shut[place] * _BEYOND))
        return [*calls, self._scaled(self.weights, self.sigmoids, self.turned_weights)]

    @staticmethod
    def _input_bias(bias: np.ndarray) -> np.ndarray:
        return bias[0] if bias.ndim == 2 else bias

    def _load_recurrent(self) -> Calls:
        recurrent, bias = self.arrays.recurrent, self.arrays.bias
        units, calls = self.units, []
        for place, block in enumerate(self.recurrent_order):
            target = self.recurrent[:, place * units : (place + 1) * units]
            source = slice(block * units, (block + 1) * units)
            calls.append(copied(target[:units], recurrent[:, source]))
            if self.extra:
                calls.append(copied(target[units], bias[1, source]))
        if self.extra:
            calls.append(partial(self.h[:, units].fill, 1))
        return [*calls, self._scaled(self.recurrent, self.recurrent_sigmoids, self.turned_recurrent)]

    def _scaled(self, weights: np.ndarray, sigmoids: tuple[int, ...], target: np.ndarray) -> Call:
        """Weights turned about, and halved where a sigmoid is computed by `tanh`, or times the slope of a hard one."""
        scale = np.ones((len(target), 1), self.kind)
        for place in sigmoids:
            scale[place * self.units : (place + 1) * self.units] = self.options.slope or 0.5
        return partial(np.multiply, weights.T, scale, target)

    @staticmethod
    def _first(target: np.ndarray, state: np.ndarray | None) -> Call:
        return partial(target.fill, 0) if state is None else copied(target, state.T)

    def _products(self, out: np.ndarray) -> Call:
        """The products with the inputs of all times."""
        if self.batch == 1:
            return partial(np.matmul, self.inputs[..., 0], self.turned_weights.T, out=out[..., 0])
        return partial(np.matmul, self.turned_weights, self.inputs, out=out)

    # -- forward -----------------------------------------------------------------------------------------------

    def forward(self, y: np.ndarray, *states: np.ndarray) -> Calls:
        """The calls that fill the output and the last states."""
        calls = [*self._load(), *self._before()]
        for t in range(self.steps):
            calls += self._step(t)
            if self.absent is not None and not self.keeps_by_gates:
                calls.append(partial(np.copyto, self._state(t + 1), self._state(t), where=self.absent[t]))
        calls += self._deliver(y)
        last = self._last_states()
        return [*calls, *(copied(target, state.T) for target, state in zip(states, last, strict=False))]

    def _state(self, t: int) -> np.ndarray:
        return self.h[t, : self.units]

    def _before(self) -> Calls:
        raise NotImplementedError

    def _step(self, t: int) -> Calls:
        raise NotImplementedError

    def _last_states(self) -> Sequence[np.ndarray]:
        return [self._state(self.steps)]

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
            calls: Calls = [copied(y, self.h[1:, : self.units].transpose(2, 0, 1))]
            return calls if zeroed is None else [*calls, partial(np.copyto, y, 0, where=zeroed.T[..., None])]
        calls = [copied(y, self._state(self.steps).T)]
        return calls if zeroed is None else [*calls, partial(np.copyto, y, 0, where=zeroed[-1][:, None])]

    # -- backward ----------------------------------------------------------------------------------------------

    def backward(
        self, gradients: Sequence[np.ndarray | None], into: Sequence[np.ndarray | None], once: bool = False
    ) -> Calls:
        """The calls that fill the gradients of the arguments.

        Args:
            gradients: those of the output and of the last states.
            into: for each argument the array to fill, or None.
            once: whether no other backward pass follows on the same forward pass, whose arrays may then be overwritten.
        """
        self.dh = self._lent("dh", self.units, self.batch)
        self.spare = self._lent("spare", self.units, self.batch)
        self.held = self._lent("held", self.units, self.batch)
        gates = self._gates_to_reuse() if once else None
        self.deltas = self._lent("deltas", self.steps, self._delta_rows(), self.batch) if gates is None else gates
        arrived, calls = self._arrive(gradients)
        for t in reversed(range(self.steps)):
            if arrived is not None:
                calls.append(partial(np.add, self.dh, arrived[t], self.dh))
            if self.absent is not None and not self.keeps_by_gates:
                calls += [
                    partial(np.multiply, self.dh, self.absent[t], self.held),
                    partial(np.subtract, self.dh, self.held, self.dh),
                ]
            calls += self._step_back(t)
            if self.absent is not None and not self.keeps_by_gates:
                calls.append(partial(np.add, self.dh, self.held, self.dh))
        return [*calls, *self._leave(Arrays(*into))]

    def _delta_rows(self) -> int:
        return len(self.order) * self.units

    def _gates_to_reuse(self) -> np.ndarray | None:
        """Where the deltas of a step may take the place of its gates."""
        return None

    def _arrive(self, gradients: Sequence[np.ndarray | None]) -> tuple[np.ndarray | None, Calls]:
        """The gradients of the states, those of every step's output as `(steps, units, batch)`."""
        g, *of_states = gradients
        g_h = of_states[0] if of_states else None
        calls: Calls = [self._first(self.dh, g_h)]
        if g is None:
            return None, calls
        zeroed = self.absent if self.options.zero_masked and self.steps else None
        if self.options.sequences:
            arrived = self._lent("arrived", self.steps, self.units, self.batch)
            calls.append(copied(arrived, _turned(g)))
            if zeroed is not None:
                calls.append(partial(np.copyto, arrived, 0, where=zeroed[:, None]))
            return arrived, calls
        last = self._lent("arrived", self.units, self.batch)
        calls.append(copied(last, g.T))
        if zeroed is not None:
            calls.append(partial(np.copyto, last, 0, where=zeroed[-1]))
        return None, [*calls, partial(np.add, self.dh, last, self.dh)]

    def _step_back(self, t: int) -> Calls:
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

    def _to_state(self, delta: np.ndarray, out: np.ndarray) -> Call:
        """The state's gradient from that of the products with it."""
        return product(self.recurrent[: self.units], delta, out)

    def _leave(self, into: Arrays) -> Calls:
        """The gradients of the arguments, each of the weights' by one product over all times."""
        rows = self._delta_rows()
        by_row = self._lent("delta rows", rows, self.steps, self.batch)
        delta = by_row.reshape(rows, self.steps * self.batch)
        calls: Calls = [copied(by_row, self.deltas.transpose(1, 0, 2)), *self._weight_shares(delta, into)]
        if into.x is not None:
            image = self._lent("image", self.features, self.steps, self.batch)
            of_inputs = delta[: len(self.order) * self.units]
            flat = image.reshape(self.features, self.steps * self.batch)
            calls += [
                product(self.weights[: self.features], of_inputs, flat),
                copied(self._in_time(into.x), image.transpose(2, 1, 0)),
            ]
        if into.h is not None:
            calls.append(copied(into.h, self.dh.T))
        return calls

    def _weight_shares(self, delta: np.ndarray, into: Arrays) -> Calls:
        """The gradients of the weights; those of both kernels together, where the same deltas belong to them."""
        if into.kernel is None and into.recurrent is None and into.bias is None:
            return []
        count = len(self.weights)
        shares = self._lent("shares", count + len(self.recurrent), self.weights.shape[1])
        if self.order == self.recurrent_order:
            calls = self._over_time([self.inputs, self.h[: self.steps]], delta, shares)
        else:
            calls = self._over_time([self.inputs], delta[: self.weights.shape[1]], shares[:count])
            calls += self._recurrent_shares(delta, shares[count:])
        return [*calls, *self._spread_weights(shares[:count], into), *self._spread_recurrent(shares[count:], into)]

    def _recurrent_shares(self, delta: np.ndarray, shares: np.ndarray) -> Calls:
        return self._over_time([self.h[: self.steps]], delta[-shares.shape[1] :], shares)

    def _over_time(self, left: list[np.ndarray], delta: np.ndarray, out: np.ndarray) -> Calls:
        """`out = sum over times and samples of left x delta`, in one product."""
        rows = sum(part.shape[1] for part in left)
        by_row = self._lent("rows", rows, self.steps, self.batch)
        calls, first = [], 0
        for part in left:
            calls.append(copied(by_row[first : first + part.shape[1]], part.transpose(1, 0, 2)))
            first += part.shape[1]
        return [*calls, product(by_row.reshape(rows, self.steps * self.batch), delta.T, out)]

    def _spread_weights(self, shares: np.ndarray, into: Arrays) -> Calls:
        calls: Calls = []
        units = self.units
        for place, block in enumerate(self.order):
            source = shares[:, place * units : (place + 1) * units]
            target = slice(block * units, (block + 1) * units)
            if into.kernel is not None:
                calls.append(copied(into.kernel[:, target], source[: self.features]))
            if into.bias is not None:
                calls.append(copied(self._input_bias(into.bias)[target], source[self.features]))
        return calls

    def _spread_recurrent(self, shares: np.ndarray, into: Arrays) -> Calls:
        calls: Calls = []
        units = self.units
        for place, block in enumerate(self.recurrent_order):
            source = shares[:, place * units : (place + 1) * units]
            target = slice(block * units, (block + 1) * units)
            if into.recurrent is not None:
                calls.append(copied(into.recurrent[:, target], source[:units]))
            if into.bias is not None and self.extra:
                calls.append(copied(into.bias[1, target], source[units]))
        return calls


class SimpleLoop(Loop):
    """`h = activation(x W + b + h U)`."""

    def _before(self) -> Calls:
        self.sums = self._lent("sums", self.steps, self.units, self.batch)
        return [self._products(self.sums)]

    def _step(self, t: int) -> Calls:
        h = self.h[t + 1]
        return [
            product(self.turned_recurrent, self.h[t], h),
            partial(np.add, h, self.sums[t], h),
            *finish(self.room, h, None, self.options.activation),
        ]

    def _step_back(self, t: int) -> Calls:
        delta, self.dh, self.spare = self.dh, self.spare, self.dh
        return [
            *slope_in_place(self.room, self.h[t + 1], delta, self.options.activation),
            copied(self.deltas[t], delta),
            self._to_state(delta, self.dh),
        ]
