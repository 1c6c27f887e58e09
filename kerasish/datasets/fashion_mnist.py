"""`kerasish_datasets.fashion_mnist` under Keras's path, for `from keras.datasets.fashion_mnist import ...`."""

import sys

from kerasish_datasets import fashion_mnist

sys.modules[__name__] = fashion_mnist
