"""Python generators to train and validate with, and one that ends too early."""

import warnings

import keras
import numpy as np


def batches(batch_size=16, seed=0, limit=None):
    rng = np.random.default_rng(seed)
    count = 0
    while limit is None or count < limit:
        x = rng.standard_normal((batch_size, 3)).astype("float32")
        yield x, x @ np.array([[1.0], [-2.0], [0.5]], "float32"), np.full(batch_size, 0.5)
        count += 1


def rate(epoch, lr):
    return lr * 0.9


model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss="mse")
history = model.fit(
    batches(),
    steps_per_epoch=20,
    epochs=5,
    validation_data=batches(seed=1),
    validation_steps=2,
    validation_freq=[1, 5],
    callbacks=[keras.callbacks.LearningRateScheduler(rate)],
    verbose=0,
)
print(history.history)
assert len(history.history["loss"]) == 5 and len(history.history["val_loss"]) == 2
assert history.history["val_loss"][-1] < 1e-3
assert np.allclose(history.history["learning_rate"], 0.1 * 0.9 ** np.arange(1, 6))
assert model.evaluate(batches(seed=2), steps=3, verbose=0) < 1e-3
assert model.predict(batches(seed=2), steps=3, verbose=0).shape == (48, 1)

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model.fit(batches(limit=5), steps_per_epoch=10, epochs=1, verbose=0)
assert any("ran out" in str(warning.message) for warning in caught)
