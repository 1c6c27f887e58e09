import numpy as np
import pytest

import kerasish
from kerasish import layers


def test_dense_is_one_of_them():
    x = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    dense, einsum = layers.Dense(5, "tanh"), layers.EinsumDense("ab,bc->ac", 5, "tanh", bias_axes="c")
    dense(x), einsum(x)
    einsum.set_weights([dense.kernel.numpy(), np.full(5, 0.5)])
    dense.bias.assign(np.full(5, 0.5))
    np.testing.assert_allclose(dense(x), einsum(x), rtol=1e-6)


def test_sizes_that_the_input_tells():
    assert layers.EinsumDense("abc,cd->abd", (None, 5)).compute_output_shape((None, 7, 6)) == (None, 7, 5)
    assert layers.EinsumDense("abc,cd->abd", (None, 5))(kerasish.Input((None, 6))).shape == (None, None, 5)


@pytest.mark.parametrize(
    ("arguments", "shape", "message"),
    [
        (("ab,bc", 4), (2, 3), "forms"),
        (("...ab,bc->ac", 4), (2, 3), "forms"),
        (("ab,bc->ac", (4, 5)), (2, 3), "leaves out the batch"),
        (("ab,bc->ad", 4), (2, 3), "'d' is an axis of the output only"),
        (("ab,bcx->ac", 4), (2, 3), "'x' is an axis of the kernel only"),
        (("abc,cd->abd", (3, 5)), (2, 4, 6), "'b' has size 4 .* and size 3"),
        (("ab,bc->ac", 4), (2, 3, 4), "does not describe"),
        (("abc,cd->abd", (None, 5)), (None, 4, None), "must be known"),
    ],
)
def test_equations_that_do_not_fit(arguments, shape, message):
    with pytest.raises(ValueError, match=message):
        layers.EinsumDense(*arguments).build(shape)


def test_a_bias_on_no_axis():
    with pytest.raises(ValueError, match="bias_axes='x'"):
        layers.EinsumDense("ab,bc->ac", 4, bias_axes="x").build((2, 3))
