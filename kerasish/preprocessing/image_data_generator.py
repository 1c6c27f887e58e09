"""Pictures changed by chance and standardized, batch by batch, as scripts of Keras 1 and 2 do it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend.config import floatx, standardize_data_format
from kerasish.backend.random import generator
from kerasish.backend.typing import FilePath
from kerasish.ops.core import convert_to_numpy
from kerasish.ops.warping import affine_transform
from kerasish.preprocessing.image_iterators import DirectoryIterator, NumpyArrayIterator, Saving

if TYPE_CHECKING:
    from kerasish.preprocessing.frame_iterator import DataFrameIterator

_SMALL = 1e-6
_ORDERS = ("nearest", "bilinear")
_UNMOVED = {"theta": 0, "tx": 0, "ty": 0, "shear": 0, "zx": 1, "zy": 1}


class ImageDataGenerator:
    """Changes pictures by chance, standardizes them, and makes batches of them.

    In this order: moved (turned, shifted, sheared, zoomed), channels shifted, mirrored, made brighter or darker;
    `preprocessing_function`; `rescale`; centred and divided by deviations; whitened. Keras calls it deprecated: layers
    such as `RandomRotation`, in a model or after `image_dataset_from_directory`, do the same. With a seed, the same is
    drawn as in Keras 3.15.1; but heights are heights here, which Keras takes for widths, and the middle of a picture
    that is not square is its middle.

    Args:
        featurewise_center, featurewise_std_normalization: whether the mean and the deviation of each channel, over all
            pictures that `fit` has seen, are taken away and divided by.
        samplewise_center, samplewise_std_normalization: the same with each picture's own.
        zca_whitening: whether pictures are whitened, so that over those that `fit` has seen no two pixels go together.
        zca_epsilon: keeps the least variances from being divided by.
        rotation_range: the largest angle, in degrees, to either side.
        width_shift_range, height_shift_range: the farthest way to either side, in parts of the picture below 1, in
            pixels from there; a whole number or a list is chosen from.
        brightness_range: the least and the largest factor.
        shear_range: the largest angle, in degrees, to either side.
        zoom_range: the range of what is seen, in parts of the picture: two numbers, or one for `(1 - z, 1 + z)`.
        channel_shift_range: what is added to all channels at most, to either side; they keep their range.
        fill_mode: what stands outside: `"nearest"`, `"constant"`, `"reflect"` or `"wrap"`.
        cval: the constant.
        horizontal_flip, vertical_flip: whether every other picture is mirrored.
        rescale: a factor for the numbers.
        preprocessing_function: takes one changed picture and returns it.
        data_format: `"channels_last"` or `"channels_first"`.
        validation_split: the share of pictures that `subset="validation"` takes, the first of each.
        interpolation_order: 0 for the nearest pixel, 1 for linear interpolation.
        dtype: of the batches; `floatx()` by default.

    Raises:
        ValueError: if an argument has none of these values.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> changes = keras.preprocessing.image.ImageDataGenerator(rotation_range=20, horizontal_flip=True)
        >>> batches = changes.flow(np.ones((5, 8, 8, 3)), np.arange(5), batch_size=2, seed=1)
        >>> x, y = next(batches)
        >>> len(batches), x.shape, y.shape
        (3, (2, 8, 8, 3), (2,))
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: float | Sequence[float] = 0.0,
        height_shift_range: float | Sequence[float] = 0.0,
        brightness_range: Sequence[float] | None = None,
        shear_range: float = 0.0,
        zoom_range: float | Sequence[float] = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], np.ndarray] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ) -> None:
        self.data_format = standardize_data_format(data_format)
        self.dtype = floatx() if dtype is None else dtype
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.featurewise_center = featurewise_center or featurewise_std_normalization or zca_whitening
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_whitening
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range = rotation_range, shear_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.brightness_range, self.channel_shift_range = brightness_range, channel_shift_range
        self.fill_mode, self.cval = fill_mode, cval
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.validation_split, self.interpolation_order = validation_split, interpolation_order
        self.zoom_range = [1 - zoom_range, 1 + zoom_range] if isinstance(zoom_range, (int, float)) else list(zoom_range)
        self._check()
        self.mean: np.ndarray | None = None
        self.std: np.ndarray | None = None
        self.zca_whitening_matrix: np.ndarray | None = None

    def _check(self) -> None:
        if self.validation_split and not 0 < self.validation_split < 1:
            raise ValueError(f"validation_split must be between 0 and 1; received {self.validation_split}")
        if len(self.zoom_range) != 2:
            raise ValueError(f"zoom_range is one number or two; received zoom_range={self.zoom_range}")
        if self.brightness_range is not None and len(self.brightness_range) != 2:
            raise ValueError(f"brightness_range is two factors; received brightness_range={self.brightness_range}")
        if self.interpolation_order not in (0, 1):
            raise ValueError(
                f"interpolation_order is 0, the nearest pixel, or 1, linear; received {self.interpolation_order!r}"
            )
        if self.fill_mode not in ("nearest", "constant", "reflect", "wrap"):
            raise ValueError(
                f"fill_mode is 'nearest', 'constant', 'reflect' or 'wrap'; received fill_mode={self.fill_mode!r}"
            )

    def warn_of_channels(self, shape: tuple[int, ...]) -> None:
        """Warn where a batch of this shape hardly has its channels where they are looked for."""
        channels = shape[self.channel_axis]
        if channels not in (1, 3, 4):
            warnings.warn(
                f"pictures have 1, 3 or 4 channels, on axis {self.channel_axis} for {self.data_format!r}; received "
                f"shape {shape}, with {channels}",
                stacklevel=4,
            )

    @property
    def channel_axis(self) -> int:
        """The axis of a batch's channels."""
        return 1 if self.data_format == "channels_first" else 3

    @property
    def row_axis(self) -> int:
        """The axis of a batch's rows."""
        return 2 if self.data_format == "channels_first" else 1

    @property
    def col_axis(self) -> int:
        """The axis of a batch's columns."""
        return self.row_axis + 1

    # -- batches -------------------------------------------------------------------------------------------------

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: FilePath | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> NumpyArrayIterator:
        """Batches of an array, for `fit`, or without end for a loop.

        Args:
            x: pictures, rank 4; or a pair of these and further arrays, which are not changed.
            y, sample_weight: what belongs to each.
            batch_size: pictures a batch.
            shuffle: whether they come in random order.
            seed: for the same order and the same changes in every run.
            save_to_dir, save_prefix, save_format: a folder into which each picture is written, to look at.
            ignore_class_split: whether the two parts may have different classes.
            subset: `"training"` or `"validation"`, with `validation_split`.
        """
        saving = Saving(save_to_dir, save_prefix, save_format)
        return NumpyArrayIterator(
            x, y, self, batch_size, shuffle, sample_weight, seed, saving, subset, ignore_class_split
        )

    def flow_from_directory(
        self,
        directory: FilePath,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: FilePath | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> DirectoryIterator:
        """Batches of a folder that has a folder of pictures for each class; they are read when they are asked for.

        Args:
            directory: the folder.
            target_size: `(height, width)` to which pictures are resized.
            color_mode, interpolation, keep_aspect_ratio: see `keras.utils.load_img`.
            classes: the classes' folders in the order wanted; by default sorted.
            class_mode: the form of labels: `"categorical"` (one-hot), `"binary"` or `"sparse"` (numbers), `"input"` for
                the pictures themselves, None for no labels.
            batch_size, shuffle, seed, save_to_dir, save_prefix, save_format, subset: see `flow`.
            follow_links: whether links to folders are followed.
        """
        return DirectoryIterator(
            directory,
            self,
            target_size,
            color_mode,
            classes,
            class_mode,
            batch_size,
            shuffle,
            seed,
            Saving(save_to_dir, save_prefix, save_format),
            follow_links,
            subset,
            interpolation,
            keep_aspect_ratio,
        )

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: FilePath | None = None,
        x_col: str = "filename",
        y_col: str | Sequence[str] = "class",
        weight_col: str | None = None,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: FilePath | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        keep_aspect_ratio: bool = False,
    ) -> DataFrameIterator:
        """Batches of the pictures that a data frame names, a row for each; they are read when they are asked for.

        Args:
            dataframe: has a column of files and one of labels, or several.
            directory: where the files are, if their names are no whole paths.
            x_col, y_col, weight_col: the columns of files, labels and weights.
            target_size, color_mode, interpolation, keep_aspect_ratio: as in `flow_from_directory`.
            classes: the classes in the order wanted; by default sorted.
            class_mode: as in `flow_from_directory`, or `"raw"`: the numbers of `y_col` as they are, or
                `"multi_output"`: a tuple of the columns of `y_col`.
            batch_size, shuffle, seed, save_to_dir, save_prefix, save_format, subset: see `flow`.
            validate_filenames: whether rows whose file is not there are left out, with a warning.
        """
        from kerasish.preprocessing.frame_iterator import DataFrameIterator

        saving = Saving(save_to_dir, save_prefix, save_format)
        iterator = DataFrameIterator(
            dataframe, self, directory, (x_col, y_col, weight_col), class_mode, classes, saving
        )
        iterator.pictures_as(target_size, color_mode, interpolation, keep_aspect_ratio)
        return iterator.start(batch_size, shuffle, seed, subset, validate_filenames)

    def changed(self, batch: np.ndarray, random: np.random.RandomState) -> np.ndarray:
        """A batch, each picture changed in its own way, and standardized."""
        drawn = [self._drawn(picture.shape, random) for picture in batch]
        return self._standardized(self._applied(batch, drawn), axis=(1, 2, 3))

    # -- what is done by chance ----------------------------------------------------------------------------------

    def get_random_transform(self, img_shape: Sequence[int], seed: int | None = None) -> dict[str, Any]:
        """What is to be done with a picture of this shape, drawn by chance; see `apply_transform`."""
        chosen = int(generator().integers(2**32)) if seed is None else seed
        return self._drawn(tuple(img_shape), np.random.RandomState(chosen))

    def _drawn(self, shape: tuple[int, ...], random: np.random.RandomState) -> dict[str, Any]:
        """Drawn in the order in which Keras draws."""
        drawn: dict[str, Any] = {"theta": _to_either_side(self.rotation_range, random)}
        drawn["ty"] = self._way(self.height_shift_range, shape[self.row_axis - 1], random)
        drawn["tx"] = self._way(self.width_shift_range, shape[self.col_axis - 1], random)
        drawn["shear"] = _to_either_side(self.shear_range, random)
        low, high = self.zoom_range
        drawn["zx"], drawn["zy"] = (1, 1) if low == high == 1 else random.uniform(low, high, 2)
        drawn["flip_horizontal"] = bool(random.random_sample() < 0.5) and self.horizontal_flip
        drawn["flip_vertical"] = bool(random.random_sample() < 0.5) and self.vertical_flip
        shift = self.channel_shift_range
        drawn["channel_shift_intensity"] = random.uniform(-shift, shift) if shift else None
        bright = self.brightness_range
        drawn["brightness"] = None if bright is None else random.uniform(bright[0], bright[1])
        return drawn

    def _way(self, limit: Any, size: int, random: np.random.RandomState) -> float:
        if not np.any(limit):
            return 0
        if np.ndim(limit) or isinstance(limit, (int, np.integer)):
            way = random.choice(limit) * random.choice([-1, 1])
        else:
            way = random.uniform(-limit, limit)
        return way * (size if np.max(limit) < 1 else 1)

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """One picture, changed by chance."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """One picture, changed in this way.

        Args:
            x: `(height, width, channels)`, or as `data_format` has it.
            transform_parameters: `"theta"` and `"shear"` in degrees; `"tx"`, `"ty"`: how far to the right and below
                pixels are taken from; `"zx"`, `"zy"`: how much is seen; `"flip_horizontal"`, `"flip_vertical"`;
                `"channel_shift_intensity"` and `"brightness"`, or None. What is missing is not done.
        """
        return self._applied(np.asarray(x)[None], [transform_parameters])[0]

    def _applied(self, batch: np.ndarray, drawn: list[dict[str, Any]]) -> np.ndarray:
        if any(how.get(key, still) != still for how in drawn for key, still in _UNMOVED.items()):
            batch = self._moved(batch, drawn)
        if any(how.get("channel_shift_intensity") is not None for how in drawn):
            ends = (end(batch, axis=(1, 2, 3), keepdims=True) for end in (np.min, np.max))
            batch = np.clip(batch + _column(drawn, "channel_shift_intensity", 0, batch.dtype), *ends)
        for key, axis in (("flip_horizontal", self.col_axis), ("flip_vertical", self.row_axis)):
            chosen = [bool(how.get(key)) for how in drawn]
            if any(chosen):
                batch = np.where(np.reshape(chosen, (-1, 1, 1, 1)), np.flip(batch, axis), batch)
        if any(how.get("brightness") is not None for how in drawn):
            batch = _brightened(batch, _column(drawn, "brightness", 1, batch.dtype))
        return batch

    def _moved(self, batch: np.ndarray, drawn: list[dict[str, Any]]) -> np.ndarray:
        """Pixel p is taken from `c + R T S Z (p - c)`: turned, shifted, sheared and zoomed about the middle c."""
        height, width = batch.shape[self.row_axis], batch.shape[self.col_axis]
        rows = np.stack([_matrix({**_UNMOVED, **how}, height, width) for how in drawn])
        flat = np.concatenate([rows.reshape(-1, 6), np.zeros((len(rows), 2))], axis=1)
        # SciPy's convention: where a pixel comes from outside, all of it is the constant
        mode = "nearest" if self.fill_mode == "constant" else self.fill_mode
        order = _ORDERS[self.interpolation_order]
        floats = batch if batch.dtype.kind == "f" else batch.astype(floatx())
        made = convert_to_numpy(affine_transform(floats, flat, order, mode, 0, self.data_format)).astype(batch.dtype)
        if self.fill_mode != "constant":
            return made
        places = rows @ np.stack([*np.meshgrid(np.arange(width), np.arange(height)), np.ones((height, width))]).reshape(
            3, -1
        )
        ends = np.array([[width - 1], [height - 1]])
        inside = ((places >= -1e-9) & (places <= ends + 1e-9)).all(1).reshape(-1, height, width)
        return np.where(np.expand_dims(inside, self.channel_axis), made, np.asarray(self.cval, batch.dtype))

    # -- what is the same for all --------------------------------------------------------------------------------

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Pictures after `preprocessing_function`, `rescale`, centring, division by deviations and whitening.

        Args:
            x: one picture, or a batch, floats. It is changed, as in Keras, as far as that is possible in place.
        """
        return self._standardized(x, axis=None)

    def _standardized(self, x: np.ndarray, axis: Any) -> np.ndarray:
        if self.preprocessing_function and axis is not None:
            x = np.stack([self.preprocessing_function(picture) for picture in x]) if len(x) else x
            x = x.astype(self.dtype, copy=False)
        elif self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, axis=axis, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, axis=axis, keepdims=True) + _SMALL
        self._warn_before_fit()
        if self.featurewise_center and self.mean is not None:
            x -= self.mean
        if self.featurewise_std_normalization and self.std is not None:
            x /= self.std + _SMALL
        if self.zca_whitening and self.zca_whitening_matrix is not None:
            whole = x.reshape(-1, int(np.prod(x.shape[-3:]))) @ self.zca_whitening_matrix
            x = whole.reshape(x.shape).astype(x.dtype, copy=False)
        return x

    def _warn_before_fit(self) -> None:
        wanted = {
            "featurewise_center": self.mean,
            "featurewise_std_normalization": self.std,
            "zca_whitening": self.zca_whitening_matrix,
        }
        for name, found in wanted.items():
            if getattr(self, name) and found is None:
                warnings.warn(
                    f"{name} does nothing before `fit` has seen pictures: call generator.fit(x)", stacklevel=4
                )

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Find what `featurewise_center`, `featurewise_std_normalization` and `zca_whitening` need.

        Args:
            x: pictures, rank 4.
            augment: whether they are changed by chance before.
            rounds: how many times, then.
            seed: for the same changes in every run.

        Raises:
            ValueError: if `x` has another rank.
        """
        x = np.array(x, self.dtype)
        if x.ndim != 4:
            raise ValueError(f"fit takes pictures of rank 4; received shape {x.shape}")
        self.warn_of_channels(x.shape)
        if self.rescale:
            x *= self.rescale
        if augment:
            random = np.random.RandomState(int(generator().integers(2**32)) if seed is None else seed)
            x = np.concatenate([self._applied(x, [self._drawn(p.shape, random) for p in x]) for _ in range(rounds)])
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes, keepdims=True)[0]
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes, keepdims=True)[0]
            x /= self.std + _SMALL
        if self.zca_whitening:
            u, s, _ = np.linalg.svd(x.reshape(len(x), -1).T, full_matrices=False)
            self.zca_whitening_matrix = (u * (np.sqrt(len(x)) / (s + self.zca_epsilon))) @ u.T


def _to_either_side(limit: float, random: np.random.RandomState) -> float:
    return random.uniform(-limit, limit) if limit else 0


def _column(drawn: list[dict[str, Any]], key: str, still: float, dtype: Any) -> np.ndarray:
    """A number for each picture of a batch, to broadcast against it."""
    return np.array([still if how.get(key) is None else how[key] for how in drawn], dtype).reshape(-1, 1, 1, 1)


def _matrix(how: dict[str, Any], height: int, width: int) -> np.ndarray:
    """From where a pixel (column, row) comes: `(2, 3)`."""
    turn, lean = np.deg2rad(how["theta"]), np.deg2rad(how["shear"])
    turned = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    shifted = np.array([[1, 0, how["tx"]], [0, 1, how["ty"]], [0, 0, 1]])
    sheared = np.array([[1, -np.sin(lean), 0], [0, np.cos(lean), 0], [0, 0, 1]])
    zoomed = np.diag([how["zx"], how["zy"], 1])
    middle = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
    return (middle @ turned @ shifted @ sheared @ zoomed @ np.linalg.inv(middle))[:2]


def _brightened(batch: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Pictures of bytes times a factor; those with other numbers are brought to 0 to 255 meanwhile."""
    least, most = (end(batch, axis=(1, 2, 3), keepdims=True) for end in (np.min, np.max))
    spread = np.where(most > least, most - least, 1)
    outside = (least < 0) | (most > 255)
    whole = np.where(outside, (batch - least) / spread * 255, batch)
    made = np.clip(np.trunc(np.trunc(whole) * factors), 0, 255)
    return np.where(outside, made / 255 * (most - least) + least, made).astype(batch.dtype)
