"""Every public layer has its cases, keeps what `check_layer` asks of a layer, and is recorded."""

import numpy as np
import pytest

import kerasish as keras
from tests.layer_cases import CASES, layer_names

L = keras.layers
# What some need not promise, as they do not in Keras.
SKIPPED = {
    "Discretization": ["gradient"],  # where a number falls has none
    "Hashing": ["dtype"],  # numbers of a place are whole, by whatever policy
    "Softmax": ["mask"],  # it masks numbers, not steps
    "SpectralNormalization": ["gradient"],  # the vectors of the power iteration are taken for constants
}


def test_every_layer_has_cases():
    assert set(layer_names()) == set(CASES)


@pytest.mark.parametrize("kind", CASES)
def test_a_layer_is_right(kind):
    case = CASES[kind].in_file
    layer = case.make(keras)
    if isinstance(layer, keras.Layer):  # recorded steps are compared below, with more cases
        keras.utils.check_layer(layer, inputs=case.data(), skip=["recorded", *SKIPPED.get(kind, ())])


def _computes(kind):
    """Whether a layer is a part of a network, rather than of what comes before: tables, texts and pictures."""
    return ".preprocessing." not in getattr(L, kind).__module__ or kind in ("Normalization", "Rescaling")


def _trained(cases, eagerly):
    """A model of some cases side by side, each between layers that are trained, and its losses."""
    keras.utils.set_random_seed(3)
    inputs, outputs = [], []
    for case in cases:
        x = case.symbols(keras)
        inputs += keras.tree.flatten(x)
        if case.of == "float32":
            x = keras.tree.map_structure(lambda t: L.Dense(t.shape[-1])(t) if len(t.shape) > 1 else t, x)
        call = {key: value for key, value in case.call.items() if key != "mask"}
        made = keras.tree.flatten(case.make(keras)(x, **call))
        outputs += [L.Dense(2)(L.Flatten()(keras.ops.cast(y, "float32"))) for y in made]
    model = keras.Model(inputs, outputs)
    model.compile("sgd", ["mse"] * len(outputs), run_eagerly=eagerly)
    data = [x for case in cases for x in keras.tree.flatten(case.data(6))]
    targets = [np.ones((6, 2), "float32")] * len(outputs)
    history = model.fit(data, targets, batch_size=2, epochs=2, shuffle=False, verbose=0)
    return model, history.history["loss"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [kind for kind in CASES if _computes(kind)])
def test_a_recorded_step_is_that_of_the_tape(kind):
    cases = [case for case in CASES[kind].cases if case.shape != ()]
    recorded, losses = _trained(cases, eagerly=False)
    assert recorded.why_not_recorded() is None
    taped, expected = _trained(cases, eagerly=True)
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for a, b in zip(recorded.variables, taped.variables, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-3, atol=1e-4)
