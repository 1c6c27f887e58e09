"""A layer declares the shape that its activation gives."""

import inspect

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops
from kerasish.activations.serialization import NAMES
from tests.layer_cases import CASES

ACTIVATIONS = {
    "glu": "glu",
    "an operation": ops.glu,
    "both signs": lambda x: ops.concatenate([ops.relu(x), ops.relu(-x)], axis=-1),
    "a part": lambda x: x[..., :1],
    "maxout": lambda x: ops.max(ops.reshape(x, (*ops.shape(x)[:-1], -1, 2)), axis=-1),
    "a layer": layers.Reshape((-1,)),
}


# A state has the size that the next step takes: recurrent layers have no such activations.
FUSING = [
    kind
    for kind in CASES
    if "activation" in inspect.signature(getattr(layers, kind)).parameters
    and not getattr(layers, kind).__module__.startswith("kerasish.layers.recurrent")
]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", FUSING)
def test_the_declared_shape_is_that_of_the_values(kind, activation):
    case = CASES[kind].cases[0]  # of an even number of channels, as each of these asks for
    layer = case.make(keras, activation=ACTIVATIONS[activation])
    x = case.data()
    declared = layer.compute_output_shape(x.shape)
    model = keras.Sequential([case.symbols(keras), layer, layers.Flatten(), layers.Dense(1)])
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
