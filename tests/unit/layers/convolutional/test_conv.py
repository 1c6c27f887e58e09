"""The layers of plain convolution."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

RNG = np.random.default_rng(0)


def test_every_place_is_the_sum_of_its_window():
    x = RNG.normal(size=(2, 6, 5, 3)).astype("float32")
    layer = layers.Conv2D(4, (3, 2), strides=(2, 1), activation="relu", bias_initializer="normal")
    y = layer(x)
    kernel, bias = layer.get_weights()
    assert y.shape == (2, 2, 4, 4)
    for i, j in np.ndindex(2, 4):
        window = x[:, 2 * i : 2 * i + 3, j : j + 2]
        expected = np.maximum(np.tensordot(window, kernel, 3) + bias, 0)
        np.testing.assert_allclose(y[:, i, j], expected, rtol=1e-4, atol=1e-5)


def test_volumes():
    x = RNG.normal(size=(2, 3, 4, 5, 2)).astype("float32")
    layer = layers.Conv3D(3, (2, 3, 4))
    y = layer(x)
    assert y.shape == (2, 2, 2, 2, 3)
    expected = np.tensordot(x[:, 1:, 1:, 1:], layer.kernel.numpy(), 4)
    np.testing.assert_allclose(y[:, 1, 1, 1], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("strides", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2), (1, 4)])
@pytest.mark.parametrize("steps", [5, 6, 7])
def test_causal_places_see_no_later_step(strides, dilation, steps):
    layer = layers.Conv1D(2, 3, strides, "causal", dilation_rate=dilation)
    x = RNG.normal(size=(1, steps, 2)).astype("float32")
    y = layer(x)
    assert y.shape == layer.compute_output_shape(x.shape) == (1, -(-steps // strides), 2)
    kernel = layer.kernel.numpy()
    padded = np.concatenate([np.zeros((2 * dilation, 2)), x[0]])
    for place in range(y.shape[1]):
        seen = padded[place * strides : place * strides + 2 * dilation + 1 : dilation]
        np.testing.assert_allclose(y[0, place], np.tensordot(seen, kernel, 2), rtol=1e-4, atol=1e-5)


def test_groups_do_not_see_each_other():
    x = RNG.normal(size=(2, 8, 6)).astype("float32")
    layer = layers.Conv1D(4, 3, groups=2)
    y = layer(x)
    assert layer.kernel.shape == (3, 3, 4)
    x[..., 3:] = 0
    np.testing.assert_array_equal(layer(x)[..., :2], y[..., :2])
    assert not np.any(layer(x)[..., 2:])


def test_groups_must_divide():
    with pytest.raises(ValueError, match=r"Conv2D needs a number of filters that its groups divide; .*filters=4, gr"):
        layers.Conv2D(4, 3, groups=3)
    layer = layers.Conv2D(4, 3, groups=2, name="mine")
    with pytest.raises(ValueError, match=r"'mine' divides channels into 2 groups, which 3 channels cannot be"):
        layer(np.ones((1, 8, 8, 3), "float32"))
    assert not layer.weights


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("name", ["Conv1D", "Conv2D"])
def test_a_subclass_may_put_another_operation_in_place(name, data_format):
    kind = getattr(layers, name)

    class Standardized(kind):
        """With weights of mean 0."""

        def convolution_op(self, inputs, kernel):
            return super().convolution_op(inputs, kernel - keras.ops.mean(kernel))

    options = {"data_format": data_format, "activation": "softmax", "bias_initializer": "normal"}
    shape = (2, 6, 6) if name == "Conv1D" else (2, 6, 6, 6)
    x = RNG.normal(size=shape).astype("float32")
    layer, plain = Standardized(4, 3, **options), kind(4, 3, **options)
    y = layer(x)
    plain.build(x.shape)
    kernel, bias = layer.get_weights()
    plain.set_weights([kernel - kernel.mean(), bias])
    np.testing.assert_allclose(y, plain(x), rtol=1e-5, atol=1e-6)


def test_the_default_format_is_the_configured_one():
    keras.config.set_image_data_format("channels_first")
    try:
        assert layers.Conv2D(4, 3).data_format == "channels_first"
    finally:
        keras.config.set_image_data_format("channels_last")


def test_configs_list_the_arguments_as_keras_does():
    rules = ["kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer", "activity_regularizer",
             "kernel_constraint", "bias_constraint"]  # fmt: skip
    moves = ["kernel_size", "strides", "padding", "data_format", "dilation_rate"]
    expected = ["name", "trainable", "dtype", "filters", *moves, "groups", "activation", "use_bias", *rules]
    config = layers.Conv2D(4, 3).get_config()
    assert list(config) == expected
    assert config["kernel_size"] == (3, 3) and config["padding"] == "valid"


def test_other_names():
    for name in ("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"):
        assert getattr(layers, name.replace("Conv", "Convolution")) is getattr(layers, name)
    assert layers.SeparableConvolution1D is layers.SeparableConv1D
    assert layers.SeparableConvolution2D is layers.SeparableConv2D
