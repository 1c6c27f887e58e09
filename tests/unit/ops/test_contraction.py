"""Products that do not fit, and einsum's two ways of computing."""

from __future__ import annotations

import numpy as np
import pytest

from kerasish import KerasTensor, ops

_RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "subscripts",
    [
        "ij,jk->ik",
        "bij,bjk->bik",
        "bthd,bshd->bhts",
        "ij,ij->ij",
        "ij,ij->",
        "i,j->ji",
        "ij,kj->k",
        "ij,j->i",
        "ii,ij->j",
    ],
)
def test_einsum_of_two_is_numpy_s(subscripts: str) -> None:
    sizes = dict(zip("bthsdijk", (2, 3, 2, 4, 5, 3, 3, 4), strict=True))
    a, b = (_RNG.normal(size=[sizes[c] for c in term]) for term in subscripts.split("->")[0].split(","))
    np.testing.assert_allclose(ops.einsum(subscripts, a, b), np.einsum(subscripts, a, b), rtol=1e-12, atol=1e-13)


def test_sizes_of_one_broadcast() -> None:
    a, b = _RNG.normal(size=(2, 1)), _RNG.normal(size=(3, 4))
    np.testing.assert_allclose(ops.einsum("ij,jk->ik", a, b), np.einsum("ij,jk->ik", a, b))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.einsum("ij,jk->ik", np.ones((2, 3)), np.ones((4, 5))), "axis 'j' has sizes 3 and 4"),
        (lambda: ops.einsum("ij", np.ones((2, 3, 4))), "3 dimension"),
        (lambda: ops.einsum("ij,jk", np.ones((2, 3))), r"describes 2 operand\(s\); received 1"),
        (lambda: ops.tensordot(np.ones((2, 3)), np.ones((2, 3)), 1), r"sizes \[3\] with \[2\]"),
        (lambda: ops.cross(np.ones(4), np.ones(3)), "2 or 3 numbers"),
        (lambda: ops.rearrange(np.ones((2, 3)), "a b -> a c"), "same names"),
        (lambda: ops.rearrange(np.ones((2, 3)), "a (b c) -> a b c"), "all but one"),
        (lambda: ops.rearrange(np.ones((2, 3)), "a (b c) -> a b c", b=2), "does not divide"),
    ],
)
def test_what_does_not_fit(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("a", "b", "sizes"), [((1, 2), (3, 1), "2 and 3"), ((2,), (3,), "2 and 3"), ((4, 1, 2), (3, 5), "2 and 3")]
)
def test_matmul_names_the_sizes_that_differ(a: tuple[int, ...], b: tuple[int, ...], sizes: str) -> None:
    with pytest.raises(ValueError, match=f"inner sizes {sizes} differ"):
        ops.matmul(np.ones(a), np.ones(b))
    with pytest.raises(ValueError, match="cannot be broadcast"):
        ops.matmul(np.ones((2, 1, 1)), np.ones((3, 1, 1)))


def test_sums_of_products_of_int8_do_not_wrap_around() -> None:
    """`matmul` and `einsum` of nothing but int8 give int32, as in Keras; beside another type, that of both together."""
    a = np.full((2, 3, 4), 100, np.int8)
    b = np.full((4, 2), 100, np.int8)
    for y in (ops.matmul(a, b), ops.einsum("abc,cd->abd", a, b)):
        assert y.dtype == np.int32
        np.testing.assert_array_equal(y, np.full((2, 3, 2), 40_000))
    assert ops.matmul(a[0], np.ones(4, np.int8)).dtype == np.int32
    assert ops.matmul(a, b.astype(bool)).dtype == np.int8
    assert ops.tensordot(a, b, 1).dtype == ops.dot(a[0], b).dtype == ops.vdot(b, b).dtype == np.int8
    symbolic = KerasTensor((None, 4), "int8")
    assert ops.matmul(symbolic, b).dtype == ops.einsum("ab,bc->ac", symbolic, b).dtype == "int32"


def test_products_of_arrays_without_elements() -> None:
    none, some = np.zeros((2, 0), np.float32), np.zeros((0, 3), np.float32)
    np.testing.assert_array_equal(ops.inner(none, none), np.zeros((2, 2)))
    np.testing.assert_array_equal(ops.tensordot(none, some, 1), np.zeros((2, 3)))
    assert ops.tensordot(some, np.zeros((3, 4, 5), np.float32), 1).shape == (0, 4, 5)
