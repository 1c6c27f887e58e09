"""Conversions, cutting from the tape, derivatives of one's own, forward derivatives."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable


def test_lists_of_tensors_become_one() -> None:
    v = Variable(np.array(2.0))
    with GradientTape() as tape:
        y = ops.convert_to_tensor([[v, 1.0], [v * v, 0.0]])
        assert isinstance(y, Tensor)
        total = ops.sum(y)
    assert float(tape.gradient(total, v)) == 5.0
    np.testing.assert_array_equal(ops.convert_to_numpy([v, v]), [2.0, 2.0])


def test_dense_arrays_only() -> None:
    with pytest.raises(ValueError, match="dense"):
        ops.convert_to_tensor([1], sparse=True)
    with pytest.raises(ValueError, match="dense"):
        ops.one_hot([1], 2, sparse=True)


def test_arrays_are_not_copied_without_need() -> None:
    x = np.ones(3, "float32")
    assert np.shares_memory(ops.convert_to_tensor(x), x)
    assert np.shares_memory(ops.cast(x, "float32"), x)
    assert not np.shares_memory(ops.cast(x, "float64"), x)


def test_shapes_of_anything() -> None:
    assert ops.shape([[1, 2]]) == (1, 2)
    assert ops.shape(KerasTensor((None, 3))) == (None, 3)
    assert ops.size(KerasTensor((None, 3))) is None
    assert ops.size(np.zeros((2, 3))) == 6
    assert ops.ndim(3.0) == 0
    assert ops.dtype([1.0]) == "float32"


def test_stop_gradient_takes_structures() -> None:
    v = Variable(np.array(3.0))
    with GradientTape() as tape:
        held = ops.stop_gradient({"a": v, "b": [v * 2.0]})
        y = v * held["a"] * held["b"][0]
    assert float(tape.gradient(y, v)) == 18.0


def test_custom_gradient_of_several_arguments_and_outputs() -> None:
    @ops.custom_gradient
    def swap(a: Any, b: Any) -> Any:
        def gradient(*upstream: Any) -> Any:
            return 10.0 * upstream[1], 100.0 * upstream[0]

        return (b, a), gradient

    v, w = Variable(np.array(2.0)), Variable(np.array(3.0))
    with GradientTape(persistent=True) as tape:
        first, second = swap(v, w)
        y = first * 1.0 + second * 5.0
    assert float(y.value) == 13.0
    assert [float(g) for g in tape.gradient(y, [v, w])] == [50.0, 100.0]
    assert [float(g) for g in tape.gradient(first, [v, w])] == [0.0, 100.0]


def test_custom_gradient_is_computed_once_for_all_arguments() -> None:
    calls = []

    @ops.custom_gradient
    def add(a: Any, b: Any) -> Any:
        def gradient(upstream: Any) -> Any:
            calls.append(upstream)
            return upstream, upstream

        return a + b, gradient

    v, w = Variable(np.array(2.0)), Variable(np.array(3.0))
    with GradientTape() as tape:
        y = add(v, w)
    tape.gradient(y, [v, w])
    assert len(calls) == 1


def test_custom_gradient_on_symbols() -> None:
    double = ops.custom_gradient(lambda x: (2 * x, lambda upstream: 2 * upstream))
    y = double(KerasTensor((None, 3)))
    assert y.shape == (None, 3)
    v = Variable(np.ones(3))
    call = y.history
    with GradientTape() as tape:
        out = ops.sum(call.operation(v, *call.args[1:], **call.kwargs))
    np.testing.assert_array_equal(tape.gradient(out, v), [2.0, 2.0, 2.0])


def test_jvp_is_the_directional_derivative() -> None:
    x, t = np.array([0.3, 0.5]), np.array([1.0, -2.0])
    y, moved = ops.jvp(lambda v: ops.exp(v) * v[0], (x,), (t,))
    np.testing.assert_allclose(y, np.exp(x) * x[0])
    np.testing.assert_allclose(moved, np.exp(x) * t * x[0] + np.exp(x) * t[0])
    _, moved, extra = ops.jvp(lambda a, b: (a * b, a + b), (x, x), (t, 0 * t), has_aux=True)
    np.testing.assert_allclose(moved, t * x)
    np.testing.assert_allclose(extra, 2 * x)
    _, moved = ops.jvp(lambda v: np.ones(3), (x,), (t,))
    np.testing.assert_array_equal(moved, np.zeros(3))


def test_clip_takes_lists_and_numbers() -> None:
    assert ops.clip([0.5, 3.0], 0, 1).tolist() == [0.5, 1.0]
    assert ops.clip(2, 0, 1) == 1


def test_saturate_cast_to_bfloat16() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    found = ops.saturate_cast(np.array([-1e300, 1.5, 1e300]), "bfloat16")
    most = float(ml_dtypes.finfo(ml_dtypes.bfloat16).max)
    assert found.astype("float64").tolist() == [-most, 1.5, most]


def test_saturate_cast_holds_at_the_ends() -> None:
    wide = np.array([-1e30, -1.5, 1e30], "float32")
    for name in ("int8", "uint8", "int16", "int32", "uint32"):
        limits = np.iinfo(name)
        found = ops.saturate_cast(wide, name)
        assert found[0] == limits.min
        assert abs(int(found[2]) - limits.max) <= 256  # float32 cannot tell the last 256 numbers of 32 bits apart
    assert ops.saturate_cast(wide, "float16")[2] == np.finfo("float16").max
    np.testing.assert_array_equal(ops.saturate_cast([0.0, 2.0], "bool"), [False, True])


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "cumprod", "cumsum", "prod", "logsumexp", "sort"])
def test_gradients_of_empty_arrays(name: str, shape: tuple[int, ...]) -> None:
    v = Variable(np.zeros(shape))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the mean of nothing
        with GradientTape() as tape:
            y = getattr(ops, name)(v)
        assert tape.gradient(y, v).shape == shape


def test_the_variance_of_a_single_number_with_one_degree_less() -> None:
    v = Variable(np.ones((1, 2)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with GradientTape() as tape:
            y = np.sum(np.var(v, axis=0, ddof=1))
        assert np.isnan(tape.gradient(y, v)).all()


def test_dir_has_the_public_names_and_no_others() -> None:
    import kerasish.ops

    assert set(dir(kerasish.ops)) == {*kerasish.ops.__all__, "image", "linalg", "nn", "numpy"}
