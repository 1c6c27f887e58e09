"""A folder of pictures as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.config import standardize_data_format
from kerasish.backend.typing import FilePath
from kerasish.ops.resampling import part_with_ratio, resize, resized_bytes
from kerasish.utils.folders import Folder, Order, check_choice, dataset_of
from kerasish.utils.image_utils import load_bytes, pillow

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


class Reading(NamedTuple):
    """How a file becomes an array."""

    color_mode: str
    size: tuple[int, int]
    interpolation: str
    crop: bool
    pad: bool
    data_format: str

    def read(self, path: str) -> np.ndarray:
        """The picture of a file."""
        pixels = load_bytes(path, self.color_mode)
        if self.crop:
            top, left, high, wide = part_with_ratio(pixels.shape[0], pixels.shape[1], *self.size)
            pixels = pixels[top : top + high, left : left + wide]
        if self.interpolation in ("nearest", "bilinear") and not self.pad:
            made = resized_bytes(pixels, self.size, self.interpolation)
        else:
            floats = pixels.astype(np.float32)
            made = resize(
                floats, self.size, self.interpolation, pad_to_aspect_ratio=self.pad, data_format="channels_last"
            )
        return np.moveaxis(made, -1, 0) if self.data_format == "channels_first" else made


def image_dataset_from_directory(
    directory: FilePath,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """The pictures of a folder, read when they are asked for, as batches that `fit` takes.

    Args:
        directory: the folder; with inferred labels, it has a folder for each class.
        labels: `"inferred"` from the folders' names, None, or a number for each file in the order of their paths.
        label_mode: `"int"`, `"categorical"` (one-hot), `"binary"` (0.0 or 1.0, of two classes), or None for pictures
            alone.
        class_names: the classes' folders in the order wanted; by default sorted.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        batch_size: pictures a batch; None for single pictures.
        image_size: `(height, width)` to which they are resized.
        shuffle: whether they come in random order, another one in each iteration.
        seed: for the same order in every run; needed with `validation_split` and `shuffle`.
        validation_split: the share of the files that are kept for validation.
        subset: `"training"`, `"validation"` or `"both"`, for a pair of the two.
        interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio: see `keras.ops.image.resize`.
        follow_links: whether links to folders are followed.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.
        format: `"tf"` or `"grain"`, accepted for compatibility: either way the elements are NumPy arrays.
        verbose: whether the numbers of files and classes are printed.

    Returns:
        A `Dataset` of float32 pictures from 0 to 255, or of pairs of these and labels, with `class_names` and
        `file_paths`; with `subset="both"` two. A file that cannot be read is left out with a warning that names it.

    Raises:
        ImportError: if Pillow is not installed.
        ValueError: if an argument has none of these values, or there are no pictures.
    """
    pillow()
    check_choice("color_mode", color_mode, ("grayscale", "rgb", "rgba"))
    check_choice("format", format, ("tf", "grain"))
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("the sides' ratio is kept by crop_to_aspect_ratio or by pad_to_aspect_ratio, not by both")
    reading = Reading(
        color_mode,
        (int(image_size[0]), int(image_size[1])),
        interpolation,
        crop_to_aspect_ratio,
        pad_to_aspect_ratio,
        standardize_data_format(data_format),
    )
    return dataset_of(
        Folder(directory, labels, label_mode, class_names, ENDINGS, "pictures", follow_links),
        Order(batch_size, shuffle, seed, validation_split, subset, verbose),
        reading.read,
    )
