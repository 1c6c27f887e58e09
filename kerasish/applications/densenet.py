"""DenseNet: every layer sees what all before it have found (Huang et al. 2016, https://arxiv.org/abs/1608.06993)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kerasish import layers
from kerasish.applications.blocks import channels_of, joined, normalized
from kerasish.applications.frame import Request, check_channels_last, standard
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import torch as preprocess_input
from kerasish.backend.symbolic import KerasTensor

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "decode_predictions", "preprocess_input"]

_GROWTH = 32
_EPSILON = 1.001e-5


def _densenet(depths: Sequence[int]) -> Callable[[Request, KerasTensor], KerasTensor]:
    """The layers of a network with so many steps in each of its four blocks."""

    def layers_of(request: Request, x: KerasTensor) -> KerasTensor:
        check_channels_last("DenseNet")
        x = layers.ZeroPadding2D(3)(x)
        x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
        x = layers.ZeroPadding2D(1)(_normalized_relu(x, "conv1_bn", "conv1_relu"))
        x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
        for block, depth in enumerate(depths, 2):
            for i in range(1, depth + 1):
                x = _step(x, f"conv{block}_block{i}")
            if block < 5:
                x = _transition(x, f"pool{block}")
        return request.top(_normalized_relu(x, "bn", "relu"))

    return layers_of


def _step(x: KerasTensor, name: str) -> KerasTensor:
    """A few new channels beside those that are there."""
    new = _normalized_relu(x, f"{name}_0_bn", f"{name}_0_relu")
    new = layers.Conv2D(4 * _GROWTH, 1, use_bias=False, name=f"{name}_1_conv")(new)
    new = _normalized_relu(new, f"{name}_1_bn", f"{name}_1_relu")
    new = layers.Conv2D(_GROWTH, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(new)
    return joined([x, new], f"{name}_concat")


def _transition(x: KerasTensor, name: str) -> KerasTensor:
    """Half the channels, and half the sides."""
    x = _normalized_relu(x, f"{name}_bn", f"{name}_relu")
    x = layers.Conv2D(channels_of(x) // 2, 1, use_bias=False, name=f"{name}_conv")(x)
    return layers.AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)


def _normalized_relu(x: KerasTensor, norm: str, relu: str) -> KerasTensor:
    return layers.Activation("relu", name=relu)(normalized(x, norm, epsilon=_EPSILON))


_ABOUT = """Blocks of {depths} layers, each beside all channels before it.

    Source: https://arxiv.org/abs/1608.06993, table 1, with 32 new channels a layer.
    """

DenseNet121 = standard(
    "DenseNet121", "densenet121", _ABOUT.format(depths="6, 12, 24 and 16"), _densenet((6, 12, 24, 16))
)
DenseNet169 = standard(
    "DenseNet169", "densenet169", _ABOUT.format(depths="6, 12, 32 and 32"), _densenet((6, 12, 32, 32))
)
DenseNet201 = standard(
    "DenseNet201", "densenet201", _ABOUT.format(depths="6, 12, 48 and 32"), _densenet((6, 12, 48, 32))
)
