"""NASNet: cells that a search found, repeated (Zoph et al. 2017, https://arxiv.org/abs/1707.07012)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import layers
from kerasish.applications.blocks import channels_of, halving_pad, joined, normalized
from kerasish.applications.frame import IMAGENET, IMAGENET_CLASSES, Request, arguments, check_channels_last, described
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import tf as preprocess_input
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import ActivationLike, FilePath, Shape
from kerasish.models import Model

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]

_MOMENTUM = 0.9997


def _network(title: str, kind: str, size: int, width: int, depth: int, stem: int, skips: bool) -> Callable[..., Model]:
    """A function that makes the network of three times `depth` cells.

    Args:
        title: the function's name.
        kind: what the model and its files are named after.
        size: the sides of the pictures that it is for.
        width: the channels of a branch in the first cells; it doubles with each reduction.
        depth: how many cells follow each other at one size.
        stem: the channels of the first window.
        skips: whether a reduction is left out of what the next cell sees beside its input.
    """

    def build(
        input_shape: Shape | None = None,
        include_top: bool = True,
        weights: FilePath | None = IMAGENET,
        input_tensor: Any = None,
        pooling: str | None = None,
        classes: int = IMAGENET_CLASSES,
        classifier_activation: ActivationLike = "softmax",
        name: str = f"nasnet_{kind}",
    ) -> Model:
        check_channels_last("NASNet")
        if input_shape is None and not include_top and kind == "mobile":
            input_shape = (size, size, 3)
        request = Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation)
        if request.of_imagenet and input_shape is not None and None in input_shape:
            raise ValueError(
                f"with the weights of ImageNet all sizes of input_shape must be known; received {input_shape}"
            )
        image = request.image(size, 32)
        x = _body(image, width, depth, stem, skips)
        x = request.classified(layers.GlobalAveragePooling2D()(x)) if include_top else request.pooled(x)
        return request.model(image, x, name, f"nasnet_{kind}{'' if include_top else '_no_top'}.h5")

    about = f"""Three times {depth} cells that a search found on small pictures, and reductions between them.

    Source: https://arxiv.org/abs/1707.07012, figure 4 (NASNet-A), {depth} @ {24 * width}.
    """
    return described(build, title, _network, about, arguments(size, 32))


def _body(x: KerasTensor, width: int, depth: int, stem: int, skips: bool) -> KerasTensor:
    """Each cell sees what the two before it found."""
    x = _convolution(x, stem, 3, "stem_conv1", strides=2, padding="valid")
    x = before = normalized(x, "stem_bn1", momentum=_MOMENTUM)
    x, before = _reduction(x, x, width // 4, "stem_1"), x
    x, before = _reduction(x, _halved(before, width // 2, "stem_2"), width // 2, "stem_2"), x
    for stage in range(3):
        channels = width * 2**stage
        if stage:
            label = f"reduce_{stage * depth}"
            reduced = _reduction(x, _projected(before, channels, label), channels, label)
            x, before = reduced, (before if skips else x)
        for i in range(depth):
            label = str(stage * depth + i + (stage > 0))
            adjusted = (_halved if i == 0 else _projected)(before, channels, label)
            x, before = _normal(x, adjusted, channels, label), x
    return layers.Activation("relu")(x)


def _halved(x: KerasTensor, width: int, label: str) -> KerasTensor:
    """Half the sides: every second pixel beside every second of those between, each mixed to half the channels."""
    x = layers.Activation("relu", name=f"adjust_relu_1_{label}")(x)
    even = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_1_{label}")(x)
    even = _convolution(even, width // 2, 1, f"adjust_conv_1_{label}")
    odd = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(x))
    odd = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_2_{label}")(odd)
    odd = _convolution(odd, width // 2, 1, f"adjust_conv_2_{label}")
    return normalized(joined([even, odd]), f"adjust_bn_{label}", momentum=_MOMENTUM)


def _projected(x: KerasTensor, width: int, label: str) -> KerasTensor:
    """The channels mixed, unless there are as many already."""
    if channels_of(x) == width:
        return x
    x = _convolution(layers.Activation("relu")(x), width, 1, f"adjust_conv_projection_{label}")
    return normalized(x, f"adjust_bn_{label}", momentum=_MOMENTUM)


def _mixed(x: KerasTensor, width: int, kind: str, label: str) -> KerasTensor:
    x = _convolution(layers.Activation("relu")(x), width, 1, f"{kind}_conv_1_{label}")
    return normalized(x, f"{kind}_bn_1_{label}", momentum=_MOMENTUM)


def _normal(x: KerasTensor, before: KerasTensor, width: int, label: str) -> KerasTensor:
    """The normal cell: five sums of two branches, side by side."""

    def looked(start: KerasTensor, window: int, place: str) -> KerasTensor:
        return _separable(start, width, window, f"normal_{place}_{label}")

    def averaged(start: KerasTensor, place: str) -> KerasTensor:
        return layers.AveragePooling2D(3, strides=1, padding="same", name=f"normal_{place}_{label}")(start)

    def total(i: int, *branches: KerasTensor) -> KerasTensor:
        return layers.Add(name=f"normal_add_{i}_{label}")(list(branches))

    here = _mixed(x, width, "normal", label)
    sums = [
        total(1, looked(here, 5, "left1"), looked(before, 3, "right1")),
        total(2, looked(before, 5, "left2"), looked(before, 3, "right2")),
        total(3, averaged(here, "left3"), before),
        total(4, averaged(before, "left4"), averaged(before, "right4")),
        total(5, looked(here, 3, "left5"), here),
    ]
    return joined([before, *sums], f"normal_concat_{label}")


def _reduction(x: KerasTensor, before: KerasTensor, width: int, label: str) -> KerasTensor:
    """The reduction cell: half the sides, four times the channels."""

    def looked(start: KerasTensor, window: int, place: str, strides: int = 2) -> KerasTensor:
        return _separable(start, width, window, f"reduction_{place}_{label}", strides)

    def pooled(kind: Callable[..., layers.Layer], place: str) -> KerasTensor:
        return kind(3, strides=2, name=f"reduction_{place}_{label}")(padded)

    def total(name: str | None, *branches: KerasTensor) -> KerasTensor:
        return layers.Add(name=name)(list(branches))

    here = _mixed(x, width, "reduction", label)
    padded = layers.ZeroPadding2D(halving_pad(here, 3), name=f"reduction_pad_1_{label}")(here)
    first = total(f"reduction_add_1_{label}", looked(here, 5, "left1"), looked(before, 7, "right1"))
    second = total(f"reduction_add_2_{label}", pooled(layers.MaxPooling2D, "left2"), looked(before, 7, "right2"))
    third = total(f"reduction_add3_{label}", pooled(layers.AveragePooling2D, "left3"), looked(before, 5, "right3"))
    mean = layers.AveragePooling2D(3, strides=1, padding="same", name=f"reduction_left4_{label}")(first)
    fourth = total(None, second, mean)
    fifth = total(
        f"reduction_add4_{label}", looked(first, 3, "left4", strides=1), pooled(layers.MaxPooling2D, "right5")
    )
    return joined([second, third, fourth, fifth], f"reduction_concat_{label}")


def _separable(x: KerasTensor, width: int, window: int, label: str, strides: int = 1) -> KerasTensor:
    """An activation, a window for each channel and a mixture, normalized: twice; the first may halve the sides."""
    x = layers.Activation("relu")(x)
    if strides == 2:
        x = layers.ZeroPadding2D(halving_pad(x, window), name=f"separable_conv_1_pad_{label}")(x)
    padding = "valid" if strides == 2 else "same"
    for i in (1, 2):
        if i == 2:
            x, strides, padding = layers.Activation("relu")(x), 1, "same"
        x = layers.SeparableConv2D(
            width, window, strides=strides, padding=padding, use_bias=False, name=f"separable_conv_{i}_{label}"
        )(x)
        x = normalized(x, f"separable_conv_{i}_bn_{label}", momentum=_MOMENTUM)
    return x


def _convolution(
    x: KerasTensor, width: int, window: int, name: str, strides: int = 1, padding: str = "same"
) -> KerasTensor:
    layer = layers.Conv2D(
        width,
        window,
        strides=strides,
        padding=padding,
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )
    return layer(x)


NASNetLarge = _network("NASNetLarge", "large", 331, 168, 6, 96, skips=True)
NASNetMobile = _network("NASNetMobile", "mobile", 224, 44, 4, 32, skips=False)
