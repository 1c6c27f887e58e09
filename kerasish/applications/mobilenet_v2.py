"""MobileNetV2: wide inside, narrow between blocks (Sandler et al. 2018, https://arxiv.org/abs/1801.04381)."""

from __future__ import annotations

from typing import Any

from kerasish import layers
from kerasish.applications.blocks import channels_of, halving_pad, normalized, width_not_below
from kerasish.applications.frame import IMAGENET, IMAGENET_CLASSES, Request, placed_last
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import tf as preprocess_input
from kerasish.applications.mobilenet import square_size, stored_size
from kerasish.backend.symbolic import KerasTensor, is_keras_tensor
from kerasish.backend.typing import ActivationLike, FilePath, Shape
from kerasish.models import Model

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

# Table 2: expansion, channels that come out, number of blocks, strides of the first.
_STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
_ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
_SIZES = (96, 128, 160, 192, 224)
_MOMENTUM = 0.999


def MobileNetV2(
    input_shape: Shape | None = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: FilePath | None = IMAGENET,
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = IMAGENET_CLASSES,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """Blocks that widen, look through a window at each channel, and are narrow again; the narrow ends are added.

    Args:
        input_shape: of one picture, at least 32 pixels each way; by default 224 by 224 with a top, any size without.
        alpha: the share of the channels; the weights of ImageNet are there for 0.35, 0.5, 0.75, 1, 1.3 and 1.4.
        include_top: whether the network ends in a classifier.
        weights: None for new ones, the path of a file of weights, or `"imagenet"` for the file that Keras keeps in
            `~/.keras/models` (or `$KERAS_HOME/models`); nothing is downloaded.
        input_tensor: a symbolic tensor that the network is put on, in place of an input of its own.
        pooling: without a top, what is made of the last activations: None leaves them, `"avg"` and `"max"` pool them.
        classes: the number of classes of the top.
        classifier_activation: of the top; None gives logits.
        name: the model's name.

    Returns:
        A functional model.

    Raises:
        ValueError: if the arguments contradict each other, or the weights do not fit.
        FileNotFoundError: if the weights of ImageNet are asked for and not there; it says where they belong.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.MobileNetV2(
        ...     (96, 96, 3), alpha=0.35, weights=None, include_top=False, pooling="avg"
        ... )
        >>> model.output_shape
        (None, 1280)

    Source: https://arxiv.org/abs/1801.04381, table 2.
    """
    request = Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation)
    request.check_agreement()
    if request.of_imagenet and alpha not in _ALPHAS:
        raise ValueError(
            f"there are weights of ImageNet for alpha {', '.join(map(str, _ALPHAS))}; received alpha={alpha}"
        )
    found = input_tensor.shape[1:] if input_shape is None and is_keras_tensor(input_tensor) else input_shape
    shape = request.shape(square_size(found, _SIZES), 32)
    image = request.entrance(shape)
    x = layers.Conv2D(width_not_below(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1")(image)
    x = layers.ReLU(6.0, name="Conv1_relu")(normalized(x, "bn_Conv1", momentum=_MOMENTUM))
    block = 0
    for expansion, width, depth, first_strides in _STAGES:
        for i in range(depth):
            x = _block(x, expansion, width_not_below(int(width * alpha)), first_strides if i == 0 else 1, block)
            block += 1
    x = layers.Conv2D(width_not_below(1280 * max(alpha, 1.0)), 1, use_bias=False, name="Conv_1")(x)
    x = layers.ReLU(6.0, name="out_relu")(normalized(x, "Conv_1_bn", momentum=_MOMENTUM))
    x = request.classified(layers.GlobalAveragePooling2D()(x)) if include_top else request.pooled(x)
    stored_rows = stored_size(request, shape, _SIZES)
    rows = stored_rows if request.of_imagenet else placed_last(shape)[0]
    end = "" if include_top else "_no_top"
    file = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{stored_rows}{end}.h5"
    return request.model(image, x, name or f"mobilenetv2_{alpha:0.2f}_{rows}", file)


def _block(x: KerasTensor, expansion: int, width: int, strides: int, number: int) -> KerasTensor:
    """Widen, look, narrow; and add, where nothing changes the shape."""
    prefix, start = (f"block_{number}" if number else "expanded_conv"), x
    if number:
        x = layers.Conv2D(expansion * channels_of(x), 1, padding="same", use_bias=False, name=f"{prefix}_expand")(x)
        x = layers.ReLU(6.0, name=f"{prefix}_expand_relu")(_normalized(x, f"{prefix}_expand"))
    if strides == 2:
        x = layers.ZeroPadding2D(halving_pad(x, 3), name=f"{prefix}_pad")(x)
    padding = "same" if strides == 1 else "valid"
    x = layers.DepthwiseConv2D(3, strides=strides, padding=padding, use_bias=False, name=f"{prefix}_depthwise")(x)
    x = layers.ReLU(6.0, name=f"{prefix}_depthwise_relu")(_normalized(x, f"{prefix}_depthwise"))
    x = layers.Conv2D(width, 1, padding="same", use_bias=False, name=f"{prefix}_project")(x)
    x = _normalized(x, f"{prefix}_project")
    if strides == 1 and channels_of(start) == width:
        return layers.Add(name=f"{prefix}_add")([start, x])
    return x


def _normalized(x: KerasTensor, name: str) -> KerasTensor:
    return normalized(x, f"{name}_BN", momentum=_MOMENTUM)
