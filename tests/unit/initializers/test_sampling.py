import math

import numpy as np
import pytest

from kerasish.initializers import sampling


def test_truncated_stddev_is_that_of_the_truncated_normal():
    density = math.exp(-2) / math.sqrt(2 * math.pi)
    mass = math.erf(math.sqrt(2))
    assert math.isclose(sampling.TRUNCATED_STDDEV, math.sqrt(1 - 4 * density / mass), rel_tol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_draws_have_the_dtype_and_the_moments(dtype):
    size = (200_000,)
    uniform = sampling.uniform(size, -1.0, 3.0, dtype, 7)
    normal = sampling.normal(size, 1.0, 2.0, dtype, 7)
    truncated = sampling.truncated_normal(size, 1.0, 2.0, dtype, 7)
    assert {x.dtype.name for x in (uniform, normal, truncated)} == {dtype}
    for values, stddev in ((uniform, 4 / math.sqrt(12)), (normal, 2), (truncated, 2 * sampling.TRUNCATED_STDDEV)):
        wide = values.astype("float64")
        assert abs(wide.mean() - 1) < 0.02 and abs(wide.std() / stddev - 1) < 0.01
    assert uniform.min() >= -1 and uniform.max() <= 3
    assert truncated.min() >= -3 and truncated.max() <= 5
    assert np.mean(np.abs(normal.astype("float64") - 1) > 4) > 0.04


def test_the_shape_of_the_truncated_normal():
    values = sampling.truncated_normal((200_000,), 0.0, 1.0, "float64", 3)
    inside = math.erf(1 / math.sqrt(2)) / math.erf(math.sqrt(2))
    assert abs(np.mean(np.abs(values) < 1) - inside) < 0.005


@pytest.mark.parametrize("draw", [sampling.uniform, sampling.normal, sampling.truncated_normal])
def test_the_seed_settles_the_values(draw):
    assert np.array_equal(draw((5, 3), 0.0, 1.0, "float32", 1), draw((5, 3), 0.0, 1.0, "float32", 1))
    assert not np.array_equal(draw((5, 3), 0.0, 1.0, "float32", 1), draw((5, 3), 0.0, 1.0, "float32", 2))


@pytest.mark.parametrize("draw", [sampling.uniform, sampling.normal, sampling.truncated_normal])
def test_only_floats_are_drawn(draw):
    with pytest.raises(ValueError, match="int32"):
        draw((2,), 0.0, 1.0, "int32", 1)


@pytest.mark.parametrize("draw", [sampling.uniform, sampling.normal, sampling.truncated_normal])
@pytest.mark.parametrize("shape", [(), (0,), [2, 3]])
def test_any_shape(draw, shape):
    assert draw(shape, 0.0, 1.0, None, 1).shape == tuple(shape)
