"""EfficientNet: depth, width and size grow together (Tan and Le 2019, https://arxiv.org/abs/1905.11946)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from kerasish import layers
from kerasish.applications.blocks import channels_of, halving_pad, normalized, width_not_below
from kerasish.applications.frame import Request, Standard, channel_axis, channels_first, standard
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import unchanged as preprocess_input
from kerasish.backend.symbolic import KerasTensor
from kerasish.initializers import VarianceScaling

__all__ = [
    "EfficientNetB0",
    "EfficientNetB1",
    "EfficientNetB2",
    "EfficientNetB3",
    "EfficientNetB4",
    "EfficientNetB5",
    "EfficientNetB6",
    "EfficientNetB7",
    "decode_predictions",
    "preprocess_input",
]


class _Stage(NamedTuple):
    """A row of table 1."""

    expansion: int
    width: int
    depth: int
    window: int
    strides: int


_STAGES = (
    _Stage(1, 16, 1, 3, 1),
    _Stage(6, 24, 2, 3, 2),
    _Stage(6, 40, 2, 5, 2),
    _Stage(6, 80, 3, 3, 2),
    _Stage(6, 112, 3, 5, 1),
    _Stage(6, 192, 4, 5, 2),
    _Stage(6, 320, 1, 3, 1),
)
_DROP = 0.2  # of the last block's branch; it grows from nothing
_SPREADS = (0.229, 0.224, 0.225)


def convolution(width: int, window: int, name: str, **options: Any) -> layers.Conv2D:
    """A window that keeps the size of what passes through it: He's normal initializer over what goes out."""
    initializer = VarianceScaling(2.0, "fan_out", "truncated_normal")
    options = {"padding": "same", "use_bias": False, **options}
    return layers.Conv2D(width, window, kernel_initializer=initializer, name=name, **options)


def weighed(x: KerasTensor, width: int, prefix: str) -> KerasTensor:
    """Every channel times a number that depends on all of them (https://arxiv.org/abs/1709.01507)."""
    channels = channels_of(x)
    weights = layers.GlobalAveragePooling2D(name=f"{prefix}se_squeeze")(x)
    shape = (channels, 1, 1) if channels_first() else (1, 1, channels)
    weights = layers.Reshape(shape, name=f"{prefix}se_reshape")(weights)
    weights = convolution(width, 1, f"{prefix}se_reduce", activation="silu", use_bias=True)(weights)
    weights = convolution(channels, 1, f"{prefix}se_expand", activation="sigmoid", use_bias=True)(weights)
    return layers.Multiply(name=f"{prefix}se_excite")([x, weights])


def added(x: KerasTensor, start: KerasTensor, drop: float, prefix: str) -> KerasTensor:
    """The input and what was found, which is left out for some pictures in training (https://arxiv.org/abs/1603.09382)."""
    if drop > 0:
        x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{prefix}drop")(x)
    return layers.Add(name=f"{prefix}add")([x, start])


def head(request: Request, x: KerasTensor, width: int, dropout: float, **options: Any) -> KerasTensor:
    """A mixture of channels, and the classes."""
    x = normalized(convolution(width, 1, "top_conv")(x), "top_bn", **options)
    x = layers.Activation("silu", name="top_activation")(x)
    if not request.include_top:
        return request.pooled(x, "avg_pool", "max_pool")
    x = layers.Dropout(dropout, name="top_dropout")(layers.GlobalAveragePooling2D(name="avg_pool")(x))
    return request.classified(x, kernel_initializer=VarianceScaling(1 / 3, "fan_out", "uniform"))


def _efficientnet(width: float, depth: float, dropout: float) -> Callable[[Request, KerasTensor], KerasTensor]:
    """The layers of a network of so many times the channels and layers of the smallest."""

    def layers_of(request: Request, x: KerasTensor) -> KerasTensor:
        x = layers.Normalization(axis=channel_axis())(layers.Rescaling(1 / 255)(x))
        if request.of_imagenet:
            # These weights were trained on pictures divided by their variance, where the layer divides by its root.
            x = layers.Rescaling([1 / math.sqrt(spread) for spread in _SPREADS])(x)
        x = layers.ZeroPadding2D(halving_pad(x, 3), name="stem_conv_pad")(x)
        x = convolution(width_not_below(32 * width), 3, "stem_conv", strides=2, padding="valid")(x)
        x = layers.Activation("silu", name="stem_activation")(normalized(x, "stem_bn"))
        depths = [math.ceil(depth * stage.depth) for stage in _STAGES]
        block = 0
        for number, (stage, repeats) in enumerate(zip(_STAGES, depths, strict=True), 1):
            stage = stage._replace(width=width_not_below(stage.width * width))
            for i in range(repeats):
                drop = _DROP * block / sum(depths)
                x = _block(x, stage if i == 0 else stage._replace(strides=1), drop, f"block{number}{chr(97 + i)}_")
                block += 1
        return head(request, x, width_not_below(1280 * width), dropout)

    return layers_of


def _block(x: KerasTensor, stage: _Stage, drop: float, prefix: str) -> KerasTensor:
    """Widen, look at each channel, weigh them, narrow; and add, where nothing changes the shape."""
    start, channels = x, channels_of(x)
    if stage.expansion != 1:
        x = convolution(stage.expansion * channels, 1, f"{prefix}expand_conv")(x)
        x = layers.Activation("silu", name=f"{prefix}expand_activation")(normalized(x, f"{prefix}expand_bn"))
    if stage.strides == 2:
        x = layers.ZeroPadding2D(halving_pad(x, stage.window), name=f"{prefix}dwconv_pad")(x)
    x = layers.DepthwiseConv2D(
        stage.window,
        strides=stage.strides,
        padding="valid" if stage.strides == 2 else "same",
        use_bias=False,
        depthwise_initializer=VarianceScaling(2.0, "fan_out", "truncated_normal"),
        name=f"{prefix}dwconv",
    )(x)
    x = layers.Activation("silu", name=f"{prefix}activation")(normalized(x, f"{prefix}bn"))
    x = weighed(x, max(1, channels // 4), prefix)
    x = normalized(convolution(stage.width, 1, f"{prefix}project_conv")(x), f"{prefix}project_bn")
    return added(x, start, drop, prefix) if stage.strides == 1 and channels == stage.width else x


def _of_size(number: int, width: float, depth: float, size: int, dropout: float) -> Standard:
    about = f"""The smallest EfficientNet with {width:g} times its channels and {depth:g} times its layers.

    Source: https://arxiv.org/abs/1905.11946, table 1 and section 3.3.
    """
    name = f"efficientnetb{number}"
    layers_of = _efficientnet(width, depth, dropout)
    return standard(f"EfficientNetB{number}", name, about, layers_of, size=size, file="{name}{notop}.h5")


EfficientNetB0 = _of_size(0, 1.0, 1.0, 224, 0.2)
EfficientNetB1 = _of_size(1, 1.0, 1.1, 240, 0.2)
EfficientNetB2 = _of_size(2, 1.1, 1.2, 260, 0.3)
EfficientNetB3 = _of_size(3, 1.2, 1.4, 300, 0.3)
EfficientNetB4 = _of_size(4, 1.4, 1.8, 380, 0.4)
EfficientNetB5 = _of_size(5, 1.6, 2.2, 456, 0.4)
EfficientNetB6 = _of_size(6, 1.8, 2.6, 528, 0.5)
EfficientNetB7 = _of_size(7, 2.0, 3.1, 600, 0.5)
