"""`python -m kerasish script.py`, and the finder behind it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerasish.command_line import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments, cwd, code=None):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *(["-c", code] if code is not None else ["-m", "kerasish", *arguments])]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def directly(script, *arguments, cwd):
    """The same script without kerasish."""
    return subprocess.run([sys.executable, script, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def script(tmp_path):
    def write(text, name="script.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    return write


IMPORTS = """
import keras
import keras.ops as K
import keras.datasets.mnist as digits
import keras.ops.numpy as K2
import tensorflow as tf
import tensorflow.keras.layers
from keras import layers, ops
from keras.datasets import mnist
from keras.datasets.mnist import load_data
from keras.layers import Dense
from keras.optimizers.schedules import CosineDecay
from keras.preprocessing.sequence import pad_sequences
from tensorflow import keras as tf_keras
from tensorflow.data import Dataset
from tensorflow.keras.layers import Dense as D2
from tensorflow.python.keras.layers import Dense as D3
import kerasish
import kerasish.datasets.mnist
from kerasish.datasets.mnist import load_data as load
import kerasish_datasets.mnist

assert keras is kerasish is tf_keras is tf.keras
assert K is ops is K2 is kerasish.ops
assert Dataset is tf.data.Dataset and D3 is Dense
assert D2 is Dense is layers.Dense is kerasish.layers.Dense is tensorflow.keras.layers.Dense
assert digits is mnist is kerasish_datasets.mnist is kerasish.datasets.mnist and load is load_data
assert CosineDecay is kerasish.optimizers.schedules.CosineDecay
# the modules are still themselves
assert kerasish.__spec__.name == kerasish.__name__ == "kerasish"
assert kerasish.layers.__spec__.name == "kerasish.layers"
print("all of them")
"""

REFUSED = {
    "import keras.src.layers": "private part of Keras",
    "from keras.src.layers import Dense": "private part of Keras",
    "import keras.applications.alexnet": "'kerasish.applications' has no module 'alexnet'",
    "import keras.layers.attention": "'kerasish.layers' has no module 'attention'",
    "import keras.layers.Dense": "no module",
    "from keras.layers import Densee": "cannot import name 'Densee'",
    "import tensorflow.lite": "tf.lite is not there, since TensorFlow is not installed: export the model",
    "from tensorflow import contrib": "cannot import name 'contrib'",
    "import tensorflow.math.abs": "is no module",
}


def test_every_form_of_import(script, tmp_path):
    result = run(script(IMPORTS), cwd=tmp_path)
    assert (result.stdout, result.stderr) == ("all of them\n", "")


def test_what_cannot_be_imported(script, tmp_path):
    lines = [
        "for statement in " + repr(list(REFUSED)) + ":",
        "    try:",
        "        exec(statement)",
        "    except ImportError as error:",
        "        print(statement, '->', error)",
        "import tensorflow",
        "try:",
        "    tensorflow.Session",
        "except AttributeError as error:",
        "    print(error)",
    ]
    result = run(script("\n".join(lines)), cwd=tmp_path)
    printed = result.stdout.splitlines()
    for line, (statement, message) in zip(printed, REFUSED.items(), strict=False):
        assert line.startswith(statement) and message in line
    assert "tf.Session is not there, since TensorFlow is not installed" in printed[-1]
    assert len(printed) == len(REFUSED) + 1


def test_install_from_python(tmp_path):
    code = (
        "import sys, kerasish; kerasish.install(); kerasish.install()\n"
        "assert 'kerasish.layers' not in sys.modules\n"
        "from keras.layers import Dense\n"
        "assert Dense is kerasish.layers.Dense\n"
        "assert len([f for f in sys.meta_path if type(f).__module__ == 'kerasish.aliases']) == 1"
    )
    result = run(cwd=tmp_path, code=code)
    assert (result.returncode, result.stderr) == (0, "")


def test_install_after_keras_itself(script, tmp_path):
    script("", "keras/__init__.py")
    result = run(cwd=tmp_path, code="import keras, kerasish; kerasish.install()")
    assert "ImportError: Keras itself is imported already" in result.stderr
    assert "before the first `import keras`" in result.stderr


def test_tensorflow_that_is_installed_stays_what_it_is(script, tmp_path):
    script("name = 'the real one'", "tensorflow/__init__.py")
    result = run(cwd=tmp_path, code="import kerasish; kerasish.install(); import tensorflow; print(tensorflow.name)")
    assert result.stdout == "the real one\n"


SEEN = """
import json, os, sys
import helper
print(json.dumps([sys.argv, __name__, __file__, sys.path[0], __package__, __spec__ is None, helper.value]))
assert sys.modules["__main__"].__dict__ is globals()
"""


def test_a_script_sees_what_it_would_see_directly(script, tmp_path):
    script("value = 3", "scripts/helper.py")
    script(SEEN, "scripts/seen.py")
    arguments = ("scripts/seen.py", "-m", "--epochs", "3", "a b")
    result, expected = run(*arguments, cwd=tmp_path), directly(*arguments, cwd=tmp_path)
    assert expected.returncode == 0
    assert (result.stdout, result.stderr) == (expected.stdout, expected.stderr)


def test_a_traceback_is_the_scripts_own(script, tmp_path):
    lines = ["def fail():", "    {}['key']", "", "try:", "    fail()"]
    lines += ["except KeyError as error:", "    raise ValueError('no') from error"]
    script("\n".join(lines))
    result, expected = run("script.py", cwd=tmp_path), directly("script.py", cwd=tmp_path)
    assert expected.stderr.startswith("Traceback")
    assert (result.stderr, result.returncode) == (expected.stderr, expected.returncode)


def test_an_excepthook_of_the_script_is_called(script, tmp_path):
    script("import sys\nsys.excepthook = lambda kind, error, trace: print('hook', error)\nraise ValueError('no')")
    result = run("script.py", cwd=tmp_path)
    assert (result.stdout, result.stderr, result.returncode) == ("hook no\n", "", 1)


@pytest.mark.parametrize(
    ("text", "code"), [("raise SystemExit", 0), ("import sys; sys.exit(7)", 7), ("raise KeyboardInterrupt", 130)]
)
def test_exit_codes(script, tmp_path, text, code):
    script(text)
    assert run("script.py", cwd=tmp_path).returncode == code


def test_a_syntax_error(script, tmp_path):
    script("x = (\n")
    result, expected = run("script.py", cwd=tmp_path), directly("script.py", cwd=tmp_path)
    assert (result.stderr, result.returncode) == (expected.stderr, expected.returncode)


def test_a_file_that_is_not_there(tmp_path):
    result = run("nothing.py", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == "kerasish: can't open file 'nothing.py': No such file or directory\n"


def test_a_mistyped_command(tmp_path):
    result = run("sumary", "model.keras", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.endswith("No such file or directory. Did you mean the command summary?\n")


def test_modules_and_packages(script, tmp_path):
    script("", "package/__init__.py")
    script(
        "from . import part\nimport sys, keras\nprint(part.name, sys.argv[1:], __name__, keras.__name__)",
        "package/__main__.py",
    )
    script("name = 'part'\nif __name__ == '__main__':\n    print(__spec__.name, __package__)", "package/part.py")
    assert run("-m", "package", "x", cwd=tmp_path).stdout == "part ['x'] __main__ kerasish\n"
    assert run("-m", "package.part", cwd=tmp_path).stdout == "package.part package\n"
    for missing in ("nothing", "package.nothing", "nothing.part"):
        result = run("-m", missing, cwd=tmp_path)
        assert result.returncode == 2 and f"no module named '{missing}'" in result.stderr


def test_usage(tmp_path):
    for arguments, code, stream in (
        ((), 2, "stderr"),
        (("-h",), 0, "stdout"),
        (("--what",), 2, "stderr"),
        (("-m",), 2, "stderr"),
    ):
        result = run(*arguments, cwd=tmp_path)
        assert result.returncode == code
        said = getattr(result, stream)
        assert "Run a Keras script or module, unchanged." in said and "usage: kerasish script.py" in said
        assert all(f"kerasish {name} " in said for name in COMMANDS)
    assert run("--version", cwd=tmp_path).stdout.startswith("kerasish 0.")


def test_a_script_that_is_named_like_a_command(script, tmp_path):
    script("import keras\nprint(keras.__name__)", "summary")
    assert run("./summary", cwd=tmp_path).stdout == "kerasish\n"
    assert run("summary", "--help", cwd=tmp_path).stdout.startswith("usage: kerasish summary")


def test_commands_load_when_they_are_called(tmp_path):
    code = "import sys, kerasish.__main__; print([name for name in sys.modules if 'command_line.' in name])"
    assert run(cwd=tmp_path, code=code).stdout == "[]\n"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_a_reader_who_has_seen_enough(tmp_path):
    command = [sys.executable, "-u", "-m", "kerasish", "doctor", "--quick"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, **pipes) as process:
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 1)


def test_the_program_finds_modules_where_python_does(script, tmp_path):
    script("import sys, keras\nprint(sys.argv[1:], keras.__name__)", "part.py")
    program = script("import sys\nfrom kerasish.__main__ import console\nsys.exit(console())", "bin/kerasish")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, program, "-m", "part", "x"]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("['x'] kerasish\n", "")


WORKERS = """
import multiprocessing, sys
import numpy as np
import keras
from keras.layers import Dense

class Squares(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return np.full((2, 1), index, "float32"), np.full((2, 1), index**2, "float32")

def name_of(number):
    return keras.__name__, Dense.__module__, number * number

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    with multiprocessing.Pool(1) as pool:
        print(pool.map(name_of, [3]))
    model = keras.Sequential([Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    print(model.evaluate(Squares(workers=1, use_multiprocessing=True), verbose=0))
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_keras_means_kerasish_in_processes_that_the_script_starts(script, tmp_path, method):
    script(WORKERS)
    result = run("script.py", method, cwd=tmp_path)
    assert result.stderr == ""
    assert result.stdout == "[('kerasish', 'kerasish.layers.core.dense', 9)]\n5.666666507720947\n"
