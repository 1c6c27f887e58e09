import numpy as np
import pytest

from kerasish import metrics
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable
from kerasish.metrics.metric import Metric, add_to, divide_no_nan, zeros


class Count(Metric):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.inner = metrics.Mean()
        self.more = [metrics.Sum()]
        self.seen = self.add_variable((), zeros, name="seen")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.seen.assign_add(len(y_true))
        self.inner.update_state(y_pred)
        self.more[0].update_state(y_pred)

    def result(self):
        return self.seen.value


def test_a_metric_of_ones_own():
    metric = Count(name="count")
    assert metric([1, 2, 3], [1.0, 2.0, 3.0]) == 3.0
    assert metric([1], [6.0]) == 4.0
    assert metric.inner.result() == 3.0 and metric.more[0].result() == 12.0
    assert [v.path.split("/")[-1] for v in metric.variables] == ["seen", "total", "count", "total"]
    metric.reset_state()
    assert all(v.numpy() == 0 for v in metric.variables)
    assert repr(metric) == "<Count name=count>"


def test_variables_made_elsewhere_belong_to_it():
    class Holder(Metric):
        def __init__(self):
            super().__init__()
            self.own = Variable(0.0, trainable=False)
            self.twice = self.own

    assert len(Holder().variables) == 1


def test_super_init_is_asked_for():
    class Forgetful(Metric):
        def __init__(self):
            self.value = 3

    with pytest.raises(RuntimeError, match="super"):
        Forgetful()()
    with pytest.raises(RuntimeError, match="super"):
        Forgetful().add_variable((), zeros)


def test_what_a_subclass_must_define_is_named():
    with pytest.raises(NotImplementedError, match="update_state"):
        Metric().update_state()
    with pytest.raises(NotImplementedError, match="result"):
        Metric().result()


def test_a_variable_needs_an_initializer():
    with pytest.raises(ValueError, match="initializer"):
        Metric().add_weight(name="a")


def test_variables_are_not_trainable():
    assert not any(v.trainable for v in metrics.AUC().variables)


def test_stateless_methods_leave_the_metric_alone():
    metric = metrics.Mean()
    metric.update_state([4.0])
    state = metric.stateless_update_state([np.float32(0), np.float32(0)], [1.0, 2.0])
    assert metric.stateless_result(state) == 1.5 and metric.result() == 4.0
    assert [float(v) for v in metric.stateless_reset_state()] == [0.0, 0.0] and metric.result() == 4.0
    with pytest.raises(ValueError, match="2 variables"):
        metric.stateless_result([0.0])


def test_an_error_in_a_stateless_update_leaves_the_metric_alone():
    metric = metrics.Mean()
    metric.update_state([4.0])
    with pytest.raises(ValueError):
        metric.stateless_update_state([0.0, 0.0], np.ones((2, 3)), sample_weight=np.ones(5))
    assert metric.result() == 4.0


def test_nothing_is_recorded():
    metric = metrics.MeanSquaredError()
    with GradientTape() as tape:
        y_pred = tape.watch(np.ones((3, 1), "float32"))
        doubled = y_pred * 2
        before = len(tape.nodes)
        metric.update_state(np.zeros((3, 1)), doubled)
        assert len(tape.nodes) == before
    assert metric.result() == 4.0


def test_the_name_of_a_state_with_a_slash():
    assert metrics.Mean(name="a/b").total.path == "a>b/total"


def test_add_to_and_divide():
    variable = Variable(np.zeros(2, "int32"), trainable=False)
    held = variable._value
    add_to(variable, np.array([1.0, 2.0]))
    assert variable._value is held and held.tolist() == [1, 2]
    np.testing.assert_array_equal(divide_no_nan(np.array([1.0, 2.0]), np.array([0.0, 4.0])), [0, 0.5])


def test_counts_go_on_beyond_the_integers_of_float32():
    """16777216 + 1 is 16777216 in float32: what rounding takes away is kept."""
    mean = metrics.Mean()
    mean.count.assign(2.0**24)
    mean.total.assign(2.0**24)
    for _ in range(64):
        mean.update_state([3.0])
    assert float(mean.count.value) == 2**24 + 64
    assert float(mean.total.value) == 2**24 + 3 * 64
    hits = metrics.TruePositives()
    hits.accumulator.assign([2.0**24])
    for _ in range(64):
        hits.update_state([1], [1])
    assert float(hits.result()) == 2**24 + 64


def test_what_rounding_left_is_forgotten_with_the_state():
    mean = metrics.Mean()
    mean.count.assign(2.0**24)
    mean.update_state([1.0])
    mean.reset_state()
    mean.update_state([5.0])
    assert float(mean.count.value) == 1
    assert float(mean.result()) == 5
