"""Writes the `.gz` files of this directory: the cases of `tests/files/matrix.py` whose layers in Keras need TensorFlow.

`pip install keras==3.15.1 tensorflow-cpu==2.21.0 tqdm`, and run it with the clone on PYTHONPATH and
KERAS_BACKEND=tensorflow.
"""

import gzip
import tempfile
from pathlib import Path

import keras
import numpy as np

from tests.files import matrix

HERE = Path(__file__).parent

for name in sorted(matrix.NEED_TENSORFLOW):
    case = matrix.CASES[name]
    keras.utils.clear_session()
    model = case.make(keras)
    with tempfile.TemporaryDirectory() as directory:
        for ending in ("keras", "h5"):
            path = Path(directory) / f"model.{ending}"
            model.save(path)
            (HERE / f"{name}.{ending}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    np.save(HERE / f"{name}.npy", matrix._answers(model, case.data())[0])
