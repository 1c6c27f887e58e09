"""Text as data: taken by models that begin with text, refused by others."""

import numpy as np
import pandas as pd
import pytest

import kerasish as keras
from kerasish import layers

TEXT = np.array(["red", "green", "blue", "red"])
Y = np.array([1.0, 0.0, 0.0, 1.0])


def _model(shape=(1,)):
    lookup = layers.StringLookup(vocabulary=["red", "green"], output_mode="multi_hot")
    model = keras.Sequential([keras.Input(shape, dtype="string"), lookup, layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def _generated():
    while True:
        yield TEXT[:, None], Y


@pytest.mark.parametrize(
    "x",
    [
        TEXT[:, None], TEXT[:, None].astype(object), TEXT[:, None].astype("S"), [[word] for word in TEXT.tolist()],
        TEXT[:, None].astype(np.dtypes.StringDType()), pd.Series(TEXT), pd.Series(TEXT, dtype="category"),
    ],
)  # fmt: skip
def test_a_model_that_begins_with_text(x):
    model = _model()
    history = model.fit(x, Y, epochs=3, batch_size=2, validation_split=0.25, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] and len(history["val_loss"]) == 3
    np.testing.assert_allclose(model.predict(x, verbose=0), model(TEXT[:, None]), rtol=1e-6)
    assert np.isfinite(model.evaluate(x, Y, verbose=0))
    assert model.predict_on_batch(x).shape == (4, 1)
    model.train_on_batch(x, Y)


def test_text_that_is_generated():
    history = _model().fit(_generated(), steps_per_epoch=3, epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0]


def test_text_beside_numbers():
    color, size = keras.Input((), dtype="string", name="color"), keras.Input((2,), name="size")
    known = layers.StringLookup(vocabulary=["red"], output_mode="one_hot")(color)
    model = keras.Model({"color": color, "size": size}, layers.Dense(1)(layers.Concatenate()([known, size])))
    model.compile("sgd", "mse")
    x = {"color": TEXT, "size": np.ones((4, 2))}
    assert np.isfinite(model.fit(x, Y, verbose=0).history["loss"][0])
    with pytest.raises(ValueError, match="the input 'size' takes float32 values; received dtype object"):
        model.predict({"color": TEXT, "size": np.array([["1", "2"]] * 4)}, verbose=0)


@pytest.mark.parametrize("begin", [[], [keras.Input((1,))]])
def test_a_model_that_begins_with_numbers(begin):
    model = keras.Sequential([*begin, layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"computes with numbers.*'red'.*StringLookup"):
        model.fit(TEXT[:, None], Y, verbose=0, shuffle=False)
    with pytest.raises(ValueError, match=r"computes with numbers.*'red'.*StringLookup"):
        layers.Dense(1)(TEXT[:, None])


def test_what_is_not_all_text_is_refused_as_before():
    with pytest.raises(ValueError, match=r"x has dtype object"):
        _model().fit(np.array([["red"], [None]], object), Y[:2], verbose=0)
    with pytest.raises(ValueError, match="y holds <U5"):
        _model().fit(TEXT[:, None], TEXT, verbose=0)


class Letters(layers.Layer):
    """A layer of the caller's."""

    def call(self, inputs):
        return np.char.str_len(inputs.astype(str)).astype("float32")


def test_a_layer_of_the_callers_gets_text_as_it_is():
    assert Letters()(TEXT).tolist() == [3, 5, 4, 3]
