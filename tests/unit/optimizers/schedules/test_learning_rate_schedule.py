import math

import numpy as np
import pytest

from kerasish.backend.variable import Variable
from kerasish.optimizers import schedules

ALL = {
    "CosineDecay": schedules.CosineDecay(0.1, 50, alpha=0.1, warmup_target=0.3, warmup_steps=10),
    "CosineDecayRestarts": schedules.CosineDecayRestarts(0.1, 10, m_mul=0.9, alpha=0.1),
    "ExponentialDecay": schedules.ExponentialDecay(0.1, 10, 0.9, staircase=True),
    "InverseTimeDecay": schedules.InverseTimeDecay(0.1, 10, 0.9),
    "PiecewiseConstantDecay": schedules.PiecewiseConstantDecay([3, 6], [1, 0.5, 0.1]),
    "PolynomialDecay": schedules.PolynomialDecay(0.1, 10, power=2.0, cycle=True),
}


@pytest.mark.parametrize("name", ALL)
def test_a_rate_is_a_python_float_for_every_kind_of_step(name):
    schedule = ALL[name]
    for step in (0, 5, 100):
        rate = schedule(step)
        assert type(rate) is float
        assert rate == schedule(np.int64(step)) == schedule(float(step)) == schedule(np.array(step))
        assert rate == schedule(Variable(step))


@pytest.mark.parametrize("name", ALL)
def test_an_array_of_steps_gives_an_array_of_rates(name):
    rates = ALL[name](np.arange(12).reshape(3, 4))
    assert rates.shape == (3, 4) and rates.dtype == "float32"
    assert np.allclose(rates.ravel(), [ALL[name](step) for step in range(12)])


def test_exponential():
    assert schedules.ExponentialDecay(2.0, 10, 0.25)(5) == 1.0
    stairs = schedules.ExponentialDecay(2.0, 10, 0.25, staircase=True)
    assert (stairs(9), stairs(10), stairs(19)) == (2.0, 0.5, 0.5)


def test_piecewise_holds_at_its_boundary():
    schedule = ALL["PiecewiseConstantDecay"]
    assert [schedule(step) for step in (0, 3, 4, 6, 7, 99)] == [1, 1, 0.5, 0.5, 0.1, 0.1]


def test_polynomial():
    once = schedules.PolynomialDecay(1.0, 10, 0.0, power=2.0)
    assert [once(step) for step in (0, 5, 10, 99)] == [1.0, 0.25, 0.0, 0.0]
    cycled = schedules.PolynomialDecay(1.0, 10, 0.0, cycle=True)
    assert np.allclose([cycled(step) for step in (0, 10, 15, 20, 25)], [1, 0, 0.25, 0, 1 / 6])


def test_inverse_time():
    assert schedules.InverseTimeDecay(1.0, 2, 0.5)(8) == 1 / 3
    assert schedules.InverseTimeDecay(1.0, 2, 0.5, staircase=True)(9) == 1 / 3


def test_cosine_with_warmup():
    schedule = ALL["CosineDecay"]
    assert math.isclose(schedule(5), 0.2) and schedule(10) == 0.3
    assert math.isclose(schedule(35), 0.3 * (0.9 * 0.5 + 0.1)) and math.isclose(schedule(60), 0.03)
    assert schedule(1000) == schedule(60)


@pytest.mark.parametrize("t_mul", [1.0, 1.1, 1.5, 2.0, 3.0])
def test_every_restart_is_at_full_height(t_mul):
    schedule = schedules.CosineDecayRestarts(1.0, 1000, t_mul=t_mul, m_mul=0.5)
    start = 0.0
    for run in range(6):
        assert math.isclose(schedule(start), 0.5**run, rel_tol=1e-9)
        assert math.isclose(schedule(start + 500 * t_mul**run), 0.5**run / 2, rel_tol=1e-9)
        start += 1000 * t_mul**run


def test_shrinking_runs_come_to_an_end():
    schedule = schedules.CosineDecayRestarts(1.0, 100, t_mul=0.5)
    assert schedule(100) == 1.0 and math.isclose(schedule(125), 0.5)
    with pytest.raises(ValueError, match=r"t_mul=0.5 all runs together take 200"):
        schedule(200)


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.ExponentialDecay(0.1, 0, 0.9), lambda: schedules.InverseTimeDecay(0.1, -1, 0.9),
        lambda: schedules.PolynomialDecay(0.1, 0), lambda: schedules.CosineDecay(0.1, 0),
        lambda: schedules.CosineDecayRestarts(0.1, 0),
    ],
)  # fmt: skip
def test_decay_steps_are_positive(make):
    with pytest.raises(ValueError, match="decay_steps must be positive"):
        make()


def test_boundaries_and_values_fit():
    with pytest.raises(ValueError, match="2 values and 2 boundaries"):
        schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2])
    with pytest.raises(ValueError, match="boundaries must increase"):
        schedules.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3])


def test_the_base_asks_for_its_methods():
    base = schedules.LearningRateSchedule()
    with pytest.raises(NotImplementedError, match="__call__"):
        base(1)
    with pytest.raises(NotImplementedError, match="get_config"):
        base.get_config()
