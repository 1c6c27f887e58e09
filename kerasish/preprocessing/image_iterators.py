"""Batches of pictures that an `ImageDataGenerator` changes, from arrays or from a folder."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator as Iterates
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend.random import generator
from kerasish.backend.typing import FilePath
from kerasish.utils.folders import Folder, check_choice, files_of
from kerasish.utils.image_utils import array_to_img, img_to_array, load_img
from kerasish.utils.progbar import print_line
from kerasish.utils.py_dataset import PyDataset

if TYPE_CHECKING:
    from kerasish.preprocessing.image_data_generator import ImageDataGenerator

_CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}
_THREADS = min(4, os.cpu_count() or 1)


class Saving:
    """Where the pictures of batches are written to, for looking at them."""

    def __init__(self, directory: FilePath | None, prefix: str, format: str) -> None:
        self.directory, self.prefix, self.format = directory, prefix, format

    def save(self, batch: np.ndarray, numbers: np.ndarray, random: np.random.RandomState, data_format: str) -> None:
        """Write each picture of a batch into a file of its own."""
        if self.directory is None:
            return
        for picture, number in zip(batch, numbers, strict=True):
            name = f"{self.prefix}_{number}_{random.randint(10**7)}.{self.format}"
            array_to_img(picture, data_format).save(os.path.join(self.directory, name))


class Iterator(PyDataset):
    """Batches by number, for `fit`, or one after the other without end, for a loop.

    Args:
        n: how many samples there are.
        batch_size: samples a batch.
        shuffle: whether they come in random order.
        seed: for the same order and the same changes in every run.
        **kwargs: `workers`, `use_multiprocessing` and `max_queue_size` of `PyDataset`.
    """

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.lock = threading.Lock()
        self.index_array: np.ndarray | None = None

    def __len__(self) -> int:
        return (self.n + self.batch_size - 1) // self.batch_size

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise ValueError(f"there are {len(self)} batches, 0 to {len(self) - 1}; asked for number {index}")
        with self.lock:
            random = self._random()
            if self.index_array is None:
                self._mix(random)
            places = self._places(index)
        return self._made(places, random)

    def __iter__(self) -> Iterates[Any]:
        return self

    def __next__(self) -> Any:
        with self.lock:
            random = self._random()
            if self.batch_index == 0 or self.index_array is None:
                self._mix(random)
            places = self._places(self.batch_index)
            self.batch_index = (self.batch_index + 1) % max(1, len(self))
        return self._made(places, random)

    def reset(self) -> None:
        """Begin anew with the first batch."""
        self.batch_index = 0

    def on_epoch_end(self) -> None:
        """Mix the samples for the next epoch."""
        self._mix(self._random(count=False))

    def _random(self, count: bool = True) -> np.random.RandomState:
        seed = int(generator().integers(2**32)) if self.seed is None else self.seed + self.total_batches_seen
        self.total_batches_seen += count
        return np.random.RandomState(seed % 2**32)

    def _mix(self, random: np.random.RandomState) -> None:
        self.index_array = random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _places(self, index: int) -> np.ndarray:
        assert self.index_array is not None
        return self.index_array[self.batch_size * index : self.batch_size * (index + 1)]

    def _made(self, places: np.ndarray, random: np.random.RandomState) -> Any:
        raise NotImplementedError


class NumpyArrayIterator(Iterator):
    """Batches of an array of pictures; see `ImageDataGenerator.flow`."""

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: ImageDataGenerator,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        saving: Saving | None = None,
        subset: str | None = None,
        ignore_class_split: bool = False,
    ) -> None:
        self.image_data_generator = image_data_generator
        kind = np.dtype(image_data_generator.dtype)
        others: list[Any] = []
        if isinstance(x, (tuple, list)):
            x, rest = x[0], x[1]
            others = [np.asarray(part) for part in (rest if isinstance(rest, list) else [rest])]
        parts = {"x": x, "y": y, "sample_weight": sample_weight, **{f"x[{i}]": p for i, p in enumerate(others, 1)}}
        for name, part in parts.items():
            if part is not None and len(part) != len(x):
                raise ValueError(f"flow needs as many {name} as pictures; received {len(x)} and {len(part)}")
        chosen = self._chosen(len(x), subset, None if ignore_class_split else y)
        self.x = np.asarray(x[chosen], kind)
        self.x_misc = [part[chosen] for part in others]
        self.y = None if y is None else np.asarray(y)[chosen]
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)[chosen]
        if self.x.ndim != 4:
            raise ValueError(f"flow takes pictures of rank 4; received shape {self.x.shape}")
        image_data_generator.warn_of_channels(self.x.shape)
        self.saving = saving or Saving(None, "", "png")
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _chosen(self, count: int, subset: str | None, y: Any) -> slice:
        if subset is None:
            return slice(None)
        check_choice("subset", subset, ("training", "validation"))
        cut = int(count * self.image_data_generator.validation_split)
        if y is not None and not np.array_equal(np.unique(y[:cut]), np.unique(y[cut:])):
            raise ValueError(
                "the two parts have different classes: mix the pictures before, or let ignore_class_split be True"
            )
        return slice(cut) if subset == "validation" else slice(cut, None)

    def _made(self, places: np.ndarray, random: np.random.RandomState) -> Any:
        batch = self.image_data_generator.changed(self.x[places], random)
        self.saving.save(batch, places, random, self.image_data_generator.data_format)
        x = [batch, *(part[places] for part in self.x_misc)] if self.x_misc else batch
        if self.y is None:
            return x
        weights = () if self.sample_weight is None else (self.sample_weight[places],)
        return x, self.y[places], *weights


class DirectoryIterator(Iterator):
    """Batches of a folder's pictures; see `ImageDataGenerator.flow_from_directory`."""

    def __init__(
        self,
        directory: FilePath,
        image_data_generator: ImageDataGenerator,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        saving: Saving | None = None,
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> None:
        check_choice("color_mode", color_mode, tuple(_CHANNELS))
        check_choice("class_mode", class_mode, ("categorical", "binary", "sparse", "input", None))
        check_choice("subset", subset, ("training", "validation", None))
        self.directory, self.image_data_generator = directory, image_data_generator
        self.target_size, self.color_mode, self.class_mode = tuple(target_size), color_mode, class_mode
        self.interpolation, self.keep_aspect_ratio = interpolation, keep_aspect_ratio
        self.saving = saving or Saving(None, "", "png")
        endings = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")
        files = files_of(Folder(directory, "inferred", "int", classes, endings, "pictures", follow_links))
        assert files.labels is not None
        groups = [np.flatnonzero(files.labels == number) for number in np.unique(files.labels)]
        chosen = np.concatenate([self._share(group, subset) for group in groups])
        self.filepaths = [files.paths[place] for place in chosen]
        self.filenames = [os.path.relpath(path, directory) for path in self.filepaths]
        self.labels = self.classes = files.labels[chosen]
        self.class_indices = {name: number for number, name in enumerate(files.class_names or ())}
        self.num_classes, self.samples = len(self.class_indices), len(self.filepaths)
        print_line(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _share(self, places: np.ndarray, subset: str | None) -> np.ndarray:
        if subset is None:
            return places
        cut = int(len(places) * self.image_data_generator.validation_split)
        return places[:cut] if subset == "validation" else places[cut:]

    @property
    def image_shape(self) -> tuple[int, ...]:
        """The shape of a picture."""
        channels = (_CHANNELS[self.color_mode],)
        first = self.image_data_generator.data_format == "channels_first"
        return (*channels, *self.target_size) if first else (*self.target_size, *channels)

    def _read(self, place: int) -> np.ndarray | None:
        path = self.filepaths[place]
        try:
            picture = load_img(path, self.color_mode, self.target_size, self.interpolation, self.keep_aspect_ratio)
        except OSError as error:
            warnings.warn(f"left out: {error}", RuntimeWarning, stacklevel=2)
            return None
        return img_to_array(picture, self.image_data_generator.data_format, self.image_data_generator.dtype)

    def _made(self, places: np.ndarray, random: np.random.RandomState) -> Any:
        with ThreadPoolExecutor(_THREADS) as pool:
            read = dict(zip(places.tolist(), pool.map(self._read, places.tolist()), strict=True))
        pictures = {place: picture for place, picture in read.items() if picture is not None}
        places, kind = np.array(list(pictures), int), np.dtype(self.image_data_generator.dtype)
        batch = np.array(list(pictures.values()), kind).reshape(-1, *self.image_shape)
        batch = self.image_data_generator.changed(batch, random)
        self.saving.save(batch, places, random, self.image_data_generator.data_format)
        return self._with_labels(batch, places)

    def _with_labels(self, batch: np.ndarray, places: np.ndarray) -> Any:
        if self.class_mode is None:
            return batch
        if self.class_mode == "input":
            return batch, batch.copy()
        labels, kind = self.classes[places], np.dtype(self.image_data_generator.dtype)
        if self.class_mode == "categorical":
            return batch, np.eye(self.num_classes, dtype=kind)[labels]
        return batch, labels.astype(kind)
