"""Iris: 150 flowers of three species, with four measures of each; bundled with the package.

R. A. Fisher published the table in 1936, from E. Anderson's measurements. It is made available by the UCI Machine
Learning Repository under CC BY 4.0: https://doi.org/10.24432/C56C76
"""

import io

import numpy as np

from kerasish_datasets import _bundled
from kerasish_datasets._local import Array, check_share, shuffled

__all__ = ["FEATURES", "SPECIES", "load_data"]
__dir__ = __all__.copy  # what completion shows

Splits = tuple[tuple[Array, Array], tuple[Array, Array]]

FEATURES = ("sepal length", "sepal width", "petal length", "petal width")
SPECIES = ("setosa", "versicolor", "virginica")

_FILE = _bundled.FOLDER / "iris.npz"
_SHA256 = "47446607e2833dbc8f1c502d5a2f762d061dd9b960b09ea2992ec249673f9a71"


def load_data(test_split: float = 0.2, seed: int = 113) -> Splits:
    """Load the table as `(x_train, y_train), (x_test, y_test)`.

    A flower is four lengths in centimetres, in the order of `FEATURES`, and the number of its species in `SPECIES`. One
    species is told from the others by a straight line; the other two overlap a little.

    Args:
        test_split: the share of flowers set aside to test with, at least 0 and below 1.
        seed: the order in which the flowers are shuffled first; the table itself is sorted by species.

    Returns:
        Two pairs of arrays: x is `float32` of shape `(n, 4)`, y `uint8` of shape `(n,)`; by default 120 flowers to
        train with, and 30 to test with.

    Raises:
        OSError: the bundled file is missing or damaged.
        ValueError: `test_split` is no share.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, y_test.shape
        ((120, 4), (30,))
        >>> SPECIES[y_train[0]]
        'setosa'

    Source: Fisher, 1936, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7
    """
    check_share(test_split)
    with np.load(io.BytesIO(_bundled.read(_FILE, _SHA256, "Iris")), allow_pickle=False) as table:
        x, y = shuffled(np.random.RandomState(seed), table["x"], table["y"])
    cut = round(len(x) * (1 - test_split))
    return (x[:cut].copy(), y[:cut].copy()), (x[cut:].copy(), y[cut:].copy())
