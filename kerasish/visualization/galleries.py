"""Many pictures on one sheet, by way of matplotlib (extra `plot`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish.backend.typing import FilePath, TensorLike
from kerasish.explain.drawing import hide_rest, pyplot
from kerasish.ops.core import convert_to_numpy
from kerasish.visualization.annotations import batch_of, draw_bounding_boxes, draw_segmentation_masks

Names = Mapping[int, str] | None


def plot_image_gallery(
    images: TensorLike,
    y_true: TensorLike | None = None,
    y_pred: TensorLike | None = None,
    label_map: Names = None,
    rows: int | None = None,
    cols: int | None = None,
    value_range: Sequence[float] = (0, 255),
    scale: float = 2,
    path: FilePath | None = None,
    show: bool | None = None,
    transparent: bool = True,
    dpi: int = 60,
    legend_handles: Sequence[Any] | None = None,
    data_format: str | None = None,
) -> Any:
    """Pictures side by side, with the names of their labels.

    Args:
        images: a batch, `(batch, height, width, channels)`.
        y_true, y_pred: the label of each, as it is and as it was found.
        label_map: the labels' names.
        rows, cols: of the sheet; by default all pictures find room on one that is about square.
        value_range: the least and the largest value of a pixel.
        scale: the size of a picture, in inches.
        path: the file to draw into.
        show: whether the sheet is shown; by default where there is no path.
        transparent, dpi: of the file.
        legend_handles: patches of matplotlib, for a legend below.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Returns:
        The figure, if it is neither shown nor written to a file.

    Raises:
        ImportError: if matplotlib is not installed.
        ValueError: if both `path` and `show` are given, labels come without names, or the images are no batch.
    """
    plt = pyplot()
    if path is not None and show:
        raise ValueError("plot_image_gallery draws into the file of `path`, or shows: give one of the two")
    if (y_true is not None or y_pred is not None) and label_map is None:
        raise ValueError("plot_image_gallery needs a label_map, the names of labels, to write y_true and y_pred")
    pictures = _scaled(batch_of(images, data_format, "plot_image_gallery"), value_range)
    count = len(pictures)
    if rows is None:
        rows = math.ceil(count / cols) if cols else math.ceil(math.sqrt(count))
    cols = cols or max(1, math.ceil(count / rows))
    figure, axes = plt.subplots(rows, cols, figsize=(cols * scale, rows * scale), layout="constrained", squeeze=False)
    if legend_handles is not None:
        figure.legend(handles=legend_handles, loc="outside lower center")
    titles = _titles(y_true, y_pred, label_map or {}, count)
    for ax, picture, title in zip(axes.flat, pictures, titles, strict=False):
        grey = picture.shape[-1] == 1
        ax.imshow(picture[..., 0] if grey else picture, cmap="gray" if grey else None, vmin=0, vmax=255)
        ax.set_axis_off()
        ax.set_title(title, fontsize=8)
    hide_rest(axes.flat[count:])
    if path is None and not (show or show is None):
        return figure
    if path is None:
        plt.show()
    else:
        figure.savefig(path, pad_inches=0, bbox_inches="tight", transparent=transparent, dpi=dpi)
    plt.close(figure)
    return None


def _scaled(pictures: np.ndarray, value_range: Sequence[float]) -> np.ndarray:
    low, high = value_range
    if (low, high) != (0, 255):
        pictures = (pictures.astype("float32") - low) / (high - low) * 255
    return np.clip(pictures, 0, 255).astype("uint8")


def _titles(y_true: Any, y_pred: Any, names: Mapping[int, str], count: int) -> list[str]:
    parts: list[list[str]] = [[] for _ in range(count)]
    for word, labels in (("Label", y_true), ("Pred", y_pred)):
        if labels is not None:
            for part, label in zip(parts, np.ravel(convert_to_numpy(labels)).tolist(), strict=False):
                part.append(f"{word}: {names.get(label, 'Unknown')}")
    return ["  ".join(part) for part in parts]


def plot_bounding_box_gallery(
    images: TensorLike,
    bounding_box_format: str,
    y_true: Mapping[str, Any] | None = None,
    y_pred: Mapping[str, Any] | None = None,
    value_range: Sequence[float] = (0, 255),
    true_color: Sequence[int] = (0, 188, 212),
    pred_color: Sequence[int] = (255, 235, 59),
    line_thickness: int = 2,
    font_scale: float = 1.0,
    text_thickness: int | None = None,
    class_mapping: Names = None,
    ground_truth_mapping: Names = None,
    prediction_mapping: Names = None,
    legend: bool = False,
    legend_handles: Sequence[Any] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    data_format: str | None = None,
    **kwargs: Any,
) -> Any:
    """Pictures side by side, with the boxes that are and that were found.

    Args:
        images: a batch, `(batch, height, width, channels)`.
        bounding_box_format, line_thickness, font_scale, class_mapping: see `draw_bounding_boxes`.
        y_true, y_pred: dicts of boxes and labels.
        value_range, legend_handles, rows, cols, data_format: see `plot_image_gallery`.
        true_color, pred_color: of their boxes.
        text_thickness: of the letters; that of the lines by default.
        ground_truth_mapping, prediction_mapping: names of labels for one of the two alone.
        legend: whether a legend tells the colours.
        **kwargs: for `plot_image_gallery`.

    Raises:
        ImportError: if matplotlib or Pillow is not installed.
        ValueError: if both `legend` and `legend_handles` are given, or the images are no batch.
    """
    pyplot()
    if legend and legend_handles:
        raise ValueError("plot_bounding_box_gallery makes a legend, or takes legend_handles: give one of the two")
    if legend:
        from matplotlib.patches import Patch

        words = {"Ground Truth": true_color, "Prediction": pred_color}
        legend_handles = [Patch(color=_unit(color), label=word) for word, color in words.items()]
    pictures = _scaled(batch_of(images, data_format, "plot_bounding_box_gallery"), value_range)
    for boxes, color, names in (
        (y_true, true_color, ground_truth_mapping or class_mapping),
        (y_pred, pred_color, prediction_mapping or class_mapping),
    ):
        if boxes is not None:
            bold = line_thickness if text_thickness is None else text_thickness
            pen = (names, color, line_thickness, bold, font_scale, "channels_last")
            pictures = draw_bounding_boxes(pictures, boxes, bounding_box_format, *pen)
    return plot_image_gallery(
        pictures, legend_handles=legend_handles, rows=rows, cols=cols, data_format="channels_last", **kwargs
    )


def _unit(color: Sequence[int]) -> tuple[float, float, float]:
    red, green, blue = (part / 255 for part in color)
    return red, green, blue


def plot_segmentation_mask_gallery(
    images: TensorLike,
    num_classes: int,
    value_range: Sequence[float] = (0, 255),
    y_true: TensorLike | None = None,
    y_pred: TensorLike | None = None,
    color_mapping: Mapping[int, Sequence[int]] | None = None,
    blend: bool = True,
    alpha: float = 0.8,
    ignore_index: int = -1,
    data_format: str | None = None,
    **kwargs: Any,
) -> Any:
    """Pictures one below the other, each beside itself under the colours of its classes.

    Args:
        images: a batch, `(batch, height, width, channels)`.
        num_classes, color_mapping, blend, alpha, ignore_index: see `draw_segmentation_masks`.
        value_range, data_format: see `plot_image_gallery`.
        y_true, y_pred: the class of each pixel, as it is and as it was found.
        **kwargs: for `plot_image_gallery`.

    Raises:
        ImportError: if matplotlib is not installed.
        ValueError: if the images are no batch.
    """
    pictures = _scaled(batch_of(images, data_format, "plot_segmentation_mask_gallery"), value_range)
    columns = [pictures]
    for masks in (y_true, y_pred):
        if masks is not None:
            numbers = np.asarray(convert_to_numpy(masks)).astype("int32")
            if numbers.ndim == 4:
                numbers = batch_of(numbers, data_format, "plot_segmentation_mask_gallery")
            look = (color_mapping, alpha, blend, ignore_index, "channels_last")
            columns.append(draw_segmentation_masks(pictures, numbers, num_classes, *look).astype("uint8"))
    sheet = np.stack(columns, axis=1).reshape(-1, *pictures.shape[1:])
    return plot_image_gallery(sheet, rows=len(pictures), cols=len(columns), data_format="channels_last", **kwargs)
