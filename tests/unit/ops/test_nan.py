"""Where there is no number at all, there is no variance either, and no gradient."""

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.tape import GradientTape


@pytest.mark.parametrize("name", ["nanvar", "nanmean"])
def test_rows_without_numbers(name: str, recwarn: pytest.WarningsRecorder) -> None:
    x = np.array([[np.nan, np.nan, np.nan], [1.0, np.nan, 3.0]])
    with GradientTape() as tape:
        watched = tape.watch(x)
        y = getattr(ops, name)(watched, axis=1)
        loss = ops.sum(y[1:])
    np.testing.assert_array_equal(y.value, [np.nan, {"nanvar": 1.0, "nanmean": 2.0}[name]])
    slope = {"nanvar": [-1.0, 0.0, 1.0], "nanmean": [0.5, 0.0, 0.5]}[name]
    np.testing.assert_array_equal(tape.gradient(loss, watched), [[0.0, 0.0, 0.0], slope])
    assert not recwarn.list


@pytest.mark.parametrize("name", ["median", "nanmedian"])
def test_medians_of_arrays_without_rows(name: str) -> None:
    assert getattr(ops, name)(np.zeros((0, 3, 4), np.float32), axis=-1).shape == (0, 3)
    assert getattr(ops, name)(np.zeros((2, 3, 0), np.float32), axis=1).shape == (2, 0)
