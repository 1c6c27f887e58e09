"""A PyDataset read by workers, class weights, and callbacks."""

import math
import os
import tempfile

import keras
import numpy as np


class Points(keras.utils.PyDataset):
    """Batches from one file each, as images would be; mixed anew after each epoch."""

    def __init__(self, files, batch_size, **kwargs):
        super().__init__(**kwargs)
        self.files, self.batch_size = list(files), batch_size
        self.epochs_ended = 0

    def __len__(self):
        return math.ceil(len(self.files) / self.batch_size)

    def __getitem__(self, idx):
        low = idx * self.batch_size
        high = min(low + self.batch_size, len(self.files))
        points = np.stack([np.load(name) for name in self.files[low:high]])
        return points, (points.sum(axis=1) > 1.2).astype("float32")

    def on_epoch_end(self):
        self.epochs_ended += 1
        np.random.shuffle(self.files)


keras.utils.set_random_seed(4)
with tempfile.TemporaryDirectory() as folder:
    names = [os.path.join(folder, f"{i}.npy") for i in range(120)]
    for name in names:
        np.save(name, np.random.random(2).astype("float32"))
    train = Points(names[:90], 16, workers=2, max_queue_size=4)
    valid = Points(names[90:], 16)

    model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="binary_crossentropy", metrics=["accuracy", "auc"])
    log = os.path.join(folder, "log.csv")
    history = model.fit(
        train,
        epochs=6,
        validation_data=valid,
        class_weight={0: 1.0, 1: 2.0},
        callbacks=[
            keras.callbacks.CSVLogger(log),
            keras.callbacks.EarlyStopping(patience=20),
            keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=3),
        ],
        verbose=0,
    )
    with open(log) as file:
        lines = file.read().splitlines()

print(lines[0])
assert lines[0].startswith("epoch,accuracy,auc") and len(lines) == 7
assert train.epochs_ended >= 6
assert history.history["val_accuracy"][-1] > 0.6
