"""Adding rows by index, the three ways it is done; errors of indexing."""

from __future__ import annotations

import numpy as np
import pytest

from kerasish import Input, ops
from kerasish.backend.operators import add_rows
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable


@pytest.mark.parametrize("width", [(), (1,), (3,), (40,), (2, 2)])
@pytest.mark.parametrize("count", [0, 1, 5, 200])
def test_add_rows(count: int, width: tuple[int, ...]) -> None:
    rng = np.random.default_rng(count)
    index, rows = rng.integers(-6, 6, count), rng.normal(size=(count, *width))
    expected = np.zeros((6, *width))
    for i, row in zip(index, rows, strict=True):
        expected[i] += row
    np.testing.assert_allclose(add_rows(index, rows, 6).reshape(expected.shape), expected)


def test_an_embedding_s_gradient() -> None:
    table = Variable(np.zeros((50, 4), "float32"))
    words = np.array([[3, 7], [3, 3]])
    with GradientTape() as tape:
        y = ops.sum(ops.take(table, words, axis=0))
    g = tape.gradient(y, table)
    assert g.dtype == np.float32
    assert g[3].tolist() == [3.0] * 4
    assert g.sum() == 16.0


def test_out_of_range() -> None:
    with pytest.raises(IndexError):
        ops.take(np.zeros(3), 3)
    with pytest.raises(ValueError, match="k from 0"):
        ops.top_k(np.zeros(3), 4)
    with pytest.raises(ValueError, match="reduction"):
        ops.scatter_update(np.zeros(3), [[0]], [1.0], "sub")


def test_what_is_written_twice_gives_its_gradient_to_the_last() -> None:
    u = Variable(np.array([1.0, 2.0]))
    with GradientTape() as tape:
        y = ops.scatter_update(np.zeros(3), [[1], [1]], u)
        total = ops.sum(y * 5.0)
    assert y.value.tolist() == [0.0, 2.0, 0.0]
    assert tape.gradient(total, u).tolist() == [0.0, 5.0]


def test_top_k_of_equals_takes_the_first() -> None:
    values, indices = ops.top_k(np.array([[1.0, 3.0, 3.0, 2.0]]), 3)
    assert values.tolist() == [[3.0, 3.0, 2.0]]
    assert indices.tolist() == [[1, 2, 3]]
    assert indices.dtype == np.int32


def test_a_window_may_be_as_large_as_the_array_and_no_larger() -> None:
    x = Input((3,), batch_size=2)
    assert ops.slice(x, (0, 1), (2, 3)).shape == (2, 3)
    assert ops.slice(np.ones((2, 3)), (0, 1), (2, 3)).shape == (2, 3)  # moved inside
    for array in (x, np.ones((2, 3))):
        with pytest.raises(ValueError, match=r"\(2, 4\) does not fit into an array of shape \(2, 3\)"):
            ops.slice(array, (0, 0), (2, 4))
