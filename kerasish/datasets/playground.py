"""`kerasish_datasets.playground` under Keras's path, for `from keras.datasets.playground import ...`."""

import sys

from kerasish_datasets import playground

sys.modules[__name__] = playground
