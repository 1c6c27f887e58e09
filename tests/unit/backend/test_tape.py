"""What a tape follows, when it may be asked, and what it keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.variable import Variable
from kerasish.layers.base.layer import Layer
from kerasish.ops import fused
from kerasish.ops.layer_norm import normalized


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


@pytest.mark.parametrize("persistent", [True, False])
def test_a_variable_read_changed_and_read_again(persistent: bool) -> None:
    v = _v([2.0, 3.0])
    with GradientTape(persistent=persistent) as tape:
        before = ops.sum(v * v)
        v.assign_add([10.0, 10.0])
        between = v * 1.0
        v.assign([5.0, 5.0])
        after = ops.sum(v * v) + ops.sum(between * [1.0, 2.0])
        total = before + after
    assert float(after) == 50.0 + 12.0 + 26.0
    np.testing.assert_array_equal(v, [5.0, 5.0])
    np.testing.assert_allclose(tape.gradient(total, v), [4.0 + 10.0 + 1.0, 6.0 + 10.0 + 2.0])


def test_a_change_is_differentiated_twice() -> None:
    v = _v(2.0)
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = v**3
            v.assign(4.0)
            y = y + v**3
        slope = inner.gradient(y, v)
    assert float(slope) == 3 * 4.0 + 3 * 16.0
    assert float(outer.gradient(slope, v)) == 6 * 2.0 + 6 * 4.0


def test_a_variable_moved_by_an_optimizer_within_a_tape() -> None:
    v = _v([1.0])
    with GradientTape() as tape:
        y = ops.sum(v * v)
        v.rehome(np.zeros(1))
        z = ops.sum(v * v)
        v.assign([3.0])
    assert [float(y), float(z)] == [1.0, 1.0]
    np.testing.assert_array_equal(tape.gradient([y, z], v), [4.0])


def test_a_tape_entered_again_goes_on() -> None:
    v = _v(2.0)
    tape = GradientTape()
    with tape:
        y = v * v
    v.assign(5.0)
    with tape:
        z = y * v
    assert float(z) == 20.0
    assert float(tape.gradient(z, v)) == 2 * 2.0 * 5.0 + 4.0
    with tape:  # used: it begins anew
        z = v * v
    assert float(tape.gradient(z, v)) == 10.0


def test_a_tape_entered_again_within_another_that_has_read_the_variable() -> None:
    v = _v(2.0)
    inner = GradientTape()
    with inner:
        y = v * v
    with GradientTape():
        v * y
        with pytest.raises(RuntimeError, match=r"'variable.*' before"), inner:
            pass
    assert not recording.tapes and recording.depth == 0


def test_a_later_tape_does_not_take_the_value_from_an_earlier_one() -> None:
    v = _v(2.0)
    with GradientTape(persistent=True) as first:
        y = v * v
    with GradientTape() as second:
        z = v * v
    v.assign(7.0)
    assert float(first.gradient(y, v)) == float(second.gradient(z, v)) == 4.0


def test_gradients_that_are_given_have_the_shape_of_the_target() -> None:
    v = _v([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y = v * 2.0
    np.testing.assert_array_equal(tape.gradient(y, v, output_gradients=3.0), [6.0, 6.0])
    with pytest.raises(ValueError, match=r"shape \(3,\) for a target of shape \(2,\)"):
        tape.gradient(y, v, output_gradients=np.ones(3))


def test_a_tensor_is_not_changed_in_place() -> None:
    v = _v([1.0, 2.0])
    with GradientTape():
        y = v * 2.0
        with pytest.raises(TypeError, match="slice_update"):
            y[0] = 1.0
        with pytest.raises(ValueError, match="ambiguous"):
            bool(y)


def test_bfloat16_is_watched() -> None:
    pytest.importorskip("ml_dtypes")
    v = Variable([1.0, 2.0], dtype="bfloat16")
    with GradientTape() as tape:
        x = tape.watch(v.numpy())
        y = ops.sum(v * v) + ops.sum(x * 3)
    found = tape.gradient(y, [v, x])
    assert [g.dtype.name for g in found] == ["bfloat16", "bfloat16"]
    np.testing.assert_array_equal(np.asarray(found, "float32"), [[2.0, 4.0], [3.0, 3.0]])


@pytest.mark.parametrize("call", [lambda v: abs(v * 1j), lambda v: ops.real(v * np.exp(2j * v.numpy()))])
def test_complex_numbers_raise_rather_than_lose_a_gradient(call: Any) -> None:
    v = _v(2.0)
    with GradientTape() as tape:
        y = call(v)
    with pytest.raises(NotImplementedError, match="complex numbers"):
        tape.gradient(y, v)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_each_argument_of_a_fused_operation_gets_its_own_float_type(kind: str) -> None:
    x, k = Variable(np.ones((2, 3), "float32")), Variable(np.ones((3, 2), "float32"))
    b = Variable(np.ones(2, kind))
    with GradientTape() as tape:
        y = fused.dense(x, k, b)
    assert [g.dtype.name for g in tape.gradient(y, [x, k, b])] == ["float32", "float32", kind]


def test_a_tape_that_was_never_asked_does_not_slow_the_next() -> None:
    v = _v([1.0, 2.0])
    with GradientTape():
        v * v
    with GradientTape() as tape:
        assert v.read() is v.read()
        y = v * v
    assert len(tape.nodes) == 1
    np.testing.assert_array_equal(tape.gradient(y, v, output_gradients=Variable(np.ones(2))), [2.0, 4.0])


def test_a_value_in_place_of_a_variable_may_be_changed_by_the_call() -> None:
    class Doubling(Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight(shape=(), initializer="ones", dtype="float64")

        def call(self, x: Any) -> Any:
            first = x * self.w
            self.w.assign(self.w * 2.0)
            return first + x * self.w

    layer = Doubling(dtype="float64")
    layer.build((1,))
    with GradientTape() as tape:
        w = tape.watch(np.array(3.0))
        y, _ = layer.stateless_call([w], [], np.array([1.0]))
    np.testing.assert_array_equal(y.numpy(), [9.0])
    np.testing.assert_array_equal(tape.gradient(y, w), 2.0)
    assert float(layer.w) == 1.0


def test_a_derivative_made_of_operations_may_come_before_one_that_works_in_place() -> None:
    x = np.random.default_rng(0).standard_normal((4, 3))
    v = Variable(np.eye(3), dtype="float64")
    with GradientTape(persistent=True) as tape:
        z = ops.matmul(x, v)
        whole = ops.sum(ops.gelu(normalized(z, np.ones(3), np.zeros(3), axes=1, epsilon=1e-3), approximate=False))
        centred = z - ops.mean(z, axis=-1, keepdims=True)
        deviation = ops.sqrt(ops.mean(centred**2, axis=-1, keepdims=True) + 1e-3)
        spelled = ops.sum(ops.gelu(centred / deviation, approximate=False))
    np.testing.assert_allclose(tape.gradient(whole, v), tape.gradient(spelled, v), rtol=1e-12, atol=1e-12)


def test_an_array_is_watched_where_it_is():
    x = ops.convert_to_tensor([1.0, 2.0])
    with GradientTape(persistent=True) as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = ops.sum(x**3) + np.sum(np.exp(x))
        slope = inner.gradient(y, x)
    np.testing.assert_allclose(slope, 3 * x**2 + np.exp(x), rtol=1e-6)
    np.testing.assert_allclose(outer.gradient(slope, x), 6 * x + np.exp(x), rtol=1e-6)
    assert type(x) is type(ops.ones(1)) and outer.watched_variables() == ()
    with outer:
        z = ops.sum(x) * 5
    np.testing.assert_allclose(outer.gradient(z, x), [5, 5])
    with GradientTape() as tape:
        y = ops.sum(x)
    with pytest.raises(TypeError, match="needs variables or watched tensors"):
        tape.gradient(y, x)


def test_numpy_asks_about_what_has_no_values_yet():
    x = KerasTensor((2, 3), "float16")
    assert np.result_type(x, "float32") == np.float32 and np.size(x) == 6 and np.size(x, 0) == 2
    assert np.isrealobj(x) and not np.iscomplexobj(x) and not np.may_share_memory(x, x)
    with pytest.raises(TypeError, match=r"numpy.size of a symbolic tensor of shape \(None, 3\)"):
        np.size(KerasTensor((None, 3)))
