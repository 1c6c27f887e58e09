"""`kerasish_datasets.reuters` under Keras's path, for `from keras.datasets.reuters import ...`."""

import sys

from kerasish_datasets import reuters

sys.modules[__name__] = reuters
