"""`kerasish summary` and `kerasish convert`."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.command_line import COMMANDS, convert, summary


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where `old.h5` holds a compiled model."""
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="tanh", name="answer")])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    model.save("old.h5")
    return tmp_path


def test_every_command_can_be_loaded():
    for command in COMMANDS.values():
        assert callable(command.load())


def test_summary(folder, capsys):
    assert summary.main(["old.h5"]) == 0
    said = capsys.readouterr().out
    assert "answer (Dense)" in said and "Total params" in said and "Trainable" not in said.partition("Total")[0]
    assert summary.main(["old.h5", "--trainable"]) == 0
    assert "Y" in capsys.readouterr().out.partition("Total")[0]


def test_summary_of_weights_alone(folder, capsys):
    assert convert.main(["old.h5", "new.weights.h5"]) == 0
    assert summary.main(["new.weights.h5"]) == 0
    assert "0: shape=(3, 2), dtype=float32" in capsys.readouterr().out


@pytest.mark.parametrize("new", ["new.keras", "new.h5"])
def test_a_model_with_its_training(folder, capsys, new):
    assert convert.main(["old.h5", new]) == 0
    assert capsys.readouterr().out == f"{new}: 8 parameters, 0.0 MB\n"
    old, loaded = keras.models.load_model("old.h5"), keras.models.load_model(new)
    assert [w.tolist() for w in old.get_weights()] == [w.tolist() for w in loaded.get_weights()]
    assert int(loaded.optimizer.iterations) == 1
    assert convert.main(["old.h5", new, "--overwrite", "--no-training"]) == 0
    assert getattr(keras.models.load_model(new), "optimizer", None) is None


def test_onnx_and_arrays(folder, capsys):
    runtime = pytest.importorskip("onnxruntime")
    assert convert.main(["old.h5", "new.onnx"]) == 0
    session, x = runtime.InferenceSession("new.onnx"), np.ones((1, 3), "float32")
    (answer,) = session.run(None, {session.get_inputs()[0].name: x})
    assert np.allclose(answer, keras.models.load_model("old.h5").predict(x, verbose=0), atol=1e-6)
    assert convert.main(["old.h5", "new.npz"]) == 0
    with np.load("new.npz") as arrays:
        assert sorted(array.shape for array in arrays.values())[-1] == (3, 2)


def test_what_is_refused_is_said_in_one_line(folder, capsys):
    (folder / "text.keras").write_text("no model")
    (folder / "there.keras").write_text("mine")
    for command, arguments, said in (
        (summary, ["nothing.keras"], "kerasish summary: [Errno 2] there is no such file: 'nothing.keras'\n"),
        (summary, ["text.keras"], "not a readable zip archive"),
        (convert, ["old.h5", "new.pb"], "ends in one of .keras"),
        (
            convert,
            ["old.h5", "there.keras"],
            "kerasish convert: there.keras is there already; --overwrite replaces it\n",
        ),
        (convert, ["nothing.h5", "new.keras"], "there is no such file"),
    ):
        assert command.main(arguments) == 1
        error = capsys.readouterr().err
        assert said in error and error.count("\n") == 1
    assert (folder / "there.keras").read_text() == "mine"


def test_an_argument_that_is_not_known(capsys):
    for command in (summary, convert):
        with pytest.raises(SystemExit, match="2"):
            command.main(["--what"])
        assert "usage: kerasish" in capsys.readouterr().err
