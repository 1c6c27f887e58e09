"""The layer that marks steps to be skipped."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend.masks import get_mask
from kerasish.layers import Masking


def test_steps_with_the_value_in_every_feature_are_masked_and_zeroed():
    x = np.array([[[1.0, 2.0], [-1.0, -1.0], [-1.0, 3.0]]], "float32")
    y = Masking(mask_value=-1.0)(x)
    np.testing.assert_array_equal(y, [[[1, 2], [0, 0], [-1, 3]]])
    np.testing.assert_array_equal(get_mask(y), [[True, False, True]])


def test_the_gradient_is_that_of_the_steps_that_count():
    x = np.array([[[1.0, 2.0], [0.0, 0.0]]], "float32")
    with keras.GradientTape() as tape:
        watched = tape.watch(x)
        loss = keras.ops.sum(Masking()(watched) * 3.0)
    np.testing.assert_array_equal(tape.gradient(loss, watched), [[[3, 3], [0, 0]]])


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_shape_dtype_and_config(dtype):
    layer = Masking(mask_value=2.0, dtype=dtype)
    y = layer(keras.Input((5, 3), dtype=dtype))
    assert y.shape == (None, 5, 3) and y.dtype == dtype and get_mask(y).shape == (None, 5)
    assert layer.get_config()["mask_value"] == 2.0
    assert Masking.from_config(layer.get_config()).mask_value == 2.0
