"""A layer declares the shape that its activation gives."""

import inspect

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops
from kerasish.activations.serialization import NAMES

# The arguments of a layer with an `activation`, and the shape of its input.
LAYERS = {
    "Activation": ({}, (6,)),
    "Dense": ({"units": 4}, (6,)),
    "EinsumDense": ({"equation": "abc,cd->abd", "output_shape": (None, 4)}, (3, 6)),
    "Conv1D": ({"filters": 4, "kernel_size": 2}, (5, 6)),
    "Conv2D": ({"filters": 4, "kernel_size": 2, "data_format": "channels_first"}, (6, 3, 5)),
    "Conv3D": ({"filters": 4, "kernel_size": 2, "padding": "same"}, (2, 2, 2, 6)),
    "Conv1DTranspose": ({"filters": 4, "kernel_size": 2}, (5, 6)),
    "Conv2DTranspose": ({"filters": 4, "kernel_size": 2}, (3, 4, 6)),
    "Conv3DTranspose": ({"filters": 4, "kernel_size": 2, "data_format": "channels_first"}, (6, 2, 2, 3)),
    "DepthwiseConv1D": ({"kernel_size": 2, "depth_multiplier": 2}, (5, 6)),
    "DepthwiseConv2D": ({"kernel_size": 2}, (3, 4, 6)),
    "SeparableConv1D": ({"filters": 4, "kernel_size": 2}, (5, 6)),
    "SeparableConv2D": ({"filters": 4, "kernel_size": 2}, (3, 4, 6)),
}
ACTIVATIONS = {
    "glu": "glu",
    "an operation": ops.glu,
    "both signs": lambda x: ops.concatenate([ops.relu(x), ops.relu(-x)], axis=-1),
    "a part": lambda x: x[..., :1],
    "maxout": lambda x: ops.max(ops.reshape(x, (*ops.shape(x)[:-1], -1, 2)), axis=-1),
    "a layer": layers.Reshape((-1,)),
}


def test_every_layer_with_an_activation_is_listed():
    kinds = {name: getattr(layers, name) for name in layers.__all__}
    made = {kind.__name__ for kind in kinds.values() if isinstance(kind, type) and "activation" in _arguments(kind)}
    recurrent = {name for name in made if issubclass(getattr(layers, name), layers.RNN) or name.endswith("Cell")}
    assert made - recurrent == set(LAYERS)  # a state has the size that the next step takes


def _arguments(kind):
    return inspect.signature(kind).parameters


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", LAYERS)
def test_the_declared_shape_is_that_of_the_values(kind, activation):
    options, shape = LAYERS[kind]
    layer = getattr(layers, kind)(**options, activation=ACTIVATIONS[activation])
    x = np.ones((2, *shape), "float32")
    declared = layer.compute_output_shape(x.shape)
    model = keras.Sequential([keras.Input(shape), layer, layers.Flatten(), layers.Dense(1)])
    assert model.predict(x, verbose=0).shape == (2, 1)
    assert layer(x).shape == declared == (2, *layer.output.shape[1:])


def test_an_unknown_size_stays_unknown():
    assert layers.Activation("glu")(keras.Input((None, None))).shape == (None, None, None)
    assert layers.Conv1D(4, 2, activation="glu")(keras.Input((None, 3))).shape == (None, None, 2)
    assert ops.glu(keras.Input((3, None))).shape == (None, 3, None)


def test_an_odd_width_cannot_be_halved():
    with pytest.raises(ValueError, match="glu halves an axis of even size"):
        layers.Dense(3, activation="glu")(keras.Input((4,)))


def test_a_function_that_takes_no_small_array_keeps_the_shape():
    def hesitant(x):
        if len(x) != 5:
            raise ValueError("five samples, please")
        return x

    layer = layers.Dense(3, activation=hesitant)
    assert layer(keras.Input((4,))).shape == (None, 3)
    assert layer(np.ones((5, 4), "float32")).shape == (5, 3)


def test_the_shape_of_a_known_activation_is_found_without_computing(monkeypatch):
    monkeypatch.setattr("kerasish.layers.base.fused_activation.infer_spec", None)
    for name in sorted(set(NAMES) - {"threshold"}):
        assert layers.Dense(4, activation=name).compute_output_shape((None, 3)) == (None, 2 if name == "glu" else 4)
