"""The loops over time of SimpleRNN, LSTM and GRU; see `ops.recurrent_loops`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from kerasish.backend.plans import copied
from kerasish.backend.room import Calls, Room
from kerasish.ops.plans.dense import finish, slope_in_place
from kerasish.ops.recurrent_loops import Loop
from kerasish.ops.recurrent_options import Arrays, Options


class SimpleLoop(Loop):
    """`h = activation(x W + b + h U)`."""

    name = "simple_rnn"

    def _step(self, t: int) -> Calls:
        new = self._state(t + 1)
        return [*self._products(t), copied(new, self.gates[t]), *finish(self.room, new, None, self.options.activation)]

    def _slope(self, t: int, delta: np.ndarray) -> Calls:
        slope = slope_in_place(self.room, self._state(t + 1), delta, self.options.activation)
        return [copied(delta, self.dh), *slope]


class LSTMLoop(Loop):
    """`c = f c + i g`, `h = o activation(c)`, with the gates of a step in rows `[i f o g c]`, `c` of the step before.

    In that order the gates that are sigmoids lie together, and `[i f] * [g c]` is one product.
    """

    name = "lstm"
    blocks = ((0, 0), (1, 1), (3, 3), (2, 2))
    sigmoids = (0, 1, 2)
    shut = (-1.0, 1.0, 0.0, 0.0)  # a masked step forgets nothing and adds nothing
    kept_blocks, squashed_blocks = 5, 1

    def _before(self) -> Calls:
        return [self._first(self._carry(0), self.arrays.c)]

    def _carry(self, t: int) -> np.ndarray:
        return self._rows(self.gates[t], 4)

    def _step(self, t: int) -> Calls:
        gates, carry, activation = self.gates[t], self._carry(t + 1), self.options.activation
        sums, sigmoids = self._rows(gates, 0, 4), self._rows(gates, 0, 3)
        pair, squashed = self._lent_state("pair", 2), self.squashed[t]
        if activation == "tanh" and self.options.slope is None:
            through = self._squashed(sums)
        else:
            through = [*self._squashed(sigmoids), *finish(self.room, self._rows(gates, 3), None, activation)]
        return [
            *self._products(t),
            *through,
            *self._gate(sigmoids),
            partial(np.multiply, self._rows(gates, 0, 2), self._rows(gates, 3, 2), pair),
            partial(np.add, self._rows(pair, 0), self._rows(pair, 1), carry),
            *self._squash(carry, squashed),
            partial(np.multiply, self._rows(gates, 2), squashed, self._state(t + 1)),
        ]

    def _squash(self, carry: np.ndarray, out: np.ndarray) -> Calls:
        if self.options.activation == "tanh":
            return [partial(np.tanh, carry, out)]
        return [copied(out, carry), *finish(self.room, out, None, self.options.activation)]

    def _last_states(self) -> Sequence[np.ndarray]:
        return [self._state(self.steps), self._carry(self.steps)]

    def _slope(self, t: int, delta: np.ndarray) -> Calls:
        gates, squashed, dh, dc = self.gates[t], self.squashed[t], self.dh, self.dc
        activation = self.options.activation
        through, candidate = self._lent_state("through"), self._rows(delta, 3)
        both = (*self._shape(0)[:-2], 2, self.units, self._shape(0)[-1])
        return [
            partial(np.multiply, dh, squashed, self._rows(delta, 2)),
            partial(np.multiply, dh, self._rows(gates, 2), through),
            *slope_in_place(self.room, squashed, through, activation),
            partial(np.add, dc, through, dc),
            partial(
                np.multiply,
                self._rows(gates, 3, 2).reshape(both),
                dc[..., None, :, :],
                self._rows(delta, 0, 2).reshape(both),
            ),
            partial(np.multiply, dc, self._rows(gates, 0), candidate),
            partial(np.multiply, dc, self._rows(gates, 1), dc),
            *self._gate_slope(self._rows(gates, 0, 3), self._rows(delta, 0, 3)),
            *slope_in_place(self.room, self._rows(gates, 3), candidate, activation),
        ]


class GRULoop(Loop):
    """`h = z h + (1 - z) g`, with the sums of a step in rows `[g z r p]`, `p` the candidate's product with the state.

    The reset gate acts on the product with the state: `g = activation(x W + r (h U + b))`.
    """

    name: str | None = "gru"
    blocks = ((2, None), (0, 0), (1, 1), (None, 2))
    sigmoids = (1, 2)
    shut = (0.0, 1.0, 0.0, 0.0)  # a masked step keeps the state as it is
    keeps_by_gates = True
    kept_blocks = 4

    def _step(self, t: int) -> Calls:
        gates, past = self.gates[t], self._lent_state("past")
        candidate, sigmoids = self._rows(gates, 0), self._rows(gates, 1, 2)
        return [
            *self._products(t),
            *self._squashed(sigmoids),
            *self._gate(sigmoids),
            partial(np.multiply, self._rows(gates, 2), self._rows(gates, 3), past),
            partial(np.add, candidate, past, candidate),
            *self._mixed(t, past),
        ]

    def _mixed(self, t: int, past: np.ndarray) -> Calls:
        """The candidate through its activation, and with the state before: the new state."""
        candidate, update, new = self._rows(self.gates[t], 0), self._rows(self.gates[t], 1), self._state(t + 1)
        return [
            *finish(self.room, candidate, None, self.options.activation),
            partial(np.multiply, update, self._state(t), past),
            partial(np.subtract, self._equal("one", update), update, new),
            partial(np.multiply, new, candidate, new),
            partial(np.add, new, past, new),
        ]

    def _slope(self, t: int, delta: np.ndarray) -> Calls:
        candidate, reset, of_state = (self._rows(delta, row) for row in (0, 2, 3))
        gates = self.gates[t]
        return [
            *self._back_to_candidate(t, delta),
            partial(np.multiply, candidate, self._rows(gates, 3), reset),
            partial(np.multiply, candidate, self._rows(gates, 2), of_state),
            *self._gate_slope(self._rows(gates, 1, 2), self._rows(delta, 1, 2)),
        ]

    def _back_to_candidate(self, t: int, delta: np.ndarray) -> Calls:
        """The gradients of the candidate's sum and of the update gate, and what of `dh` goes past them."""
        candidate, update = self._rows(delta, 0), self._rows(delta, 1)
        gates, dh = self.gates[t], self.dh
        return [
            partial(np.subtract, self.one, self._rows(gates, 1), candidate),
            partial(np.multiply, candidate, dh, candidate),
            *slope_in_place(self.room, self._rows(gates, 0), candidate, self.options.activation),
            partial(np.subtract, self._state(t), self._rows(gates, 0), update),
            partial(np.multiply, update, dh, update),
            partial(np.multiply, dh, self._rows(gates, 1), dh),
        ]


class ResetBeforeLoop(GRULoop):
    """The same with the reset gate on the state itself: `g = activation(x W + (r h) U)`.

    The product of the state that was reset is taken when the gate is known, so it is none of the step's `pieces`.
    """

    name = None
    squashed_blocks = 1  # the state after its reset

    def _pieces(self) -> list[tuple[slice, slice]]:
        self.last = slice(3 * self.units, 4 * self.units)
        return [piece for piece in super()._pieces() if piece[0] != self.last]

    def _step(self, t: int) -> Calls:
        gates, past = self.gates[t], self._lent_state("past")
        candidate, sigmoids = self._rows(gates, 0), self._rows(gates, 1, 2)
        return [
            *self._products(t),
            *self._squashed(sigmoids),
            *self._gate(sigmoids),
            partial(np.multiply, self._rows(gates, 2), self._state(t), self.squashed[t]),
            self._product(self.weights[self.last, : self.units], self.squashed[t], past),
            partial(np.add, candidate, past, candidate),
            *self._mixed(t, past),
        ]

    def _slope(self, t: int, delta: np.ndarray) -> Calls:
        reset, back = self._rows(delta, 2), self._lent_state("through")
        candidate, gates = self._rows(delta, 0), self.gates[t]
        return [
            *self._back_to_candidate(t, delta),
            self._product(self.back[: self.units, self.last], candidate, back),
            partial(np.multiply, back, self._state(t), reset),
            partial(np.multiply, back, self._rows(gates, 2), back),
            partial(np.add, self.dh, back, self.dh),
            *self._gate_slope(self._rows(gates, 1, 2), self._rows(delta, 1, 2)),
        ]

    def _columns(self) -> tuple[slice, slice]:
        of_state, of_inputs = super()._columns()
        return slice(of_state.start, self.last.start), of_inputs

    def _weight_shares(self, steps: slice, deltas: np.ndarray) -> Calls:
        rows, collect_rows = self._collected("resets", self.squashed[steps])
        candidates, collect_candidates = self._collected(
            "candidates", self._rows(deltas[: steps.stop - steps.start], 0)
        )
        return [
            *super()._weight_shares(steps, deltas),
            *(collect_rows, collect_candidates),
            *self._shared(rows, candidates, self.shares[:, : self.units, self.last]),
        ]


def gru_loop(room: Room, arrays: Arrays, options: Options) -> Loop:
    """The loop of a GRU, by the place of its reset gate."""
    return (GRULoop if options.reset_after else ResetBeforeLoop)(room, arrays, options)
