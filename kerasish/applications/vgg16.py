"""VGG: small windows, many layers (Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kerasish import layers
from kerasish.applications.frame import Request, standard
from kerasish.applications.imagenet_utils import caffe as preprocess_input
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.backend.symbolic import KerasTensor

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]

_WIDTHS = (64, 128, 256, 512, 512)


def vgg(depths: Sequence[int]) -> Callable[[Request, KerasTensor], KerasTensor]:
    """The layers of a network that has so many convolutions in each of its five blocks."""

    def layers_of(request: Request, x: KerasTensor) -> KerasTensor:
        for block, (width, depth) in enumerate(zip(_WIDTHS, depths, strict=True), 1):
            for i in range(1, depth + 1):
                x = layers.Conv2D(width, 3, activation="relu", padding="same", name=f"block{block}_conv{i}")(x)
            x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
        if not request.include_top:
            return request.pooled(x)
        x = layers.Flatten(name="flatten")(x)
        for name in ("fc1", "fc2"):
            x = layers.Dense(4096, activation="relu", name=name)(x)
        return request.classified(x)

    return layers_of


VGG16 = standard(
    "VGG16",
    "vgg16",
    """Sixteen layers: blocks of 2, 2, 3, 3 and 3 windows of 3 by 3, and three dense ones.

    Source: https://arxiv.org/abs/1409.1556, table 1, column D.
    """,
    vgg((2, 2, 3, 3, 3)),
)
