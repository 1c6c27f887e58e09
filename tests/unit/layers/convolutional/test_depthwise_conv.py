"""The layers of depthwise convolution."""

import numpy as np
import pytest

from kerasish import layers

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("multiplier", [1, 3])
@pytest.mark.parametrize("options", [{}, {"strides": 2, "padding": "same"}, {"dilation_rate": 2}], ids=str)
def test_each_channel_is_convolved_by_itself(multiplier, options):
    x = RNG.normal(size=(2, 7, 8, 4)).astype("float32")
    layer = layers.DepthwiseConv2D(
        (3, 2), depth_multiplier=multiplier, activation="tanh", bias_initializer="normal", **options
    )
    y = layer(x)
    kernel, bias = layer.get_weights()
    assert kernel.shape == (3, 2, 4, multiplier) and bias.shape == (4 * multiplier,)
    for channel in range(4):
        alone = layers.Conv2D(multiplier, (3, 2), activation="tanh", **options)
        alone.build((None, 7, 8, 1))
        mine = slice(channel * multiplier, (channel + 1) * multiplier)
        alone.set_weights([kernel[..., channel : channel + 1, :], bias[mine]])
        np.testing.assert_allclose(y[..., mine], alone(x[..., channel : channel + 1]), rtol=1e-4, atol=1e-5)


def test_strides_and_dilation_go_together():
    x = RNG.normal(size=(2, 9, 2)).astype("float32")
    options = {"dilation_rate": 2, "depthwise_initializer": "ones"}
    dense = layers.DepthwiseConv1D(3, **options)(x)
    np.testing.assert_allclose(layers.DepthwiseConv1D(3, 2, **options)(x), dense[:, ::2], rtol=1e-5, atol=1e-6)


def test_configs_list_the_arguments_as_keras_does():
    keys = list(layers.DepthwiseConv2D(3).get_config())[3:]
    assert keys == ["depth_multiplier", "kernel_size", "strides", "padding", "data_format", "dilation_rate",
                    "activation", "use_bias", "depthwise_initializer", "bias_initializer", "depthwise_regularizer",
                    "bias_regularizer", "activity_regularizer", "depthwise_constraint", "bias_constraint"]  # fmt: skip
