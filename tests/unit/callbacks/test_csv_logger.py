import numpy as np
import pytest

from kerasish.callbacks import CSVLogger, LambdaCallback

EPOCHS = [{"loss": 2.0, "acc": 0.5}, {"loss": 1.0, "acc": 0.75}]


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def test_a_line_for_each_epoch(model, fit, tmp_path):
    path = tmp_path / "log.csv"
    fit(model, [CSVLogger(path)], [{**logs, "val_loss": 3.0} for logs in EPOCHS])
    assert lines(path) == ["epoch,acc,loss,val_loss", "0,0.5,2.0,3.0", "1,0.75,1.0,3.0"]


def test_validation_that_comes_only_in_some_epochs(model, fit, tmp_path):
    path = tmp_path / "log.csv"
    fit(model, [CSVLogger(str(path))], [{"loss": 2.0}, {"loss": 1.0, "val_loss": 3.0}])
    assert lines(path) == ["epoch,loss,val_loss", "0,2.0,NA", "1,1.0,3.0"]


def test_a_separator_and_a_value_that_is_a_list(model, fit, tmp_path):
    path = tmp_path / "log.csv"
    fit(model, [CSVLogger(path, separator=";")], [{"loss": 1.0, "per_class": np.array([0.5, 1.0]), "name": "a"}])
    assert lines(path)[0] == "epoch;loss;name;per_class;val_loss;val_name;val_per_class"
    assert lines(path)[1] == '0;1.0;a;"""[0.5, 1.0]""";NA;NA;NA'


@pytest.mark.parametrize("append, expected", [(True, [0, 1, 0, 1]), (False, [0, 1])])
def test_a_file_that_exists(model, fit, tmp_path, append, expected):
    path = tmp_path / "log.csv"
    for _ in range(2):
        fit(model, [CSVLogger(path, append=append)], EPOCHS)
    header, *rest = lines(path)
    assert header == "epoch,acc,loss,val_acc,val_loss"
    assert [int(line.split(",")[0]) for line in rest] == expected


def test_appending_to_an_empty_file_begins_with_the_names(model, fit, tmp_path):
    path = tmp_path / "log.csv"
    path.touch()
    fit(model, [CSVLogger(path, append=True)], EPOCHS)
    assert lines(path)[0].startswith("epoch,")


def test_a_line_is_on_disk_when_its_epoch_ends(model, fit, tmp_path):
    path = tmp_path / "log.csv"
    seen = []
    look = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(len(lines(path))))
    fit(model, [CSVLogger(path), look], EPOCHS)
    assert seen == [2, 3]


def test_an_epoch_before_training_is_an_error(tmp_path):
    with pytest.raises(RuntimeError, match="on_train_begin"):
        CSVLogger(tmp_path / "log.csv").on_epoch_end(0, {})
