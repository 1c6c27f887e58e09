"""The layers of transposed convolution."""

import numpy as np
import pytest

from kerasish import layers

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("strides", "dilation"), [(1, 1), (2, 1), (1, 2)])
def test_it_is_the_transpose_of_the_convolution(padding, strides, dilation):
    """`sum(conv(x) * y) == sum(x * transpose(y))`, for every x and y."""
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation, "use_bias": False}
    there, back = layers.Conv2D(4, 3, **options), layers.Conv2DTranspose(2, 3, **options)
    size = {"valid": 9, "same": 8}[padding]
    x = RNG.normal(size=(2, size, size, 2)).astype("float32")
    y = RNG.normal(size=there(x).shape).astype("float32")
    back.build(y.shape)
    assert back.kernel.shape == there.kernel.shape
    back.set_weights(there.get_weights())
    assert back(y).shape == x.shape
    np.testing.assert_allclose(np.sum(there(x) * y), np.sum(x * back(y)), rtol=1e-4)


def test_each_number_spreads_over_a_window():
    layer = layers.Conv1DTranspose(1, 3, strides=2, activation="relu", bias_initializer="ones")
    layer.build((None, 2, 1))
    layer.set_weights([np.array([1.0, 2.0, -9.0], "float32").reshape(3, 1, 1), np.array([1.0], "float32")])
    y = layer(np.array([[[1.0], [10.0]]], "float32"))
    np.testing.assert_allclose(y[0, :, 0], [2, 3, 2, 21, 0])


@pytest.mark.parametrize(
    ("options", "length"),
    [
        ({"strides": 3}, 12),
        ({"strides": 3, "padding": "same"}, 12),
        ({"strides": 3, "kernel_size": 4}, 13),
        ({"strides": 3, "output_padding": 0}, 11),
        ({"strides": 3, "output_padding": (2,)}, 13),
        ({"strides": 3, "output_padding": 1, "padding": "same"}, 10),
        ({"dilation_rate": 2}, 6),
    ],
    ids=str,
)
def test_sizes(options, length):
    layer = layers.Conv1DTranspose(5, **{"kernel_size": 2, **options})
    x = np.ones((2, 4, 3), "float32")
    assert layer(x).shape == layer.compute_output_shape((2, 4, 3)) == (2, length, 5)
    assert layer.compute_output_shape((None, None, 3)) == (None, None, 5)


def test_output_padding_is_below_the_stride():
    message = r"Conv2DTranspose needs an output_padding below the stride of each axis; .*\(2, 2\), strides=\(3, 2\)"
    with pytest.raises(ValueError, match=message):
        layers.Conv2DTranspose(2, 3, (3, 2), output_padding=2)
    with pytest.raises(ValueError, match="needs as output_padding a whole number of at least 0"):
        layers.Conv2DTranspose(2, 3, 2, output_padding=-1)
    assert layers.Conv2DTranspose(2, 3, (3, 2), output_padding=(2, 1)).output_padding == (2, 1)


def test_an_image_of_no_size():
    layer = layers.Conv1DTranspose(2, 2, padding="same", output_padding=0, name="mine")
    with pytest.raises(ValueError, match=r"'mine' does not fit its input of shape \(1, 1, 3\): .*size \(0,\)"):
        layer(np.ones((1, 1, 3), "float32"))


def test_configs_list_the_arguments_as_keras_does():
    keys = list(layers.Conv3DTranspose(4, 3).get_config())[3:12]
    assert keys == ["filters", "kernel_size", "strides", "padding", "output_padding", "data_format", "dilation_rate",
                    "activation", "use_bias"]  # fmt: skip
