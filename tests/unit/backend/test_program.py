"""Programs compute what was noted, and give memory away only when nothing reads it any more."""

import numpy as np
import pytest

from kerasish import Variable, ops
from kerasish.backend.array import eager
from kerasish.backend.program import Program
from kerasish.backend.room import Lives, Room, adding
from kerasish.backend.tensor import NotPlannable, Tensor
from kerasish.backend.trace import Trace

RNG = np.random.default_rng(0)
SIZE = 1000


def noted(body, *values):
    """What a function of tensors notes: the trace, its leaves, and what it returns."""
    leaves = [Tensor(np.array(value)) for value in values]
    with Trace() as trace:
        results = body(*leaves)
    return trace, leaves, results


def compiled(body, *values, forward_only=True):
    """The program of a function, the arrays to put its arguments into, and the arrays of its results."""
    trace, leaves, results = noted(body, *values)
    results = list(results) if isinstance(results, (list, tuple)) else [results]
    arrays = {id(leaf): leaf.value for leaf in leaves}
    arrays |= {id(leaf): variable._value for variable, leaf in trace.leaves}
    commits = trace.assigned.values()
    trace_before = [(variable, value) for variable, value in trace.before.values()]
    program = Program(trace.notes, arrays, None, 1.0, {}, Room(), commits, results if forward_only else None)
    for variable, value in trace_before:
        variable._value[...] = value
    return program, [leaf.value for leaf in leaves], [program.array(x) for x in results]


def chain(x, count=12):
    for _ in range(count):
        x = ops.tanh(x * 1.5)
    return x


@pytest.fixture(autouse=True)
def nothing_is_small(monkeypatch):
    """As if every program were large."""
    monkeypatch.setattr("kerasish.backend.room._SMALL", 0)


def test_a_small_program_keeps_its_arrays(monkeypatch):
    monkeypatch.setattr("kerasish.backend.room._SMALL", 8 * 4 * SIZE)
    program, (x,), (y,) = compiled(chain, np.ones(SIZE, "float32"))
    assert 7 * 4 * SIZE <= program.room.nbytes <= 9 * 4 * SIZE
    x[...] = RNG.standard_normal(SIZE)
    program.run()
    np.testing.assert_allclose(y, chain(eager(x.copy())), rtol=1e-5)


def test_a_chain_needs_two_arrays():
    program, (x,), (y,) = compiled(chain, np.ones(SIZE, "float32"))
    everything, _, _ = compiled(chain, np.ones(SIZE, "float32"), forward_only=False)
    assert program.room.nbytes <= 2 * 4 * SIZE + 100
    assert everything.room.nbytes >= 20 * 4 * SIZE
    for _ in range(2):
        x[...] = RNG.standard_normal(SIZE)
        program.run()
        np.testing.assert_allclose(y, chain(eager(x.copy())), rtol=1e-5)


def skip(x):
    """Something early is read late."""
    first = x + 1.0
    return ops.tanh(chain(first)) + first


def views(x):
    """A view keeps alive what it shows, and a view of a view."""
    first = ops.reshape(x * 2.0, (10, SIZE // 10))
    second = ops.transpose(first)[1:]
    return ops.sum(second) + chain(x)


def several(x):
    """One of several outputs is used after the others, one never."""
    a, b, _c = ops.split(x * 2.0, [300, 600])
    return chain(a) + chain(b[:300])


def results(x):
    """What is asked for is there in the end, even if nothing reads it."""
    first = x + 1.0
    return first, chain(first), first * 2.0


def unread(x):
    """Something that nobody reads is free at once."""
    _ = x + 3.0
    return chain(x)


def of_many_sizes(x):
    small = ops.sum(ops.reshape(x, (10, -1)), axis=0)
    large = ops.concatenate([x, x * 2.0, x * 3.0])
    return ops.sum(ops.tanh(large)) + chain(small) * ops.mean(chain(large))


@pytest.mark.parametrize("body", [skip, views, several, results, unread, of_many_sizes], ids=lambda f: f.__name__)
def test_memory_that_is_used_again_gives_the_same_numbers(body):
    program, (x,), found = compiled(body, np.ones(SIZE, "float32"))
    for _ in range(3):
        x[...] = RNG.standard_normal(SIZE)
        program.run()
        expected = body(eager(x.copy()))
        expected = expected if isinstance(expected, tuple) else (expected,)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4)


def test_what_a_variable_is_set_to_lives_to_the_end():
    mean = Variable(np.zeros(SIZE, "float32"), trainable=False)

    def body(x):
        mean.assign(0.5 * mean + x)
        return chain(x)

    program, (_x,), _ = compiled(body, np.ones(SIZE, "float32"))
    for expected in (1.0, 1.5, 1.75):
        program.run()
        np.testing.assert_allclose(mean.numpy(), expected)


def test_effects_read_what_they_are_given_and_may_keep_it():
    kept = []

    def body(x):
        first = x + 1.0
        trace.call(kept.append, first)
        return chain(first)

    leaf = Tensor(np.zeros(SIZE, "float32"))
    with Trace() as trace:
        y = body(leaf)
    assert not kept  # it is noted, and takes place with the program
    program = Program(trace.notes, {id(leaf): leaf.value}, None, 1.0, {}, Room(), (), [y])
    for value in (1.0, 2.0):
        leaf.value[...] = value
        program.run()
    np.testing.assert_array_equal([part[0] for part in kept], [2.0, 3.0])


def test_gradients_are_those_of_the_tape():
    w = Variable(RNG.standard_normal((4, 3)).astype("float32"))

    def loss_of(x):
        h = ops.tanh(x @ w)
        return ops.sum(h * h + h) + ops.sum(ops.square(w))

    trace, (leaf,), loss = noted(loss_of, np.ones((5, 4), "float32"))
    (held,) = [tensor for variable, tensor in trace.leaves if variable is w]
    gradient = np.full(w.shape, np.nan, "float32")
    arrays = {id(leaf): leaf.value, id(held): w._value}
    program = Program(trace.notes, arrays, loss, 2.0, {id(held): gradient}, Room())
    assert id(held) in program.written
    program.run()
    with Trace() as tape:
        again = loss_of(eager(leaf.value))
    np.testing.assert_allclose(gradient, 2.0 * np.asarray(tape.gradient(again, w)), rtol=1e-5)


def test_what_has_no_fixed_form_cannot_be_planned():
    trace, (leaf,), y = noted(lambda x: x + 1.0, np.ones(3))
    stranger = Tensor(np.ones(3), y.primitive, (Tensor(None),), {})
    with pytest.raises(NotPlannable, match="outside of the recording"):
        Program([*trace.notes, Tensor(np.ones(3), y.primitive, (stranger, leaf), {})], {id(leaf): leaf.value}, None,
                1.0, {}, Room())  # fmt: skip


def test_a_room_hands_the_same_memory_to_programs_that_never_run_together():
    room = Room()
    room.start()
    first = room.keep((4, 2), "float32")
    room.start()
    second = room.keep((3,), "float64")
    assert np.shares_memory(first, second)
    assert room.nbytes == 32
    room.start()
    third = room.keep((100,), "float64")  # larger: the first keeps what it has
    assert not np.shares_memory(first, third)
    assert not room.zeros((5,), "float32").any()


def test_lives_take_the_smallest_piece_that_is_large_enough():
    a, b, c = (Tensor(np.zeros(1)) for _ in range(3))
    lives = Lives([a, b, c], [c])
    pieces = [np.empty(size, np.uint8) for size in (64, 32)]
    for place, (tensor, piece) in enumerate(zip((a, b), pieces, strict=True)):
        lives.note(place, tensor, piece.view("float32"))
    assert lives.take(128) is None
    assert lives.take(16) is pieces[1]
    assert lives.take(16) is pieces[0]
    assert lives.take(1) is None


def test_adding_keeps_a_sum():
    total, amount = np.zeros((), "float32"), np.array(2.0, "float32")
    calls = adding(total, amount)
    for _ in range(3):
        for call in calls:
            call()
    assert total == 6.0
