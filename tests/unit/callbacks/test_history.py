import numpy as np
import pytest

import kerasish as keras
from kerasish.callbacks import CallbackList, History


def test_the_metrics_of_every_epoch(model, fit):
    assert fit(model, None, [{"loss": 2.0, "acc": 0.5}, {"loss": 1.0, "acc": 0.75}]) == [0, 1]
    assert model.history.history == {"acc": [0.5, 0.75], "loss": [2.0, 1.0]}
    assert model.history.params == {"verbose": 0, "epochs": 2, "steps": 1}


def test_a_metric_that_is_there_only_sometimes(model, fit):
    fit(model, None, [{"loss": 2.0}, {"loss": 1.0, "val_loss": 3.0}])
    assert model.history.history == {"loss": [2.0, 1.0], "val_loss": [3.0]}


def test_an_own_history_goes_on_over_two_trainings(model):
    history = History()
    for _ in range(2):
        hooks = CallbackList([history], add_history=True, model=model)
        hooks.on_train_begin()
        hooks.on_epoch_end(0, {"loss": 1.0})
        hooks.on_train_end()
    assert model.history is history
    assert history.epoch == [0] and history.history == {"loss": [1.0, 1.0]}


def test_a_notebook_shows_the_first_and_the_last_epochs() -> None:
    history = History()
    history.epoch = list(range(30))
    history.history = {"loss": [1 / (1 + i) for i in range(30)], "<late>": [0.5]}
    shown = history._repr_html_()
    assert shown.startswith("<table><thead><tr><th>epoch</th><th>loss</th><th>&lt;late&gt;</th></tr>")
    assert shown.count("<tr>") == 12 and "<td>…</td>" in shown
    assert "<td>1</td><td>1</td><td>0.5</td>" in shown and "<td>30</td><td>0.03333</td><td></td>" in shown
    history.history = {"name": ["text"]}
    assert "<td>text</td>" in history._repr_html_()
    history.epoch = []
    assert "<tbody></tbody>" in history._repr_html_()


def test_it_shows_the_last_metrics_when_it_is_printed():
    history = History()
    assert repr(history) == "<History of 0 epochs>"
    history.epoch, history.history = [0], {"loss": [0.25]}
    assert repr(history) == "<History of 1 epoch: loss 0.25>"
    history.epoch, history.history = [0, 1], {"loss": [0.5, 0.123456], "val_loss": [0.7], "kind": ["text", "more"]}
    assert repr(history) == "<History of 2 epochs: loss 0.1235, val_loss 0.7, kind more>"


@pytest.mark.parametrize("epochs", ["3", 2.5, None])
def test_epochs_that_are_no_number_are_named(epochs):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match="epochs is a whole number; received"):
        model.fit(np.ones((2, 1)), np.ones((2, 1)), epochs=epochs, verbose=0)
