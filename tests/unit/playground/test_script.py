"""Scripts: what they train predicts what is drawn, and they read back as the settings that they were written from."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kerasish.playground import catalogue, network, script
from kerasish.playground.reading import read
from kerasish.playground.settings import checked

DENSE = {"kind": "dense", "units": 3, "activation": "tanh"}
OPTIONS = ("beta_1", "rho", "nesterov", "amsgrad", "centered", "clipnorm", "weight_decay", "relative_step")
OWN = [[0.1, 1.7, 0], [-2.3, 0.25, 1], [3, 1e-3, 1], [4, 4, 0], [-1, -1, 1]]


def trained_by(text):
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text.replace("shuffle=False", "shuffle=False, verbose=0"), "script", "exec"), names)
    return names["model"]


@pytest.mark.parametrize(
    "settings",
    [
        {"layers": [DENSE, {"kind": "dropout", "rate": 0.3}, {"kind": "batch_normalization"}, DENSE]},
        {"data": "spiral", "classes": 3, "features": list(catalogue.FEATURES), "regularization": "l1_l2"},
        {"data": "circle", "classes": 4, "loss": "categorical_crossentropy", "optimizer": "muon"},
        {
            "data": "gauss",
            "loss": "hinge",
            "optimizer": "adam",
            "optimizer_options": {"amsgrad": True, "clipnorm": 0.5},
        },
        {"data": "regression_gauss", "initializer": "he_normal", "train_share": 0.37, "optimizer": "schedulefreeadamw"},
        {"data": "own", "points": OWN, "batch_size": 2},
    ],
    ids=lambda settings: str(settings)[:40],
)
def test_what_the_script_trains_predicts_what_is_drawn_to_the_bit(engine, settings):
    assert "error" not in engine("set", settings=settings)
    for _ in range(4):
        engine("step")
    subject = engine.engine.subject
    rows = subject.picture.inputs(20)
    drawn = subject.model.predict(rows, verbose=0)
    np.testing.assert_array_equal(trained_by(subject.script()).predict(rows, verbose=0), drawn)
    engine("edit", layer=0, weight=0, index=[0, 0], value=0.1)
    np.testing.assert_array_equal(
        trained_by(engine("script")["script"]["text"]).predict(rows, verbose=0), subject.model.predict(rows, verbose=0)
    )


def test_the_script_is_keras_own_spelling(engine):
    engine("step")
    assert engine.engine.state()["script"] == EXPECTED


EXPECTED = """\
import numpy as np

import kerasish as keras  # or: import keras
from kerasish_datasets import playground

# Points of the plane, and what is wanted at each of them.
x, y = playground.xor(n=200, noise=0.1, seed=0)
cut = round(0.5 * len(x))
x_train, x_test = x[:cut], x[cut:]
y_train, y_test = y[:cut], y[cut:]

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((2,)),
        keras.layers.Dense(4, activation="tanh"),
        keras.layers.Dense(2, activation="tanh"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.03, momentum=0.9),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)

model.fit(x_train, y_train, batch_size=10, epochs=1, shuffle=False)

print(model.evaluate(x_test, y_test))
"""


def _number(name):
    low, high = catalogue.LIMITS[name]
    return st.floats(low, min(high, 10.0))


def _whole(name):
    low, high = catalogue.LIMITS[name]
    return st.integers(int(low), int(high))


_LAYER = st.one_of(
    st.builds(
        lambda units, activation: {"kind": "dense", "units": units, "activation": activation},
        _whole("units"),
        st.sampled_from(catalogue.ACTIVATIONS),
    ),
    st.builds(lambda rate: {"kind": "dropout", "rate": rate}, _number("rate")),
    st.just({"kind": "batch_normalization"}),
)


@st.composite
def random_settings(draw):
    problem = draw(st.sampled_from(list(catalogue.PROBLEMS)))
    data = draw(st.sampled_from(catalogue.PROBLEMS[problem]))
    classes = draw(_whole("classes")) if data in ("own", *catalogue.MANY_CLASSES) else 2
    optimizer = draw(st.sampled_from(list(catalogue.OPTIMIZERS)))
    label = st.integers(0, classes - 1).map(float) if problem == "classification" else st.floats(-2, 2)
    options = {}
    for name, default in catalogue.optimizer_options(optimizer).items():
        if name in OPTIONS and draw(st.booleans()):
            options[name] = draw(st.booleans() if isinstance(default, bool) else st.floats(0.125, 0.5))
    losses = ["auto", *catalogue.losses_for(problem, classes)]
    made = {
        "problem": problem,
        "data": data,
        "points": draw(st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6), label).map(list), max_size=4)),
        "classes": classes,
        "features": draw(st.lists(st.sampled_from(list(catalogue.FEATURES)), min_size=1, unique=True)),
        "layers": draw(st.lists(_LAYER, max_size=4)),
        "output_activation": draw(st.sampled_from(["auto", "sigmoid", "softmax", "linear", "tanh"])),
        "initializer": draw(st.sampled_from(catalogue.INITIALIZERS)),
        "loss": draw(st.sampled_from(losses)),
        "optimizer": optimizer,
        "optimizer_options": options,
        "regularization": draw(st.sampled_from(list(catalogue.REGULARIZATIONS))),
    }
    for name in ("noise", "train_share", "learning_rate", "momentum", "regularization_rate"):
        made[name] = draw(_number(name))
    for name in ("samples", "data_seed", "batch_size", "seed"):
        made[name] = draw(_whole(name))
    return checked(made, catalogue.DEFAULTS)


@given(settings=random_settings(), epoch=st.integers(0, 500), by_hand=st.booleans())
@hypothesis_settings(max_examples=40, deadline=None)
def test_a_script_reads_as_the_settings_that_it_was_written_from(settings, epoch, by_hand):
    shapes = network.weight_shapes(settings)
    values = [np.nan, np.inf, -np.inf, 1e-45, 0.1, -3.4028235e38]
    weights = [np.resize(np.array(values, "float32"), shape) for shape in shapes] if by_hand else None
    found = read(script.write(settings, epoch, weights), catalogue.DEFAULTS)
    assert found.marks == []
    assert network.essential(found.settings) == network.essential(settings)
    if by_hand:
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found.weights, weights, strict=True))
    else:
        assert found.weights is None
