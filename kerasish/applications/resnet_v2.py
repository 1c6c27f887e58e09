"""ResNet with normalization first, so that the sum passes unchanged (He et al. 2016, https://arxiv.org/abs/1603.05027)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kerasish import layers
from kerasish.applications.blocks import normalized
from kerasish.applications.frame import Request, standard
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import tf as preprocess_input
from kerasish.applications.resnet import EPSILON, WIDTHS, pooled_stem, stem
from kerasish.backend.symbolic import KerasTensor

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]


def _resnet_v2(depths: Sequence[int]) -> Callable[[Request, KerasTensor], KerasTensor]:
    """The layers of a network with so many bottlenecks in each of its four stages."""

    def layers_of(request: Request, x: KerasTensor) -> KerasTensor:
        x = pooled_stem(stem(x))
        for stage, (width, depth) in enumerate(zip(WIDTHS, depths, strict=True), 2):
            for i in range(1, depth + 1):
                strides = 2 if i == depth and stage < 5 else 1
                x = _bottleneck(x, width, strides, i == 1, f"conv{stage}_block{i}")
        return request.top(_normalized_relu(x, "post"))

    return layers_of


def _bottleneck(x: KerasTensor, width: int, strides: int, projects: bool, name: str) -> KerasTensor:
    """Normalization and an activation before each window; what is added to is left alone."""
    first = _normalized_relu(x, f"{name}_preact")
    shortcut = x
    if projects:
        shortcut = layers.Conv2D(4 * width, 1, strides=strides, name=f"{name}_0_conv")(first)
    elif strides > 1:
        shortcut = layers.MaxPooling2D(1, strides=strides)(x)
    x = layers.Conv2D(width, 1, use_bias=False, name=f"{name}_1_conv")(first)
    x = layers.ZeroPadding2D(1, name=f"{name}_2_pad")(_normalized_relu(x, f"{name}_1"))
    x = layers.Conv2D(width, 3, strides=strides, use_bias=False, name=f"{name}_2_conv")(x)
    x = layers.Conv2D(4 * width, 1, name=f"{name}_3_conv")(_normalized_relu(x, f"{name}_2"))
    return layers.Add(name=f"{name}_out")([shortcut, x])


def _normalized_relu(x: KerasTensor, name: str) -> KerasTensor:
    return layers.Activation("relu", name=f"{name}_relu")(normalized(x, f"{name}_bn", epsilon=EPSILON))


_ABOUT = """Bottlenecks, {depths} of them, with normalization before each window.

    Source: https://arxiv.org/abs/1603.05027, figure 4 (e); the last bottleneck of a stage strides.
    """

ResNet50V2 = standard("ResNet50V2", "resnet50v2", _ABOUT.format(depths="3, 4, 6 and 3"), _resnet_v2((3, 4, 6, 3)))
ResNet101V2 = standard("ResNet101V2", "resnet101v2", _ABOUT.format(depths="3, 4, 23 and 3"), _resnet_v2((3, 4, 23, 3)))
ResNet152V2 = standard("ResNet152V2", "resnet152v2", _ABOUT.format(depths="3, 8, 36 and 3"), _resnet_v2((3, 8, 36, 3)))
