"""`kerasish_datasets.california_housing` under Keras's path, for `import keras.datasets.california_housing`."""

import sys

from kerasish_datasets import california_housing

sys.modules[__name__] = california_housing
