"""A copied or pickled model goes on training as the original does."""

import copy
import pickle

import numpy as np
import pytest

import kerasish as keras


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.optimizers.Adam(0.01, use_ema=True),
        lambda: keras.optimizers.SGD(0.1, momentum=0.9, gradient_accumulation_steps=2),
        lambda: keras.optimizers.Adagrad(0.1),
        lambda: keras.optimizers.Nadam(0.01),
        lambda: keras.optimizers.Lamb(0.01),
    ],
)
def test_training_goes_on(make, duplicate):
    rng = np.random.default_rng(0)
    x, y = rng.random((40, 3)).astype("float32"), rng.random((40, 2)).astype("float32")
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(2)])
    model.compile(make(), "mse", metrics=["mae"])
    model.fit(x, y, verbose=0, shuffle=False)
    twin = duplicate(model)
    untouched = twin.get_weights()
    first = model.fit(x, y, epochs=3, verbose=0, shuffle=False).history
    for a, b in zip(untouched, twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert twin.fit(x, y, epochs=3, verbose=0, shuffle=False).history == first
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_does_not_decay_stays_so():
    variables = [keras.Variable(np.ones(2, "float32"), name=n) for n in ("kernel", "bias")]
    optimizer = keras.optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[variables[1]])
    optimizer.build(variables)
    twin, own = copy.deepcopy((optimizer, variables))
    twin.apply([np.zeros(2), np.zeros(2)], own)
    assert own[0].numpy()[0] < 1 and own[1].numpy()[0] == 1
    assert variables[0].numpy()[0] == 1
