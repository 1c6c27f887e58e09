"""`kerasish_datasets.cifar10` under Keras's path, for `from keras.datasets.cifar10 import ...`."""

import sys

from kerasish_datasets import cifar10

sys.modules[__name__] = cifar10
