"""What the benchmarks reckon with; what they measure is not tested."""

import math

import pytest

from benchmarks import scaling, sweep


def test_the_sweep_beside_keras_is_the_same_but_for_one_line():
    ours, others = (sweep.script(line).splitlines() for line in (sweep.LINE, "import keras"))
    assert [pair for pair in zip(ours, others, strict=True) if pair[0] != pair[1]] == [(sweep.LINE, "import keras")]


def test_a_line_is_found_beside_an_outlier():
    sizes = [10.0**k for k in range(3, 9)]
    seconds = [2e-5 + 3e-10 * size for size in sizes]
    seconds[1] /= 10
    line = scaling.fitted(sizes, seconds)
    assert line.start == pytest.approx(2e-5, rel=1e-3) and line.slope == pytest.approx(3e-10, rel=1e-3)


def test_a_sum_takes_the_better_way():
    network = scaling.Network("test", alpha=1.0, beta=0.5)
    assert scaling.sum_time(network, 1, 9, overhead=7, gamma=0.25) == 0
    # Small: three messages to meet, three of one byte. Large: six messages, and 7/8 of the bytes there and back.
    assert scaling.sum_time(network, 8, 1, overhead=7, gamma=0.25) == 7 + 3 + 3 * (1 + 0.75)
    assert scaling.sum_time(network, 8, 1000, overhead=7, gamma=0.25) == 7 + 3 + 6 + 875 * 1.25


def test_rows_take_the_share_of_a_step_that_they_should():
    step = scaling.Line(0.01, 0.002)
    rows = scaling.rows_for(0.8, step, 0.03)
    assert math.isclose(0.8, rows * step.slope / (step(rows) + 0.03))
    model = scaling.Model("test", step, 4000)
    assert (
        model.efficiency(scaling.NETWORKS[0], 1, 8, 0.0, 0.0)
        == model.speed_up(scaling.NETWORKS[0], 1, 8, 0.0, 0.0)
        == 1
    )
