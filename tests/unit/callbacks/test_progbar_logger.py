import re

import pytest

from kerasish.callbacks import CallbackList, LambdaCallback, ProgbarLogger

LOGS = {"loss": 0.3012, "accuracy": 0.9123, "val_loss": 1e-4}
METRICS = " - accuracy: 0.9123 - loss: 0.3012 - val_loss: 1.0000e-04"


def pattern(start):
    return re.escape(start) + r"\d+(s|ms|us)/step" + re.escape(METRICS)


def test_verbose_2_is_a_line_per_epoch(model, fit, capsys):
    fit(model, None, [LOGS] * 2, batches=10, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch 1/2" and lines[2] == "Epoch 2/2" and len(lines) == 4
    assert re.fullmatch(pattern("10/10 - 0s - "), lines[1])


@pytest.mark.parametrize("verbose", [1, "auto"])
def test_a_log_file_gets_a_line_per_epoch(model, fit, capsys, verbose):
    fit(model, None, [LOGS] * 2, batches=10, verbose=verbose)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch 1/2" and lines[2] == "Epoch 2/2" and len(lines) == 4
    assert re.fullmatch(pattern("10/10 " + "━" * 20 + " 0s "), lines[1])


def test_a_single_epoch_is_not_announced(model, fit, capsys):
    fit(model, None, [LOGS], verbose=2)
    assert capsys.readouterr().out.startswith("1/1 - 0s")


def test_verbose_0_makes_nothing(model, fit, capsys):
    fit(model, None, [LOGS], verbose=0)
    assert not any(isinstance(callback, ProgbarLogger) for callback in CallbackList(verbose=0).callbacks)
    assert capsys.readouterr().out == ""


def test_a_logger_of_ones_own_is_silent_with_verbose_0(model, fit, capsys):
    fit(model, [ProgbarLogger()], [LOGS] * 2, verbose=0)
    assert capsys.readouterr().out == ""


def test_what_another_callback_adds_is_shown(model, fit, capsys):
    add = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(learning_rate=0.5))
    fit(model, [add], [{"loss": 1.0}], verbose=2)
    assert capsys.readouterr().out.endswith("loss: 1.0000 - learning_rate: 0.5000\n")


@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.parametrize("kind", ["test", "predict"])
def test_evaluation_and_prediction(capsys, verbose, kind):
    hooks = CallbackList(add_progbar=True, verbose=verbose, epochs=1, steps=2)
    getattr(hooks, f"on_{kind}_begin")()
    for batch in range(2):
        getattr(hooks, f"on_{kind}_batch_end")(batch, {"loss": 1.0} if kind == "test" else {"outputs": []})
    getattr(hooks, f"on_{kind}_end")({"loss": 1.0} if kind == "test" else None)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("2/2 ") and line.endswith("loss: 1.0000" if kind == "test" else "s/step")


def test_validation_inside_fit_is_silent(capsys):
    hooks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=1)
    hooks.on_train_begin()
    hooks.on_epoch_begin(0)
    hooks.on_train_batch_end(0, {"loss": 1.0})
    hooks.on_test_begin()
    hooks.on_test_batch_end(0, {"loss": 9.0})
    hooks.on_test_end({"loss": 9.0})
    assert capsys.readouterr().out == ""
    hooks.on_epoch_end(0, {"loss": 1.0, "val_loss": 9.0})
    assert capsys.readouterr().out.endswith("loss: 1.0000 - val_loss: 9.0000\n")


@pytest.mark.parametrize("verbose", [1, 2])
def test_a_number_of_steps_that_is_only_known_at_the_end(capsys, verbose):
    hooks = CallbackList(add_progbar=True, verbose=verbose, epochs=2, steps=None)
    hooks.on_train_begin()
    for epoch in range(2):
        hooks.on_epoch_begin(epoch)
        for batch in range(7):
            hooks.on_train_batch_end(batch, {"loss": 1.0})
        hooks.on_epoch_end(epoch, {"loss": 1.0})
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("7/7 ") and lines[3].startswith("7/7 ")
