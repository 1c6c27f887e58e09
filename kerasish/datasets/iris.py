"""`kerasish_datasets.iris` under Keras's path, for `from keras.datasets.iris import ...`."""

import sys

from kerasish_datasets import iris

sys.modules[__name__] = iris
