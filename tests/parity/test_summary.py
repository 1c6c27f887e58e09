"""What `model.summary()` prints, against Keras's own table."""

import keras
import numpy as np
import pytest

import kerasish

pytestmark = pytest.mark.parity

LONG = "a_very_long_name_for_a_layer_that_is_cut_somewhere_surely"


def digits(k):
    L = k.layers
    return k.Sequential(
        [
            k.Input((28, 28)), L.Flatten(name="flat"), L.Dense(512, "relu", name="hidden"), L.Dropout(0.2, name="rest"),
            L.BatchNormalization(name="batch_normalization"), L.Dense(10, name=LONG),
        ],
        name="digits",
    )  # fmt: skip


def frozen(k):
    model = digits(k)
    model.layers[1].trainable = False
    return model


def trained(k):
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3, name="a"), k.layers.Dense(1, name="b")], name="trained")
    model.compile("adam", "mse")
    model.fit(np.ones((4, 4)), np.ones((4, 1)), verbose=0)
    return model


def nested(k):
    inner = digits(k)
    return k.Sequential([k.Input((28, 28)), inner, k.layers.Dense(2, name="top")], name="nested")


def unbuilt(k):
    return k.Sequential([k.layers.Dense(3, name="a"), k.layers.Flatten(name="b")], name="unbuilt")


def of_known_batch(k):
    model = unbuilt(k)
    model.build((2, 4))
    return model


def empty(k):
    return k.Sequential(name="empty")


def sequences(k):
    L = k.layers
    return k.Sequential(
        [
            k.Input((None,), dtype="int32"), L.Embedding(2000, 64, name="words"), L.LayerNormalization(name="norm"),
            L.ReLU(name="relu"), L.UpSampling1D(name="up"), L.Permute((2, 1), name="turned"),
        ],
        name="sequences",
    )  # fmt: skip


def subclassed(k):
    class Net(k.Model):
        def __init__(self):
            super().__init__(name="net")
            self.hidden = k.layers.Dense(3, name="hidden")
            self.top = k.layers.Dense(1, name="top")

        def call(self, inputs):
            return self.top(self.hidden(inputs))

    return Net()


def called(k):
    model = subclassed(k)
    model(np.ones((2, 4), "float32"))
    return model


def branches(k):
    L = k.layers
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    shared = L.Dense(3, name="shared")
    left, right = shared(a), shared(b)
    both = L.Add(name="add")([left, right])
    merged = 2.0 * L.Concatenate(name="merged")([both, left])
    return k.Model([a, b], [L.Dense(1, name="top")(merged), L.Flatten(name="flat")(both)], name="branches")


def chain(k):
    a = k.Input((4,), name="a")
    return k.Model(a, k.layers.Dense(2, name="top")(k.ops.relu(k.layers.Dense(3, name="bottom")(a))), name="chain")


def branches_within(k):
    a, b = k.Input((4,), name="first"), k.Input((4,), name="second")
    outputs = branches(k)([a, b])
    return k.Model([a, b], k.layers.Add(name="sum")(outputs), name="outer")


def large(k):
    return k.Sequential([k.Input((300,)), k.layers.Dense(4000, name="a"), k.layers.Dense(700, name="b")], name="big")


MODELS = [
    digits,
    frozen,
    trained,
    nested,
    unbuilt,
    of_known_batch,
    empty,
    sequences,
    subclassed,
    called,
    branches,
    chain,
    branches_within,
]
ARGUMENTS = [
    {},
    {"expand_nested": True},
    {"show_trainable": True},
    {"expand_nested": True, "line_length": 79},
    {"line_length": 60},
    {"positions": [0.3, 0.6, 1.0]},
    {"positions": [0.3, 0.5, 0.7]},
    {"positions": [0.2, 0.5, 0.6], "line_length": 71, "show_trainable": True},
]


def _text(model, arguments):
    texts = []
    model.summary(print_fn=texts.append, **arguments)
    return texts[0]


@pytest.mark.parametrize("make", MODELS, ids=lambda f: f.__name__)
def test_the_text_is_equal(make, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for package in (kerasish, keras):
        package.utils.clear_session(free_memory=False)  # automatic names start anew
    ours, theirs = make(kerasish), make(keras)
    for arguments in ARGUMENTS:
        if make.__name__.startswith("branches") and "positions" in arguments:
            continue  # they are of three columns
        assert _text(ours, arguments) == _text(theirs, arguments), arguments


def test_a_range_of_layers_is_equal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    ours, theirs = digits(kerasish), digits(keras)
    for names in (["hidden", "rest"], ["rest", "hidden"], ["[bf].*", "rest"]):
        assert _text(ours, {"layer_range": names}) == _text(theirs, {"layer_range": names})


def test_mistakes_raise_the_same_kind_of_error():
    for arguments in ({"layer_range": ["hidden"]}, {"layer_range": ["x", "y"]}, {"positions": [0.01, 0.6, 1.0]}):
        for package in (keras, kerasish):
            with pytest.raises(ValueError):
                _text(digits(package), arguments)


def test_large_numbers_are_equal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert _text(large(kerasish), {}) == _text(large(keras), {})
