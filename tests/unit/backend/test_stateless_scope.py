"""Variables in a block of their own."""

from __future__ import annotations

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend.tape import GradientTape


def test_variables_keep_their_values() -> None:
    given, changed, untouched = (keras.Variable(float(i)) for i in range(3))
    with keras.StatelessScope([(given, 5.0)]) as scope:
        assert float(given) == 5.0 and scope.get_current_value(changed) is None
        given.assign_add(1.0)
        changed.assign(7.0)
        assert float(changed) == 7.0 and float(scope.get_current_value(changed)) == 7.0
        scope.add_update((changed, 8.0))
        with keras.StatelessScope() as inner:
            given.assign(0.0)
        assert float(given) == 6.0 and float(inner.get_current_value(given)) == 0.0
    assert [float(v) for v in (given, changed, untouched)] == [0.0, 1.0, 2.0]
    assert float(scope.get_current_value(given)) == 6.0 and float(scope.get_current_value(changed)) == 8.0
    assert scope.get_current_value(untouched) is None
    given.assign(3.0)
    assert float(given) == 3.0


def test_draws_are_not_used_up() -> None:
    seeds = keras.random.SeedGenerator(1)
    with keras.StatelessScope():
        inside = [keras.random.normal((2,), seed=seeds) for _ in range(2)]
    outside = [keras.random.normal((2,), seed=seeds) for _ in range(2)]
    np.testing.assert_array_equal(inside, outside)


def test_losses_are_collected_apart() -> None:
    layer = keras.layers.ActivityRegularization(l2=0.5)
    with keras.StatelessScope(collect_losses=True) as scope:
        layer(np.ones((2, 3), "float32"))
    assert len(scope.losses) == 1 and not layer.losses
    layer(np.ones((2, 3), "float32"))
    np.testing.assert_allclose(layer.losses, scope.losses)


def test_values_that_are_watched_get_gradients() -> None:
    v = keras.Variable(2.0)
    with GradientTape() as tape:
        x = tape.watch(np.float32(3.0))
        with keras.StatelessScope([(v, x)]):
            y = v * v
    assert float(tape.gradient(y, x)) == 6.0


@pytest.mark.parametrize("mapping", [[("v", 1.0)], [(keras.Variable(1.0), [1.0, 2.0])]])
def test_what_is_no_variable_or_has_another_shape_is_refused(mapping: list) -> None:
    with pytest.raises(ValueError, match="received"):
        keras.StatelessScope(mapping)


def test_symbols_are_on_no_tape() -> None:
    v = keras.Variable(2.0)
    with GradientTape() as tape:
        with keras.SymbolicScope():
            inside = v * v
        outside = v * 3.0
    assert not hasattr(inside, "primitive")
    assert float(tape.gradient(outside, v)) == 3.0
