"""`kerasish_datasets.xor` under Keras's path, for `from keras.datasets.xor import ...`."""

import sys

from kerasish_datasets import xor

sys.modules[__name__] = xor
