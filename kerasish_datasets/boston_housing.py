"""Boston housing: 506 districts of 1978 with 13 attributes and the median price in thousands of dollars.

One attribute is computed from the share of Black residents, on the assumption that segregation raises prices; many
courses have given the data set up for that reason, and `california_housing` is a replacement.
"""

from kerasish_datasets import _housing
from kerasish_datasets._local import find

__all__ = ["load_data"]
__dir__ = __all__.copy  # what completion shows


def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> _housing.Splits:
    """Load the table from `~/.keras/datasets/boston_housing.npz`, a file with the members `x` and `y`.

    Args:
        path: the file's name in that directory.
        test_split: the share of rows set aside to test with.
        seed: the order in which the rows are shuffled first.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, with x of shape `(n, 13)` and y of shape `(n,)`.

    Raises:
        FileNotFoundError: if the file is not there; nothing is downloaded.
        ValueError: if the file is damaged, or `test_split` is no share.
    """
    return _housing.load(find(path, contents="arrays x (506, 13) and y (506,)"), test_split, seed)
