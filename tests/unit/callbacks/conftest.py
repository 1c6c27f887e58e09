"""A model and a training loop that do nothing but keep the contract between a trainer and its callbacks."""

from types import SimpleNamespace

import numpy as np
import pytest

from kerasish.backend.variable import Variable
from kerasish.callbacks import CallbackList


class FakeModel:
    """Has what callbacks ask of a model; `weight` grows by 1 with every epoch."""

    def __init__(self):
        self.optimizer = SimpleNamespace(learning_rate=Variable(0.5))
        self.metrics = []
        self.stop_training = False
        self.history = None
        self.weight = 0.0
        self.saved = []

    def get_weights(self):
        return [np.array([self.weight])]

    def set_weights(self, weights):
        self.weight = float(weights[0][0])

    def save(self, filepath, overwrite=True):
        self.saved.append(filepath)

    def save_weights(self, filepath, overwrite=True):
        self.saved.append(filepath)


def train(model, callbacks, epoch_logs, batches=1, batch_logs=None, verbose=0):
    """Epochs with the given logs; returns the numbers of those that ran."""
    hooks = CallbackList(
        callbacks,
        add_history=True,
        add_progbar=verbose != 0,
        verbose=verbose,
        epochs=len(epoch_logs),
        steps=batches,
        model=model,
    )
    model.stop_training = False
    hooks.on_train_begin()
    logs = {}
    for epoch, logs in enumerate(epoch_logs):
        hooks.on_epoch_begin(epoch)
        for batch in range(batches):
            if hooks.has_train_batch_hooks:
                hooks.on_train_batch_begin(batch)
                hooks.on_train_batch_end(batch, batch_logs or {"loss": 1.0})
        model.weight += 1
        hooks.on_epoch_end(epoch, dict(logs))
        if model.stop_training:
            break
    hooks.on_train_end(logs)
    return model.history.epoch


@pytest.fixture
def model():
    return FakeModel()


@pytest.fixture
def fit():
    return train
