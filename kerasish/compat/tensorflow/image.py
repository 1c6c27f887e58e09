"""Pictures with TensorFlow's arguments."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish import ops, random
from kerasish.backend import dtypes
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arguments import single, sizes
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.random import Fixed, key
from kerasish.compat.tensorflow.types import DType, uint8
from kerasish.utils.image_utils import array_to_img, pillow


class ResizeMethod:
    """How pixels between pixels are found."""

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"


def resize(
    images: Any,
    size: Any,
    method: str = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Any:
    images, (height, width) = tensor(images), sizes(size)
    if method not in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"):
        raise NotImplementedError(
            f"image.resize knows bilinear, nearest, bicubic, lanczos3 and lanczos5; not {method!r}"
        )
    if preserve_aspect_ratio:
        old_height, old_width = images.shape[-3], images.shape[-2]
        scale = min(height / old_height, width / old_width)
        height, width = round(scale * old_height), round(scale * old_width)
    if method == "nearest":  # half-pixel centers, rounded down
        rows = np.minimum(((np.arange(height) + 0.5) * images.shape[-3] / height).astype(int), images.shape[-3] - 1)
        columns = np.minimum(((np.arange(width) + 0.5) * images.shape[-2] / width).astype(int), images.shape[-2] - 1)
        return ops.take(ops.take(images, rows, -3), columns, -2)
    return ops.image.resize(
        ops.cast(images, "float32"), (height, width), method, antialias, data_format="channels_last"
    )


def _numbers(image: Any) -> tuple[Any, str]:
    """A picture as floats, from 0 to 1 where it was of whole numbers, and the dtype that it had."""
    image = tensor(image)
    kind = dtypes.standardize_dtype(image.dtype)
    return convert_image_dtype(image, "float32") if dtypes.is_int_dtype(kind) else image, kind


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Any:
    image = tensor(image)
    old, new = DType(dtypes.standardize_dtype(image.dtype)), DType(dtypes.standardize_dtype(dtype))
    if old == new:
        return image
    if old.is_floating and new.is_floating:
        return ops.cast(image, new)
    if old.is_integer and new.is_floating:
        return ops.multiply(ops.cast(image, new), np.asarray(1.0 / old.max, str(new)))
    if old.is_floating:
        scaled = np.asarray(image) * (float(new.max) + 0.5)
        return ops.saturate_cast(scaled, new) if saturate else eager(scaled.astype(str(new)))
    raise NotImplementedError(f"convert_image_dtype from {old!r} to {new!r}: go by way of tf.float32")


def _in_kind(changed: Any, kind: str) -> Any:
    return convert_image_dtype(changed, kind, saturate=True) if dtypes.is_int_dtype(kind) else changed


def rgb_to_grayscale(images: Any, name: str | None = None) -> Any:
    floats, kind = _numbers(images)
    weights = np.array([0.2989, 0.587, 0.114], dtypes.standardize_dtype(floats.dtype))
    return _in_kind(ops.sum(ops.multiply(floats, weights), -1, keepdims=True), kind)


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    return ops.repeat(tensor(images), 3, -1)


def flip_left_right(image: Any) -> Any:
    return ops.flip(tensor(image), -2)


def flip_up_down(image: Any) -> Any:
    return ops.flip(tensor(image), -3)


def transpose(image: Any, name: str | None = None) -> Any:
    return ops.swapaxes(tensor(image), -3, -2)


def rot90(image: Any, k: int = 1, name: str | None = None) -> Any:
    return ops.rot90(tensor(image), k, (-3, -2))


def _drawn(low: float, high: float, seed: Any) -> float:
    return float(random.uniform((), low, high, "float32", key(seed)))


def _flipped_by_chance(flip: Callable[[Any], Any], image: Any, seed: Any) -> Any:
    image = tensor(image)
    if np.ndim(image) == 3:
        return flip(image) if _drawn(0, 1, seed) < 0.5 else image
    chosen = np.asarray(random.uniform((image.shape[0], 1, 1, 1), 0, 1, "float32", key(seed))) < 0.5
    return ops.where(chosen, flip(image), image)


def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    return _flipped_by_chance(flip_left_right, image, seed)


def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    return _flipped_by_chance(flip_up_down, image, seed)


def adjust_brightness(image: Any, delta: Any) -> Any:
    floats, kind = _numbers(image)
    return _in_kind(ops.add(floats, delta), kind)


def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    floats, kind = _numbers(images)
    mean = ops.mean(floats, (-3, -2), keepdims=True)
    return _in_kind(ops.add(ops.multiply(ops.subtract(floats, mean), contrast_factor), mean), kind)


def _with_colors(image: Any, change: Callable[[Any, Any, Any], list[Any]]) -> Any:
    """A picture whose hue, saturation and value are changed together."""
    floats, kind = _numbers(image)
    parts = ops.unstack(ops.image.rgb_to_hsv(floats, data_format="channels_last"), axis=-1)
    return _in_kind(ops.image.hsv_to_rgb(ops.stack(change(*parts), -1), data_format="channels_last"), kind)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    return _with_colors(image, lambda h, s, v: [h, ops.clip(ops.multiply(s, saturation_factor), 0, 1), v])


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    return _with_colors(image, lambda h, s, v: [ops.mod(ops.add(h, delta), 1.0), s, v])


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    floats, kind = _numbers(image)
    return _in_kind(ops.multiply(gain, ops.power(floats, gamma)), kind)


def random_brightness(image: Any, max_delta: float, seed: Any = None) -> Any:
    return adjust_brightness(image, _drawn(-max_delta, max_delta, seed))


def random_contrast(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    return adjust_contrast(image, _drawn(lower, upper, seed))


def random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    return adjust_saturation(image, _drawn(lower, upper, seed))


def random_hue(image: Any, max_delta: float, seed: Any = None) -> Any:
    return adjust_hue(image, _drawn(-max_delta, max_delta, seed))


def per_image_standardization(image: Any) -> Any:
    floats = ops.cast(tensor(image), "float32")
    axes = (-3, -2, -1)
    count = np.prod(floats.shape[-3:])
    apart = ops.subtract(floats, ops.mean(floats, axes, keepdims=True))
    return ops.divide(apart, ops.maximum(ops.std(floats, axes, keepdims=True), float(1 / np.sqrt(count))))


def crop_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    image = tensor(image)
    if offset_height + target_height > image.shape[-3] or offset_width + target_width > image.shape[-2]:
        raise ValueError(f"crop_to_bounding_box: the part does not lie in a picture of shape {tuple(image.shape)}")
    rows, columns = (
        slice(offset_height, offset_height + target_height),
        slice(offset_width, offset_width + target_width),
    )
    return image[..., rows, columns, :]


def pad_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    image = tensor(image)
    below = target_height - offset_height - image.shape[-3]
    right = target_width - offset_width - image.shape[-2]
    around = [(offset_height, below), (offset_width, right), (0, 0)]
    return ops.pad(image, ((0, 0),) * (np.ndim(image) - 3) + tuple(around))


def central_crop(image: Any, central_fraction: float) -> Any:
    image = tensor(image)
    first = [int((n - n * central_fraction) / 2) for n in image.shape[-3:-1]]
    rows, columns = (slice(a, n - a) for a, n in zip(first, image.shape[-3:-1], strict=True))
    return image[..., rows, columns, :]


def resize_with_crop_or_pad(image: Any, target_height: int, target_width: int) -> Any:
    image = tensor(image)
    height, width = image.shape[-3], image.shape[-2]
    top, left = max(0, (height - target_height) // 2), max(0, (width - target_width) // 2)
    image = crop_to_bounding_box(image, top, left, min(height, target_height), min(width, target_width))
    above, before = max(0, (target_height - height) // 2), max(0, (target_width - width) // 2)
    return pad_to_bounding_box(image, above, before, target_height, target_width)


def resize_with_pad(
    image: Any, target_height: int, target_width: int, method: str = ResizeMethod.BILINEAR, antialias: bool = False
) -> Any:
    """A picture made to fit without changing its sides' relation, with black around it."""
    image = tensor(image)
    height, width = (float(n) for n in image.shape[-3:-1])
    ratio = max(width / target_width, height / target_height)
    new_height, new_width = int(height / ratio), int(width / ratio)
    above = max(0, int((target_height - height / ratio) / 2))
    before = max(0, int((target_width - width / ratio) / 2))
    made = resize(image, (new_height, new_width), method, antialias=antialias)
    return pad_to_bounding_box(made, above, before, target_height, target_width)


def sobel_edges(image: Any) -> Any:
    """How much the picture grows downwards and to the right, in a last axis of two; borders are mirrored."""
    x = tensor(image)
    framed = ops.pad(x, ((0, 0),) * (np.ndim(x) - 3) + ((1, 1), (1, 1), (0, 0)), "reflect")
    return ops.image.sobel_edges(framed, data_format="channels_last")[..., 1:-1, 1:-1, :, :]


_FROM_RGB = {
    "yuv": [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]],
    "yiq": [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]],
}


def _turned(images: Any, to: str, back: bool) -> Any:
    kernel = np.array(_FROM_RGB[to])
    return ops.matmul(tensor(images), (np.linalg.inv(kernel) if back else kernel).astype("float32"))


def rgb_to_yuv(images: Any) -> Any:
    return _turned(images, "yuv", False)


def yuv_to_rgb(images: Any) -> Any:
    return _turned(images, "yuv", True)


def rgb_to_yiq(images: Any) -> Any:
    return _turned(images, "yiq", False)


def yiq_to_rgb(images: Any) -> Any:
    return _turned(images, "yiq", True)


def adjust_jpeg_quality(image: Any, jpeg_quality: Any, dct_method: str = "", name: str | None = None) -> Any:
    """A picture as it is after it was written as JPEG."""
    image = tensor(image)
    kind = dtypes.standardize_dtype(image.dtype)
    made = decode_image(
        encode_jpeg(convert_image_dtype(image, uint8, True), quality=int(jpeg_quality)), image.shape[-1]
    )
    return convert_image_dtype(made, kind, saturate=True)


def random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: Any = None) -> Any:
    return adjust_jpeg_quality(image, int(_drawn(min_jpeg_quality, max_jpeg_quality, seed)))


def stateless_random_flip_left_right(image: Any, seed: Any) -> Any:
    return _flipped_by_chance(flip_left_right, image, Fixed(seed))


def stateless_random_flip_up_down(image: Any, seed: Any) -> Any:
    return _flipped_by_chance(flip_up_down, image, Fixed(seed))


def stateless_random_brightness(image: Any, max_delta: float, seed: Any) -> Any:
    return random_brightness(image, max_delta, Fixed(seed))


def stateless_random_contrast(image: Any, lower: float, upper: float, seed: Any) -> Any:
    return random_contrast(image, lower, upper, Fixed(seed))


def stateless_random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    return random_saturation(image, lower, upper, Fixed(seed))


def stateless_random_hue(image: Any, max_delta: float, seed: Any) -> Any:
    return random_hue(image, max_delta, Fixed(seed))


def stateless_random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: Any) -> Any:
    return random_jpeg_quality(image, min_jpeg_quality, max_jpeg_quality, Fixed(seed))


def total_variation(images: Any, name: str | None = None) -> Any:
    images = tensor(images)
    down = ops.absolute(ops.subtract(images[..., 1:, :, :], images[..., :-1, :, :]))
    right = ops.absolute(ops.subtract(images[..., :, 1:, :], images[..., :, :-1, :]))
    return ops.add(ops.sum(down, (-3, -2, -1)), ops.sum(right, (-3, -2, -1)))


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Any:
    apart = ops.subtract(convert_image_dtype(a, "float32"), convert_image_dtype(b, "float32"))
    top = convert_image_dtype(np.asarray(max_val, dtypes.standardize_dtype(tensor(a).dtype)), "float32")
    error = ops.mean(ops.square(apart), (-3, -2, -1))
    return ops.subtract(20 * ops.log10(top), ops.multiply(10.0, ops.log10(error)))


def image_gradients(image: Any) -> Any:
    image = tensor(image)
    down = ops.subtract(image[:, 1:], image[:, :-1])
    right = ops.subtract(image[:, :, 1:], image[:, :, :-1])
    return ops.pad(down, ((0, 0), (0, 1), (0, 0), (0, 0))), ops.pad(right, ((0, 0), (0, 0), (0, 1), (0, 0)))


_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def decode_image(
    contents: Any, channels: int | None = 0, dtype: Any = uint8, name: str | None = None, expand_animations: bool = True
) -> Any:
    picture = pillow().open(io.BytesIO(single(contents)))
    if channels:
        picture = picture.convert(_MODES[channels])
    elif picture.mode not in _MODES.values():
        picture = picture.convert("RGB")
    pixels = np.array(picture)
    return convert_image_dtype(eager(pixels[..., None] if pixels.ndim == 2 else pixels), dtype)


def decode_picture(contents: Any, channels: int = 0, dtype: Any = uint8, **kwargs: Any) -> Any:
    return decode_image(contents, channels, dtype)


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Any:
    return _encoded(image, "PNG")


def encode_jpeg(image: Any, format: str = "", quality: int = 95, **kwargs: Any) -> Any:
    return _encoded(image, "JPEG", quality=quality)


def _encoded(image: Any, kind: str, **settings: Any) -> Any:
    held = io.BytesIO()
    array_to_img(np.asarray(image), "channels_last", scale=False).save(held, kind, **settings)
    return eager(np.array(held.getvalue(), object))


def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = None) -> Any:
    """Patches of pictures, each as a row of its numbers; samples and channels have size, stride and rate 1."""
    inner = [tuple(int(n) for n in np.asarray(given)[1:3]) for given in (sizes, strides, rates)]
    return ops.image.extract_patches(tensor(images), *inner, padding.lower(), "channels_last")
