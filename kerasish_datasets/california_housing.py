"""California housing: 20,640 districts of the 1990 census with 8 attributes and the median price in dollars."""

from kerasish_datasets import _housing
from kerasish_datasets._local import find

__all__ = ["load_data"]
__dir__ = __all__.copy  # what completion shows

_SMALL = 600


def load_data(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> _housing.Splits:
    """Load the table from `~/.keras/datasets/california_housing.npz`, a file with the members `x` and `y`.

    Args:
        version: `"large"` for all rows, `"small"` for the first 600.
        path: the file's name in that directory.
        test_split: the share of rows set aside to test with.
        seed: the order in which the rows are shuffled first.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, with x of shape `(n, 8)` and y of shape `(n,)`.

    Raises:
        FileNotFoundError: if the file is not there; nothing is downloaded.
        ValueError: if the file is damaged, or an argument is not known.
    """
    if version not in ("large", "small"):
        raise ValueError(f"version must be 'large' or 'small'; received {version!r}")
    first = _SMALL if version == "small" else None
    return _housing.load(find(path, contents="arrays x (20640, 8) and y (20640,)"), test_split, seed, first)
