"""Tables of houses and their prices, in one `.npz` file with the members x and y."""

from pathlib import Path

import numpy as np

from kerasish_datasets._local import Array, check_share, read_arrays, shuffled

Splits = tuple[tuple[Array, Array], tuple[Array, Array]]


def load(path: Path, test_split: float, seed: int, first: int | None = None) -> Splits:
    """The first rows, shuffled, and split into training and test data."""
    check_share(test_split)
    x, y = (array[:first] for array in read_arrays(path, ("x", "y")))
    x, y = shuffled(np.random.RandomState(seed), x, y)
    cut = int(len(x) * (1 - test_split))
    return (x[:cut].copy(), y[:cut].copy()), (x[cut:].copy(), y[cut:].copy())
