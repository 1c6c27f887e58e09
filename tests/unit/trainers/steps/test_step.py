"""One training step: what it says of variables that it cannot change."""

import warnings

import numpy as np
import pytest

import kerasish as keras

X, Y = np.ones((6, 3), "float32"), np.ones((6, 1), "float32")


class Cut(keras.layers.Layer):
    """Lets no gradient pass."""

    def call(self, inputs):
        return keras.ops.stop_gradient(inputs)


def model_with_a_cut(eagerly: bool, own: bool) -> keras.Model:
    entrance = keras.Input((3,))
    hidden = keras.layers.Dense(2, name="below")(entrance)
    cut = Cut()(hidden) if own else keras.ops.stop_gradient(hidden)
    model = keras.Model(entrance, keras.layers.Dense(1, name="above")(cut))
    model.compile("adam", "mse", run_eagerly=eagerly)
    return model


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("eagerly", [False, True])
def test_a_variable_without_a_gradient_is_named_and_stays(eagerly: bool, own: bool) -> None:
    model = model_with_a_cut(eagerly, own)
    below, above = (layer.get_weights()[0] for layer in (model.get_layer("below"), model.get_layer("above")))
    with pytest.warns(UserWarning, match=r"'below/kernel', 'below/bias': they get no gradient") as caught:
        model.fit(X, Y, epochs=2, verbose=0)
    assert "above" not in str(caught[0].message)
    assert np.array_equal(below, model.get_layer("below").get_weights()[0])
    assert not np.array_equal(above, model.get_layer("above").get_weights()[0])


def test_nothing_is_said_where_every_variable_learns() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, "relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, Y, epochs=2, verbose=0)


def test_the_search_for_a_scale_of_the_loss_is_quiet() -> None:
    keras.utils.set_random_seed(0)
    policy = keras.mixed_precision.Policy("mixed_float16")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, dtype=policy), keras.layers.Dense(1)])
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.01), initial_scale=2.0**20), "mse")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = model.fit(X, Y, epochs=12, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
