"""EfficientNetV2: whole windows where pictures are large, quicker to train (Tan and Le 2021, https://arxiv.org/abs/2104.00298)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from kerasish import layers
from kerasish.applications.blocks import channels_of, nearest_width, normalized
from kerasish.applications.efficientnet import added, convolution, head, weighed
from kerasish.applications.frame import IMAGENET, IMAGENET_CLASSES, Request, arguments, channel_axis, described
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import unchanged as preprocess_input
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import ActivationLike, FilePath, Shape
from kerasish.initializers import VarianceScaling
from kerasish.models import Model

__all__ = [
    "EfficientNetV2B0",
    "EfficientNetV2B1",
    "EfficientNetV2B2",
    "EfficientNetV2B3",
    "EfficientNetV2L",
    "EfficientNetV2M",
    "EfficientNetV2S",
    "decode_predictions",
    "preprocess_input",
]


class _Stage(NamedTuple):
    """A row of table 4: with `is_fused`, one window over all channels in place of one for each."""

    expansion: int
    width: int
    depth: int
    strides: int
    is_fused: bool


_B = (
    _Stage(1, 16, 1, 1, True),
    _Stage(4, 32, 2, 2, True),
    _Stage(4, 48, 2, 2, True),
    _Stage(4, 96, 3, 2, False),
    _Stage(6, 112, 5, 1, False),
    _Stage(6, 192, 8, 2, False),
)
_S = (
    _Stage(1, 24, 2, 1, True),
    _Stage(4, 48, 4, 2, True),
    _Stage(4, 64, 4, 2, True),
    _Stage(4, 128, 6, 2, False),
    _Stage(6, 160, 9, 1, False),
    _Stage(6, 256, 15, 2, False),
)
_M = (
    _Stage(1, 24, 3, 1, True),
    _Stage(4, 48, 5, 2, True),
    _Stage(4, 80, 5, 2, True),
    _Stage(4, 160, 7, 2, False),
    _Stage(6, 176, 14, 1, False),
    _Stage(6, 304, 18, 2, False),
    _Stage(6, 512, 5, 1, False),
)
_L = (
    _Stage(1, 32, 4, 1, True),
    _Stage(4, 64, 7, 2, True),
    _Stage(4, 96, 7, 2, True),
    _Stage(4, 192, 10, 2, False),
    _Stage(6, 224, 19, 1, False),
    _Stage(6, 384, 25, 2, False),
    _Stage(6, 640, 7, 1, False),
)
_DROP = 0.2
_MOMENTUM = 0.9
_MEANS, _VARIANCES = [0.485, 0.456, 0.406], [0.229**2, 0.224**2, 0.225**2]


def _network(
    letter: str, stages: tuple[_Stage, ...], stem: int, size: int, width: float = 1.0, depth: float = 1.0
) -> Callable[..., Model]:
    """A function that makes the network of these stages, so many times as wide and deep."""
    title, known = f"EfficientNetV2{letter}", f"efficientnetv2-{letter.lower()}"

    def build(
        include_top: bool = True,
        weights: FilePath | None = IMAGENET,
        input_tensor: Any = None,
        input_shape: Shape | None = None,
        pooling: str | None = None,
        classes: int = IMAGENET_CLASSES,
        classifier_activation: ActivationLike = "softmax",
        include_preprocessing: bool = True,
        name: str = known,
    ) -> Model:
        request = Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation)
        image = request.image(size, 32)
        x = _scaled(image, is_standardized=stages is _B) if include_preprocessing else image
        x = convolution(nearest_width(stem * width), 3, "stem_conv", strides=2)(x)
        x = layers.Activation("silu", name="stem_activation")(normalized(x, "stem_bn", momentum=_MOMENTUM))
        x = head(request, _body(x, stages, width, depth), nearest_width(1280 * width), 0.2, momentum=_MOMENTUM)
        return request.model(image, x, name, f"{known}{'' if include_top else '_notop'}.h5")

    about = f"""Windows over all channels first, and one for each channel later, for pictures of {size} by {size}.

    Source: https://arxiv.org/abs/2104.00298, {"section 3.3" if stages is _B else "table 4"}.
    """
    told = arguments(size, 32).replace(
        "        name: ",
        "        include_preprocessing: whether the network takes colours from 0 to 255 and scales them itself.\n"
        "        name: ",
    )
    return described(build, title, _network, about, told)


def _scaled(x: KerasTensor, is_standardized: bool) -> KerasTensor:
    """Colours as the weights were trained on them."""
    if is_standardized and channels_of(x) == 3:
        x = layers.Rescaling(1 / 255)(x)
        return layers.Normalization(mean=_MEANS, variance=_VARIANCES, axis=channel_axis())(x)
    return layers.Rescaling(1 / 128, -1)(x)


def _body(x: KerasTensor, stages: tuple[_Stage, ...], width: float, depth: float) -> KerasTensor:
    total, block = sum(stage.depth for stage in stages), 0
    for number, stage in enumerate(stages, 1):
        stage = stage._replace(width=nearest_width(stage.width * width))
        for i in range(math.ceil(stage.depth * depth)):
            drop = _DROP * block / total
            x = _block(x, stage if i == 0 else stage._replace(strides=1), drop, f"block{number}{chr(97 + i)}_")
            block += 1
    return x


def _block(x: KerasTensor, stage: _Stage, drop: float, prefix: str) -> KerasTensor:
    """Widen and look, at all channels at once or at each, narrow; and add, where nothing changes the shape."""
    start, channels = x, channels_of(x)
    x = _looked_at_once(x, stage, prefix) if stage.is_fused else _looked_at_each(x, stage, prefix)
    return added(x, start, drop, prefix) if stage.strides == 1 and channels == stage.width else x


def _looked_at_once(x: KerasTensor, stage: _Stage, prefix: str) -> KerasTensor:
    if stage.expansion == 1:
        x = convolution(stage.width, 3, f"{prefix}project_conv", strides=stage.strides)(x)
        return _activated(x, f"{prefix}project_bn", f"{prefix}project_activation")
    x = convolution(stage.expansion * channels_of(x), 3, f"{prefix}expand_conv", strides=stage.strides)(x)
    x = _activated(x, f"{prefix}expand_bn", f"{prefix}expand_activation")
    x = convolution(stage.width, 1, f"{prefix}project_conv")(x)
    return normalized(x, f"{prefix}project_bn", momentum=_MOMENTUM)


def _looked_at_each(x: KerasTensor, stage: _Stage, prefix: str) -> KerasTensor:
    channels = channels_of(x)
    x = convolution(stage.expansion * channels, 1, f"{prefix}expand_conv")(x)
    x = _activated(x, f"{prefix}expand_bn", f"{prefix}expand_activation")
    x = layers.DepthwiseConv2D(
        3,
        strides=stage.strides,
        padding="same",
        use_bias=False,
        depthwise_initializer=VarianceScaling(2.0, "fan_out", "truncated_normal"),
        name=f"{prefix}dwconv2",
    )(x)
    x = weighed(_activated(x, f"{prefix}bn", f"{prefix}activation"), max(1, channels // 4), prefix)
    return normalized(
        convolution(stage.width, 1, f"{prefix}project_conv")(x), f"{prefix}project_bn", momentum=_MOMENTUM
    )


def _activated(x: KerasTensor, norm: str, name: str) -> KerasTensor:
    return layers.Activation("silu", name=name)(normalized(x, norm, momentum=_MOMENTUM))


EfficientNetV2B0 = _network("B0", _B, 32, 224)
EfficientNetV2B1 = _network("B1", _B, 32, 240, 1.0, 1.1)
EfficientNetV2B2 = _network("B2", _B, 32, 260, 1.1, 1.2)
EfficientNetV2B3 = _network("B3", _B, 32, 300, 1.2, 1.4)
EfficientNetV2S = _network("S", _S, 24, 384)
EfficientNetV2M = _network("M", _M, 24, 480)
EfficientNetV2L = _network("L", _L, 32, 480)
