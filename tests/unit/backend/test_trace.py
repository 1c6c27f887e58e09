"""What a trace notes of a step, what it changes at once and what afterwards, and what ends the notes."""

import numpy as np
import pytest

from kerasish import GradientTape, Variable, metrics, ops, optimizers
from kerasish.backend.random import SeedGenerator
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.trace import Effect, Pending, Trace, drawn, unrecorded


def leaf():
    return Tensor(np.array([1.0, -2.0], "float32"))


def state(value=0.0):
    return Variable(value, trainable=False)


def test_operations_without_a_derivative_are_noted_too():
    with Trace() as trace:
        ops.argmax(leaf() * 2.0)
    assert [str(note.primitive) for note in trace.notes] == ["<primitive multiply>", "<primitive argmax>"]
    assert trace.reason is None
    assert recording.trace is None


def test_variables_are_read_as_tensors_trained_or_not():
    held = state(3.0)
    with Trace() as trace:
        y = held * 2.0
    assert isinstance(y, Tensor)
    assert [variable for variable, _ in trace.leaves] == [held]


def test_an_assignment_takes_place_and_is_noted_with_what_was_there_before():
    held = state(3.0)
    with Trace() as trace:
        held.assign(held + leaf()[0])
        again = held * 10.0
    assert float(held) == 4.0
    assert float(again) == 40.0
    ((variable, value),) = trace.before.values()
    assert variable is held
    assert value == 3.0
    ((variable, node),) = trace.assigned.values()
    assert node.value == 4.0


def test_a_whole_number_stays_one_when_it_is_assigned_to():
    count = Variable(0, dtype="int32", trainable=False)
    with Trace() as trace:
        count.assign(leaf()[0])
    ((_, node),) = trace.assigned.values()
    assert node.value.dtype == "int32"


ESCAPES = {
    "true": lambda x, v: bool(x[0] > 0),
    "float": lambda x, v: float(x[0]),
    "an `int`": lambda x, v: int(x[0]),
    "by `numpy()`": lambda x, v: x.numpy(),
    "by `item()`": lambda x, v: x[0].item(),
    "by `tolist()`": lambda x, v: x.tolist(),
    "printed": lambda x, v: f"{x}",
    "an array": lambda x, v: np.array(x),
    "the variable 'held' becomes a `float`": lambda x, v: float(v),
    "the variable 'held' becomes an `int`": lambda x, v: int(v),
    "the variable 'held' becomes an array": lambda x, v: v.numpy(),
    "the variable 'held' is asked whether it is true": lambda x, v: bool(v),
}


@pytest.mark.parametrize("what", ESCAPES)
def test_a_value_that_leaves_ends_the_notes_and_names_the_place(what):
    held = Variable(1.0, trainable=False, name="held")
    with Trace() as trace:
        ESCAPES[what](leaf(), held)
    assert what in trace.reason
    assert "in <lambda> (test_trace.py:" in trace.reason


def test_the_first_reason_stays():
    with Trace() as trace:
        trace.escape("first")
        trace.escape("second")
    assert trace.reason.startswith("first")


def test_a_metric_is_told_after_the_step_or_when_the_notes_end():
    mean = metrics.Mean()
    with Trace() as trace:
        mean.update_state(leaf())
        result = mean.result()
        assert isinstance(result, Pending)
        assert isinstance(trace.notes[-1], Effect)
    assert mean.result() == 0.0
    trace.flush()
    trace.flush()  # no effect takes place twice
    assert float(mean.result()) == -0.5
    assert float(mean.count) == 2.0


@pytest.mark.parametrize(
    "use", [lambda m: float(m.result()), lambda m: float(m.total / m.count), lambda m: -m.result()]
)
def test_who_asks_a_metric_in_the_step_gets_its_result(use):
    mean = metrics.Mean()
    with Trace() as trace:
        mean.update_state(leaf())
        found = use(mean)
        mean.update_state(leaf() * 0.0)  # told at once, now that the notes have ended
        assert float(found) in (-0.5, 0.5)
    assert "of a metric" in trace.reason
    assert float(mean.count) == 4.0


def test_the_step_of_an_optimizer_takes_place_at_once_with_all_it_changes_noted():
    weight, optimizer = Variable(1.0), optimizers.Adam(0.5)
    with Trace() as trace:
        with GradientTape() as tape:
            loss = weight * leaf()[0]
        optimizer.apply(tape.gradient(loss, [weight]), [weight])
        after = weight * 1.0
    assert float(weight) == pytest.approx(0.5, abs=1e-5)  # epsilon beside the root of a mean of 0.001
    assert float(after) == float(weight)
    changed = {id(variable) for variable, _ in trace.before.values()}
    assert changed >= {id(v) for v in [weight, *optimizer.variables]}
    for variable, value in trace.before.values():
        variable._value[...] = value
    assert float(weight) == 1.0
    assert int(optimizer.iterations) == 0
    assert not any(v.numpy().any() for v in optimizer.variables if v is not optimizer._learning_rate)


def test_a_draw_is_noted_with_the_state_of_its_generator():
    seeds = SeedGenerator(7)
    with Trace() as trace:
        first = drawn(seeds.advance)
        second = drawn(seeds.advance)
    assert first.value[1] != second.value[1]
    ((variable, value),) = trace.before.values()
    assert variable is seeds.state
    np.testing.assert_array_equal(value, [7, 0])
    assert [note.params["draw"] for note in trace.notes] == [seeds.advance] * 2


def test_what_leads_to_weights_is_told_from_what_does_not():
    weight = Variable([1.0, 2.0])
    with Trace() as trace:
        x = leaf()
        assert trace.leads_to_weights(x * weight)
        assert not trace.leads_to_weights(x * 2.0)
        assert not trace.leads_to_weights(ops.stop_gradient(x * weight))


def test_an_unrecorded_block_is_seen_by_no_tape_and_ends_with_an_error_too():
    with Trace() as trace:
        with pytest.raises(KeyError), unrecorded():
            assert not isinstance(state(1.0) * 2.0, Tensor)
            raise KeyError
        assert recording.trace is trace
    assert trace.notes == []


def test_an_error_in_a_step_leaves_no_trace_behind():
    with pytest.raises(KeyError), Trace():
        raise KeyError
    assert recording.trace is None
    assert recording.tapes == []
    assert recording.leaves == {}
