"""Pictures as networks expect them, and their answers as names of classes."""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.applications import kept_files
from kerasish.backend.config import floatx, image_data_format
from kerasish.backend.dtypes import is_float_dtype

__all__ = ["decode_predictions", "preprocess_input"]

_CLASSES = 1000
# The means and the spread of red, green and blue over ImageNet's pictures, as shares of 255 and as pixels.
_MEAN_SHARES, _SPREADS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_MEAN_PIXELS = (123.68, 116.779, 103.939)


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Pictures as a network was trained on them.

    With colours c from 0 to 255: `"tf"` gives c / 127.5 - 1; `"torch"` gives (c / 255 - m) / s, with the mean m and the
    spread s of ImageNet's pictures; `"caffe"` turns red, green, blue around and takes their means away.

    Args:
        x: one picture or several, colours (red, green, blue) from 0 to 255: an array, a tensor, or a symbolic tensor
            of a model. What is given stays as it is, also where Keras writes over it.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        mode: `"caffe"`, `"tf"` or `"torch"`, for the library in which a network was trained first.

    Returns:
        The same shape; integers become floats.

    Raises:
        ValueError: if the mode or the data format is another one.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> picture = np.full((1, 2, 2, 3), 255)
        >>> keras.applications.imagenet_utils.preprocess_input(picture, mode="tf")[0, 0, 0].tolist()
        [1.0, 1.0, 1.0]
    """
    if mode not in ("caffe", "tf", "torch"):
        raise ValueError(f"mode must be 'caffe', 'tf' or 'torch'; received {mode!r}")
    axis = _colours_axis(x, data_format)
    is_array = type(x) is np.ndarray  # it stays one, that can be written to
    if not is_float_dtype(x.dtype):
        x = x.astype(floatx()) if is_array else ops.cast(x, floatx())
    if mode == "tf":
        return x / 127.5 - 1.0
    if mode == "torch":
        return (x / 255.0 - _along(axis, _MEAN_SHARES, x)) / _along(axis, _SPREADS, x)
    flipped = np.flip(x, axis) if is_array else ops.flip(x, axis=axis)
    return flipped - _along(axis, _MEAN_PIXELS[::-1], x)


def caffe(x: Any, data_format: str | None = None) -> Any:
    """Pictures as networks of Caffe were trained on them: blue, green, red, each less its mean over ImageNet.

    It is `imagenet_utils.preprocess_input` with `mode="caffe"`; see there.
    """
    return preprocess_input(x, data_format, "caffe")


def tf(x: Any, data_format: str | None = None) -> Any:
    """Pictures as networks of TensorFlow were trained on them: colours from -1 to 1.

    It is `imagenet_utils.preprocess_input` with `mode="tf"`; see there.
    """
    return preprocess_input(x, data_format, "tf")


def torch(x: Any, data_format: str | None = None) -> Any:
    """Pictures as networks of Torch were trained on them: less ImageNet's mean, by its spread.

    It is `imagenet_utils.preprocess_input` with `mode="torch"`; see there.
    """
    return preprocess_input(x, data_format, "torch")


def unchanged(x: Any, data_format: str | None = None) -> Any:
    """Pictures as they are: the network has a layer for what is to be done to them (`include_preprocessing`)."""
    return x


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """The classes that a network of ImageNet finds most probable, by name.

    Args:
        preds: probabilities `(pictures, 1000)`.
        top: how many classes are named for each picture.

    Returns:
        For each picture a list of `(WordNet's key, name, probability)`, the most probable first.

    Raises:
        ValueError: if `preds` has another shape, or the file of names is damaged.
        FileNotFoundError: if the file of names, `~/.keras/models/imagenet_class_index.json`, is not there.
    """
    shape = tuple(preds.shape)
    if len(shape) != 2 or shape[1] != _CLASSES:
        raise ValueError(
            f"preds must be of shape (pictures, {_CLASSES}), as a network with ImageNet's top answers; received {shape}"
        )
    path = kept_files.find(
        "imagenet_class_index.json",
        "the names of ImageNet's 1000 classes",
        "`preds.argsort()` gives the numbers of the classes without it.",
    )
    names = _class_names(str(path))
    found = []
    for row in ops.convert_to_numpy(preds):
        best = np.argsort(-row, kind="stable")[:top]
        found.append([(*names[str(place)], row[place]) for place in best])
    return found


@functools.cache
def _class_names(path: str) -> dict[str, tuple[str, str]]:
    try:
        with open(path, encoding="utf-8") as file:
            found = {place: (key, name) for place, (key, name) in json.load(file).items()}
        return {str(i): found[str(i)] for i in range(_CLASSES)}
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise ValueError(f"{path} is damaged, or no table of 1000 classes: {error!r}") from error


def _colours_axis(x: Any, data_format: str | None) -> int:
    data_format = image_data_format() if data_format is None else data_format
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(f"data_format must be 'channels_first' or 'channels_last'; received {data_format!r}")
    return -3 if data_format == "channels_first" else -1


def _along(axis: int, numbers: tuple[float, ...], x: Any) -> Any:
    """Three numbers of the kind and dtype of `x`, in the shape that lines up with its colours."""
    array = np.reshape(numbers, (3,) + (1,) * (-1 - axis))
    return array.astype(x.dtype) if type(x) is np.ndarray else ops.cast(array, x.dtype)
