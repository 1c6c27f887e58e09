"""A folder of pictures as a data set."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.config import standardize_data_format
from kerasish.backend.random import generator
from kerasish.ops.resampling import resize
from kerasish.utils.dataset import Dataset
from kerasish.utils.image_utils import img_to_array, load_img, pillow

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}
# How many files are read at a time; Pillow decodes them outside of Python's lock.
_THREADS = min(4, os.cpu_count() or 1)


class Files(NamedTuple):
    """The files of a folder with their classes.

    Attributes:
        paths: sorted.
        labels: the number of each one's class; None where there are none.
        class_names: in the order of their numbers.
    """

    paths: list[str]
    labels: np.ndarray | None
    class_names: list[str]

    def chosen(self, places: Any) -> Files:
        """Those at some places."""
        labels = None if self.labels is None else self.labels[places]
        return Files([self.paths[i] for i in places], labels, self.class_names)


class Reading(NamedTuple):
    """How a file becomes an array."""

    color_mode: str
    size: tuple[int, int]
    interpolation: str
    crop: bool
    pad: bool
    data_format: str

    def read(self, path: str) -> np.ndarray | None:
        """The picture of a file; None, with a warning that names it, where it cannot be read."""
        try:
            numbers = img_to_array(load_img(path, self.color_mode), "channels_last")
        except OSError as error:
            warnings.warn(f"left out: {error}", RuntimeWarning, stacklevel=2)
            return None
        made = resize(
            numbers,
            self.size,
            self.interpolation,
            crop_to_aspect_ratio=self.crop,
            pad_to_aspect_ratio=self.pad,
            data_format="channels_last",
        )
        return np.moveaxis(made, -1, 0) if self.data_format == "channels_first" else made


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
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
    _check(labels, label_mode, class_names, color_mode, subset, validation_split, shuffle, seed)
    files = _files(Path(directory), labels, class_names, follow_links)
    if label_mode == "binary" and files.labels is not None and len(files.class_names) != 2:
        raise ValueError(f'label_mode="binary" is for two classes; received {len(files.class_names)}')
    if label_mode is None or labels is None:
        files = files._replace(labels=None)
    if verbose:
        classes = f" belonging to {len(files.class_names)} classes" if files.class_names else ""
        print(f"Found {len(files.paths)} files{classes}.")
    reading = Reading(
        color_mode,
        (int(image_size[0]), int(image_size[1])),
        interpolation,
        crop_to_aspect_ratio,
        pad_to_aspect_ratio,
        standardize_data_format(data_format),
    )
    made = [
        _dataset(part, reading, label_mode, batch_size, shuffle, seed)
        for part in _parts(files, validation_split, subset, shuffle, seed, verbose)
    ]
    return made if subset == "both" else made[0]


def _check(
    labels: Any, label_mode: Any, class_names: Any, color_mode: Any, subset: Any, split: Any, shuffle: Any, seed: Any
) -> None:
    for name, value, allowed in (
        ("label_mode", label_mode, ("int", "categorical", "binary", None)),
        ("color_mode", color_mode, tuple(_CHANNELS)),
        ("subset", subset, ("training", "validation", "both", None)),
    ):
        if value not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}; received {name}={value!r}")
    if isinstance(labels, str) and labels != "inferred":
        raise ValueError(f'labels must be "inferred", None or a list of numbers; received labels={labels!r}')
    if labels != "inferred" and class_names is not None and not isinstance(labels, str):
        raise ValueError('class_names are for labels="inferred": they name the folders')
    if (split is None) != (subset is None):
        raise ValueError(f"validation_split and subset go together; received {split!r} and {subset!r}")
    if split is not None and not 0 < split < 1:
        raise ValueError(f"validation_split must be between 0 and 1; received {split!r}")
    if split is not None and shuffle and seed is None:
        raise ValueError("with shuffle=True and validation_split a seed is needed, or the two parts would overlap")


def _files(directory: Path, labels: Any, class_names: Any, follow_links: bool) -> Files:
    if not directory.is_dir():
        raise NotADirectoryError(f"there is no folder {directory}")
    if isinstance(labels, str):
        found = sorted(entry.name for entry in directory.iterdir() if entry.is_dir())
        names = list(class_names) if class_names is not None else found
        if set(names) - set(found):
            raise ValueError(f"the folder {directory} has the classes {found}; received class_names={names}")
        groups = [_pictures(directory / name, follow_links) for name in names]
        numbers = np.repeat(np.arange(len(names), dtype="int32"), [len(group) for group in groups])
        paths = [path for group in groups for path in group]
    else:
        names, numbers, paths = [], None, _pictures(directory, follow_links)
        if labels is not None:
            numbers = np.asarray(labels)
            if numbers.shape != (len(paths),):
                raise ValueError(f"{len(paths)} files need as many labels; received {numbers.shape[:1]}")
            names = [str(number) for number in sorted(set(numbers.tolist()))]
    if not paths:
        where = f"the folders of the classes {names} in {directory}" if isinstance(labels, str) else directory
        raise ValueError(f"no pictures in {where}: looked for files that end in {', '.join(ENDINGS)}")
    return Files(paths, numbers, names)


def _pictures(directory: Path, follow_links: bool) -> list[str]:
    """The paths of all pictures in a folder and those below, sorted."""
    found = []
    for root, _, names in os.walk(directory, followlinks=follow_links):
        found += [os.path.join(root, name) for name in names if name.lower().endswith(ENDINGS)]
    return sorted(found)


def _parts(files: Files, split: Any, subset: Any, shuffle: bool, seed: Any, verbose: bool) -> list[Files]:
    """All files, or those of a subset: the last share of them, mixed before, is for validation."""
    if split is None:
        return [files]
    order = generator(seed).permutation(len(files.paths)) if shuffle else np.arange(len(files.paths))
    cut = len(order) - int(split * len(order))
    parts = {"training": files.chosen(order[:cut]), "validation": files.chosen(order[cut:])}
    if not all(part.paths for part in parts.values()):
        raise ValueError(f"validation_split={split} of {len(order)} files leaves one part empty")
    wanted = list(parts) if subset == "both" else [subset]
    if verbose:
        for name in wanted:
            print(f"Using {len(parts[name].paths)} files for {name}.")
    return [parts[name] for name in wanted]


def _dataset(files: Files, reading: Reading, mode: Any, batch_size: Any, shuffle: bool, seed: Any) -> Dataset:
    orders = [generator(seed)] if shuffle else []
    targets = None if files.labels is None else _targets(files.labels, len(files.class_names), mode)

    def elements() -> Iterator[Any]:
        count = len(files.paths)
        order = orders[0].permutation(count) if orders else np.arange(count)
        with ThreadPoolExecutor(_THREADS) as pool:
            # a few at a time: reading all ahead would hold all in memory
            step = max(2 * _THREADS, batch_size or 1)
            for start in range(0, count, step):
                places = order[start : start + step]
                for i, picture in zip(places, pool.map(reading.read, [files.paths[i] for i in places]), strict=True):
                    if picture is not None:
                        yield picture if targets is None else (picture, targets[i])

    made = Dataset(elements, len(files.paths))
    made = made if batch_size is None else made.batch(batch_size)
    made.class_names = files.class_names  # type: ignore[attr-defined]
    made.file_paths = files.paths  # type: ignore[attr-defined]
    return made


def _targets(labels: np.ndarray, classes: int, mode: str) -> np.ndarray:
    if mode == "categorical":
        return np.eye(classes, dtype="float32")[labels]
    return labels.astype("float32")[:, None] if mode == "binary" else labels.astype("int32")
