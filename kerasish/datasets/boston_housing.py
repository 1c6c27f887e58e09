"""`kerasish_datasets.boston_housing` under Keras's path, for `from keras.datasets.boston_housing import ...`."""

import sys

from kerasish_datasets import boston_housing

sys.modules[__name__] = boston_housing
