"""Edited scripts: read into settings, marked where the page cannot show them, and never run."""

import numpy as np
import pytest

from kerasish.playground import engine as engines
from kerasish.playground.catalogue import DEFAULTS
from kerasish.playground.engine import Engine
from kerasish.playground.reading import read
from kerasish.playground.script import write


def marked(text):
    """The marks of a script as pairs of the text that is marked and the message."""
    found = read(text, DEFAULTS)
    assert found.settings is None and found.marks
    lines = text.splitlines()
    for mark in found.marks:
        assert mark["line"] == mark["end_line"] or mark["column"] >= 0
    return [(lines[m["line"] - 1][m["column"] : m["end_column"]], m["message"]) for m in found.marks]


def test_other_spellings_of_the_same():
    text = """
'''My network.'''
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from keras.layers import Dense, Activation
from kerasish_datasets.playground import circle

rate, units = 0.5, 3
units = 6
x, y = circle(100, seed=4)
model = keras.models.Sequential()
model.add(keras.Input(shape=(2,)))
model.add(Dense(units, "relu", kernel_initializer=keras.initializers.HeNormal()))
model.add(layers.Dropout(0.25))
model.add(tf.keras.layers.Dense(1, kernel_initializer="he_normal"))
model.add(Activation(keras.activations.sigmoid))
model.compile("adam", keras.losses.BinaryCrossentropy(), metrics=["accuracy"])
model.summary()
history = model.fit(x_train, y_train, epochs=3, shuffle=False, validation_data=(x_test, y_test))
print("done")
""".replace("rate, units = 0.5, 3\n", "")
    found = read(text, DEFAULTS)
    assert found.marks == []
    settings = found.settings
    assert (settings["data"], settings["samples"], settings["data_seed"], settings["noise"]) == ("circle", 100, 4, 0.1)
    assert settings["layers"] == [
        {"kind": "dense", "units": 6, "activation": "relu"},
        {"kind": "dropout", "rate": 0.25},
    ]
    assert (settings["initializer"], settings["output_activation"], settings["loss"]) == ("he_normal", "auto", "auto")
    assert (settings["optimizer"], settings["learning_rate"], settings["batch_size"]) == ("adam", 0.001, 32)


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ('"tanh"', '"tahn"', 'keras.layers.Dense(4, activation="tahn")', "did you mean 'tanh'"),
        ("Dense(4", "Dense(400", 'keras.layers.Dense(400, activation="tanh")', "from 1 to 16"),
        ("seed=0)", "seed=-1)", "-1", "data_seed: must be a whole number"),
        ("momentum=0.9", "momentum=9", "9", "momentum: must be from 0 to 1"),
        ("learning_rate=0.03", "learning_rate=schedule()", "schedule()", "a plain number"),
        ("SGD(", "LBFGS(", "keras.optimizers.LBFGS(learning_rate=0.03, momentum=0.9)", "SGD, RMSprop"),
        ("learning_rate=0.03", "rate=0.03", "rate=0.03", "these arguments: learning_rate"),
        ("import numpy as np", "import os", "import os", "scripts that import numpy, keras"),
        ("keras.Input((2,))", "keras.Input((3,))", "keras.Input((3,))", "there are 2 features"),
        ('Dense(1, activation="sigmoid")', "Dense(2)", "keras.layers.Dense(2)", "two classes have one output"),
        ('Dense(1, activation="sigmoid")', "Dense(3)", "keras.layers.Dense(3)", "the data has 2 classes"),
        ("Dense(2", "LSTM(2", 'keras.layers.LSTM(2, activation="tanh")', "layers Input, Dense"),
        ("playground.xor", "playground.exec", "playground.exec(n=200, noise=0.1, seed=0)", "no data set 'exec'"),
        (", shuffle=False", "", "model.fit(x_train, y_train, batch_size=10, epochs=0)", "shuffle=False"),
        ("x_train, y_train, batch", "x, y, batch", "x", "trains on x_train"),
        ("cut = round(0.5 * len(x))", "cut = round(half * len(x))", "round(half * len(x))", "round(0.5 * len(x))"),
        ("model.compile(", "model.build(); model.compile(", "model.build()", "cannot show this"),
        ('loss="binary_crossentropy"', 'loss="mape"', '"mape"', "loss: there is no 'mape'"),
        ("keras.utils.set_random_seed(0)", "for _ in x: pass", "for _ in x: pass", "cannot show this statement"),
    ],
)
def test_what_the_page_cannot_show_is_marked_where_it_stands(old, new, place, says):
    text = write(DEFAULTS)
    assert text.count(old) >= 1
    marks = marked(text.replace(old, new, 1))
    assert [m for m in marks if m[0] == place and says in m[1]], marks


def test_one_rate_of_regularization_for_both_kinds():
    text = write({**DEFAULTS, "layers": [], "regularization": "l1_l2", "regularization_rate": 0.25})
    assert read(text, DEFAULTS).settings["regularization_rate"] == 0.25
    marks = marked(text.replace("l1=0.25", "l1=0.5"))
    assert [place for place, _ in marks] == ["keras.regularizers.L1L2(l1=0.5, l2=0.25)"]


def test_every_wrong_statement_is_marked():
    assert [place for place, _ in marked("import os\nx = 1\n'é'; os.remove(x)\nprint(open('x'))")] == [
        "import os",
        "os.remove(x)",
        "print(open('x'))"[6:-1],
    ]


HOSTILE = [
    "__import__('os').system('touch /tmp/ran')",
    "x = __import__('os')",
    "model = (lambda: open('/etc/passwd'))()",
    "print(open('/etc/passwd').read())",
    "print(f'{exit()}')",
    "[exit() for _ in [1]]",
    "x = [exit()]",
    "x, y = playground.xor(n=exit())",
    "model = keras.Sequential([exit()])",
    "model = keras.Sequential([*exit()])",
    "model.compile(optimizer=exit(), loss='mse')",
    "model.compile(**exit())",
    "model.set_weights([np.array(exit())])",
    "model.set_weights([np.array([[1, 2], [3]])])",
    "keras.utils.set_random_seed(9**9**9)",
    "keras.utils.set_random_seed(" + "9" * 5000 + ")",
    "keras.utils.set_random_seed(1e999)",
    "class A: x = exit()",
    "def f(x=exit()): pass",
    "@exit\nclass A: pass",
    "assert exit()",
    "global x",
    "from keras import *",
    "from . import x",
    "\0",
    "(" * 5000,
    "-" * 20000 + "1",
    "x = " + "-" * 20000 + "1",
    "x" + ".a" * 20000,
    "print(" + "1+" * 20000 + "1)",
    "not " * 20000 + "1",
    "model = keras.Sequential(" + "[" * 150 + "]" * 150 + ")",
    "x = '\ud800'",
    "'" * 3,
    "x, y = table[:, :2]",
    "table = np.array([[1, 2]], 'float32').reshape(-1, 3)",
    "table = np.array([['a', 2, 3]], 'float32').reshape(-1, 3)",
    "table = table[np.random.default_rng(exit()).permutation(len(table))]",
    "x = np.stack([np.load('x')], axis=1)",
    "model.fit(x_train, y_train, epochs=exit(), shuffle=False)",
    "model.fit(x_train, y_train, epochs=10**10, shuffle=False)",
    "model.fit(x_train, y_train, epochs=-1, shuffle=False)",
    "model.fit(x_train, y_train, verbose=exit(), shuffle=False)",
    "model.evaluate(exit())",
    "model.evaluate(x_test, y_test, verbose=exit())",
    "model.compile(metrics=[exit()])",
    "model.compile(metrics=[keras.metrics.AUC(exit())])",
    "model = keras.Sequential([keras.layers.Dense(1, name=exit())])",
    "model.set_weights([np.array([1], exit())])",
    "y = keras.utils.to_categorical(y, 3)\nmodel.compile(loss='mse')",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:30]))
def test_nothing_of_a_script_is_run(text):
    found = read(text, DEFAULTS)
    assert found.settings is None and found.marks
    assert all(mark["line"] >= 1 and mark["column"] >= 0 and mark["message"] for mark in found.marks)


def test_the_picture_is_what_an_edited_script_makes(engine, drive):
    engine("step")
    text = engine.engine.state()["script"].replace("Dense(4", "Dense(7").replace("0.03", "0.3")
    text = text.replace("epochs=1", "epochs=3")
    found = engine("parse", text=text)
    assert list(found) == ["parsed", "state", "frame"] and found["parsed"]["marks"] == []
    assert [layer["units"] for layer in found["state"]["layers"]] == [7, 2, 1] and found["state"]["epoch"] == 3
    assert found["state"]["script"] == text
    other = drive(Engine())
    other("set", settings=found["state"]["settings"])
    for _ in range(3):
        frame = other("step")["frame"]
    np.testing.assert_array_equal(found["frame"].arrays["output"], frame.arrays["output"])
    wrong = engine("parse", text=text.replace("tanh", "tan"))
    assert list(wrong) == ["parsed"] and wrong["parsed"]["settings"] is None
    assert engine.engine.state()["script"] == text
    assert list(engine("parse", text=text.replace("seed=0)", "seed=1)"))) == ["parsed", "state", "data", "frame"]


def test_a_script_of_many_epochs_is_begun(engine, monkeypatch):
    monkeypatch.setattr(engines, "_MOST_EPOCHS", 2)
    found = engine("parse", text=write(DEFAULTS, epoch=5))
    assert found["state"]["epoch"] == 2 and found["error"]["message"].startswith("2 of 5 epochs are trained at once")


def test_weights_in_a_script_are_taken_and_without_them_the_network_begins_anew(engine):
    engine("step")
    engine("edit", layer=0, weight=0, index=[0, 0], value=1)
    text = engine.engine.state()["script"]
    frame = engine("parse", text=text.replace("[1.0, ", "[2.5, ", 1))["frame"]
    assert frame.arrays["weights/0/0"][0, 0] == np.float32(2.5) and frame.header["epoch"] == 1
    assert engine.engine.state()["script"] == text.replace("[1.0, ", "[2.5, ", 1)
    assert (
        "have the shapes" in engine("parse", text=text.replace("Dense(4", "Dense(5"))["parsed"]["marks"][0]["message"]
    )
    head, _, rest = text.partition("# After")
    frame = engine("parse", text=head + "model.fit" + rest.partition("model.fit")[2])["frame"]
    assert frame.arrays["weights/0/0"][0, 0] != np.float32(2.5)
    assert "set_weights" not in engine.engine.state()["script"]
