"""Inception V3: windows of several sizes side by side (Szegedy et al. 2015, https://arxiv.org/abs/1512.00567)."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import layers
from kerasish.applications.blocks import joined, normalized
from kerasish.applications.frame import Request, standard
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import tf as preprocess_input
from kerasish.backend.symbolic import KerasTensor

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]

# A window: its channels, rows and columns.
Window = tuple[int, int, int]


def window(x: KerasTensor, width: int, rows: int, columns: int, strides: int = 1, padding: str = "same") -> KerasTensor:
    """A window, normalized without a scale, and an activation."""
    x = layers.Conv2D(width, (rows, columns), strides=strides, padding=padding, use_bias=False)(x)
    return layers.Activation("relu")(normalized(x, None, scale=False))


def branch(x: KerasTensor, windows: Sequence[Window], halves: bool = False) -> KerasTensor:
    """Windows one after the other; the last may halve the sides."""
    for i, (width, rows, columns) in enumerate(windows, 1):
        if halves and i == len(windows):
            x = window(x, width, rows, columns, strides=2, padding="valid")
        else:
            x = window(x, width, rows, columns)
    return x


def averaged(x: KerasTensor, width: int) -> KerasTensor:
    """The mean of the neighbours, and a mixture of its channels."""
    return window(layers.AveragePooling2D(3, strides=1, padding="same")(x), width, 1, 1)


def halved(x: KerasTensor, branches: list[list[Window]], name: str) -> KerasTensor:
    """Branches that halve the sides, and a pooling beside them."""
    halves = [branch(x, windows, halves=True) for windows in branches]
    return joined([*halves, layers.MaxPooling2D(3, strides=2)(x)], name)


def stem(x: KerasTensor) -> KerasTensor:
    """Five windows and two poolings: an eighth of the sides, 192 channels."""
    x = window(x, 32, 3, 3, strides=2, padding="valid")
    x = window(x, 32, 3, 3, padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(window(x, 64, 3, 3))
    x = window(x, 80, 1, 1, padding="valid")
    x = window(x, 192, 3, 3, padding="valid")
    return layers.MaxPooling2D(3, strides=2)(x)


def _layers_of(request: Request, x: KerasTensor) -> KerasTensor:
    x = stem(x)
    for i, width in enumerate((32, 64, 64)):
        fives, threes = ((48, 1, 1), (64, 5, 5)), ((64, 1, 1), (96, 3, 3), (96, 3, 3))
        x = joined([branch(x, [(64, 1, 1)]), branch(x, fives), branch(x, threes), averaged(x, width)], f"mixed{i}")
    x = halved(x, [[(384, 3, 3)], [(64, 1, 1), (96, 3, 3), (96, 3, 3)]], "mixed3")
    for i, width in enumerate((128, 160, 160, 192), 4):
        x = _sevens(x, width, f"mixed{i}")
    sevens = [(192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3)]
    x = halved(x, [[(192, 1, 1), (320, 3, 3)], sevens], "mixed8")
    for i in range(2):
        x = _spread(x, i)
    return request.top(x, None, None)


def _sevens(x: KerasTensor, width: int, name: str) -> KerasTensor:
    """Windows of seven by seven in two steps, a row and a column (figure 6)."""
    one = branch(x, [(192, 1, 1)])
    two = branch(x, ((width, 1, 1), (width, 1, 7), (192, 7, 1)))
    four = branch(x, ((width, 1, 1), (width, 7, 1), (width, 1, 7), (width, 7, 1), (192, 1, 7)))
    return joined([one, two, four, averaged(x, 192)], name)


def _spread(x: KerasTensor, i: int) -> KerasTensor:
    """Rows and columns side by side, for what is seen of the whole picture (figure 7)."""
    one = window(x, 320, 1, 1)
    three = window(x, 384, 1, 1)
    three = joined([window(three, 384, 1, 3), window(three, 384, 3, 1)], f"mixed9_{i}")
    double = branch(x, ((448, 1, 1), (384, 3, 3)))
    double = joined([window(double, 384, 1, 3), window(double, 384, 3, 1)])
    return joined([one, three, double, averaged(x, 192)], f"mixed{9 + i}")


InceptionV3 = standard(
    "InceptionV3",
    "inception_v3",
    """Eleven mixtures of windows of several sizes, the large ones in steps.

    Source: https://arxiv.org/abs/1512.00567, table 1.
    """,
    _layers_of,
    size=299,
    smallest=75,
)
