"""The loops over time of LSTM and GRU; see `ops.recurrent_loops`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from kerasish.backend.plans import copied, product
from kerasish.backend.room import Calls, Room
from kerasish.ops.plans.dense import finish, slope_in_place
from kerasish.ops.recurrent_loops import Arrays, Loop, Options


class LSTMLoop(Loop):
    """`c = f c + i g`, `h = o activation(c)`, with the gates of a step in rows `[i f o g c]`, `c` of the step before.

    In that order the gates that are sigmoids lie together, and `[i f] * [g c]` is one product.
    """

    order = recurrent_order = (0, 1, 3, 2)
    sigmoids = recurrent_sigmoids = (0, 1, 2)
    shut = (-1.0, 1.0, 0.0, 0.0)  # a masked step forgets nothing and adds nothing

    def _before(self) -> Calls:
        self.gates = self._kept(self.steps + 1, 5 * self.units, self.batch)
        self.squashed = self._kept(self.steps, self.units, self.batch)
        return [
            self._products(self.gates[: self.steps, : 4 * self.units]),
            self._first(self._carry(0), self.arrays.c),
        ]

    def _carry(self, t: int) -> np.ndarray:
        return self._rows(self.gates[t], 4)

    def _step(self, t: int) -> Calls:
        gates, activation = self.gates[t], self.options.activation
        sums, sigmoids = self._rows(gates, 0, 4), self._rows(gates, 0, 3)
        states = self._lent("state products", 4 * self.units, self.batch)
        pair = self._lent("pair", 2 * self.units, self.batch)
        squashed = self.squashed[t]
        if activation == "tanh" and self.options.slope is None:
            through = self._squashed(sums)
        else:
            through = [*self._squashed(sigmoids), *finish(self.room, self._rows(gates, 3), None, activation)]
        return [
            product(self.turned_recurrent, self.h[t], states),
            partial(np.add, sums, states, sums),
            *through,
            *self._fused(
                "lstm_cell",
                (gates, self._carry(t + 1)),
                [
                    *self._gate(sigmoids),
                    partial(np.multiply, self._rows(gates, 0, 2), self._rows(gates, 3, 2), pair),
                    partial(np.add, self._rows(pair, 0), self._rows(pair, 1), self._carry(t + 1)),
                ],
            ),
            *self._squash(self._carry(t + 1), squashed),
            partial(np.multiply, self._rows(gates, 2), squashed, self._state(t + 1)),
        ]

    def _squash(self, carry: np.ndarray, out: np.ndarray) -> Calls:
        if self.options.activation == "tanh":
            return [partial(np.tanh, carry, out)]
        return [copied(out, carry), *finish(self.room, out, None, self.options.activation)]

    def _last_states(self) -> Sequence[np.ndarray]:
        return [self._state(self.steps), self._carry(self.steps)]

    def _arrive(self, gradients: Sequence[np.ndarray | None]) -> tuple[np.ndarray | None, Calls]:
        self.dc = self._lent("dc", self.units, self.batch)
        arrived, calls = super()._arrive(gradients)
        return arrived, [*calls, self._first(self.dc, gradients[2] if len(gradients) > 2 else None)]

    def _gates_to_reuse(self) -> np.ndarray:
        return self.gates[: self.steps, : 4 * self.units]

    def _step_back(self, t: int) -> Calls:
        gates, squashed, dh, dc = self.gates[t], self.squashed[t], self.dh, self.dc
        activation = self.options.activation
        delta = self._lent("delta", 4 * self.units, self.batch)
        through = self._lent("through", self.units, self.batch)
        candidate, both = self._rows(delta, 3), (2, self.units, self.batch)
        slopes: Calls = [
            partial(np.multiply, dh, squashed, self._rows(delta, 2)),
            partial(np.multiply, dh, self._rows(gates, 2), through),
            *slope_in_place(self.room, squashed, through, activation),
            partial(np.add, dc, through, dc),
            partial(np.multiply, self._rows(gates, 3, 2).reshape(both), dc, self._rows(delta, 0, 2).reshape(both)),
            partial(np.multiply, dc, self._rows(gates, 0), candidate),
            partial(np.multiply, dc, self._rows(gates, 1), dc),
            *self._gate_slope(self._rows(gates, 0, 3), self._rows(delta, 0, 3)),
            *slope_in_place(self.room, self._rows(gates, 3), candidate, activation),
        ]
        return [
            *self._fused("lstm_slope", (gates, squashed, dh, dc, delta), slopes),
            copied(self.deltas[t], delta),
            self._to_state(delta, dh),
        ]

    def _leave(self, into: Arrays) -> Calls:
        calls = super()._leave(into)
        return calls if into.c is None else [*calls, copied(into.c, self.dc.T)]


class GRULoop(Loop):
    """`h = z h + (1 - z) g`, with the sums of a step in rows `[g z r p]`, `p` the candidate's product with the state.

    The reset gate acts on the product with the state: `g = activation(x W + r (h U + b))`.
    """

    order, recurrent_order = (2, 0, 1), (0, 1, 2)
    sigmoids, recurrent_sigmoids = (1, 2), (0, 1)
    shut = (0.0, 1.0, 0.0)  # a masked step keeps the state as it is
    keeps_by_gates = True

    def _before(self) -> Calls:
        self.gates = self._kept(self.steps, 4 * self.units, self.batch)
        self.sums = self._rows(self.gates, 0, 3)
        return [self._products(self.sums)]

    def _step(self, t: int) -> Calls:
        sums, kept = self.sums[t], self._rows(self.gates[t], 3)
        candidate, gates = self._rows(sums, 0), self._rows(sums, 1, 2)
        products = self._lent("state products", 3 * self.units, self.batch)
        past = self._lent("past", self.units, self.batch)
        return [
            product(self.turned_recurrent, self.h[t], products),
            partial(np.add, gates, self._rows(products, 0, 2), gates),
            *self._squashed(gates),
            *self._fused(
                "gru_gates",
                (self.gates[t], products),
                [
                    *self._gate(gates),
                    copied(kept, self._rows(products, 2)),
                    partial(np.multiply, self._rows(sums, 2), kept, past),
                    partial(np.add, candidate, past, candidate),
                ],
            ),
            *self._mixed(t, past),
        ]

    def _mixed(self, t: int, past: np.ndarray) -> Calls:
        """The candidate through its activation, and with the state before: the new state."""
        candidate, update, new = self._rows(self.sums[t], 0), self._rows(self.sums[t], 1), self._state(t + 1)
        mix: Calls = [
            partial(np.multiply, update, self._state(t), past),
            partial(np.subtract, self._equal("one", update), update, new),
            partial(np.multiply, new, candidate, new),
            partial(np.add, new, past, new),
        ]
        return [
            *finish(self.room, candidate, None, self.options.activation),
            *self._fused("gru_mix", (self.sums[t], self._state(t), new), mix),
        ]

    def _delta_rows(self) -> int:
        return 4 * self.units

    def _gates_to_reuse(self) -> np.ndarray:
        return self.gates

    def _step_back(self, t: int) -> Calls:
        delta = self._lent("delta", 4 * self.units, self.batch)
        candidate, reset, of_state = (self._rows(delta, row) for row in (0, 2, 3))
        sums = self.sums[t]
        slopes: Calls = [
            *self._back_to_candidate(t, delta),
            partial(np.multiply, candidate, self._rows(self.gates[t], 3), reset),
            partial(np.multiply, candidate, self._rows(sums, 2), of_state),
            *self._gate_slope(self._rows(sums, 1, 2), self._rows(delta, 1, 2)),
        ]
        return [
            *self._fused("gru_slope", (self.gates[t], self._state(t), self.dh, delta), slopes),
            copied(self.deltas[t], delta),
            self._to_state(self._rows(delta, 1, 3), self.spare),
            partial(np.add, self.dh, self.spare, self.dh),
        ]

    def _back_to_candidate(self, t: int, delta: np.ndarray) -> Calls:
        """The gradients of the candidate's sum and of the update gate, and what of `dh` goes past them."""
        candidate, update = self._rows(delta, 0), self._rows(delta, 1)
        sums, dh = self.sums[t], self.dh
        return [
            partial(np.subtract, self.one, self._rows(sums, 1), candidate),
            partial(np.multiply, candidate, dh, candidate),
            *slope_in_place(self.room, self._rows(sums, 0), candidate, self.options.activation),
            partial(np.subtract, self._state(t), self._rows(sums, 0), update),
            partial(np.multiply, update, dh, update),
            partial(np.multiply, dh, self._rows(sums, 1), dh),
        ]


class ResetBeforeLoop(GRULoop):
    """The same with the reset gate on the state itself: `g = activation(x W + (r h) U)`."""

    def _before(self) -> Calls:
        self.sums = self.gates = self._kept(self.steps, 3 * self.units, self.batch)
        self.reset = self._kept(self.steps, self.units, self.batch)
        return [self._products(self.sums)]

    def _step(self, t: int) -> Calls:
        sums, h, units = self.sums[t], self.h[t], self.units
        candidate, gates = self._rows(sums, 0), self._rows(sums, 1, 2)
        both = self._lent("state products", 2 * units, self.batch)
        past = self._lent("past", units, self.batch)
        return [
            product(self.turned_recurrent[: 2 * units], h, both),
            partial(np.add, gates, both, gates),
            *self._squashed(gates),
            *self._gate(gates),
            partial(np.multiply, self._rows(sums, 2), h, self.reset[t]),
            product(self.turned_recurrent[2 * units :], self.reset[t], past),
            partial(np.add, candidate, past, candidate),
            *self._mixed(t, past),
        ]

    def _delta_rows(self) -> int:
        return 3 * self.units

    def _step_back(self, t: int) -> Calls:
        delta = self._lent("delta", 3 * self.units, self.batch)
        reset, back = self._rows(delta, 2), self._lent("through", self.units, self.batch)
        kernels = np.split(self.recurrent, [2 * self.units], axis=1)
        return [
            *self._back_to_candidate(t, delta),
            product(kernels[1], self._rows(delta, 0), back),
            partial(np.multiply, back, self.h[t], reset),
            partial(np.multiply, back, self._rows(self.sums[t], 2), back),
            *self._gate_slope(self._rows(self.sums[t], 1, 2), self._rows(delta, 1, 2)),
            copied(self.deltas[t], delta),
            product(kernels[0], self._rows(delta, 1, 2), self.spare),
            partial(np.add, self.spare, back, self.spare),
            partial(np.add, self.dh, self.spare, self.dh),
        ]

    def _recurrent_shares(self, delta: np.ndarray, shares: np.ndarray) -> Calls:
        units = self.units
        first, second = self._lent("gate shares", units, 2 * units), self._lent("candidate shares", units, units)
        return [
            *self._over_time([self.h[: self.steps]], delta[units:], first),
            *self._over_time([self.reset], delta[:units], second),
            copied(shares[:, : 2 * units], first),
            copied(shares[:, 2 * units :], second),
        ]


def gru_loop(room: Room, arrays: Arrays, options: Options) -> Loop:
    """The loop of a GRU, by the place of its reset gate."""
    return (GRULoop if options.reset_after else ResetBeforeLoop)(room, arrays, options)
