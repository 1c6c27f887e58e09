"""Gradient checks of recurrence: sizes, lengths of 0 and 1, masks with their holes anywhere, both directions."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.ops import recurrence
from kerasish.ops.recurrent_options import Options
from tests.property.gradient_draw import Case, Draw

_BLOCKS = {"simple_rnn": 1, "lstm": 4, "gru": 3}


def mask_of(d: Draw, batch: int, steps: int) -> np.ndarray | None:
    """None, or booleans that are false at the end, at the beginning, here and there, or everywhere."""
    lengths = d.rng.integers(0, steps + 1, (batch, 1))
    places = np.arange(steps)
    return d.pick(
        None,
        places < lengths,
        places >= steps - lengths,
        d.rng.random((batch, steps)) < 0.6,
        np.zeros((batch, steps), bool),
    )


def _recurrence(kind: str) -> Case:
    def case(d: Draw) -> Any:
        batch, steps, features, units = d.int(1, 2), d.pick(0, 1, 2, 3), d.int(1, 2), d.int(1, 2)
        width, is_gru = _BLOCKS[kind] * units, kind == "gru"
        options = Options(
            activation=d.pick("tanh", "tanh", None),
            slope=d.pick(None, 0.2),
            reverse=d.pick(False, True),
            sequences=d.pick(False, True),
            states=d.pick(False, True),
            zero_masked=d.pick(False, True),
            reset_after=d.pick(False, True),
        )
        arrays = [d.array((batch, steps, features)), d.array((features, width)), d.array((units, width))]
        has_bias = d.pick(False, True)
        if has_bias:
            arrays.append(d.array((2, width) if is_gru and options.reset_after else (width,)))
        count = 2 if kind == "lstm" else 1
        has_states = d.pick(False, True)
        if has_states:
            arrays += [d.array((batch, units)) for _ in range(count)]
        mask = mask_of(d, batch, steps)

        def function(*xs: Any) -> Any:
            bias = xs[3] if has_bias else None
            initial = xs[-count:] if has_states else (None,) * count
            return getattr(recurrence, kind)(*xs[:3], bias, initial, mask, options)

        return function, arrays

    return case


RECURRENCE_CASES: dict[str, Case] = {kind: _recurrence(kind) for kind in _BLOCKS}
