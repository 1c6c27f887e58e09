"""Callbacks and the arguments of fit: early stopping, checkpoints, schedules, a log file, how often to validate."""

import csv

import keras
import numpy as np

keras.utils.set_random_seed(5)
rng = np.random.default_rng(5)
x = rng.normal(size=(200, 4)).astype("float32")
y = (x @ np.array([[1.0], [-2.0], [0.5], [3.0]])).astype("float32")


class Lossy(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.steps, self.epochs = 0, []

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append((epoch, sorted(logs)))
        if logs["loss"] < 1e-9:
            self.model.stop_training = True


model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"], weighted_metrics=["mse"])
note = Lossy()
history = model.fit(
    x,
    y,
    batch_size=50,
    epochs=6,
    validation_data=(x, y, np.ones(len(x))),
    validation_freq=2,
    steps_per_epoch=4,
    verbose=0,
    callbacks=[
        keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr * 0.9),
        keras.callbacks.ModelCheckpoint("best.keras", monitor="loss", save_best_only=True),
        keras.callbacks.ModelCheckpoint("at_{epoch:02d}.weights.h5", save_weights_only=True),
        keras.callbacks.CSVLogger("log.csv"),
        keras.callbacks.TerminateOnNaN(),
        note,
    ],
)
assert note.steps == 24 and history.epoch == list(range(6)) and len(history.history["val_loss"]) == 3
assert note.epochs[0][1] == ["learning_rate", "loss", "mae", "mse"]
assert note.epochs[1][1] == ["learning_rate", "loss", "mae", "mse", "val_loss", "val_mae", "val_mse"]
with open("log.csv") as file:
    rows = list(csv.DictReader(file))
assert [float(row["loss"]) for row in rows] == [float(str(v)) for v in history.history["loss"]]

best = keras.models.load_model("best.keras")
assert np.allclose(best.predict(x, verbose=0), model.predict(x, verbose=0))
model.load_weights("at_01.weights.h5")
assert model.evaluate(x, y, verbose=0, return_dict=True)["loss"] > best.evaluate(x, y, verbose=0)[0]

stop = keras.callbacks.EarlyStopping(monitor="loss", patience=2, restore_best_weights=True)
plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.1, patience=1, min_delta=1.0)
rise = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: model.layers[0].kernel.assign_add([[0.5]] * 4))
history = model.fit(x, y, epochs=20, batch_size=200, verbose=0, callbacks=[stop, plateau, rise])
print(len(history.epoch), "epochs", history.history["learning_rate"])
assert stop.stopped_epoch == len(history.epoch) - 1 and history.history["learning_rate"][-1] < 0.05
