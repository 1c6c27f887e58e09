"""Every example runs, prints what a learner should see, and draws its pictures."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PNG = b"\x89PNG\r\n\x1a\n"
SLOW = pytest.mark.slow

# For each script the lines that must be there, and the pictures.
EXAMPLES = [
    pytest.param("01_neuron", ["the layer says y = 0.8581"], ["01_neuron"]),
    pytest.param("02_perceptron", ["AND: wrong", "1, 0]", "not learnt", "No weights can do it"], ["02_perceptron"]),
    pytest.param("03_linear_regression", ["closed form", "gradient descent"], ["03_linear_regression"]),
    pytest.param("04_activations_softmax", ["[0.705 0.259 0.035]", "0.25 at 0"], ["04_activations", "04_softmax"]),
    pytest.param(
        "05_xor_hidden_layer",
        ["1 hidden unit : solved from 0", "8 hidden units: solved from 10", "4 of 4 points"],
        ["05_xor_hidden_layer"],
    ),
    pytest.param("05b_matrices", ["the layers say [0. 1. 1. 0.]"], ["05b_matrices"]),
    pytest.param(
        "06_spirals",
        ["3 hidden layers"],
        ["06_spirals", "06_spirals_hidden_1", "06_spirals_hidden_3"],
        marks=SLOW,
    ),
    pytest.param("06b_features", ["five features     6 weights: 100.0%"], ["06b_features"], marks=SLOW),
    pytest.param("07_gradient_descent", ["too large: 0.72", "is 0.91 away"], ["07_gradient_descent"]),
    pytest.param("07b_batches", ["batches of 50:  1 steps", "batches of  1: 50 steps"], ["07b_batches"], marks=SLOW),
    pytest.param(
        "08_backpropagation",
        [
            "z1 = 0.5 × 0.35 + 0.51 × 0.4 = 0.379",
            "0.4936 × 0.2412",
            "0.5789",
            "0.298371109",
            "= 0.2905",
            "= 0.3393",
            "from 0.1218 to 0.1147",
            "0.291027774",
            "0.35891648",
            "= 0.149780716",
            "0.291027924",
        ],
        ["08_lecture_neuron", "08_two_two_two"],
    ),
    pytest.param(
        "08b_softmax_crossentropy",
        [
            "J = -log 0.2595 = 1.3490",
            "the long chain [ 0.7054 -0.7405  0.0351]",
            "the tape       [ 0.7054 -0.7405  0.0351]",
        ],
        ["08b_softmax_crossentropy"],
    ),
    pytest.param("08c_tape", ["kerasish's tape", "0 xor 1: wanted +1, the network says +0.9"], ["08c_tape"]),
    pytest.param("09_vanishing_gradients", ["vanishing", "healthy"], ["09_vanishing_gradients"], marks=SLOW),
    pytest.param("09b_initial_weights", ["the eight units are one"], ["09b_initial_weights"], marks=SLOW),
    pytest.param(
        "10_mnist",
        ["test accuracy: 0.8", "confusion"],
        ["10_mnist_training", "10_mnist_mistakes", "10_mnist_confusion"],
    ),
    pytest.param("10b_overfitting", ["large, L2", "2 units"], ["10b_overfitting"], marks=SLOW),
    pytest.param("10c_three_heaps", ["200 throw coins: the best on 50"], ["10c_three_heaps"], marks=SLOW),
    pytest.param("11_save_load_resume", ["same answers: True", "without a break: 0"], ["11_save_load_resume"]),
    pytest.param(
        "12_convolution",
        ["windows: 12,810 weights, test accuracy: 0.8", "moved by 4 pixels"],
        ["12_by_hand", "12_moved", "12_sliding", "12_strokes"],
    ),
    pytest.param(
        "13_sequences",
        [
            "h2 = tanh(0.6 × 0.5 + 0.9 × 0.5370) = 0.6546",
            "dJ/dw = 0.2112 and dJ/du = -0.4755",
            "its tape: dJ/dw = 0.2112, dJ/du = -0.4755",
            "before training, vanishing;  right after it: 5",
            "before training, healthy;  right after it: 100%",
            "was blue and the boat is now': blue",
        ],
        ["13_gates", "13_gradient_over_time"],
    ),
    pytest.param("14_attention", ["never seen: 1.00", "la voiture verte attend", "voiture    car"], ["14_attention"]),
    pytest.param(
        "15_transfer", ["from 4000 pictures: test accuracy 0.9", "fine-tuned 0."], ["15_transfer"], marks=SLOW
    ),
    pytest.param(
        "16_augmentation", ["mirrored", "predict changes nothing: True"], ["16_changed", "16_learning"], marks=SLOW
    ),
    pytest.param("add_digits", ["after  2 epochs", "35+45 = "], []),
    pytest.param("sentiment", ["new ones: 100.0%", "% praise: lovely music"], []),
    pytest.param("sine_forecast", ["one step ahead: off by 0.0", "80 steps ahead"], ["sine_forecast"]),
    pytest.param("sweep", ["the best five of 6", "network   5: 1 x 32 tanh, rate 0.0115, "], []),
    pytest.param("transformer", ["19,098 weights", "epoch  2:", "notebook -> "], []),
    pytest.param("xor", ["1 xor 1 = 0"], []),
]


def _run(name: str, folder: Path, **settings: str) -> str:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **settings}
    environment.pop("MPLBACKEND", None)
    ran = subprocess.run(
        [sys.executable, ROOT / "examples" / f"{name}.py"],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, f"{name}:\n{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}"
    assert "Warning" not in ran.stderr, ran.stderr
    return ran.stdout


@pytest.mark.parametrize(("name", "lines", "pictures"), EXAMPLES)
def test_an_example(name: str, lines: list[str], pictures: list[str], tmp_path: Path) -> None:
    small = {f"KERASISH_EXAMPLE_{what}": n for what, n in (("EPOCHS", "2"), ("SAMPLES", "4000"), ("NETWORKS", "6"))}
    printed = _run(name, tmp_path, KERASISH_IMAGES=str(tmp_path / "images"), **small)
    assert not [line for line in lines if line not in printed], printed
    made = {path.stem: path.read_bytes() for path in (tmp_path / "images").glob("*.png")}
    assert sorted(made) == sorted(pictures)
    assert all(data.startswith(PNG) and len(data) > 5000 for data in made.values())


def test_the_first_command_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr(sys, "argv", ["mnist_mlp.py"])
    monkeypatch.chdir(tmp_path)
    example = runpy.run_path(str(ROOT / "examples" / "mnist_mlp.py"))
    x_train, y_train, x_test, y_test = example["load"]()
    less = (x_train[:5000], y_train[:5000], x_test[:2000], y_test[:2000])
    monkeypatch.setitem(example["main"].__globals__, "load", lambda: less)
    example["main"]()
    printed = capsys.readouterr().out
    assert f"saved to {tmp_path / 'mnist_mlp.keras'}" in printed and (tmp_path / "mnist_mlp.keras").is_file()
    accuracy = float(re.findall(r"^test accuracy: (0\.\d{4})$", printed, re.MULTILINE)[0])
    assert accuracy > 0.85


def test_every_numbered_example_is_run_here() -> None:
    run = {parameters.values[0] for parameters in EXAMPLES}
    assert not {path.stem for path in (ROOT / "examples").glob("[0-9]*.py")} - run


@pytest.mark.parametrize(("argument", "place"), [((), "kerasish-pictures"), (("there",), "there")])
def test_pictures_go_beside_the_user_or_where_the_first_argument_says(argument, place, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "KERASISH_IMAGES"}
    ran = subprocess.run(
        [sys.executable, "-c", "import pictures; pictures.path_for('one.png').touch()", *argument],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT / "examples")},
        check=False,
    )
    assert ran.returncode == 0
    assert [path.name for path in (tmp_path / place).iterdir()] == ["one.png"]


def test_matplotlib_is_asked_for_in_a_sentence() -> None:
    without = "import sys, importlib.util as u; u.find_spec = lambda name, *rest: None"
    ran = subprocess.run(
        [sys.executable, "-c", f"{without}; sys.path.insert(0, 'examples'); import pictures"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert f"{sys.executable} -m pip install matplotlib" in ran.stderr
