import pytest

from kerasish.callbacks import TerminateOnNaN


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), -float("inf")])
def test_a_loss_that_is_no_number_ends_the_training(model, fit, capsys, loss):
    assert fit(model, [TerminateOnNaN()], [{"loss": 1.0}] * 3, batch_logs={"loss": loss}) == [0]
    assert capsys.readouterr().out == "Batch 0: Invalid loss, terminating training\n"


def test_or_raises(model, fit):
    with pytest.raises(RuntimeError, match="after batch 0 is nan"):
        fit(model, [TerminateOnNaN(raise_error=True)], [{"loss": 1.0}], batch_logs={"loss": float("nan")})


@pytest.mark.parametrize("logs", [{"loss": 1.0}, {"acc": float("nan")}])
def test_otherwise_it_goes_on(model, fit, logs):
    assert fit(model, [TerminateOnNaN()], [{"loss": 1.0}] * 2, batch_logs=logs) == [0, 1]
