"""`kerasish_datasets.cifar100` under Keras's path, for `from keras.datasets.cifar100 import ...`."""

import sys

from kerasish_datasets import cifar100

sys.modules[__name__] = cifar100
