"""Recurrence over whole sequences against the same steps one by one, on the tape and in a replayed step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasish.backend.program import Program
from kerasish.backend.room import Room
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor
from kerasish.backend.trace import Trace
from kerasish.ops import recurrence
from kerasish.ops.recurrent_options import Arrays, Options
from tests.property.gradient_draw import Draw
from tests.property.recurrence_cases import mask_of

BLOCKS = {"simple_rnn": 1, "lstm": 4, "gru": 3}
RNG = np.random.default_rng(0)


def arguments(kind, batch, steps, features, units, dtype="float64", bias=True, reset_after=True, mask=None):
    width = BLOCKS[kind] * units
    of_bias = (2, width) if kind == "gru" and reset_after else (width,)

    def numbers(*shape):
        return RNG.standard_normal(shape).astype(dtype)

    states = [numbers(batch, units) for _ in range(2 if kind == "lstm" else 1)]
    return Arrays(
        numbers(batch, steps, features), numbers(features, width), numbers(units, width),
        numbers(*of_bias) if bias else None, mask, *states,
    )  # fmt: skip


def whole(kind, arrays, options):
    states = (arrays.h, arrays.c) if kind == "lstm" else (arrays.h,)
    function = getattr(recurrence, kind)
    return function(arrays.x, arrays.kernel, arrays.recurrent, arrays.bias, states, arrays.mask, options)


def values_and_gradients(function, arrays):
    """What a function of the arrays returns, and the gradients of a sum in which each number counts differently."""
    with GradientTape() as tape:
        watched = Arrays(*(a if a is None or i == 4 else tape.watch(a) for i, a in enumerate(arrays)))
        y = function(watched)
    outputs = list(y) if isinstance(y, tuple) else [y]
    values = [np.asarray(part.value if isinstance(part, Tensor) else part) for part in outputs]
    weights = [np.cos(np.arange(v.size) + i).reshape(v.shape).astype(v.dtype) for i, v in enumerate(values)]
    sources = [a for i, a in enumerate(watched) if a is not None and i != 4]
    return values, tape.gradient(outputs, sources, weights, unconnected_gradients="zero")


@pytest.mark.parametrize("kind", BLOCKS)
@settings(max_examples=40)
@given(data=st.data())
def test_as_its_steps_one_by_one(kind, data):
    d = Draw(data)
    batch, steps = d.int(1, 4), d.pick(0, 1, 2, 7)
    options = Options(
        activation=d.pick("tanh", "relu", None),
        slope=d.pick(None, 0.2),
        reverse=d.pick(False, True),
        sequences=d.pick(False, True),
        states=d.pick(False, True),
        zero_masked=d.pick(False, True),
        reset_after=d.pick(False, True),
    )
    arrays = arguments(kind, batch, steps, d.int(1, 4), d.int(1, 5), "float64", d.pick(False, True),
                       options.reset_after, mask_of(d, batch, steps))  # fmt: skip
    found = values_and_gradients(lambda a: whole(kind, a, options), arrays)
    expected = values_and_gradients(lambda a: recurrence.unrolled(kind, a, options), arrays)
    for ours, theirs in zip(found, expected, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", BLOCKS)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("reset_after", [False, True])
def test_the_same_bits_when_replayed(kind, masked, sequences, reset_after):
    options = Options(sequences=sequences, reset_after=reset_after, reverse=masked)
    mask = RNG.random((5, 6)) < 0.6 if masked else None
    arrays = arguments(kind, 5, 6, 3, 4, "float32", reset_after=reset_after, mask=mask)
    leaves = Arrays(*(a if a is None or i == 4 else Tensor(a.copy()) for i, a in enumerate(arrays)))
    with Trace() as tape:
        loss = np.sum(np.square(whole(kind, leaves, options)))
    held = {id(leaf): leaf.value for leaf in leaves if isinstance(leaf, Tensor)}
    gradients = {key: np.empty_like(value) for key, value in held.items()}
    program = Program(tape.nodes, held, loss, 1.0, gradients, Room())
    assert [n.params["found"].loop for n in tape.nodes if n.primitive.name == kind] == [None]  # its arrays are let go
    for _ in range(2):
        other = arguments(kind, 5, 6, 3, 4, "float32", reset_after=reset_after, mask=mask)
        for leaf, value in zip(leaves, other, strict=True):
            if isinstance(leaf, Tensor):
                held[id(leaf)][...] = value
        for gradient in gradients.values():
            gradient.fill(np.nan)
        program.run()
        with GradientTape() as tape:
            watched = Arrays(*(a if a is None or i == 4 else tape.watch(a) for i, a in enumerate(other)))
            expected = np.sum(np.square(whole(kind, watched, options)))
        sources = [a for a in watched if isinstance(a, Tensor)]
        found = [gradients[id(leaf)] for leaf in leaves if isinstance(leaf, Tensor)]
        np.testing.assert_array_equal(program.array(loss), expected.value)
        for a, b in zip(found, tape.gradient(expected, sources), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", BLOCKS)
def test_what_a_mask_leaves_out_may_be_anything(kind):
    mask = np.array([[True, False, True, False]])
    arrays = arguments(kind, 1, 4, 2, 3, mask=mask)
    dirty = arrays._replace(x=np.where(mask[..., None], arrays.x, np.nan))
    short = arrays._replace(x=arrays.x[:, mask[0]], mask=None)
    options = Options(states=True)
    values, gradients = values_and_gradients(lambda a: whole(kind, a, options), dirty)
    expected, of_short = values_and_gradients(lambda a: whole(kind, a, options), short)
    for a, b in zip([*values, *gradients[1:]], [*expected, *of_short[1:]], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(gradients[0][:, ~mask[0]], 0)


@pytest.mark.parametrize("kind", BLOCKS)
def test_masked_steps_keep_the_state_to_the_last_bit(kind):
    arrays = arguments(kind, 2, 50, 3, 4, "float32", mask=np.zeros((2, 50), bool))
    y, *states = whole(kind, arrays, Options(sequences=True, states=True))
    np.testing.assert_array_equal(y, np.repeat(arrays.h[:, None], 50, axis=1))
    for state, first in zip(states, (arrays.h, arrays.c), strict=False):
        np.testing.assert_array_equal(state, first)


@pytest.mark.parametrize("kind", BLOCKS)
def test_half_precision_is_computed_in_single(kind):
    arrays = Arrays(*(a if a is None else a.astype("float16") for a in arguments(kind, 2, 6, 3, 4)))
    y = whole(kind, arrays, Options())
    exact = whole(kind, Arrays(*(a if a is None else a.astype("float64") for a in arrays)), Options())
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, exact, rtol=2**-10, atol=1e-6)


def forgetting(kind, watched, drop):
    y = whole(kind, watched, Options(sequences=True))
    if drop:
        y.params["found"].loop = None
    return y


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_way_back_without_the_loop_of_the_way_forward(kind):
    """A program that cannot be finished has let the loop go already, and the step goes on with the tape."""
    arrays = arguments(kind, 2, 4, 3, 2)
    kept, let_go = (
        values_and_gradients(lambda watched, drop=drop: forgetting(kind, watched, drop), arrays)[1]
        for drop in (False, True)
    )
    for a, b in zip(kept, let_go, strict=True):
        np.testing.assert_array_equal(a, b)
