"""`kerasish_datasets.mnist` under Keras's path, for `from keras.datasets.mnist import ...`."""

import sys

from kerasish_datasets import mnist

sys.modules[__name__] = mnist
