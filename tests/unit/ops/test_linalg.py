"""Settings of decompositions."""

import numpy as np

from kerasish import ops


def test_pinv_takes_what_is_small_for_nothing() -> None:
    x = np.diag([2.0, 1e-3])
    np.testing.assert_allclose(ops.pinv(x), np.diag([0.5, 1e3]))
    np.testing.assert_array_equal(ops.pinv(x, rcond=0.1), np.diag([0.5, 0.0]))
