"""The point sets of the TensorFlow playground: four to classify and two to predict, in a plane from -6 to 6.

They are drawn on the spot, with the shapes and sizes that the playground (https://playground.tensorflow.org) has at
noise 0. Its noise is a slider of percents that also changes labels; here it is the standard deviation by which points
move, and labels stay.
"""

import math
import operator
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_CLASSES", "circle", "gauss", "regression_gauss", "regression_plane", "spiral", "xor"]
__dir__ = __all__.copy  # what completion shows

Array = npt.NDArray[np.float32]

MOST_CLASSES = 8
_RADIUS = 5.0
_TURNS = 1.75
_HALF_WIDTH = 6.0
_SPREAD = math.sqrt(0.5)
_GAP = 0.3
# How much of the way from one ring of several to the next is the ring.
_FILLED = 0.7
# x, y and value of the peaks and troughs of `regression_gauss`, and how far each of them reaches.
_PEAKS = np.array([[-4, 2.5, 1], [0, 2.5, -1], [4, 2.5, 1], [-4, -2.5, -1], [0, -2.5, 1], [4, -2.5, -1]])
_REACH = 2.0


def circle(n: int = 200, noise: float = 0.1, seed: int | None = None, classes: int = 2) -> tuple[Array, Array]:
    """A disc (label 1) inside a ring (label 0): no straight line divides them, a circle does.

    Args:
        n: how many points; half of them in the disc.
        noise: standard deviation of the Gaussian that moves each point; its label stays.
        seed: the same seed gives the same points; `None` gives others each time.
        classes: 2, or up to 8 for more rings, the last label innermost.

    Returns:
        `float32` arrays `x` of shape `(n, 2)` and `y` of shape `(n, 1)`.

    Raises:
        ValueError: `n` is less than 1, `noise` is negative or not finite, or `classes` is not from 2 to 8.

    Example:
        >>> x, y = circle(n=100, noise=0.0, seed=0)
        >>> bool((np.hypot(*x[y.ravel() == 1].T) < 2.5).all())
        True
    """
    rng, labels = _start(n, noise, seed, classes)
    if classes == 2:
        inner = rng.uniform(0.0, 0.5 * _RADIUS, len(labels))
        outer = rng.uniform(0.7 * _RADIUS, _RADIUS, len(labels))
        radius = np.where(labels == 1, inner, outer)
    else:
        pitch = _RADIUS / classes
        radius = pitch * (classes - 1 - labels + rng.uniform(0.0, _FILLED, len(labels)))
    angle = rng.uniform(0.0, 2 * np.pi, len(labels))
    return _finish(rng, radius * np.sin(angle), radius * np.cos(angle), labels, noise)


def xor(n: int = 200, noise: float = 0.1, seed: int | None = None) -> tuple[Array, Array]:
    """Four squares, labelled 1 where both coordinates have the same sign, and 0 where they differ.

    Args:
        n: how many points.
        noise: standard deviation of the Gaussian that moves each point; its label stays.
        seed: the same seed gives the same points; `None` gives others each time.

    Returns:
        `float32` arrays `x` of shape `(n, 2)` and `y` of shape `(n, 1)`.

    Raises:
        ValueError: `n` is less than 1, or `noise` is negative or not finite.

    Example:
        >>> x, y = xor(n=100, noise=0.0, seed=0)
        >>> bool(((x[:, 0] * x[:, 1] > 0) == (y.ravel() == 1)).all())
        True
    """
    rng, labels = _start(n, noise, seed)
    across = _GAP + rng.uniform(0.0, _RADIUS, len(labels))
    up = _GAP + rng.uniform(0.0, _RADIUS, len(labels))
    side = rng.choice([-1.0, 1.0], len(labels))
    return _finish(rng, side * across, side * up * np.where(labels == 1, 1.0, -1.0), labels, noise)


def gauss(n: int = 200, noise: float = 0.1, seed: int | None = None, classes: int = 2) -> tuple[Array, Array]:
    """Two round clouds, label 1 around (2, 2) and label 0 around (-2, -2): a straight line divides them.

    Args:
        n: how many points.
        noise: standard deviation of the Gaussian that moves each point, beyond the clouds' own variance of 0.5.
        seed: the same seed gives the same points; `None` gives others each time.
        classes: 2, or up to 8 for more clouds around the middle.

    Returns:
        `float32` arrays `x` of shape `(n, 2)` and `y` of shape `(n, 1)`.

    Raises:
        ValueError: `n` is less than 1, `noise` is negative or not finite, or `classes` is not from 2 to 8.

    Example:
        >>> x, y = gauss(n=2000, noise=0.0, seed=0)
        >>> x[y.ravel() == 1].mean(axis=0).round().tolist()
        [2.0, 2.0]
    """
    rng, labels = _start(n, noise, seed, classes)
    if classes == 2:
        x1 = x2 = np.where(labels == 1, 2.0, -2.0)
    else:
        angle = np.pi / 4 + 2 * np.pi * (labels - 1) / classes
        x1, x2 = math.sqrt(8.0) * np.cos(angle), math.sqrt(8.0) * np.sin(angle)
    cloud = rng.normal(scale=_SPREAD, size=(2, len(labels)))
    return _finish(rng, x1 + cloud[0], x2 + cloud[1], labels, noise)


def spiral(n: int = 200, noise: float = 0.1, seed: int | None = None, classes: int = 2) -> tuple[Array, Array]:
    """Two arms wound around each other, 1.75 turns each: the playground's hardest set. More arms have fewer turns.

    Args:
        n: how many points; half of them on each arm.
        noise: standard deviation of the Gaussian that moves each point; its label stays.
        seed: the same seed gives the same points; `None` gives others each time.
        classes: 2, or up to 8 for more arms.

    Returns:
        `float32` arrays `x` of shape `(n, 2)` and `y` of shape `(n, 1)`.

    Raises:
        ValueError: `n` is less than 1, `noise` is negative or not finite, or `classes` is not from 2 to 8.

    Example:
        >>> x, y = spiral(n=100, seed=0)
        >>> x.shape, y.ravel().sum()
        ((100, 2), np.float32(50.0))
    """
    rng, labels = _start(n, noise, seed, classes)
    # One point of an arm of m lies at each of 0, 1 / m, 2 / m ... along it, in random order.
    along = np.empty(len(labels))
    for label in range(classes):
        arm = np.flatnonzero(labels == label)
        along[arm] = rng.permutation(len(arm)) / max(len(arm), 1)
    turns = 2 * _TURNS / classes  # so that more arms keep their distance
    angle = turns * along * 2 * np.pi + 2 * np.pi * (1 - labels) / classes
    radius = _RADIUS * along
    return _finish(rng, radius * np.sin(angle), radius * np.cos(angle), labels, noise)


def regression_plane(n: int = 200, noise: float = 0.1, seed: int | None = None) -> tuple[Array, Array]:
    """A tilted plane to predict: the target is `(x1 + x2) / 10`.

    Args:
        n: how many points, spread evenly over the plane.
        noise: standard deviation of the Gaussian that moves each point; its target stays.
        seed: the same seed gives the same points; `None` gives others each time.

    Returns:
        `float32` arrays `x` of shape `(n, 2)` and `y` of shape `(n, 1)`.

    Raises:
        ValueError: `n` is less than 1, or `noise` is negative or not finite.

    Example:
        >>> x, y = regression_plane(n=50, noise=0.0, seed=0)
        >>> bool(np.allclose(y.ravel(), x.sum(axis=1) / 10))
        True
    """
    return _regression(n, noise, seed, lambda points: points.sum(axis=1) / 10)


def regression_gauss(n: int = 200, noise: float = 0.1, seed: int | None = None) -> tuple[Array, Array]:
    """Six hills and hollows to predict: the target falls from 1 or -1 at each centre to 0 at a distance of 2.

    Args:
        n: how many points, spread evenly over the plane.
        noise: standard deviation of the Gaussian that moves each point; its target stays.
        seed: the same seed gives the same points; `None` gives others each time.

    Returns:
        `float32` arrays `x` of shape `(n, 2)` and `y` of shape `(n, 1)`.

    Raises:
        ValueError: `n` is less than 1, or `noise` is negative or not finite.

    Example:
        >>> x, y = regression_gauss(n=500, noise=0.0, seed=0)
        >>> bool(-1 <= y.min() < -0.5 and 0.5 < y.max() <= 1)
        True
    """
    return _regression(n, noise, seed, _heights)


def _heights(points: np.ndarray) -> np.ndarray:
    """The height of the hill, or depth of the hollow, at each point."""
    distance = np.hypot(points[:, :1] - _PEAKS[:, 0], points[:, 1:] - _PEAKS[:, 1])
    heights = _PEAKS[:, 2] * np.maximum(1.0 - distance / _REACH, 0.0)
    return heights[np.arange(len(points)), np.abs(heights).argmax(axis=1)]


def _regression(
    n: int, noise: float, seed: int | None, target: Callable[[np.ndarray], np.ndarray]
) -> tuple[Array, Array]:
    rng, _ = _start(n, noise, seed)
    points = rng.uniform(-_HALF_WIDTH, _HALF_WIDTH, (operator.index(n), 2))
    return _finish(rng, points[:, 0], points[:, 1], target(points), noise)


def _start(
    n: int, noise: float, seed: int | None, classes: int = 2
) -> tuple[np.random.Generator, npt.NDArray[np.int64]]:
    """A generator, and labels from 0 in equal numbers and random order.

    Raises:
        ValueError: `n`, `noise` or `classes` is out of its range.
    """
    n = operator.index(n)
    if n < 1:
        raise ValueError(f"`n` must be at least 1. Received: n={n}")
    if not 0 <= noise < math.inf:
        raise ValueError(f"`noise` is a standard deviation: finite and not negative. Received: noise={noise}")
    if not 2 <= operator.index(classes) <= MOST_CLASSES:
        raise ValueError(f"`classes` must be from 2 to {MOST_CLASSES}. Received: classes={classes}")
    rng = np.random.default_rng(seed)
    return rng, rng.permutation(np.arange(n) % classes)


def _finish(
    rng: np.random.Generator, x1: np.ndarray, x2: np.ndarray, targets: np.ndarray, noise: float
) -> tuple[Array, Array]:
    """Points and targets as `load_data` returns them, moved by the noise."""
    points = np.stack([x1, x2], axis=1)
    points += rng.normal(scale=noise, size=points.shape)
    return points.astype(np.float32), targets.astype(np.float32)[:, None]
