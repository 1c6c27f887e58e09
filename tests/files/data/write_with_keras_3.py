"""Writes the files of this directory that Keras 3.15.1 wrote: KERAS_BACKEND=jax python write_with_keras_3.py."""

import gzip
import tempfile
from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((4,)),
        keras.layers.Dense(3, "hard_sigmoid"),
        keras.layers.BatchNormalization(),
        keras.layers.Dense(2, "softmax"),
    ]
)
model.compile("adam", "mse", metrics=["mae"])
x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
model.fit(x, np.ones((5, 2)), epochs=2, verbose=0)
np.savez(HERE / "keras_3_15_compiled.npz", x0=x, y0=model.predict(x, verbose=0))
with tempfile.TemporaryDirectory() as directory:
    for ending in (".keras", ".weights.h5", ".h5"):  # Keras forgets the optimizer once it has written an .h5
        path = Path(directory) / f"keras_3_15_compiled{ending}"
        model.save_weights(path) if "weights" in ending else model.save(path)
        (HERE / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
