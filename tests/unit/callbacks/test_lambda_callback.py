import inspect

import pytest

from kerasish.callbacks import Callback, CallbackList, LambdaCallback


def test_every_hook_can_be_given():
    names = [name for name, _ in inspect.getmembers(Callback, inspect.isfunction) if name.startswith("on_")]
    calls = []
    functions = {name: (lambda *args, name=name, **kwargs: calls.append(name)) for name in names}
    callback = LambdaCallback(**functions)
    for name in names:
        getattr(callback, name)(0)
    assert calls == names and len(names) == 16


def test_only_what_is_given_is_called(model, fit):
    calls = []
    begin = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: calls.append(("begin", epoch)),
        on_train_end=lambda logs: calls.append(("end", logs)),
    )
    fit(model, [begin], [{"loss": 1.0}] * 2)
    assert calls == [("begin", 0), ("begin", 1), ("end", {"loss": 1.0})]
    assert not CallbackList([begin]).has_train_batch_hooks


def test_a_hook_that_does_not_exist_is_warned_of():
    with pytest.warns(UserWarning, match="never calls on_epoch_ended"):
        LambdaCallback(on_epoch_ended=print)
