"""Pictures bent: each new pixel is taken from a place of the old picture, between its pixels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend.operators import cast_to, dtype_of, plain_index, to_array, to_float
from kerasish.backend.random import generator
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Traceable
from kerasish.ops.composite import composite
from kerasish.ops.core import convert_to_numpy
from kerasish.ops.filtering import blurred
from kerasish.ops.indexing import take
from kerasish.ops.means import widened
from kerasish.ops.pictures import batched, same_spec

_ORDERS = {"nearest": 0, "bilinear": 1}


def _mirrored(i: np.ndarray, n: int) -> np.ndarray:
    i = np.mod(i, max(2 * n - 2, 1))
    return np.minimum(i, 2 * n - 2 - i)


def _reflected(i: np.ndarray, n: int) -> np.ndarray:
    i = np.mod(i, 2 * n)
    return np.minimum(i, 2 * n - 1 - i)


def _clipped(i: np.ndarray, n: int) -> np.ndarray:
    return np.clip(i, 0, n - 1)


# Which of `n` samples stands in for number `i`, inside or outside.
_OUTSIDE: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "constant": _clipped,
    "nearest": _clipped,
    "wrap": np.mod,
    "mirror": _mirrored,
    "reflect": _reflected,
}


def _checked_mode(fill_mode: Any, allowed: Any, name: str) -> str:
    if fill_mode not in allowed:
        raise ValueError(f"{name} fills by {', '.join(map(repr, allowed))}; received fill_mode={fill_mode!r}")
    return fill_mode


def _round_away(x: np.ndarray) -> np.ndarray:
    return np.trunc(x + np.copysign(0.5, x))


def _neighbours(c: Any, order: int) -> list[tuple[np.ndarray, Any]]:
    """The samples beside places along an axis, and how much each counts; None: all."""
    plain = plain_index(c)
    if order == 0:
        return [(_round_away(plain).astype(np.int64), None)]
    below = np.floor(plain)
    beyond = c - below
    index = below.astype(np.int64)
    return [(index, 1 - beyond), (index + 1, beyond)]


def _sampled(
    rows: Any, sizes: tuple[int, ...], places: list[Any], offset: Any, order: int, mode: str, fill: Any
) -> Any:
    """Weighted means of rows of an array whose first axis has `sizes`, flattened.

    Args:
        rows: floats `(samples, ...)`.
        sizes: those of the axes that the places are in.
        places: for each axis an array.
        offset: what is added to the flat index, such as the beginning of a picture in a batch.
        order: 0 for the nearest sample, 1 for a weighted mean.
        mode, fill: what stands outside.
    """
    trailing = np.ndim(rows) - 1
    axes = [_neighbours(c, order) for c in places]
    total: Any = None
    for corner in itertools.product(*axes):
        flat, inside, weight = offset, None, None
        for (index, share), n in zip(corner, sizes, strict=True):
            flat = flat * n + _OUTSIDE[mode](index, n)
            if mode == "constant":
                within = (index >= 0) & (index < n)
                inside = within if inside is None else inside & within
            weight = share if weight is None else weight * share
        part = take(rows, flat, axis=0)
        if inside is not None and not inside.all():
            part = np.where(_widened_shape(inside, trailing), part, fill)
        if weight is not None:
            part = part * _widened_shape(weight, trailing)
        total = part if total is None else total + part
    return total


def _widened_shape(x: Any, trailing: int) -> Any:
    return np.reshape(x, (*np.shape(x), *(1,) * trailing))


def _as_given(values: Any, kind: Any) -> Any:
    """Floats in the dtype of what they are the means of; whole numbers are rounded, halves away from zero."""
    kind = np.dtype(kind)
    if kind.kind in "iu":
        values = _round_away(plain_index(values))
    return values if dtype_of(values) == kind else cast_to(values, dtype=kind.name)


@composite
def map_coordinates(inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: Any = 0) -> Any:
    """The values of an array at places between its elements.

    Args:
        inputs: array of rank `n`.
        coordinates: `(n, ...)`: for each place its index along each axis, a fraction between two elements.
        order: 0 for the nearest element, 1 for the mean of those around, weighted linearly.
        fill_mode: what stands outside: `"constant"` (`k k | a b c | k k`), `"nearest"` (`a a | a b c | c c`),
            `"wrap"` (`b c | a b c | a b`), `"mirror"` (`c b | a b c | b a`) or `"reflect"` (`b a | a b c | c b`).
        fill_value: the constant.

    Returns:
        Values in the dtype of `inputs`, of the shape of one index.

    Raises:
        ValueError: if the order, the fill mode or the number of indices is another.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.map_coordinates(np.array([0.0, 10.0, 20.0]), np.array([[0.5, 1.25]]), 1)
        array([ 5. , 12.5])
    """
    _checked_mode(fill_mode, tuple(_OUTSIDE), "map_coordinates")
    if order not in (0, 1):
        raise ValueError(f"map_coordinates needs order=0, the nearest, or 1, linear; received order={order!r}")
    x = inputs if hasattr(inputs, "shape") else to_array(inputs)
    sizes = tuple(np.shape(x))
    places: Any = coordinates if isinstance(coordinates, Traceable) else to_float(to_array(coordinates))
    if np.shape(places)[0] != len(sizes):
        raise ValueError(
            f"map_coordinates needs an index for each of the {len(sizes)} axes of the inputs of shape {sizes}; "
            f"received coordinates of shape {np.shape(places)}, for {np.shape(places)[0]}"
        )
    kind = dtype_of(x)
    x, _ = widened(x)
    places = [cast_to(places[i], dtype=np.dtype(dtype_of(x)).name) for i in range(len(sizes))]
    flat = np.reshape(x, (math.prod(sizes),))
    return _as_given(_sampled(flat, sizes, places, 0, order, fill_mode, fill_value), kind)


def _coordinates_shape(inputs: Any, coordinates: Any, *_: Any, **__: Any) -> KerasTensor:
    shape = tuple(coordinates.shape if hasattr(coordinates, "shape") else np.shape(coordinates))
    if shape[0] != len(inputs.shape):
        raise ValueError(
            f"map_coordinates needs an index for each of the {len(inputs.shape)} axes of the inputs; received "
            f"coordinates of shape {shape}"
        )
    return KerasTensor(shape[1:], inputs.dtype)


map_coordinates.shape = _coordinates_shape


def _taken_from(x: Any, column: np.ndarray, row: np.ndarray, interpolation: str, mode: str, fill: Any) -> Any:
    """A batch in which each pixel is taken from a column and a row of its picture."""
    count, height, width, channels = np.shape(x)
    kind = dtype_of(x)
    x, _ = widened(x)
    picture = np.arange(count).reshape(-1, 1, 1)
    rows = np.reshape(x, (count * height * width, channels))
    places = [part.astype(dtype_of(x)) for part in (row, column)]
    made = _sampled(rows, (height, width), places, picture, _ORDERS[interpolation], mode, fill)
    return _as_given(np.broadcast_to(made, (count, height, width, channels)), kind)


def _checked_interpolation(interpolation: Any, name: str) -> None:
    if interpolation not in _ORDERS:
        raise ValueError(f"{name} interpolates 'nearest' or 'bilinear'; received interpolation={interpolation!r}")


def _grid(x: Any) -> tuple[np.ndarray, np.ndarray]:
    """Columns and rows of a batch's pixels, as float64."""
    height, width = np.shape(x)[1:3]
    return np.arange(float(width)).reshape(1, 1, -1), np.arange(float(height)).reshape(1, -1, 1)


@composite
def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: Any = 0,
    data_format: str | None = None,
) -> Any:
    """Pictures turned, sheared, scaled and shifted.

    Pixel `(x, y)` of the output is taken from `(a0 x + a1 y + a2, b0 x + b1 y + b2)` of the input.

    Args:
        images: one picture `(height, width, channels)`, or a batch of them.
        transform: `[a0, a1, a2, b0, b1, b2, c0, c1]`, or `(batch, 8)`, one for each picture. The last two, of a
            perspective, are not used. No gradient goes to the transform.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_mode: what stands outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or `"reflect"`; see
            `map_coordinates`.
        fill_value: the constant.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Raises:
        ValueError: if an argument has none of these values.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> to_the_left = [1, 0, 1, 0, 1, 0, 0, 0]
        >>> keras.ops.image.affine_transform(np.arange(4.0).reshape(1, 4, 1), to_the_left)[0, :, 0]
        array([1., 2., 3., 0.])
    """
    _checked_interpolation(interpolation, "affine_transform")
    _checked_mode(fill_mode, tuple(_OUTSIDE), "affine_transform")
    x, found = batched(images, data_format, "affine_transform")
    numbers = np.asarray(convert_to_numpy(transform), np.float64)
    if numbers.ndim not in (1, 2) or numbers.shape[-1] != 8 or (numbers.ndim == 2 and len(numbers) not in (1, len(x))):
        raise ValueError(
            f"affine_transform needs a transform of 8 numbers, or one for each of {np.shape(x)[0]} pictures; received "
            f"shape {numbers.shape}"
        )
    a0, a1, a2, b0, b1, b2 = numbers.reshape(-1, 8, 1, 1).swapaxes(0, 1)[:6]
    column, row = _grid(x)
    made = _taken_from(
        x, a0 * column + a1 * row + a2, b0 * column + b1 * row + b2, interpolation, fill_mode, fill_value
    )
    return found.restored(made)


affine_transform.shape = same_spec


def homography(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The eight numbers that take the points `end` to `start`, each `(batch, 4, 2)`: `(batch, 8)`.

    `x' = (h0 x + h1 y + h2) / (h6 x + h7 y + 1)`, and `y'` with h3, h4, h5: two equations for each of four points.
    """
    x, y = end[..., 0], end[..., 1]
    equations = np.zeros((len(end), 8, 8))
    for k, target in enumerate(np.moveaxis(start, -1, 0)):
        rows = slice(k, 8, 2)
        equations[:, rows, 3 * k] = x
        equations[:, rows, 3 * k + 1] = y
        equations[:, rows, 3 * k + 2] = 1
        equations[:, rows, 6] = -x * target
        equations[:, rows, 7] = -y * target
    return np.linalg.solve(equations, start.reshape(len(start), 8, 1))[..., 0]


def _points(points: Any, name: str) -> np.ndarray:
    found = np.asarray(convert_to_numpy(points), np.float64)
    if found.ndim not in (2, 3) or found.shape[-2:] != (4, 2):
        raise ValueError(
            f"perspective_transform needs {name} of shape (4, 2), or (batch, 4, 2); received shape {found.shape}"
        )
    return found.reshape(-1, 4, 2)


@composite
def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: Any = 0,
    data_format: str | None = None,
) -> Any:
    """Pictures seen from elsewhere: four points come to four others, and straight lines stay straight.

    Args:
        images: one picture `(height, width, channels)`, or a batch of them.
        start_points: four points `(x, y)` of the input, `(4, 2)` or `(batch, 4, 2)`.
        end_points: where they come to in the output. No gradient goes to the points.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_value: what stands outside.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Raises:
        ValueError: if the points have another shape, or three of them lie on a line.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> corners = np.array([[0, 0], [0, 1], [3, 0], [3, 1]])
        >>> shifted = corners + [1, 0]
        >>> keras.ops.image.perspective_transform(np.arange(4.0).reshape(1, 4, 1), corners, shifted)[0, :, 0].round(6)
        array([0., 0., 1., 2.])
    """
    _checked_interpolation(interpolation, "perspective_transform")
    start, end = _points(start_points, "start_points"), _points(end_points, "end_points")
    x, found = batched(images, data_format, "perspective_transform")
    start, end = np.broadcast_arrays(start, end)
    try:
        h = homography(start, end)
    except np.linalg.LinAlgError as error:
        raise ValueError("perspective_transform: three of the four points lie on a line") from error
    h = h.reshape(-1, 8, 1, 1).swapaxes(0, 1)
    column, row = _grid(x)
    depth = h[6] * column + h[7] * row + 1
    made = _taken_from(
        x,
        (h[0] * column + h[1] * row + h[2]) / depth,
        (h[3] * column + h[4] * row + h[5]) / depth,
        interpolation,
        "constant",
        fill_value,
    )
    return found.restored(made)


perspective_transform.shape = same_spec


@composite
def elastic_transform(
    images: Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: Any = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> Any:
    """Pictures bent like rubber: each pixel is taken from a little way off, near ones from about as far.

    The ways, along each axis, are normal noise of deviation `sigma`, blurred by a bell curve of deviation `sigma`
    pixels, times `alpha`: far from the borders their deviation is `alpha / (2 sqrt(pi))`.

    Args:
        images: one picture `(height, width, channels)`, or a batch of them, each bent in its own way.
        alpha: how far.
        sigma: how smooth.
        interpolation, fill_mode, fill_value: see `affine_transform`.
        seed: a whole number, or a `SeedGenerator`.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Raises:
        ValueError: if the images are not floats, or an argument has none of these values.

    Source: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual document
        analysis", ICDAR 2003.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.elastic_transform(np.ones((8, 8, 1), "float32"), seed=1).shape
        (8, 8, 1)
    """
    _checked_interpolation(interpolation, "elastic_transform")
    _checked_mode(fill_mode, tuple(_OUTSIDE), "elastic_transform")
    x, found = batched(images, data_format, "elastic_transform")
    if np.dtype(dtype_of(x)).kind in "iub":
        raise ValueError(f"elastic_transform takes floats; received images of dtype {np.dtype(dtype_of(x)).name}")
    count, height, width, _ = np.shape(x)
    noise = generator(seed).standard_normal((count, height, width, 2), np.float32)
    reach = 2 * math.ceil(3 * sigma) + 1
    ways = alpha * sigma * blurred(noise, (reach, reach), (sigma, sigma))
    column, row = _grid(x)
    return found.restored(
        _taken_from(x, column + ways[..., 0], row + ways[..., 1], interpolation, fill_mode, fill_value)
    )


elastic_transform.shape = same_spec
