import numpy as np
import pytest

import kerasish as keras


def test_options_belong_to_the_inner_optimizer():
    inner = keras.optimizers.SGD(0.1)
    with pytest.raises(ValueError, match="takes no clipnorm; set it on the inner optimizer"):
        keras.optimizers.LossScaleOptimizer(inner, clipnorm=1.0)
    with pytest.raises(ValueError, match="always dynamic"):
        keras.optimizers.LossScaleOptimizer(inner, dynamic=False)
    with pytest.raises(ValueError, match="does not know the argument 'speed'"):
        keras.optimizers.LossScaleOptimizer(inner, speed=1)
    keras.optimizers.LossScaleOptimizer(inner, use_ema=False, ema_momentum=0.99, weight_decay=None)


def test_learning_rate_is_the_inner_ones():
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1, loss_scale_factor=8.0))
    assert optimizer.inner_optimizer.loss_scale_factor is None
    optimizer.learning_rate = 0.25
    assert float(optimizer.learning_rate) == float(optimizer.inner_optimizer.learning_rate) == 0.25


@pytest.mark.filterwarnings("ignore:invalid value")
def test_scale_changes_while_a_model_learns():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), 4.0, dynamic_growth_steps=2)
    model.compile(optimizer, "mse")
    x = np.ones((12, 2), "float32")
    x[5] = np.inf
    model.fit(x, np.ones((12, 1)), batch_size=2, shuffle=False, verbose=0)
    assert np.isfinite(model.get_weights()[0]).all()
    assert int(optimizer.iterations) == 5
    assert float(optimizer.dynamic_scale) == 4.0 * 2 * 0.5 * 2


def test_compile_wraps_the_optimizer_of_float16():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, dtype="mixed_float16")], name="m")
    model.compile("sgd", "mse")
    assert type(model.optimizer) is keras.optimizers.SGD
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        assert type(model.optimizer) is keras.optimizers.LossScaleOptimizer
        assert model.get_compile_config()["optimizer"]["class_name"] == "SGD"
        model.compile("sgd", "mse", auto_scale_loss=False)
        assert type(model.optimizer) is keras.optimizers.SGD
    finally:
        keras.config.set_dtype_policy("float32")


def test_config_makes_it_anew():
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.5, beta_1=0.8), 16.0, 7, name="scaled")
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    assert again.inner_optimizer.beta_1 == 0.8
