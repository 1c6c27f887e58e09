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


def test_wrong_history():
    with pytest.raises(TypeError, match="received list"):
        keras.explain.training([1.0])
    with pytest.raises(ValueError, match="one value of each metric"):
        keras.explain.training({"loss": [1.0], "mae": []})
