"""MobileNetV3: found by search, with channels weighed (Howard et al. 2019, https://arxiv.org/abs/1905.02244)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from kerasish import layers
from kerasish.applications.blocks import channels_of, halving_pad, normalized, width_not_below
from kerasish.applications.frame import (
    ARGUMENTS,
    IMAGENET,
    IMAGENET_CLASSES,
    Request,
    channels_first,
    described,
    placed_last,
)
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import unchanged as preprocess_input
from kerasish.backend.symbolic import KerasTensor, is_keras_tensor
from kerasish.backend.typing import ActivationLike, FilePath, Shape
from kerasish.models import Model

__all__ = ["MobileNetV3Large", "MobileNetV3Small", "decode_predictions", "preprocess_input"]

_MOMENTUM = 0.999


class _Block(NamedTuple):
    """A row of table 1 or 2: how it widens, what comes out, its window, and what else it does."""

    expansion: float
    width: int
    window: int
    strides: int
    weighs: bool
    is_silu: bool


_LARGE = tuple(
    _Block(*row)
    for row in (
        (1, 16, 3, 1, False, False),
        (4, 24, 3, 2, False, False),
        (3, 24, 3, 1, False, False),
        (3, 40, 5, 2, True, False),
        (3, 40, 5, 1, True, False),
        (3, 40, 5, 1, True, False),
        (6, 80, 3, 2, False, True),
        (2.5, 80, 3, 1, False, True),
        (2.3, 80, 3, 1, False, True),
        (2.3, 80, 3, 1, False, True),
        (6, 112, 3, 1, True, True),
        (6, 112, 3, 1, True, True),
        (6, 160, 5, 2, True, True),
        (6, 160, 5, 1, True, True),
        (6, 160, 5, 1, True, True),
    )
)
_SMALL = tuple(
    _Block(*row)
    for row in (
        (1, 16, 3, 2, True, False),
        (72 / 16, 24, 3, 2, False, False),
        (88 / 24, 24, 3, 1, False, False),
        (4, 40, 5, 2, True, True),
        (6, 40, 5, 1, True, True),
        (6, 40, 5, 1, True, True),
        (3, 48, 5, 1, True, True),
        (3, 48, 5, 1, True, True),
        (6, 96, 5, 2, True, True),
        (6, 96, 5, 1, True, True),
        (6, 96, 5, 1, True, True),
    )
)


def _network(title: str, kind: str, blocks: tuple[_Block, ...], last_width: int, about: str) -> Callable[..., Model]:
    """A function that makes a network of these blocks, with a layer of `last_width` channels before the classes."""

    def build(
        input_shape: Shape | None = None,
        alpha: float = 1.0,
        minimalistic: bool = False,
        include_top: bool = True,
        weights: FilePath | None = IMAGENET,
        input_tensor: Any = None,
        classes: int = IMAGENET_CLASSES,
        pooling: str | None = None,
        dropout_rate: float = 0.2,
        classifier_activation: ActivationLike = "softmax",
        include_preprocessing: bool = True,
        name: str = title,
    ) -> Model:
        request = Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation)
        shape = _shape(request)
        if request.of_imagenet:
            _check_weights(alpha, minimalistic, shape)
        image = request.entrance(shape)
        x = layers.Rescaling(1 / 127.5, -1.0)(image) if include_preprocessing else image
        x = _body(x, blocks, alpha, minimalistic)
        width = width_not_below(last_width * alpha) if alpha > 1 else last_width
        if include_top:
            x = _top(request, x, width, dropout_rate, not minimalistic)
        else:
            x = request.pooled(x, "avg_pool", "max_pool")
        form = "_minimalistic" if minimalistic else ""
        file = f"weights_mobilenet_v3_{kind}{form}_224_{alpha}_float{'' if include_top else '_no_top_v2'}.h5"
        return request.model(image, x, name, file)

    return described(build, title, _network, about, _OWN_ARGUMENTS)


_OWN_ARGUMENTS = ARGUMENTS.format(sizes="any size", smallest=32).replace(
    "    Args:\n",
    """    Args:
        alpha: the share of the channels; the weights of ImageNet are there for 0.75 and 1.
        minimalistic: whether windows of 5 by 5, weighed channels and hard_silu are left out, for hardware that is slow
            at them.
        dropout_rate: of the layer before the classes.
        include_preprocessing: whether the network takes colours from 0 to 255 and scales them itself.
""",
)


def _shape(request: Request) -> tuple[int | None, ...]:
    """The shape of one picture; of any size with a top, too, since that is made of convolutions."""
    request.check_agreement()
    shape: tuple[int | None, ...] = (3, None, None) if channels_first() else (None, None, 3)
    if request.input_shape is not None:
        shape = tuple(request.input_shape)
    elif is_keras_tensor(request.input_tensor):
        shape = tuple(request.input_tensor.shape[1:])
    rows, columns = placed_last(shape)[:2]
    if rows and columns and min(rows, columns) < 32:
        raise ValueError(f"pictures must be of at least 32 by 32 pixels; received input_shape={shape}")
    return shape


def _check_weights(alpha: float, minimalistic: bool, shape: tuple[int | None, ...]) -> None:
    known = (1.0,) if minimalistic else (0.75, 1.0)
    if alpha not in known:
        raise ValueError(
            f"with minimalistic={minimalistic} there are weights of ImageNet for alpha "
            f"{' and '.join(map(str, known))}; received alpha={alpha}"
        )
    if placed_last(shape)[:2] != (224, 224):
        warnings.warn(
            f"the weights of ImageNet were trained on pictures of 224 by 224; input_shape is {shape}", stacklevel=3
        )


def _body(x: KerasTensor, blocks: tuple[_Block, ...], alpha: float, minimalistic: bool) -> KerasTensor:
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = _activated(normalized(x, "conv_bn", momentum=_MOMENTUM), not minimalistic)
    for i, block in enumerate(blocks):
        if minimalistic:
            block = block._replace(window=3, weighs=False, is_silu=False)
        x = _block(x, block._replace(width=width_not_below(block.width * alpha)), i)
    x = layers.Conv2D(width_not_below(channels_of(x) * 6), 1, padding="same", use_bias=False, name="conv_1")(x)
    return _activated(normalized(x, "conv_1_bn", momentum=_MOMENTUM), not minimalistic)


def _block(x: KerasTensor, block: _Block, number: int) -> KerasTensor:
    """Widen, look, weigh, narrow; and add, where nothing changes the shape."""
    prefix = f"expanded_conv_{number}" if number else "expanded_conv"
    start, inside = x, width_not_below(channels_of(x) * block.expansion)
    if number:
        x = layers.Conv2D(inside, 1, padding="same", use_bias=False, name=f"{prefix}_expand")(x)
        x = _activated(normalized(x, f"{prefix}_expand_bn", momentum=_MOMENTUM), block.is_silu)
    if block.strides == 2:
        x = layers.ZeroPadding2D(halving_pad(x, block.window), name=f"{prefix}_depthwise_pad")(x)
    x = layers.DepthwiseConv2D(
        block.window,
        strides=block.strides,
        padding="same" if block.strides == 1 else "valid",
        use_bias=False,
        name=f"{prefix}_depthwise",
    )(x)
    x = _activated(normalized(x, f"{prefix}_depthwise_bn", momentum=_MOMENTUM), block.is_silu)
    if block.weighs:
        x = _weighed(x, inside, f"{prefix}_squeeze_excite")
    x = layers.Conv2D(block.width, 1, padding="same", use_bias=False, name=f"{prefix}_project")(x)
    x = normalized(x, f"{prefix}_project_bn", momentum=_MOMENTUM)
    if block.strides == 1 and channels_of(start) == block.width:
        return layers.Add(name=f"{prefix}_add")([start, x])
    return x


def _weighed(x: KerasTensor, width: int, prefix: str) -> KerasTensor:
    """Every channel times a number that depends on all of them (https://arxiv.org/abs/1709.01507)."""
    weights = layers.GlobalAveragePooling2D(keepdims=True, name=f"{prefix}_avg_pool")(x)
    weights = layers.Conv2D(width_not_below(width / 4), 1, padding="same", name=f"{prefix}_conv")(weights)
    weights = layers.ReLU(name=f"{prefix}_relu")(weights)
    weights = layers.Conv2D(width, 1, padding="same", name=f"{prefix}_conv_1")(weights)
    weights = layers.ReLU(6.0)(weights + 3.0) * (1 / 6)
    return layers.Multiply(name=f"{prefix}_mul")([x, weights])


def _top(request: Request, x: KerasTensor, width: int, dropout: float, is_silu: bool) -> KerasTensor:
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = _activated(layers.Conv2D(width, 1, padding="same", name="conv_2")(x), is_silu)
    if dropout > 0:
        x = layers.Dropout(dropout)(x)
    x = layers.Conv2D(request.classes, 1, padding="same", name="logits")(x)
    return layers.Activation(request.checked_activation(), name="predictions")(layers.Flatten()(x))


def _activated(x: KerasTensor, is_silu: bool) -> KerasTensor:
    return layers.Activation("hard_silu")(x) if is_silu else layers.ReLU()(x)


MobileNetV3Large = _network(
    "MobileNetV3Large",
    "large",
    _LARGE,
    1280,
    """The larger of two networks that a search found for the processor of a telephone.

    Source: https://arxiv.org/abs/1905.02244, table 1.
    """,
)
MobileNetV3Small = _network(
    "MobileNetV3Small",
    "small",
    _SMALL,
    1024,
    """The smaller of two networks that a search found for the processor of a telephone.

    Source: https://arxiv.org/abs/1905.02244, table 2.
    """,
)
