"""VGG with nineteen layers (Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556)."""

from __future__ import annotations

from kerasish.applications.frame import standard
from kerasish.applications.imagenet_utils import caffe as preprocess_input
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.vgg16 import vgg

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]

VGG19 = standard(
    "VGG19",
    "vgg19",
    """Nineteen layers: blocks of 2, 2, 4, 4 and 4 windows of 3 by 3, and three dense ones.

    Source: https://arxiv.org/abs/1409.1556, table 1, column E.
    """,
    vgg((2, 2, 4, 4, 4)),
)
