"""Xception: Inception taken to its end, one window a channel (Chollet 2016, https://arxiv.org/abs/1610.02357)."""

from __future__ import annotations

from kerasish import layers
from kerasish.applications.blocks import normalized
from kerasish.applications.frame import Request, standard
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import tf as preprocess_input
from kerasish.backend.symbolic import KerasTensor

__all__ = ["Xception", "decode_predictions", "preprocess_input"]

# Figure 5: the channels of the pairs that halve the sides, on either side of the middle.
_ENTRY, _EXIT = ((128, 128), (256, 256), (728, 728)), (728, 1024)
_MIDDLE = 8


def _layers_of(request: Request, x: KerasTensor) -> KerasTensor:
    for i, (width, strides) in enumerate(((32, 2), (64, 1)), 1):
        x = layers.Conv2D(width, 3, strides=strides, use_bias=False, name=f"block1_conv{i}")(x)
        x = layers.Activation("relu", name=f"block1_conv{i}_act")(normalized(x, f"block1_conv{i}_bn"))
    for block, widths in enumerate(_ENTRY, 2):
        x = _halved(x, widths, block, is_activated=block > 2)
    for block in range(5, 5 + _MIDDLE):
        start = x
        for i in (1, 2, 3):
            x = _separable(_relu(x, f"block{block}_sepconv{i}"), 728, f"block{block}_sepconv{i}")
        x = layers.Add()([x, start])
    x = _halved(x, _EXIT, 13, is_activated=True)
    for i, width in enumerate((1536, 2048), 1):
        x = _relu(_separable(x, width, f"block14_sepconv{i}"), f"block14_sepconv{i}")
    return request.top(x, None, None)


def _halved(x: KerasTensor, widths: tuple[int, int], block: int, is_activated: bool) -> KerasTensor:
    """Two separable windows and a pooling, added to a projection of the input."""
    shortcut = layers.Conv2D(widths[-1], 1, strides=2, padding="same", use_bias=False)(x)
    shortcut = normalized(shortcut, None)
    for i, width in enumerate(widths, 1):
        name = f"block{block}_sepconv{i}"
        x = _separable(_relu(x, name) if is_activated or i > 1 else x, width, name)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
    return layers.Add()([x, shortcut])


def _separable(x: KerasTensor, width: int, name: str) -> KerasTensor:
    return normalized(layers.SeparableConv2D(width, 3, padding="same", use_bias=False, name=name)(x), f"{name}_bn")


def _relu(x: KerasTensor, name: str) -> KerasTensor:
    return layers.Activation("relu", name=f"{name}_act")(x)


Xception = standard(
    "Xception",
    "xception",
    """Fourteen blocks of windows that see one channel each, added to their input.

    Source: https://arxiv.org/abs/1610.02357, figure 5.
    """,
    _layers_of,
    size=299,
    smallest=71,
)
