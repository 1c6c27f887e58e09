"""Every derivative against central differences in float64, once and twice; and NumPy's functions on tensors."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kerasish.ops
from kerasish.backend import nest
from kerasish.backend.primitive import Primitive
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable
from tests.property.composite_cases import COMPOSITES
from tests.property.gradient_cases import CASES, ONLY_ONCE, UNDERIVABLE
from tests.property.gradient_draw import Draw
from tests.property.window_cases import WINDOW_COMPOSITES

_STEP = 1e-6
# Central differences err by step² from the third derivative and by rounding / step: about 1e-9 of what is added.
_CLOSE = {"rtol": 2e-6, "atol": 2e-7}


def _primitives() -> dict[str, Primitive]:
    """The primitives with a derivative that the backend and kerasish.ops declare, by name."""
    modules = ["kerasish.backend.operators"]
    modules += [f"kerasish.ops.{info.name}" for info in pkgutil.iter_modules(kerasish.ops.__path__)]
    found: dict[str, Primitive] = {}
    for module in modules:
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, Primitive) and value.vjps is not None:
                assert found.setdefault(value.name, value) is value, f"two primitives are called {value.name!r}"
    return found


WHOLE = {**COMPOSITES, **WINDOW_COMPOSITES}


def test_every_derivative_has_a_case() -> None:
    assert set(_primitives()) == set(CASES) | set(UNDERIVABLE)


def _weighted_sum(outputs: Any, weights: list[np.ndarray]) -> Any:
    """One number of all outputs, in which each counts differently."""
    terms = [np.sum(y * w) for y, w in zip(nest.flatten(outputs), weights, strict=True)]
    return sum(terms[1:], start=terms[0])


def _gradient(function: Any, arrays: list[np.ndarray], weights: list[np.ndarray]) -> list[np.ndarray]:
    variables = [Variable(x) for x in arrays]
    with GradientTape() as tape:
        loss = _weighted_sum(function(*variables), weights)
    found = tape.gradient(loss, variables, unconnected_gradients="zero")
    for g, x in zip(found, arrays, strict=True):
        assert g.shape == x.shape
        assert g.dtype == x.dtype
    return found


def _central_differences(function: Any, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """The derivative of a function that returns one number, an element at a time."""
    found = []
    for i, x in enumerate(arrays):
        slope = np.zeros_like(x)
        for place in np.ndindex(*x.shape):
            values = []
            for step in (_STEP, -_STEP):
                moved = [a.copy() for a in arrays]
                moved[i][place] += step
                values.append(float(function(*moved)))
            slope[place] = (values[0] - values[1]) / (2 * _STEP)
        found.append(slope)
    return found


def _weights(function: Any, arrays: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.uniform(0.5, 1.5, np.shape(y)) for y in nest.flatten(function(*arrays))]


@pytest.mark.parametrize("name", sorted({**CASES, **{f"{name} (whole)": c for name, c in WHOLE.items()}}))
@settings(max_examples=8)
@given(data=st.data())
def test_first_derivative(name: str, data: Any) -> None:
    case = WHOLE[name.removesuffix(" (whole)")] if name.endswith(" (whole)") else CASES[name]
    draw = Draw(data)
    function, arrays = case(draw)
    weights = _weights(function, arrays, draw.rng)
    found = _gradient(function, arrays, weights)
    expected = _central_differences(lambda *xs: _weighted_sum(function(*xs), weights), arrays)
    for g, slope in zip(found, expected, strict=True):
        np.testing.assert_allclose(g, slope, **_CLOSE)


@pytest.mark.parametrize("name", sorted(CASES))
@settings(max_examples=3)
@given(data=st.data())
def test_derivatives_in_other_float_types(name: str, data: Any) -> None:
    """In single precision the numbers agree; beside another float type each argument gets its own back."""
    draw = Draw(data)
    function, arrays = CASES[name](draw)
    weights = _weights(function, arrays, draw.rng)
    expected = _gradient(function, arrays, weights)
    single = _gradient(function, [x.astype("float32") for x in arrays], [w.astype("float32") for w in weights])
    for g, exact in zip(single, expected, strict=True):
        size = np.max(np.abs(exact), initial=1.0)
        np.testing.assert_allclose(g, exact, rtol=0, atol=size * 2e-4)
    mixed = [x.astype(draw.pick("float32", "float64")) for x in arrays]
    _gradient(function, mixed, weights)


def _slope_along(function: Any, arrays: Any, weights: list[np.ndarray], along: list[np.ndarray]) -> Any:
    """The inner product of the gradient with fixed arrays: one number, computed under whatever tape is open."""
    with GradientTape() as tape:
        inputs = [tape.watch(x) for x in arrays]
        loss = _weighted_sum(function(*inputs), weights)
    found = tape.gradient(loss, inputs)
    terms = [np.sum(g * d) for g, d in zip(found, along, strict=True) if g is not None]
    return sum(terms[1:], start=terms[0])


@pytest.mark.parametrize("name", sorted(set(CASES) - set(ONLY_ONCE)))
@settings(max_examples=3)
@given(data=st.data())
def test_second_derivative(name: str, data: Any) -> None:
    draw = Draw(data)
    function, arrays = CASES[name](draw)
    weights = _weights(function, arrays, draw.rng)
    along = [draw.rng.uniform(0.5, 1.5, x.shape) for x in arrays]
    with GradientTape() as outer:
        inputs = [outer.watch(x) for x in arrays]
        slope = _slope_along(function, inputs, weights, along)
    plain = _slope_along(function, arrays, weights, along)
    np.testing.assert_allclose(np.asarray(slope.value if isinstance(slope, Tensor) else slope), plain, rtol=1e-9)
    if isinstance(slope, Tensor):
        found = outer.gradient(slope, inputs, unconnected_gradients="zero")
    else:
        found = [np.zeros_like(x) for x in arrays]
    expected = _central_differences(lambda *xs: _slope_along(function, list(xs), weights, along), arrays)
    for g, curvature in zip(found, expected, strict=True):
        np.testing.assert_allclose(g, curvature, rtol=5e-6, atol=1e-6)


@pytest.mark.parametrize("name", sorted(UNDERIVABLE))
def test_unknown_derivatives_raise(name: str) -> None:
    v = Variable(np.array(1.5))
    with GradientTape() as tape:
        y = np.sum(UNDERIVABLE[name](v))
    with pytest.raises(NotImplementedError, match=f"derivative of {name} is not implemented"):
        tape.gradient(y, v)
