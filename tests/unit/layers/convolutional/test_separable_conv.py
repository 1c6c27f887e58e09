"""The layers of separable convolution."""

import numpy as np
import pytest

from kerasish import layers

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("options", [{}, {"strides": 2, "padding": "same"}, {"dilation_rate": 2}], ids=str)
def test_it_is_a_depthwise_convolution_and_one_over_the_channels(data_format, options):
    x = RNG.normal(size=(2, 6, 6, 6)).astype("float32")
    options = {"data_format": data_format, **options}
    layer = layers.SeparableConv2D(
        5, (3, 2), depth_multiplier=2, activation="softmax", bias_initializer="normal", **options
    )
    y = layer(x)
    depthwise, pointwise, bias = layer.get_weights()
    assert [w.name for w in layer.weights] == ["depthwise_kernel", "pointwise_kernel", "bias"]
    assert depthwise.shape == (3, 2, 6, 2) and pointwise.shape == (1, 1, 12, 5)
    first = layers.DepthwiseConv2D((3, 2), depth_multiplier=2, use_bias=False, **options)
    second = layers.Conv2D(5, 1, data_format=data_format, activation="softmax")
    second(first(x))
    first.set_weights([depthwise])
    second.set_weights([pointwise, bias])
    np.testing.assert_allclose(y, second(first(x)), rtol=1e-4, atol=1e-6)


def test_configs_list_the_arguments_as_keras_does():
    keys = list(layers.SeparableConv1D(4, 3).get_config())[3:]
    assert keys == ["depth_multiplier", "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate",
                    "activation", "use_bias", "depthwise_initializer", "pointwise_initializer", "bias_initializer",
                    "depthwise_regularizer", "pointwise_regularizer", "bias_regularizer", "activity_regularizer",
                    "depthwise_constraint", "pointwise_constraint", "bias_constraint"]  # fmt: skip
