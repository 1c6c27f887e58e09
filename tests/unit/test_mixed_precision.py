"""The older names of the dtype policies."""

import numpy as np
import pytest

import kerasish as keras


@pytest.fixture(autouse=True)
def default_policy():
    yield
    keras.config.set_dtype_policy("float32")


def test_the_names_mean_what_keras_config_means():
    old = keras.mixed_precision
    assert old.global_policy is old.dtype_policy is keras.config.dtype_policy
    assert old.set_global_policy is old.set_dtype_policy is keras.config.set_dtype_policy
    assert old.Policy is old.DTypePolicy is keras.DTypePolicy
    assert old.LossScaleOptimizer is keras.optimizers.LossScaleOptimizer
    with pytest.raises(AttributeError, match="set_global_policy"):
        _ = old.set_global_polic


def test_a_model_of_mixed_float16():
    keras.mixed_precision.set_global_policy("mixed_float16")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1, dtype="float32")])
    model.compile("adam", "mse")
    model.fit(np.ones((8, 3)), np.ones((8, 1)), verbose=0)
    hidden = model.layers[0]
    assert (hidden.compute_dtype, hidden.variable_dtype, hidden.kernel.dtype) == ("float16", "float32", "float32")
    assert hidden(np.ones((2, 3))).dtype == "float16" and model.predict(np.ones((2, 3)), verbose=0).dtype == "float32"
    assert isinstance(model.optimizer, keras.mixed_precision.LossScaleOptimizer)
