"""Inception-ResNet V2: mixtures of windows, added to their input (Szegedy et al. 2016, https://arxiv.org/abs/1602.07261)."""

from __future__ import annotations

from typing import Any

from kerasish import layers
from kerasish.applications.blocks import channels_of, joined, normalized
from kerasish.applications.frame import Request, standard
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import tf as preprocess_input
from kerasish.applications.inception_v3 import Window, averaged, branch, halved, stem
from kerasish.backend.symbolic import KerasTensor

__all__ = ["CustomScaleLayer", "InceptionResNetV2", "decode_predictions", "preprocess_input"]

# Figures 16, 17 and 19: the branches of a block.
_BLOCK35: list[list[Window]] = [[(32, 1, 1)], [(32, 1, 1), (32, 3, 3)], [(32, 1, 1), (48, 3, 3), (64, 3, 3)]]
_BLOCK17: list[list[Window]] = [[(192, 1, 1)], [(128, 1, 1), (160, 1, 7), (192, 7, 1)]]
_BLOCK8: list[list[Window]] = [[(192, 1, 1)], [(192, 1, 1), (224, 1, 3), (256, 3, 1)]]


class CustomScaleLayer(layers.Layer):
    """The first input, and a share of the second: x + scale y.

    Args:
        scale: the share.
        **kwargs: `name`, `trainable`, `dtype`.
    """

    def __init__(self, scale: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs: Any) -> Any:
        """The sum."""
        first, second = inputs
        return first + second * self.scale

    def get_config(self) -> dict[str, Any]:
        """What makes an equal layer."""
        return {**super().get_config(), "scale": self.scale}


def _layers_of(request: Request, x: KerasTensor) -> KerasTensor:
    x = stem(x)
    first: list[list[Window]] = [[(96, 1, 1)], [(48, 1, 1), (64, 5, 5)], [(64, 1, 1), (96, 3, 3), (96, 3, 3)]]
    x = joined([*(branch(x, windows) for windows in first), averaged(x, 64)], "mixed_5b")
    for i in range(1, 11):
        x = _block(x, _BLOCK35, 0.17, f"block35_{i}")
    x = halved(x, [[(384, 3, 3)], [(256, 1, 1), (256, 3, 3), (384, 3, 3)]], "mixed_6a")
    for i in range(1, 21):
        x = _block(x, _BLOCK17, 0.1, f"block17_{i}")
    pairs: list[list[Window]] = [[(256, 1, 1), (384, 3, 3)], [(256, 1, 1), (288, 3, 3)]]
    x = halved(x, [*pairs, [(256, 1, 1), (288, 3, 3), (320, 3, 3)]], "mixed_7a")
    for i in range(1, 10):
        x = _block(x, _BLOCK8, 0.2, f"block8_{i}")
    x = _block(x, _BLOCK8, 1.0, "block8_10", is_activated=False)
    x = layers.Conv2D(1536, 1, padding="same", use_bias=False, name="conv_7b")(x)
    x = layers.Activation("relu", name="conv_7b_ac")(normalized(x, "conv_7b_bn", scale=False))
    return request.top(x, None, None)


def _block(
    x: KerasTensor, branches: list[list[Window]], scale: float, name: str, is_activated: bool = True
) -> KerasTensor:
    """A share of a mixture of windows, added to the input: small, so that many can follow each other."""
    mixed = joined([branch(x, windows) for windows in branches], f"{name}_mixed")
    change = layers.Conv2D(channels_of(x), 1, padding="same", name=f"{name}_conv")(mixed)
    x = CustomScaleLayer(scale)([x, change])
    return layers.Activation("relu", name=f"{name}_ac")(x) if is_activated else x


InceptionResNetV2 = standard(
    "InceptionResNetV2",
    "inception_resnet_v2",
    """Forty mixtures of windows of several sizes, each added to its input in small part.

    Source: https://arxiv.org/abs/1602.07261, figure 15.
    """,
    _layers_of,
    size=299,
    smallest=75,
)
