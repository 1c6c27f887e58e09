"""`keras.backend` of Keras 2: every function that it had, and its values where they differ from the operation's."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import _older_names

K = keras.backend
X = np.arange(12.0, dtype="float32").reshape(3, 4)
pytestmark = pytest.mark.filterwarnings("ignore:.*is a name of Keras 2:DeprecationWarning")
# What tf.keras 2.13 lists beside what Keras 3 still has, but for what was gone then (sparse CTC, local convolutions).
LISTED = (
    "abs all any arange argmax argmin batch_dot batch_flatten batch_get_value batch_set_value bias_add "
    "binary_crossentropy cast cast_to_floatx categorical_crossentropy clip concatenate constant conv1d "
    "conv2d conv2d_transpose conv3d cos count_params cumprod cumsum depthwise_conv2d dot dropout dtype "
    "elu equal eval exp expand_dims eye flatten foldl function gather get_value greater greater_equal "
    "hard_sigmoid in_test_phase in_top_k in_train_phase int_shape is_sparse l2_normalize learning_phase "
    "less less_equal log map_fn max maximum mean min minimum moving_average_update ndim not_equal one_hot "
    "ones ones_like permute_dimensions placeholder pool2d pool3d pow print_tensor prod random_bernoulli "
    "random_binomial random_normal random_uniform relu repeat repeat_elements reshape resize_images "
    "reverse round separable_conv2d set_learning_phase set_value shape sigmoid sign sin softmax softplus "
    "softsign sparse_categorical_crossentropy spatial_2d_padding spatial_3d_padding sqrt square squeeze "
    "stack std stop_gradient sum switch tanh temporal_padding tile to_dense transpose truncated_normal "
    "update update_add update_sub var variable zeros zeros_like"
)


@pytest.mark.parametrize("name", LISTED.split())
def test_every_function_is_there(name):
    assert callable(getattr(K, name)) and name not in dir(K)


def _shape_of(x):
    return tuple(np.shape(x))


# Results of tf.keras 2.13.
FACTS = [
    (lambda: K.argmax(X), [3, 3, 3]),
    (lambda: K.cumsum(X)[2], [12, 15, 18, 21]),
    (lambda: K.concatenate([X, X])[0], [0, 1, 2, 3, 0, 1, 2, 3]),
    (lambda: _shape_of(K.expand_dims(X)), [3, 4, 1]),
    (lambda: K.sqrt(np.array([4.0, -1.0])), [2, 0]),
    (lambda: K.hard_sigmoid(np.array([-3.0, 0.0, 1.0])), [0, 0.5, 0.7]),
    (lambda: K.relu(np.array([-2.0, 0.5, 3.0]), alpha=0.1, max_value=2.0), [-0.2, 0.5, 2]),
    (lambda: K.l2_normalize(np.array([3.0, 4.0])), [0.6, 0.8]),
    (lambda: K.gather(X, [2, 0])[0], [8, 9, 10, 11]),
    (lambda: K.in_top_k(X, [3, 0, 2], 1), [True, False, False]),
    (lambda: K.repeat(X[:1], 2)[0, 1], [0, 1, 2, 3]),
    (lambda: K.repeat_elements(X[:1, :2], 2, 1)[0], [0, 0, 1, 1]),
    (lambda: K.batch_dot(X, X)[:, 0], [14, 126, 366]),
    (lambda: _shape_of(K.batch_dot(np.ones((2, 3, 4)), np.ones((2, 4, 5)))), [2, 3, 5]),
    (lambda: _shape_of(K.batch_dot(np.ones((2, 3, 4)), np.ones((2, 5, 4)), axes=2)), [2, 3, 5]),
    (lambda: _shape_of(K.batch_dot(np.ones((2, 3)), np.ones((2, 3, 4)), axes=1)), [2, 4]),
    (lambda: K.temporal_padding(X[None], (1, 0))[0, 1], [0, 1, 2, 3]),
    (lambda: _shape_of(K.spatial_2d_padding(X[None, :, :, None], ((1, 1), (2, 0)))), [1, 5, 6, 1]),
    (lambda: _shape_of(K.resize_images(X[None, :, :, None], 2, 3, "channels_last")), [1, 6, 12, 1]),
    (lambda: K.pool2d(X[None, :, :, None], (2, 2), pool_mode="avg")[0, 0, :, 0], [2.5, 3.5, 4.5]),
    (lambda: K.switch(np.array([True, False, True]), X, -X)[:, 1], [1, -5, 9]),
    (lambda: K.foldl(lambda a, b: a + b, np.array([1.0, 2.0, 3.0])), 6),
    (lambda: K.in_train_phase(1.0, 2.0, training=True), 1),
    (lambda: K.int_shape(keras.Input((None, 3))), [None, None, 3]),
    (lambda: K.tile(np.array([1, 2]), 2), [1, 2, 1, 2]),
    (lambda: K.mean(X, axis=0, keepdims=True), [[4, 5, 6, 7]]),
    (lambda: K.permute_dimensions(X, (1, 0))[0], [0, 4, 8]),
]


@pytest.mark.parametrize("place", range(len(FACTS)))
def test_what_the_functions_make(place):
    make, expected = FACTS[place]
    found = make()
    if isinstance(found, tuple):
        assert list(found) == expected
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_variables_and_functions():
    v = K.variable([1.0, 2.0])
    K.set_value(v, [3.0, 4.0])
    K.update_add(v, [1.0, 1.0])
    K.moving_average_update(v, np.array([0.0, 0.0]), 0.5)
    assert K.get_value(v).tolist() == [2.0, 2.5] and K.count_params(v) == 2
    inputs = keras.Input((2,))
    model = keras.Sequential([inputs, keras.layers.Dense(3), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    inner = K.function([model.inputs[0], K.learning_phase()], [layer.output for layer in model.layers[:2]])
    hidden, dropped = inner([np.ones((4, 2), "float32"), 0])
    np.testing.assert_array_equal(hidden, dropped)
    assert type(hidden) is np.ndarray and hidden.shape == (4, 3)
    optimizer = keras.optimizers.SGD(0.5)
    K.set_value(optimizer.learning_rate, 0.25)
    assert float(optimizer.learning_rate) == 0.25
    with pytest.raises(TypeError, match="needs a variable"):
        K.set_value(0.5, 1.0)
    with pytest.raises(NotImplementedError, match="training=True"):
        K.set_learning_phase(1)


def test_what_is_gone_says_what_to_write():
    for package, name in _older_names._GONE:
        module = keras
        for part in package.split(".")[1:]:
            module = getattr(module, part)
        with pytest.raises(AttributeError, match=r"ended with Keras 2: .*(use|leave|there|YAML)"):
            getattr(module, name)
