"""A primitive on arrays, tensors, variables and symbols; its names, its outputs, its memory."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.array import Array
from kerasish.backend.primitive import NUMPY_RULES, Primitive, pick, primitive, unbroadcast, underivable
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable


def _twice() -> Primitive:
    return Primitive("twice", lambda x: 2 * x, (lambda g, y, x: 2 * g,), arguments=("x",), doc="`2 x`.")


def test_without_a_tape_there_are_arrays() -> None:
    assert type(_twice()(np.ones(2))) is Array
    assert type(_twice()(Variable(np.ones(2)))) is Array


def test_tensors_only_from_what_is_watched() -> None:
    twice, v, fixed = _twice(), Variable(np.ones(2)), Variable(np.ones(2), trainable=False)
    with GradientTape() as tape:
        assert isinstance(twice(v), Tensor)
        assert type(twice(np.ones(2))) is Array
        assert type(twice(fixed)) is Array
    assert [node.primitive for node in tape.nodes] == [twice]


def test_without_a_derivative_the_output_is_constant() -> None:
    constant = Primitive("constant", lambda x: x > 0)
    with GradientTape() as tape:
        assert type(constant(tape.watch(np.ones(2)))) is Array


def test_arguments_may_be_named() -> None:
    assert ops.add(x1=1, x2=2) == 3
    assert ops.add(1, x2=2) == 3
    assert ops.subtract(x2=1.0, x1=3.0) == 2.0
    assert list(inspect.signature(ops.add).parameters) == ["x1", "x2"]
    assert "cosine" in (inspect.getdoc(ops.cos) or "")


def test_several_outputs() -> None:
    parts = Primitive("parts", lambda x: (x[:1], x[1:]), (lambda g, y, x: np.concatenate(g),))
    v = Variable(np.arange(3.0))
    with GradientTape() as tape:
        _, tail = parts(v)
        y = np.sum(tail * tail)
    np.testing.assert_array_equal(tape.gradient(y, v), [0.0, 2.0, 4.0])
    assert isinstance(tail, Tensor)
    assert tail.primitive is pick


def test_symbols_are_recorded_not_computed() -> None:
    x = KerasTensor((None, 3))
    y = _twice()(x)
    assert y.shape == (None, 3)
    assert y.history.operation.name == "twice"
    assert y.history.inputs == [x]


def test_the_fast_backward_is_used_only_without_an_outer_tape() -> None:
    calls = []

    def backward(g: Any, y: Any, arrays: Any, params: Any, needs: Any, into: Any) -> list[Any]:
        calls.append(needs)
        return [3 * arrays[0] ** 2 * g]

    cube = Primitive("cube", lambda x: x**3, (lambda g, y, x: 3 * x**2 * g,), backward)
    v = Variable(np.array(2.0))
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = cube(v)
        slope = inner.gradient(y, v)
        assert calls == []
    assert outer.gradient(slope, v) == 12.0
    with GradientTape() as tape:
        y = cube(v)
    assert tape.gradient(y, v) == 12.0
    assert calls == [[True]]


def test_numpy_names_are_registered() -> None:
    def halve(x: Any) -> Any:
        return x / 2

    made = primitive("halve", halve, lambda g, y, x: g / 2, numpy=halve)
    assert NUMPY_RULES.pop(halve) is made


def test_underivable_names_itself() -> None:
    with pytest.raises(NotImplementedError, match=r"derivative of gammaln .*ops\.stop_gradient"):
        underivable("gammaln")(1.0)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (1, 1), (2, 3), (2, 2, 3)])
def test_unbroadcast_sums_what_was_repeated(shape: tuple[int, ...]) -> None:
    g = np.arange(12.0).reshape(2, 2, 3)
    summed = unbroadcast(g, shape)
    assert np.shape(summed) == shape
    assert np.sum(summed) == g.sum()


@pytest.mark.parametrize(
    "look",
    [
        lambda v: ops.reshape(v, (4,)),
        ops.transpose,
        lambda v: v[0],
        lambda v: ops.squeeze(ops.expand_dims(v, 0)),
        lambda v: ops.broadcast_to(v, (2, 2, 2)),
        lambda v: ops.split(v, 2)[0],
        ops.stop_gradient,
        ops.convert_to_tensor,
        ops.convert_to_numpy,
        np.diagonal,
    ],
)
def test_what_was_seen_of_a_variable_does_not_change_with_it(look: Any) -> None:
    v = Variable(np.arange(4.0).reshape(2, 2))
    before = look(v)
    kept = before.copy()
    v.assign(np.zeros((2, 2)))
    np.testing.assert_array_equal(before, kept)
