"""The state of a model as a tree, with the keys that Keras gives it."""

import keras
import numpy as np

import kerasish


def keys(tree):
    return {key: keys(value) if isinstance(value, dict) else np.shape(value) for key, value in tree.items()}


def test_the_same_keys_and_shapes():
    trees = []
    for lib in (keras, kerasish):
        layers = [lib.layers.Dense(3, name="hidden"), lib.layers.BatchNormalization(name="norm")]
        model = lib.Sequential([lib.Input((2,)), *layers, lib.layers.Dense(1, name="top")], name="net")
        model.compile(lib.optimizers.Adam(name="adam"), "mse", metrics=["mae"])
        model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
        trees.append(model.get_state_tree())
    assert keys(trees[1]) == keys(trees[0])
