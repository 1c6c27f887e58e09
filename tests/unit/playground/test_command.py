"""The command line, and what it says of scripts that have nothing to show."""

import sys

import numpy as np
import pytest

from kerasish.playground import command, running
from kerasish.playground.engine import Engine
from kerasish.playground.messages import Binary

HEAD = """
import numpy as np
import kerasish as keras
x = np.random.default_rng(0).uniform(-5, 5, (20, 2)).astype("float32")
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
"""
FIT = "model.fit(x, x[:, 0], epochs=1, batch_size=4, verbose=0)\n"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(running.aliases, "install", lambda: None)
    monkeypatch.setattr(running, "prepare_workers", lambda: None)


@pytest.fixture
def script(tmp_path):
    def write(text):
        path = tmp_path / "script.py"
        path.write_text(text)
        return str(path)

    return write


def test_a_copy_of_the_scripts_model_is_shown_as_the_script_left_it(script, drive):
    brought = running.model_of(script(HEAD + FIT + "expected = model.predict(x, verbose=0)\n"), [])
    engine = drive(Engine(brought))
    state = engine.engine.state()
    assert state["settings"]["problem"] == "regression" and state["settings"]["batch_size"] == 4
    assert state["settings"]["learning_rate"] == pytest.approx(0.01) and state["loss"] == "mse"
    before = brought.model.get_weights()
    engine("step")
    assert all(np.array_equal(a, b) for a, b in zip(before, brought.model.get_weights(), strict=True))
    assert engine("set", settings={"learning_rate": 0.001, "batch_size": 10})["state"]["epoch"] == 1
    assert (
        "come from script.py" in engine.error("set", settings={"layers": [{"kind": "dropout", "rate": 0.5}]})["message"]
    )
    assert engine.error("parse", text="import numpy")["setting"] == "text"
    whole = engine.engine.state()["settings"]
    assert "error" not in engine("set", settings=whole)
    engine("reset")
    assert np.array_equal(engine.engine.subject.model.get_weights()[0], before[0])


def test_the_model_that_was_compiled_last_is_shown_though_another_was_trained_after_it(script):
    text = (
        HEAD
        + "first = model\nmodel = keras.Sequential([keras.layers.Dense(1)], name='last')\nmodel.compile('sgd', 'mse')\n"
    )
    assert running.model_of(script(text + FIT + FIT.replace("model", "first", 1)), []).model.name == "last"
    assert running.model_of(script(text + FIT.replace("model", "first", 1)), []).model.name != "last"


def test_a_subclassed_model_has_the_map_of_its_output(script):
    text = """
import numpy as np
import kerasish as keras
class Mine(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = keras.layers.Dense(1, activation="sigmoid")
    def call(self, x):
        return self.inner(keras.ops.abs(x))
model = Mine()
model.compile("adam", "binary_crossentropy")
model.fit(np.eye(2), [0, 1], verbose=0)
"""
    engine = Engine(running.model_of(script(text), []))
    assert engine.state()["settings"]["problem"] == "classification"
    frame = engine.frame()
    assert isinstance(frame, Binary) and frame.arrays["output"].shape == (1, 60, 60) and "maps/0" not in frame.arrays
    assert frame.arrays["output"][0, 0, 0] == frame.arrays["output"][0, -1, -1]  # abs is seen


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1", "no model that was trained"),
        (HEAD, "no model that was trained"),
        (
            HEAD + "model.fit(x[:, :1], x[:, 0], verbose=0)",
            "an array of shape (20, 1); the page draws models of two inputs",
        ),
        (HEAD + "keras.Sequential([keras.layers.Dense(2)]).fit", "no model that was trained"),
        (
            HEAD
            + "model = keras.Sequential([keras.layers.Dense(2)])\n"
            + "model.compile('sgd', 'mse')\nmodel.fit(x, x, verbose=0)",
            "rows other than of zeros and a one",
        ),
        ("raise SystemExit(3)", "ended with 3"),
        ("1 / 0", "failed, so that there is no model"),
    ],
    ids=["nothing", "no fit", "one input", "second", "soft rows", "exit", "error"],
)
def test_a_script_with_nothing_to_show_is_told_so(script, capsys, text, says):
    assert command.main(["--no-browser", script(text)]) == 1
    assert says in capsys.readouterr().err


def test_wrong_arguments(capsys):
    assert command.main(["nothing.py"]) == 1
    assert capsys.readouterr().err == "kerasish playground: can't open file 'nothing.py': No such file or directory\n"
    assert command.main(["--token", "short"]) == 1
    assert "at least 16 characters" in capsys.readouterr().err
    for wrong in (["--port", "x"], ["--port", "70000"], ["--nosuch"]):
        with pytest.raises(SystemExit) as end:
            command.main(wrong)
        assert end.value.code == 2
    capsys.readouterr()


def test_a_port_that_is_taken_is_told(capsys):
    with command.server.listen(0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        assert command.main(["--no-browser", "--port", str(port)]) == 1
    assert f"port {port} cannot be used" in capsys.readouterr().err
