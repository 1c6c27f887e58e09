"""A forecast from windows of a series, as tutorials with tensorflow.keras write it."""

import numpy as np
from tensorflow.keras.callbacks import EarlyStopping
from tensorflow.keras.layers import Dense, Flatten
from tensorflow.keras.models import Sequential
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.utils import set_random_seed, timeseries_dataset_from_array

set_random_seed(7)
steps = np.arange(600)
series = np.stack([np.sin(steps / 9), np.cos(steps / 9)], axis=1).astype("float32")
past, split = 12, 450
train = timeseries_dataset_from_array(
    series[: split - past], series[past:split, 0], sequence_length=past, batch_size=32, shuffle=True, seed=1
)
valid = timeseries_dataset_from_array(
    series[split:-past], series[split + past :, 0], sequence_length=past, sampling_rate=1, batch_size=32
)
for inputs, targets in train.take(1):
    print("Input shape:", inputs.shape, "Target shape:", targets.shape)
    assert inputs.shape == (32, past, 2) and targets.shape == (32,)

model = Sequential()
model.add(Flatten(input_shape=(past, 2)))
model.add(Dense(16, activation="tanh"))
model.add(Dense(1))
model.compile(optimizer=Adam(learning_rate=0.01), loss="mse")
history = model.fit(
    train, epochs=15, validation_data=valid, verbose=0, callbacks=[EarlyStopping(patience=5, restore_best_weights=True)]
)
print("val_loss:", history.history["val_loss"][-1])
assert min(history.history["val_loss"]) < 0.01
