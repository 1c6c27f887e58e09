"""Correlations."""

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.tape import GradientTape


@pytest.mark.parametrize("mode", ["valid", "same", "full"])
def test_the_derivative_by_one_side_alone_is_the_other_slid_along(mode: str) -> None:
    x, kernel = np.array([1.0, 2.0, 0.0, -1.0]), np.array([1, 2, 3])
    for correlate in (lambda a: ops.correlate(a, kernel, mode), lambda a: ops.correlate(kernel, a, mode)):
        with GradientTape() as tape:
            watched = tape.watch(x)
            y = correlate(watched)
            loss = ops.sum(y)
        np.testing.assert_allclose(y.value, correlate(x))
        np.testing.assert_allclose(tape.gradient(loss, watched), [correlate(e).sum() for e in np.eye(4)])
