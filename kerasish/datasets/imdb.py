"""`kerasish_datasets.imdb` under Keras's path, for `from keras.datasets.imdb import ...`."""

import sys

from kerasish_datasets import imdb

sys.modules[__name__] = imdb
