"""Small models of every kind that an explanation must understand, with data for them."""

import numpy as np

import kerasish as keras
from kerasish_datasets import playground

ACTIVATIONS = ["linear", "relu", "tanh", "sigmoid", "elu", "gelu", "mish", "softplus", "leaky_relu", "hard_sigmoid"]


def points(n=16):
    """Points in a plane with their classes."""
    return playground.circle(n, seed=0)


class Net(keras.Model):
    """A subclassed model, whose layers are found as attributes."""

    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(4, activation="tanh")
        self.top = keras.layers.Dense(1)

    def call(self, inputs):
        return self.top(self.hidden(inputs))


class Scale(keras.Layer):
    """A layer of the user's own, without a kernel."""

    def build(self, input_shape):
        self.factor = self.add_weight(shape=input_shape[-1:], initializer="ones")

    def call(self, inputs):
        return np.tanh(inputs * self.factor)


def _sequential(*layers):
    return keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1)])


def _functional():
    inputs = keras.Input((2,))
    low = keras.layers.Dense(3, activation="tanh")(inputs)
    high = keras.layers.Dense(3, activation="relu")(low)
    return keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Add()([low, high])))


def _nested():
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, activation="sigmoid")])
    return _sequential(keras.layers.Dense(3, activation="tanh"), inner)


def _shared():
    layer = keras.layers.Dense(2, activation="tanh")
    inputs = keras.Input((2,))
    return keras.Model(inputs, keras.layers.Dense(1)(layer(layer(inputs))))


MODELS = {
    "sequential": lambda: _sequential(keras.layers.Dense(4, activation="sigmoid")),
    "no bias": lambda: _sequential(keras.layers.Dense(4, activation="relu", use_bias=False)),
    "activation layer": lambda: _sequential(keras.layers.Dense(4), keras.layers.Activation("tanh")),
    "relu layer": lambda: _sequential(keras.layers.Dense(4), keras.layers.LeakyReLU()),
    "batch norm": lambda: _sequential(keras.layers.Dense(4), keras.layers.BatchNormalization()),
    "dropout": lambda: _sequential(keras.layers.Dense(4, activation="relu"), keras.layers.Dropout(0.5, seed=1)),
    "regularized": lambda: _sequential(keras.layers.Dense(4, kernel_regularizer="l2", activity_regularizer="l1")),
    "softmax inside": lambda: _sequential(keras.layers.Dense(3, activation="softmax")),
    "own layer": lambda: _sequential(Scale()),
    "subclass": Net,
    "functional": _functional,
    "nested": _nested,
    "shared": _shared,
}


def make(name):
    """One of the models, with a start that does not change, built and compiled."""
    keras.utils.set_random_seed(7)
    model = MODELS[name]()
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    model(points()[0])
    return model
