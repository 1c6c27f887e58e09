import pytest

from kerasish.callbacks import Callback, CallbackList


def test_a_subclass_need_not_call_the_base_constructor(model):
    class Own(Callback):
        def __init__(self):
            self.mine = 1

    own = Own()
    assert own.model is None and own.params is None
    own.set_model(model)
    own.set_params({"epochs": 2})
    assert own.model is model and own.params == {"epochs": 2}


def test_model_is_set_by_set_model_only(model):
    with pytest.raises(AttributeError):
        Callback().model = model


def test_calling_super_from_a_hook_reaches_the_old_name_once():
    calls = []

    class Own(Callback):
        def on_train_batch_end(self, batch, logs=None):
            calls.append("new")
            super().on_train_batch_end(batch, logs)

        def on_batch_end(self, batch, logs=None):
            calls.append("old")

    CallbackList([Own()]).on_train_batch_end(0)
    assert calls == ["new", "old"]


def test_stopping_ends_the_training(model, fit):
    class Stop(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = logs["loss"] < 0.5

    assert fit(model, [Stop()], [{"loss": 1.0}, {"loss": 0.1}, {"loss": 0.1}]) == [0, 1]
