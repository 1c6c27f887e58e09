"""What a tape follows, when it may be asked, and what it keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.variable import Variable


def _v(value: Any = 3.0, **kwargs: Any) -> Variable:
    return Variable(np.asarray(value, "float64"), **kwargs)


def test_the_product_rule() -> None:
    v, w = _v(3.0), _v(4.0)
    with GradientTape() as tape:
        y = v * w + v
    assert [float(g) for g in tape.gradient(y, [v, w])] == [5.0, 3.0]


def test_the_structure_of_the_sources_comes_back() -> None:
    v, w = _v(), _v()
    with GradientTape() as tape:
        y = v * w
    found = tape.gradient(y, {"a": v, "b": (w,)})
    assert float(found["a"]) == 3.0
    assert float(found["b"][0]) == 3.0


def test_several_targets_are_added_and_may_be_weighted() -> None:
    v = _v(2.0)
    with GradientTape(persistent=True) as tape:
        a, b = v * v, 3.0 * v
    assert float(tape.gradient([a, b], v)) == 7.0
    assert float(tape.gradient([a, b], v, output_gradients=[np.array(10.0), np.array(1.0)])) == 43.0
    with pytest.raises(ValueError, match="1 leaves for 2 targets"):
        tape.gradient([a, b], v, output_gradients=[np.array(1.0)])


def test_a_variable_is_its_own_target() -> None:
    v = _v()
    with GradientTape() as tape:
        v.read()
    assert float(tape.gradient(v, v)) == 1.0


def test_used_tapes_are_empty_unless_persistent() -> None:
    v = _v()
    with GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.gradient(y, v)
    with GradientTape(persistent=True) as kept:
        y = v * v
        z = y * y
    assert float(kept.gradient(z, v)) == 108.0
    assert float(kept.gradient(y, v)) == 6.0
    kept.reset()
    assert kept.nodes == []


def test_a_tape_enters_once() -> None:
    with GradientTape() as tape, pytest.raises(RuntimeError, match="recording already"):
        tape.__enter__()
    assert recording.tapes == []


def test_only_trainable_float_variables_are_watched() -> None:
    fixed, counter = _v(trainable=False), Variable(3, dtype="int32")
    with GradientTape() as tape:
        assert type(fixed * 2.0) is not Tensor
        assert type(counter * 2) is not Tensor
        tape.watch(fixed)
        y = fixed * fixed
    assert float(tape.gradient(y, fixed)) == 6.0
    with GradientTape() as tape, pytest.raises(ValueError, match="only floats have gradients"):
        tape.watch(counter)


def test_watching_can_be_left_to_the_caller() -> None:
    v, w = _v(), _v()
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(w)
        y = v * w
    assert tape.watched_variables() == (w,)
    assert tape.gradient(y, [v, w])[0] is None


def test_arrays_are_watched_through_what_watch_returns() -> None:
    x = np.array([1.0, 2.0])
    with GradientTape() as tape:
        t = tape.watch(x)
        y = np.sum(t * t)
    np.testing.assert_array_equal(tape.gradient(y, t), [2.0, 4.0])
    with pytest.raises(TypeError, match=r"tape\.watch\(x\)"):
        GradientTape().gradient(y, x)


def test_what_does_not_depend_is_none_or_zero() -> None:
    v, w = _v(), _v([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y = v * v
        w.read()
    assert tape.gradient(y, w) is None
    np.testing.assert_array_equal(tape.gradient(y, w, unconnected_gradients="zero"), [0.0, 0.0])
    assert tape.gradient(ops.argmax(w), w) is None
    with pytest.raises(ValueError, match="unconnected_gradients"):
        tape.gradient(y, v, unconnected_gradients="nothing")


def test_stop_recording() -> None:
    v = _v()
    with GradientTape() as tape:
        y = v * v
        with tape.stop_recording():
            v * v
        z = y * 2.0
    assert len(tape.nodes) == 2
    assert float(tape.gradient(z, v)) == 12.0
    with pytest.raises(RuntimeError, match="tape that is recording"), tape.stop_recording():
        pass


def test_nested_tapes_differentiate_derivatives() -> None:
    v = _v(2.0)
    with GradientTape() as third:
        with GradientTape() as second:
            with GradientTape() as first:
                y = v**4
            dy = first.gradient(y, v)
        d2y = second.gradient(dy, v)
    assert float(dy) == 32.0
    assert float(d2y) == 48.0
    assert float(third.gradient(d2y, v)) == 48.0


def test_two_tapes_side_by_side() -> None:
    v = _v(2.0)
    with GradientTape() as a, GradientTape() as b:
        y = v * v * v
    assert float(a.gradient(y, v)) == float(b.gradient(y, v)) == 12.0


def test_a_gradient_asked_for_inside_its_own_tape() -> None:
    v = _v(3.0)
    with GradientTape() as tape:
        y = v * v
        assert float(tape.gradient(y, v)) == 6.0


@pytest.mark.parametrize("persistent", [True, False])
@pytest.mark.parametrize("look", [lambda v: v * 1.0, ops.transpose, lambda v: v[:], ops.copy])
def test_an_assignment_does_not_reach_back(persistent: bool, look: Any) -> None:
    v = _v([2.0, 3.0])
    with GradientTape(persistent=persistent) as tape:
        y = np.sum(look(v) ** 2)
    v.assign([100.0, 100.0])
    v.assign_add([1.0, 1.0])
    np.testing.assert_array_equal(tape.gradient(y, v), [4.0, 6.0])
    if persistent:
        np.testing.assert_array_equal(tape.gradient(y, v), [4.0, 6.0])


def test_a_variable_read_again_after_an_assignment() -> None:
    v = _v(2.0)
    with GradientTape() as tape:
        y = v * 3.0
    v.assign(5.0)
    with GradientTape() as again:
        z = v * v
    assert float(again.gradient(z, v)) == 10.0
    assert float(tape.gradient(y, v)) == 3.0


def test_a_diamond_is_walked_once() -> None:
    """Twenty doublings of paths: exponential time, were each path walked."""
    v = _v(1.0)
    with GradientTape() as tape:
        y = v * 1.0
        for _ in range(40):
            y = y + y
    assert float(tape.gradient(y, v)) == 2.0**40


def test_a_cast_to_integers_passes_nothing() -> None:
    v = _v([1.7])
    with GradientTape() as tape:
        y = np.sum(ops.cast(ops.cast(v, "int32"), "float64") * 2.0)
    assert tape.gradient(y, v) is None


def test_gradients_have_the_dtype_of_their_variable() -> None:
    v = Variable(np.ones(2, "float32"))
    with GradientTape() as tape:
        y = np.sum(v * np.ones(2, "float64"))
    assert tape.gradient(y, v).dtype == np.float32


def test_an_error_leaves_no_tape_behind() -> None:
    with pytest.raises(ZeroDivisionError), GradientTape():
        raise ZeroDivisionError
    assert recording.tapes == []
    assert recording.depth == 0
