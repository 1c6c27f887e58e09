"""The error function against Python's, over its whole range."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kerasish import ops


@pytest.mark.parametrize(("dtype", "near"), [("float32", 3e-7), ("float64", 2e-14)])
def test_erf(dtype: str, near: float) -> None:
    x = np.concatenate([np.linspace(-7, 7, 2001), 10.0 ** np.arange(-12, 0)]).astype(dtype)
    expected = np.array([math.erf(float(v)) for v in x])
    found = ops.erf(x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=near)


@pytest.mark.parametrize(("dtype", "near", "end"), [("float32", 1e-5, 8.0), ("float64", 1e-13, 25.0)])
def test_erfc_is_exact_in_the_tail(dtype: str, near: float, end: float) -> None:
    """To the rounding of x² in exp(-x²), which the exponential magnifies x²-fold."""
    x = np.linspace(-5, end, 2001).astype(dtype)
    np.testing.assert_allclose(ops.erfc(x), [math.erfc(float(v)) for v in x], rtol=near)


@pytest.mark.parametrize(("dtype", "near"), [("float32", 1e-5), ("float64", 1e-13)])
def test_erfinv_inverts(dtype: str, near: float) -> None:
    x = np.linspace(-2.5, 2.5, 501).astype(dtype)
    np.testing.assert_allclose(ops.erf(ops.erfinv(ops.erf(x))), ops.erf(x), rtol=near)
    tail = 1 - 2.0 ** -np.arange(2.0, 50 if dtype == "float64" else 22).astype(dtype)
    np.testing.assert_allclose(ops.erfc(ops.erfinv(tail)), 1 - tail, rtol=30 * near)


def test_ends() -> None:
    np.testing.assert_array_equal(ops.erf([-np.inf, 0.0, np.inf]), [-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(ops.erfc([-np.inf, 0.0, np.inf]), [2.0, 1.0, 0.0])
    np.testing.assert_array_equal(ops.erfinv([-1.0, 0.0, 1.0, 2.0]), [-np.inf, 0.0, np.inf, np.nan])
    assert np.isnan(ops.erf(np.nan))
    assert ops.erf(np.float16(0.5)).dtype == np.float16
