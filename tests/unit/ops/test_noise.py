import numpy as np
import pytest

from kerasish.backend.tape import GradientTape
from kerasish.ops.noise import noisy


@pytest.mark.parametrize(
    ("factor", "term", "value", "slope"), [(2.0, None, 6.0, 2.0), (None, 1.0, 4.0, 1.0), (2.0, 1.0, 7.0, 2.0)]
)
def test_factor_and_term(factor, term, value, slope):
    def draw(shape, dtype):
        return tuple(None if n is None else np.full(shape, n, dtype) for n in (factor, term))

    with GradientTape() as tape:
        x = tape.watch(np.full((2, 3), 3.0))
        y = noisy(x, draw)
    assert np.all(y.numpy() == value)
    assert np.all(tape.gradient(y, x) == slope)


def test_each_run_draws():
    count = iter(range(5))

    def draw(shape, dtype):
        return None, np.full(shape, next(count), dtype)

    assert [noisy(np.zeros(1), draw).item() for _ in range(3)] == [0, 1, 2]
