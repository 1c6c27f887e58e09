"""Every operation that is run again in kept arrays gives what the tape gives, once and on other numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish.backend import nest
from kerasish.backend.program import Program
from kerasish.backend.room import Room
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import NotPlannable, Tensor
from kerasish.backend.trace import Trace
from tests.property.composite_cases import COMPOSITES
from tests.property.gradient_cases import CASES
from tests.property.gradient_draw import Draw
from tests.property.window_cases import WINDOW_COMPOSITES

ALL = {**COMPOSITES, **WINDOW_COMPOSITES, **CASES}


def _weighted(outputs: Any, weights: list[np.ndarray]) -> Any:
    terms = [np.sum(y * w) for y, w in zip(nest.flatten(outputs), weights, strict=True)]
    return sum(terms[1:], start=terms[0])


def _by_tape(function: Any, arrays: list[np.ndarray], weights: list[np.ndarray]) -> list[np.ndarray]:
    with GradientTape() as tape:
        inputs = [tape.watch(a) for a in arrays]
        loss = _weighted(function(*inputs), weights)
    return [loss.value, *tape.gradient(loss, inputs, unconnected_gradients="zero")]


class Recorded:
    """A function and its gradients, recorded on some arrays."""

    def __init__(self, function: Any, arrays: list[np.ndarray], weights: list[np.ndarray]) -> None:
        self.arrays = [a.copy() for a in arrays]
        leaves = [Tensor(a) for a in self.arrays]
        with Trace() as trace:
            self.loss = _weighted(function(*leaves), weights)
        if trace.reason is not None:
            raise NotPlannable(trace.reason)
        self.gradients = [np.zeros_like(a) for a in self.arrays]
        places = {id(leaf): a for leaf, a in zip(leaves, self.arrays, strict=True)}
        into = {id(leaf): g for leaf, g in zip(leaves, self.gradients, strict=True)}
        self.program = Program(trace.notes, places, self.loss, 1.0, into, Room())

    def __call__(self, arrays: list[np.ndarray]) -> list[np.ndarray]:
        for place, array in zip(self.arrays, arrays, strict=True):
            place[...] = array
        self.program.run()
        return [np.array(self.program.array(self.loss)), *(g.copy() for g in self.gradients)]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", sorted(ALL))
@settings(max_examples=2)
@given(data=st.data())
def test_both_ways_are_equal(name: str, dtype: str, data: Any) -> None:
    draw = Draw(data)
    function, drawn = ALL[name](draw)
    arrays = [a.astype(dtype) for a in drawn]
    others = [(a * 1.0001).astype(dtype) for a in drawn]
    weights = [draw.rng.uniform(0.5, 1.5, np.shape(y)).astype(dtype) for y in nest.flatten(function(*arrays))]
    try:
        recorded = Recorded(function, arrays, weights)
    except NotPlannable:
        return
    near = 1e-9 if dtype == "float64" else 1e-4
    for given_ in (arrays, others):
        for found, expected in zip(recorded(given_), _by_tape(function, given_, weights), strict=True):
            assert found.dtype == expected.dtype
            np.testing.assert_allclose(found, expected, rtol=near, atol=near * np.max(np.abs(expected), initial=1.0))
