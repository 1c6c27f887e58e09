"""MobileNet: a window for each channel, then a mixture of channels (Howard et al. 2017, https://arxiv.org/abs/1704.04861)."""

from __future__ import annotations

import warnings
from typing import Any

from kerasish import layers
from kerasish.applications.blocks import normalized
from kerasish.applications.frame import IMAGENET, IMAGENET_CLASSES, Request, placed_last
from kerasish.applications.imagenet_utils import decode_predictions
from kerasish.applications.imagenet_utils import tf as preprocess_input
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import ActivationLike, FilePath, Shape
from kerasish.models import Model

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]

# Table 1: how many channels come out of each pair of layers, and by how many pixels its window moves.
_PAIRS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)) + ((512, 1),) * 5 + ((1024, 2), (1024, 1))
_ALPHAS = {1.0: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5"}
_SIZES = (128, 160, 192, 224)


def MobileNet(
    input_shape: Shape | None = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 1e-3,
    include_top: bool = True,
    weights: FilePath | None = IMAGENET,
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = IMAGENET_CLASSES,
    classifier_activation: ActivationLike = "softmax",
    name: str | None = None,
) -> Model:
    """Thirteen pairs of a window for each channel and a mixture of channels.

    Args:
        input_shape: of one picture, at least 32 pixels each way; by default 224 by 224 with a top, any size without.
        alpha: the share of the channels that every layer has; the weights of ImageNet are there for 0.25, 0.5, 0.75, 1.
        depth_multiplier: how many windows each channel gets.
        dropout: the rate before the top.
        include_top: whether the network ends in a classifier.
        weights: None for new ones, the path of a file of weights, or `"imagenet"` for the file that Keras keeps in
            `~/.keras/models` (or `$KERAS_HOME/models`); nothing is downloaded.
        input_tensor: a symbolic tensor that the network is put on, in place of an input of its own.
        pooling: without a top, what is made of the last activations: None leaves them, `"avg"` and `"max"` pool them.
        classes: the number of classes of the top.
        classifier_activation: of the top; None gives logits.
        name: the model's name.

    Returns:
        A functional model.

    Raises:
        ValueError: if the arguments contradict each other, or the weights do not fit.
        FileNotFoundError: if the weights of ImageNet are asked for and not there; it says where they belong.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.MobileNet((32, 32, 3), alpha=0.25, weights=None, classes=10)
        >>> model.output_shape, model.count_params()
        ((None, 10), 221114)

    Source: https://arxiv.org/abs/1704.04861, table 1.
    """
    request = Request(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation)
    size = square_size(input_shape, _SIZES)
    shape = request.shape(size, 32)
    rows = placed_last(shape)[0]
    image = request.entrance(shape)
    x = layers.Conv2D(int(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="conv1")(image)
    x = _normalized_relu6(x, "conv1")
    for i, (width, strides) in enumerate(_PAIRS, 1):
        x = _pair(x, int(width * alpha), strides, depth_multiplier, i)
    x = _top(request, x, dropout) if include_top else request.pooled(x)
    if request.of_imagenet:
        _check_weights(alpha, depth_multiplier)
    stored_rows = stored_size(request, shape, _SIZES)
    file = f"mobilenet_{_ALPHAS.get(alpha)}_{stored_rows}_tf{'' if include_top else '_no_top'}.h5"
    return request.model(
        image, x, name or f"mobilenet_{alpha:0.2f}_{stored_rows if request.of_imagenet else rows}", file
    )


def square_size(shape: Shape | None, sizes: tuple[int, ...]) -> int:
    """The sides of pictures that a network with stored weights is for, after the shape that is asked for."""
    rows, columns = placed_last(tuple(shape))[:2] if shape and len(shape) == 3 else (None, None)
    return rows if rows is not None and rows == columns and rows in sizes else 224


def stored_size(request: Request, shape: Shape, sizes: tuple[int, ...]) -> int:
    """The sides of the pictures that the stored weights were trained on.

    Warns:
        UserWarning: if pictures of the shape that is asked for are none of them.
    """
    rows, columns = placed_last(tuple(shape))[:2]
    if rows is not None and rows == columns and rows in sizes:
        return rows
    if request.of_imagenet:
        warnings.warn(
            f"there are weights of ImageNet for squares of {', '.join(map(str, sizes))} pixels; those of 224 "
            f"are taken, though input_shape={tuple(shape)}",
            stacklevel=3,
        )
    return 224


def _check_weights(alpha: float, depth_multiplier: int) -> None:
    if depth_multiplier != 1:
        raise ValueError(f"the weights of ImageNet are for depth_multiplier=1; received {depth_multiplier}")
    if alpha not in _ALPHAS:
        raise ValueError(f"there are weights of ImageNet for alpha 0.25, 0.5, 0.75 and 1.0; received alpha={alpha}")


def _pair(x: KerasTensor, width: int, strides: int, windows: int, i: int) -> KerasTensor:
    """A window for each channel, and a mixture of channels."""
    if strides == 2:
        x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{i}")(x)
    padding = "valid" if strides == 2 else "same"
    x = layers.DepthwiseConv2D(
        3, strides=strides, padding=padding, depth_multiplier=windows, use_bias=False, name=f"conv_dw_{i}"
    )(x)
    x = _normalized_relu6(x, f"conv_dw_{i}")
    x = layers.Conv2D(width, 1, padding="same", use_bias=False, name=f"conv_pw_{i}")(x)
    return _normalized_relu6(x, f"conv_pw_{i}")


def _top(request: Request, x: KerasTensor, dropout: float) -> KerasTensor:
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Conv2D(request.classes, 1, padding="same", name="conv_preds")(x)
    x = layers.Reshape((request.classes,), name="reshape_2")(x)
    return layers.Activation(request.checked_activation(), name="predictions")(x)


def _normalized_relu6(x: KerasTensor, name: str) -> KerasTensor:
    return layers.ReLU(6.0, name=f"{name}_relu")(normalized(x, f"{name}_bn"))
