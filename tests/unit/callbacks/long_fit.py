"""A training for `test_backup_and_restore` to kill: `long_fit.py BACKUP_DIR RESULT.npz SAVE_FREQ`."""

import sys
import time

import numpy as np

import kerasish as keras

backup_dir, result, save_freq = sys.argv[1:]
keras.utils.set_random_seed(3)
layers = [keras.layers.Dense(8, "relu"), keras.layers.BatchNormalization(), keras.layers.Dropout(0.2)]
model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(2, "softmax")])
model.compile(keras.optimizers.Adam(0.01, use_ema=True), "sparse_categorical_crossentropy", metrics=["accuracy"])
x = np.random.default_rng(0).standard_normal((40, 4)).astype("float32")
backup = keras.callbacks.BackupAndRestore(backup_dir, int(save_freq) if save_freq.isdigit() else save_freq)
pause = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: time.sleep(0.003))
model.fit(
    x,
    (x[:, 0] > 0).astype("int32"),
    epochs=24 if save_freq == "epoch" else 12,
    batch_size=8,
    verbose=0,
    callbacks=[backup, pause],
)
variables = [*model.variables, *model.optimizer.variables]
np.savez(result, **{str(i): v.numpy() for i, v in enumerate(variables)})
