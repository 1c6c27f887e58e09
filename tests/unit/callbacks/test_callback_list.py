from collections.abc import Mapping

import numpy as np
import pytest

from kerasish.callbacks import Callback, CallbackList, History, LambdaCallback, ModelCheckpoint, ProgbarLogger

HOOKS = [
    "on_train_begin",
    "on_train_end",
    "on_epoch_begin",
    "on_epoch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_begin",
    "on_test_end",
    "on_test_batch_begin",
    "on_test_batch_end",
    "on_predict_begin",
    "on_predict_end",
    "on_predict_batch_begin",
    "on_predict_batch_end",
]


class Unread(Mapping):
    """Logs that must not be read."""

    def __getitem__(self, key):
        raise AssertionError("read")

    __iter__ = __len__ = __getitem__


def recorder(*names):
    calls = []

    class Recorder(Callback):
        pass

    for name in names:
        if "batch" in name or "epoch" in name:
            setattr(Recorder, name, lambda self, index, logs=None, name=name: calls.append((name, index, logs)))
        else:
            setattr(Recorder, name, lambda self, logs=None, name=name: calls.append((name, logs)))
    return Recorder(), calls


@pytest.mark.parametrize("name", HOOKS)
def test_each_hook_reaches_those_that_override_it(name):
    listener, calls = recorder(name)
    hooks = CallbackList([Callback(), listener])
    if name in ("on_train_end", "on_test_end", "on_predict_end"):
        getattr(hooks, name.replace("end", "begin"))()
    if "batch" in name or "epoch" in name:
        getattr(hooks, name)(3, {"loss": 0.5})
        assert calls == [(name, 3, {"loss": 0.5})]
    else:
        getattr(hooks, name)({"loss": 0.5})
        assert calls == [(name, {"loss": 0.5})]


@pytest.mark.parametrize("kind", ["train", "test", "predict"])
@pytest.mark.parametrize("end", ["begin", "end"])
def test_batch_flags_tell_who_listens(kind, end):
    hooks = CallbackList([recorder(f"on_{kind}_batch_{end}")[0]])
    flags = {k: getattr(hooks, f"has_{k}_batch_hooks") for k in ("train", "test", "predict")}
    assert flags == {k: k == kind for k in flags}


@pytest.mark.parametrize("end", ["begin", "end"])
def test_the_old_names_of_batch_hooks(end):
    listener, calls = recorder(f"on_batch_{end}")
    hooks = CallbackList([listener])
    assert hooks.has_train_batch_hooks and not hooks.has_test_batch_hooks
    getattr(hooks, f"on_train_batch_{end}")(0)
    getattr(hooks, f"on_batch_{end}")(1)
    assert calls == [(f"on_batch_{end}", 0, {}), (f"on_batch_{end}", 1, {})]


def test_nobody_listens_to_the_batches_of_history_and_epoch_checkpoints(tmp_path):
    assert not CallbackList([History(), ModelCheckpoint(tmp_path / "a.keras")]).has_train_batch_hooks
    assert CallbackList([ModelCheckpoint(tmp_path / "a.keras", save_freq=3)]).has_train_batch_hooks


@pytest.mark.parametrize("base", [ModelCheckpoint, ProgbarLogger])
def test_a_subclass_is_heard_where_its_base_is_idle_and_gets_a_dict(base, tmp_path):
    seen = []

    class Own(base):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(logs)

    own = Own(tmp_path / "a.keras") if base is ModelCheckpoint else Own()
    hooks = CallbackList([own], verbose=2, epochs=1, steps=4)
    hooks.on_train_batch_end(0, {"loss": np.float32(1)})
    assert hooks.has_train_batch_hooks and seen == [{"loss": 1.0}] and type(seen[0]["loss"]) is float


def test_in_fit_the_progress_bar_does_not_listen_to_validation():
    hooks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=4)
    assert hooks.has_test_batch_hooks
    hooks.on_train_begin()
    assert not hooks.has_test_batch_hooks and hooks.has_train_batch_hooks


def test_one_line_per_epoch_needs_no_batches():
    assert not CallbackList(add_progbar=True, verbose=2, epochs=1, steps=4).has_train_batch_hooks
    assert CallbackList(add_progbar=True, verbose=2, epochs=1, steps=None).has_train_batch_hooks


def test_hooks_set_on_an_instance_are_found():
    calls = []
    hooks = CallbackList([LambdaCallback(on_train_batch_end=lambda batch, logs: calls.append((batch, logs)))])
    hooks.on_train_batch_end(2, {"loss": 1.0})
    assert calls == [(2, {"loss": 1.0})]


def test_logs_are_sorted_flat_and_python_floats():
    listener, calls = recorder("on_epoch_end")
    logs = {"mae": np.float32(2), "loss": np.array(1.5), "extra": {"auc": np.array([0.25])}, "name": "x"}
    CallbackList([listener]).on_epoch_end(0, logs)
    got = calls[0][2]
    assert got == {"auc": 0.25, "loss": 1.5, "mae": 2.0, "name": "x"}
    assert list(got) == ["auc", "loss", "mae", "name"]
    assert {type(value) for value in got.values()} == {float, str}


def test_what_a_callback_adds_to_the_logs_is_seen_by_the_next_but_not_by_the_trainer():
    class Adds(Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["learning_rate"] = 0.1

    listener, calls = recorder("on_epoch_end")
    logs = {"loss": 1.0}
    CallbackList([Adds(), listener]).on_epoch_end(0, logs)
    assert calls[0][2] == {"loss": 1.0, "learning_rate": 0.1}
    assert logs == {"loss": 1.0}


def test_predictions_stay_arrays():
    listener, calls = recorder("on_predict_batch_end")
    CallbackList([listener]).on_predict_batch_end(0, {"outputs": np.ones((1, 1))})
    assert calls[0][2]["outputs"].shape == (1, 1)


def test_logs_are_not_computed_for_those_that_do_not_read_them(tmp_path):
    hooks = CallbackList([ModelCheckpoint(tmp_path / "a.keras", save_freq=3), ProgbarLogger()], steps=9)
    hooks.on_train_begin()
    hooks.on_epoch_begin(0)
    hooks.on_train_batch_end(0, Unread())
    assert hooks.has_train_batch_hooks


def test_history_and_progress_are_added_once():
    assert CallbackList().callbacks == []
    assert [type(c) for c in CallbackList(add_history=True, add_progbar=True).callbacks] == [History, ProgbarLogger]
    own = [ProgbarLogger(), History()]
    assert CallbackList(own, add_history=True, add_progbar=True).callbacks == own


def test_nested_lists_and_a_single_callback():
    one, two = Callback(), Callback()
    assert CallbackList([one, [two]]).callbacks == [one, two]
    assert CallbackList(one).callbacks == [one]


def test_model_params_and_history_are_handed_on(model):
    callback = Callback()
    hooks = CallbackList([callback], add_history=True, model=model, epochs=3)
    assert hooks.model is callback.model is model
    assert hooks.params == callback.params == {"epochs": 3}
    assert model.history is hooks.callbacks[-1]


def test_append_tells_the_newcomer_and_looks_for_its_hooks(model):
    hooks = CallbackList([], model=model, epochs=3)
    listener, calls = recorder("on_train_batch_end")
    hooks.append(listener)
    hooks.on_train_batch_end(0)
    assert hooks.has_train_batch_hooks and len(calls) == 1
    assert listener.model is model and listener.params == {"epochs": 3}


def test_a_callback_of_another_library_is_called():
    class Other:
        def set_model(self, model):
            self.model = model

        def set_params(self, params):
            self.params = params

        def on_epoch_end(self, epoch, logs=None):
            self.seen = (epoch, logs)

    other = Other()
    hooks = CallbackList([other], epochs=1)
    hooks.on_train_begin()
    hooks.on_epoch_end(0, {"loss": 1.0})
    assert other.seen == (0, {"loss": 1.0}) and not hooks.has_train_batch_hooks


@pytest.mark.parametrize("wrong, message", [("stop", "'stop' .str"), (3, "3 .int"), (History, r"Write History\(\)")])
def test_what_is_no_callback_is_refused(wrong, message):
    with pytest.raises(TypeError, match=message):
        CallbackList([wrong])
    with pytest.raises(TypeError, match=message):
        CallbackList().append(wrong)


@pytest.mark.parametrize("kind", ["train", "test", "predict"])
def test_an_end_without_a_begin_is_an_error(kind):
    hooks = CallbackList()
    getattr(hooks, f"on_{kind}_begin")()
    getattr(hooks, f"on_{kind}_end")()
    with pytest.raises(ValueError, match=f"on_{kind}_end was called without on_{kind}_begin"):
        getattr(hooks, f"on_{kind}_end")()


def test_evaluation_inside_training():
    hooks = CallbackList()
    hooks.on_train_begin()
    hooks.on_test_begin()
    hooks.on_test_end()
    hooks.on_train_end()
    with pytest.raises(ValueError):
        hooks.on_test_end()
