"""XOR: the four points that no single straight line divides, and that one hidden layer learns."""

import math
import operator

import numpy as np
import numpy.typing as npt

__all__ = ["load_data"]
__dir__ = __all__.copy  # what completion shows

Array = npt.NDArray[np.float32]

_CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
_LABELS = np.array([[0], [1], [1], [0]], dtype=np.float32)


def load_data(n: int | None = None, noise: float = 0.1, seed: int | None = None) -> tuple[Array, Array]:
    """The truth table of exclusive or, or a noisy cloud of points around its four corners.

    Args:
        n: how many points to draw, spread as evenly as can be over the four corners and shuffled. `None`, the default,
            gives the truth table itself: four rows, in counting order and without noise.
        noise: standard deviation of the Gaussian added to each coordinate of a drawn point, where the corners are one
            apart. A point keeps the label of its corner, wherever the noise takes it.
        seed: seed of the draw. The same seed gives the same points; `None` gives others each time.

    Returns:
        `float32` arrays `x` of shape `(n, 2)` and `y` of shape `(n, 1)`, whose labels are 0 or 1.

    Raises:
        ValueError: `n` is less than 1, or `noise` is negative or not finite.

    Example:
        >>> x, y = load_data()
        >>> x.tolist()
        [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
        >>> y.ravel().tolist()
        [0.0, 1.0, 1.0, 0.0]
        >>> x, y = load_data(n=200, noise=0.2, seed=0)
        >>> x.shape, y.shape
        ((200, 2), (200, 1))
    """
    if n is None:
        return _CORNERS.copy(), _LABELS.copy()
    n = operator.index(n)
    if n < 1:
        raise ValueError(f"`n` must be at least 1, or None for the truth table. Received: n={n}")
    if not 0 <= noise < math.inf:
        raise ValueError(f"`noise` is a standard deviation: finite and not negative. Received: noise={noise}")
    rng = np.random.default_rng(seed)
    corner = rng.permutation(np.arange(n) % 4)
    x = _CORNERS[corner] + rng.normal(scale=noise, size=(n, 2)).astype(np.float32)
    return x, _LABELS[corner]
