"""Tracebacks show the caller's lines and the last of the library's; warnings name the caller's."""

import traceback
import warnings

import numpy as np
import pytest

import kerasish as keras

X, LABELS = np.zeros((8, 4), "float32"), np.arange(8) % 3


@pytest.fixture
def filtered():
    keras.config.enable_traceback_filtering()
    yield
    keras.config.disable_traceback_filtering()


def made(*layers, loss="mse"):
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile("sgd", loss)
    return model


def files_of(error):
    return [frame.filename == __file__ for frame in traceback.extract_tb(error.__traceback__)]


def test_of_the_library_the_last_line_is_shown(filtered):
    model = made(keras.layers.Dense(3, "softmax"), loss="categorical_crossentropy")
    for method in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(ValueError, match="sparse") as info:
            method(X, LABELS)
        assert files_of(info.value) == [True, False]
    for method in (model.predict, model.predict_on_batch, model.layers[0]):
        with pytest.raises(ValueError, match="axis -1") as info:
            method(X[:, :3])
        assert files_of(info.value) == [True, False]


def test_all_lines_on_request():
    with pytest.raises(ValueError, match="axis -1") as info:
        made(keras.layers.Dense(3)).predict(X[:, :3])
    assert len(files_of(info.value)) > 4


class Failing(keras.layers.Layer):
    fails = False

    def call(self, x):
        if not self.fails:
            return x
        try:
            return {}["key"]
        except KeyError as error:
            raise RuntimeError("of one's own") from error


def test_ones_own_lines_and_causes_stay(filtered):
    model = made(Failing(), keras.layers.Dense(1))
    model.layers[0].fails = True
    with pytest.raises(RuntimeError, match="own") as info:
        model.fit(X, LABELS, verbose=0)
    assert files_of(info.value) == [True, True]
    assert isinstance(info.value.__cause__, KeyError)


def test_a_cause_that_is_told_already_is_not_shown_again(filtered, tmp_path):
    model = keras.Sequential([keras.Input((4,)), Failing()])
    model.save(tmp_path / "own.keras")
    with pytest.raises(ValueError, match="unknown class 'Failing'") as info:
        keras.models.load_model(tmp_path / "own.keras")
    assert info.value.__cause__ is None and info.value.__suppress_context__
    assert files_of(info.value) == [True, False]


def test_an_error_may_be_its_own_cause(filtered):
    error = ValueError("mine")
    with pytest.raises(ValueError, match="mine"):
        made(keras.layers.Lambda(lambda x: x), keras.layers.Dense(1)).fit(raising(error), verbose=0)


def raising(error):
    yield X, X[:, :1]
    raise error from error


@pytest.mark.parametrize("callback", ["EarlyStopping", "ReduceLROnPlateau"])
def test_a_warning_names_the_callers_line(callback):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        made(keras.layers.Dense(1)).fit(
            X, X[:, :1], verbose=0, callbacks=[getattr(keras.callbacks, callback)(monitor="val_acc", mode="max")]
        )
    assert [warning.filename for warning in told] == [__file__]
