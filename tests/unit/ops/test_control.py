"""Loops and choices as functions."""

from __future__ import annotations

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable


def test_while_loop_stops_at_its_limit() -> None:
    assert ops.while_loop(lambda i: i < 100, lambda i: i + 1, 0, maximum_iterations=3) == 3
    i, s = ops.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + i), [0, 0])
    assert (int(i), int(s)) == (4, 6)


def test_loops_are_differentiated() -> None:
    v = Variable(np.array(2.0))
    with GradientTape() as tape:
        _, y = ops.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * v), (0, 1.0))
    assert float(tape.gradient(y, v)) == 12.0
    with GradientTape() as tape:
        y = ops.fori_loop(0, 3, lambda i, y: y * v, ops.ones(()))
    assert float(tape.gradient(y, v)) == 12.0
    with GradientTape() as tape:
        y = ops.cond(True, lambda: v * v, lambda: v)
    assert float(tape.gradient(y, v)) == 4.0


def test_switch_takes_the_nearest_branch() -> None:
    branches = [lambda x: x, lambda x: 10 * x]
    assert [ops.switch(i, branches, 1) for i in (-5, 0, 1, 5)] == [1, 1, 10, 10]


def test_scan_needs_a_length() -> None:
    carry, outputs = ops.scan(lambda c, _: (c + 1, None), 0, length=4)
    assert int(carry) == 4
    assert outputs is None
    with pytest.raises(ValueError, match="length"):
        ops.scan(lambda c, x: (c, x), 0)
    with pytest.raises(ValueError, match="length=3, but xs has 2"):
        ops.scan(lambda c, x: (c, x), 0, np.ones(2), length=3)


def test_scan_takes_structures() -> None:
    xs = {"a": np.arange(3.0), "b": (np.ones((3, 2)),)}
    carry, ys = ops.scan(lambda c, x: (c + x["a"], {"y": x["b"][0] * x["a"]}), 0.0, xs, reverse=True)
    assert float(carry) == 3.0
    np.testing.assert_array_equal(ys["y"], [[0, 0], [1, 1], [2, 2]])


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("reverse", [False, True])
def test_associative_scan_of_matrices(n: int, reverse: bool) -> None:
    x = np.random.default_rng(0).normal(size=(n, 2, 2))
    found = ops.associative_scan(lambda a, b: np.matmul(b, a) if reverse else np.matmul(a, b), x, reverse)
    total = np.eye(2)
    for i in reversed(range(n)) if reverse else range(n):
        total = x[i] @ total if reverse else total @ x[i]
        np.testing.assert_allclose(found[i], total)


def test_vectorize_keeps_excluded_arguments_whole() -> None:
    power = ops.vectorize(lambda x, powers: np.sum(x**powers), excluded={1})
    np.testing.assert_allclose(power(np.array([1.0, 2.0]), np.array([1, 2])), [2.0, 6.0])


@pytest.mark.parametrize(
    ("signature", "arrays", "error"),
    [("(n)", [np.ones(2)], ValueError), ("n->()", [np.ones(2)], ValueError), ("(n),(n)->()", [np.ones(2)], TypeError),
     ("(n),(n)->()", [np.ones(2), np.ones(3)], ValueError), ("(m,n)->()", [np.ones(2)], ValueError)],
)  # fmt: skip
def test_a_signature_must_fit(signature: str, arrays: list[np.ndarray], error: type[Exception]) -> None:
    with pytest.raises(error, match="signature"):
        ops.vectorize(np.vdot, signature=signature)(*arrays)
