import numpy as np
import pytest

import kerasish as keras
from kerasish.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, OptimizerMap


def two():
    return [keras.Variable(0.0, name="a"), keras.Variable(0.0, name="b")]


def test_map_finds_by_name_and_by_pattern():
    first, second, rest = SGD(), Adam(), SGD()
    found = OptimizerMap(rest, {"a/.*": first, "a/kernel": second})
    assert found["a/kernel"] is second
    assert found["a/bias"] is first
    assert found["ca/bias"] is rest
    assert list(found) == ["a/.*", "a/kernel"] and len(found) == 2
    del found["a/.*"]
    assert found["a/bias"] is rest


def test_map_refuses_what_is_no_optimizer():
    with pytest.raises(TypeError, match="default_optimizer"):
        OptimizerMap("sgd")
    with pytest.raises(TypeError, match="must be a dict"):
        OptimizerMap(SGD(), [SGD()])
    found = OptimizerMap(SGD(), {"a.*": SGD(), ".*b": SGD()})
    with pytest.raises(ValueError, match="several keys"):
        found["ab"]
    with pytest.raises(ValueError, match="already"):
        found["a.*"] = SGD()
    with pytest.raises(ValueError, match="path or a pattern"):
        found[3] = SGD()
    with pytest.raises(ValueError, match="must be an optimizer"):
        found["c"] = "sgd"
    with pytest.raises(ValueError, match="LossScaleOptimizer, which wraps others"):
        found["c"] = LossScaleOptimizer(SGD())


def test_a_function_chooses():
    slow, quick = SGD(0.25), SGD(0.5)
    optimizer, made = MultiOptimizer(lambda v: slow if v.name == "a" else quick), two()
    optimizer.apply([1.0, 1.0], made)
    assert [float(v) for v in made] == [-0.25, -0.5]
    assert optimizer.optimizers == [slow, quick]
    assert int(optimizer.iterations) == 1


def test_only_some_variables():
    optimizer, made = MultiOptimizer(OptimizerMap(SGD(0.5), {"a": SGD(0.25)})), two()
    optimizer.build(made)
    optimizer.apply([1.0], [made[0]])
    assert [float(v) for v in made] == [-0.25, 0.0]
    assert [int(o.iterations) for o in optimizer.optimizers] == [1, 0]


def test_learning_rate_is_with_the_optimizers():
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.5)))
    with pytest.raises(AttributeError, match="optimizers"):
        _ = optimizer.learning_rate
    with pytest.raises(AttributeError, match="optimizers"):
        optimizer.learning_rate = 0.1


def test_loss_scale_is_for_all():
    optimizer, made = MultiOptimizer(OptimizerMap(SGD(0.5), {"a": SGD(0.25)}), loss_scale_factor=4.0), two()
    optimizer.apply([4.0, 4.0], made)
    assert [float(v) for v in made] == [-0.25, -0.5]
    optimizer.loss_scale_factor = None
    assert [o.loss_scale_factor for o in optimizer.optimizers] == [None, None]


def test_state_and_config_go_round():
    optimizer, made = MultiOptimizer(OptimizerMap(SGD(0.5, momentum=0.9), {"a": Adam(0.25)})), two()
    optimizer.apply([1.0, 2.0], made)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    twins = two()
    again.build(twins)
    again.set_weights([v.numpy() for v in optimizer.variables])
    for twin, variable in zip(twins, made, strict=True):
        twin.assign(variable)
    for o, variables in ((optimizer, made), (again, twins)):
        o.apply([1.0, 1.0], variables)
    np.testing.assert_array_equal([float(v) for v in twins], [float(v) for v in made])


def test_averages_are_finished_by_their_optimizers():
    optimizer, made = MultiOptimizer(OptimizerMap(SGD(1.0, use_ema=True, ema_momentum=0.5), {"a": SGD(1.0)})), two()
    for _ in range(2):
        optimizer.apply([1.0, 1.0], made)
    optimizer.finalize_variable_values(made)
    assert [float(v) for v in made] == [-2.0, -1.5]
