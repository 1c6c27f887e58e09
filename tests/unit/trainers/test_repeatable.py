"""A program with a seed gives the same bits in every run, on two threads, and whenever fused loops become ready."""

import os
import subprocess
import sys

SCRIPT = """
import hashlib
import numpy as np
import kerasish as keras

keras.utils.set_random_seed(7)
x = np.random.rand(2000, 30).astype("float32")
y = np.random.randint(0, 5, 2000)
layers = keras.layers
model = keras.Sequential([
    layers.Reshape((6, 5, 1)), layers.Conv2D(8, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
    layers.Flatten(), layers.Dense(128, "relu"), layers.Dropout(0.3), layers.BatchNormalization(),
    layers.Dense(128, "sigmoid"), layers.Dense(5, "softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, batch_size=50, epochs=4, verbose=0, validation_split=0.1).history
digest = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights()))
digest.update(repr(history).encode() + model.predict(x, verbose=0).tobytes())
print(digest.hexdigest())
"""


def test_runs_agree():
    digests = set()
    for fast in ("1", "1", "0"):
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "KERASISH_FAST": fast, "OPENBLAS_NUM_THREADS": "2"},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout.strip())
    assert len(digests) == 1
