"""A recorded step is made anew when what its code reads has changed."""

import numpy as np
import pytest

import kerasish as keras

SCALE = 1.0


class Scaled(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return SCALE * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


class Callable:
    def __call__(self, y_true, y_pred):
        return SCALE * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


@pytest.mark.parametrize("loss", [Scaled(), Callable()], ids=["Loss", "callable"])
def test_a_number_that_the_method_of_a_loss_reads(loss, monkeypatch):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), loss)
    x, y = np.ones((8, 3), "float32"), np.zeros((8, 1), "float32")
    before = model.fit(x, y, epochs=6, verbose=0).history["loss"]
    assert model.why_not_recorded() is None
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    after = model.fit(x, y, epochs=2, verbose=0).history["loss"]
    np.testing.assert_allclose(after, 3 * np.array(before[:2]), rtol=1e-6)
