import numpy as np
import pytest

from kerasish.callbacks import ModelCheckpoint


def losses(*values):
    return [{"val_loss": value} for value in values]


def saved(model):
    return [path.replace("\\", "/").rsplit("/", 1)[-1] for path in model.saved]


def test_every_epoch(model, fit, tmp_path):
    fit(model, [ModelCheckpoint(tmp_path / "{epoch:02d}-{val_loss:.1f}.keras")], losses(3.0, 2.0))
    assert saved(model) == ["01-3.0.keras", "02-2.0.keras"]


def test_weights_only(model, fit, tmp_path):
    model.save = None
    fit(model, [ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True)], losses(3.0))
    assert saved(model) == ["1.weights.h5"]


@pytest.mark.parametrize(
    "arguments, values, epochs",
    [
        ({}, [3.0, 4.0, 2.0, 2.0], [1, 3]),
        ({"mode": "max"}, [3.0, 4.0, 2.0, 5.0], [1, 2, 4]),
        ({"initial_value_threshold": 2.5}, [3.0, 4.0, 2.0, 1.0], [3, 4]),
        ({"monitor": "loss"}, [3.0, 4.0], [1, 2]),
    ],
)
def test_the_best_only(model, fit, tmp_path, arguments, values, epochs, recwarn):
    fit(model, [ModelCheckpoint(tmp_path / "{epoch}.keras", save_best_only=True, **arguments)], losses(*values))
    assert saved(model) == [f"{epoch}.keras" for epoch in epochs]
    assert bool(recwarn) is ("monitor" in arguments)


def test_a_metric_that_is_no_scalar_cannot_be_best(model, fit, tmp_path):
    with pytest.warns(UserWarning, match="needs a number as 'val_loss'"):
        fit(model, [ModelCheckpoint(tmp_path / "a.keras", save_best_only=True)], losses(np.ones(2)))
    assert saved(model) == ["a.keras"]


def test_every_few_batches_counted_over_the_epochs(model, fit, tmp_path):
    save = ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=4)
    fit(model, [save], losses(1.0, 1.0, 1.0), batches=3)
    assert saved(model) == ["2-1.keras", "3-2.keras"]


def test_several_batches_at_once(model, tmp_path):
    save = ModelCheckpoint(tmp_path / "{batch}.keras", save_freq=4)
    save.set_model(model)
    for last in (2, 5, 8, 2):
        save.on_train_batch_end(last, {})
    assert saved(model) == ["6.keras", "3.keras"]


def test_the_best_batches_only(model, tmp_path):
    save = ModelCheckpoint(tmp_path / "{batch}.keras", monitor="loss", save_freq=1, save_best_only=True)
    save.set_model(model)
    for batch, loss in enumerate((3.0, 4.0, 2.0)):
        save.on_train_batch_end(batch, {"loss": loss})
    assert saved(model) == ["1.keras", "3.keras"]


def test_what_it_says(model, fit, tmp_path, capsys):
    path = tmp_path / "a.keras"
    fit(model, [ModelCheckpoint(path, save_best_only=True, verbose=1)], losses(3.0, 4.0, 2.0))
    assert capsys.readouterr().out.splitlines() == [
        f"Epoch 1: val_loss improved from None to 3.00000, saving model to {path}",
        f"Epoch 1: finished saving model to {path}",
        "Epoch 2: val_loss did not improve from 3.00000",
        f"Epoch 3: val_loss improved from 3.00000 to 2.00000, saving model to {path}",
        f"Epoch 3: finished saving model to {path}",
    ]


def test_the_directory_is_made(model, fit, tmp_path):
    fit(model, [ModelCheckpoint(tmp_path / "epoch-{epoch}" / "a.keras")], losses(1.0))
    assert (tmp_path / "epoch-1").is_dir()


@pytest.mark.parametrize("freq", ["batch", 1.5, None])
def test_an_unknown_save_freq_is_refused(freq):
    with pytest.raises(ValueError, match=f"save_freq={freq!r}"):
        ModelCheckpoint("a.keras", save_freq=freq)


@pytest.mark.parametrize("path, weights", [("a", False), ("a.tf", False), ("a.h5", True), ("a.keras", True)])
def test_another_ending_is_refused(path, weights):
    with pytest.raises(ValueError, match=r"ends in .*received filepath='a"):
        ModelCheckpoint(path, save_weights_only=weights)


def test_a_name_that_is_not_in_the_logs_is_an_error(model, fit, tmp_path):
    with pytest.raises(KeyError, match=r"cannot fill in 'mape' in filepath=.*there are epoch, val_loss"):
        fit(model, [ModelCheckpoint(tmp_path / "{mape:.2f}.keras")], losses(1.0))


def test_a_directory_is_an_error(model, fit, tmp_path):
    (tmp_path / "a.keras").mkdir()
    with pytest.raises(OSError, match="is a directory"):
        fit(model, [ModelCheckpoint(tmp_path / "a.keras")], losses(1.0))
