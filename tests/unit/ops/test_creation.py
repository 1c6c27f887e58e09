"""The dtype that is asked for."""

import numpy as np
import pytest

from kerasish import ops


@pytest.mark.parametrize("name", ["linspace", "logspace", "geomspace"])
def test_spaced_numbers_have_the_dtype_that_is_asked_for(name: str) -> None:
    function = getattr(ops, name)
    assert function(1.0, 2.0, 3).dtype == np.float32
    assert function(1.0, 2.0, 3, dtype="float64").dtype == np.float64
    assert function(1.0, 2.0, 3, dtype="float16").dtype == np.float16
