"""CIFAR-100: 60,000 coloured pictures, 32 by 32, in 100 classes of 20 groups."""

from kerasish_datasets import _cifar
from kerasish_datasets._local import Array

__all__ = ["load_data"]
__dir__ = __all__.copy  # what completion shows

_FOLDERS = ("cifar-100-python-target/cifar-100-python", "cifar-100-python")


def load_data(label_mode: str = "fine") -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Load the pictures from `~/.keras/datasets/cifar-100-python-target/cifar-100-python`.

    The directory holds the files `train` and `test` of the published "Python version".

    Args:
        label_mode: `"fine"` for the 100 classes, `"coarse"` for the 20 groups.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: x `uint8` of shape `(n, 32, 32, 3)`, channels last, with pixels from 0
        to 255, y of shape `(n, 1)`, of 50,000 and 10,000 pictures.

    Raises:
        FileNotFoundError: if a file is not there; nothing is downloaded.
        ValueError: if a file is damaged, or `label_mode` is not known.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f"label_mode must be 'fine' or 'coarse'; received {label_mode!r}")
    train, test = (_cifar.read(_FOLDERS, name, f"{label_mode}_labels") for name in ("train", "test"))
    return train, test
