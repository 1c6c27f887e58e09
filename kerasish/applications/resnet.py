"""ResNet: layers learn what to add to their input (He et al. 2015, https://arxiv.org/abs/1512.03385)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kerasish import layers
from kerasish.applications.blocks import normalized
from kerasish.applications.frame import Request, standard
from kerasish.applications.imagenet_utils import caffe as preprocess_input
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.backend.symbolic import KerasTensor

__all__ = ["ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]

EPSILON = 1.001e-5
WIDTHS = (64, 128, 256, 512)


def stem(x: KerasTensor) -> KerasTensor:
    """A wide window that halves the picture."""
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    return layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)


def pooled_stem(x: KerasTensor) -> KerasTensor:
    """Half the sides again, by maxima."""
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)


def _resnet(depths: Sequence[int]) -> Callable[[Request, KerasTensor], KerasTensor]:
    """The layers of a network with so many bottlenecks in each of its four stages."""

    def layers_of(request: Request, x: KerasTensor) -> KerasTensor:
        x = pooled_stem(_normalized_relu(stem(x), "conv1"))
        for stage, (width, depth) in enumerate(zip(WIDTHS, depths, strict=True), 2):
            for i in range(1, depth + 1):
                strides = 2 if i == 1 and stage > 2 else 1
                x = _bottleneck(x, width, strides, i == 1, f"conv{stage}_block{i}")
        return request.top(x)

    return layers_of


def _bottleneck(x: KerasTensor, width: int, strides: int, projects: bool, name: str) -> KerasTensor:
    """Fewer channels, a window, more channels; added to the input, which is projected where the shape changes."""
    shortcut = x
    if projects:
        shortcut = layers.Conv2D(4 * width, 1, strides=strides, name=f"{name}_0_conv")(x)
        shortcut = normalized(shortcut, f"{name}_0_bn", epsilon=EPSILON)
    x = _normalized_relu(layers.Conv2D(width, 1, strides=strides, name=f"{name}_1_conv")(x), f"{name}_1")
    x = _normalized_relu(layers.Conv2D(width, 3, padding="same", name=f"{name}_2_conv")(x), f"{name}_2")
    x = normalized(layers.Conv2D(4 * width, 1, name=f"{name}_3_conv")(x), f"{name}_3_bn", epsilon=EPSILON)
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.Activation("relu", name=f"{name}_out")(x)


def _normalized_relu(x: KerasTensor, name: str) -> KerasTensor:
    return layers.Activation("relu", name=f"{name}_relu")(normalized(x, f"{name}_bn", epsilon=EPSILON))


_ABOUT = """Bottlenecks, {depths} of them, each added to its input.

    Source: https://arxiv.org/abs/1512.03385, table 1; the first layer of a bottleneck strides.
    """

ResNet50 = standard("ResNet50", "resnet50", _ABOUT.format(depths="3, 4, 6 and 3"), _resnet((3, 4, 6, 3)))
ResNet101 = standard("ResNet101", "resnet101", _ABOUT.format(depths="3, 4, 23 and 3"), _resnet((3, 4, 23, 3)))
ResNet152 = standard("ResNet152", "resnet152", _ABOUT.format(depths="3, 8, 36 and 3"), _resnet((3, 8, 36, 3)))
