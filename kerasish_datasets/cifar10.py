"""CIFAR-10: 60,000 coloured pictures, 32 by 32, in 10 classes."""

import numpy as np

from kerasish_datasets import _cifar
from kerasish_datasets._local import Array

__all__ = ["load_data"]
__dir__ = __all__.copy  # what completion shows

_FOLDERS = ("cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py")


def load_data() -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Load the pictures from `~/.keras/datasets/cifar-10-batches-py-target/cifar-10-batches-py`.

    The directory holds the files `data_batch_1` to `data_batch_5` and `test_batch` of the published "Python version".
    The labels: 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer, 5 dog, 6 frog, 7 horse, 8 ship, 9 truck.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, `uint8` arrays: x of shape `(n, 32, 32, 3)`, channels last, with pixels
        from 0 to 255, y of shape `(n, 1)`, of 50,000 and 10,000 pictures.

    Raises:
        FileNotFoundError: if a file is not there; nothing is downloaded.
        ValueError: if a file is damaged.
    """
    batches = [_cifar.read(_FOLDERS, f"data_batch_{number}", "labels") for number in range(1, 6)]
    pictures, labels = zip(*batches, strict=True)
    return (np.concatenate(pictures), np.concatenate(labels)), _cifar.read(_FOLDERS, "test_batch", "labels")
