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


@pytest.mark.parametrize(
    ("equation", "output_shape", "bias_axes", "in_one"),
    [
        ("abc,cde->abde", (None, 2, 5), "de", True),  # into the heads of an attention
        ("abde,dec->abc", (None, 4), "c", True),  # and out of them
        ("...c,cd->...d", 4, None, True),
        ("abc,cde->abde", (None, 2, 5), "e", False),  # a bias for some columns only
        ("abc,cde->abed", (None, 5, 2), "de", False),
        ("abc,bd->adc", (4, None), None, False),
    ],
)
def test_one_product_where_the_equation_allows(equation, output_shape, bias_axes, in_one):
    """Whichever way is taken, values and gradients are those of the equation."""
    rng = np.random.default_rng(0)
    shape = (2, 3, 2, 5) if equation.startswith("abde") else (2, 3, 6)
    x = rng.normal(size=shape).astype("float32")
    layer = layers.EinsumDense(equation, output_shape, "relu", bias_axes, bias_initializer="uniform")
    layer(x)
    assert bool(layer._summed) == in_one

    def answers():
        with kerasish.GradientTape() as tape:
            v = tape.watch(x)
            y = layer(v)
        return [np.asarray(y.value), *tape.gradient(y, [v, *layer.trainable_variables])]

    found = answers()
    layer._summed = 0
    for a, b in zip(found, answers(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_one_product_names_the_sizes_that_differ():
    layer = layers.EinsumDense("abc,cd->abd", (None, 5))
    layer(np.ones((2, 3, 4), "float32"))
    with pytest.raises(ValueError, match=r"sizes .* shapes \(2, 3, 6\), \(4, 5\)"):
        layer(np.ones((2, 3, 6), "float32"))


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
