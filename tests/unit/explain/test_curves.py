"""What learning curves say."""

import numpy as np
import pytest

import kerasish as keras


def test_of_a_fit():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=3, validation_split=0.25, verbose=0)
    curves = keras.explain.training(history)
    assert curves.epochs == [1, 2, 3]
    assert set(curves.curves) == {"loss", "mae", "val_loss", "val_mae"}
    assert "3 epochs" in str(curves)


@pytest.mark.parametrize(
    ("history", "note"),
    [
        ({"loss": [1.0, 0.5, 0.1], "val_loss": [1.0, 0.6, 0.9]}, "overfitting"),
        ({"loss": [1.0, 2.0, 3.0]}, "went up"),
        ({"loss": [1.0, np.nan, np.nan]}, "not a number from epoch 2"),
        ({"loss": [1.0, 0.8, 0.6]}, "still going down"),
        ({"loss": [0.9**i for i in range(60)]}, "still going down"),  # to 0.002, by a half in the last tenth
        ({"loss": [0.6931, 0.6929, 0.6932, 0.6930]}, "hardly moved, from 0.6931 to 0.693: a new network"),
        ({"loss": [0.7]}, "one epoch is no course"),
        ({"loss": [1.0, 0.2, 0.9]}, "lowest (0.2) after epoch 2 and rose again"),
        ({"loss": [1.0, 0.2, 0.1], "val_loss": [1.0, np.nan, np.nan]}, "val_loss is not a number from epoch 2"),
        ({"loss": [-1.0, -2.0, -3.0], "val_loss": [-1.0, -2.0, -1.0]}, "overfitting"),
    ],
)
def test_notes(history, note):
    assert any(note in text for text in keras.explain.training(history).notes)


def test_a_finished_run_needs_no_note():
    assert (
        keras.explain.training({"loss": [1.0, 0.2, 0.1, 0.1, 0.1], "val_loss": [1.0, 0.3, 0.2, 0.2, 0.2]}).notes == []
    )
    assert keras.explain.training({"accuracy": [0.1, 0.2]}).notes == []
    assert keras.explain.training({"loss": [0.5**i for i in range(60)]}).notes == []
    assert keras.explain.training({"loss": [0.0, 0.0]}).notes == []


def test_validation_of_every_second_epoch():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((8, 2)), np.ones((8, 1))
    history = model.fit(x, y, epochs=5, validation_data=(x, y), validation_freq=2, verbose=0)
    curves = keras.explain.training(history)
    assert curves.places == {"val_loss": [2, 4]} and len(curves.curves["val_loss"]) == 2
    pytest.importorskip("matplotlib")
    lines = curves.plot().axes[0].lines
    assert [line.get_xdata().tolist() for line in lines] == [[1, 2, 3, 4, 5], [2, 4]]


def test_notes_count_the_epochs_of_validation():
    history = {"loss": [1.0, 0.8, 0.6, 0.4, 0.3, 0.2], "val_loss": [0.9, 0.5, 0.7]}
    assert "lowest (0.5) after epoch 4" in keras.explain.training(history).notes[0]


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ({"loss": 1.0}, "a list of numbers for each metric; 'loss' is 1.0"),
        ({"loss": ["a"]}, "a list of numbers for each metric; 'loss' is"),
        ({"loss": [1.0], "f1": [np.ones(2)]}, "a list of numbers for each metric; 'f1' is"),
        ({}, "at least one epoch"),
        ({"loss": []}, "at least one epoch"),
        ({"loss": [1.0] * 5, "val_loss": [1.0] * 3}, "'val_loss' has 3 for 5 epochs"),
    ],
)
def test_histories_that_are_none(history, message):
    with pytest.raises(ValueError, match=message):
        keras.explain.training(history)


def test_wrong_history():
    with pytest.raises(TypeError, match="received list"):
        keras.explain.training([1.0])
    with pytest.raises(ValueError, match="one value of each metric"):
        keras.explain.training({"loss": [1.0], "mae": []})
