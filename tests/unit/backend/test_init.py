import subprocess
import sys
from pathlib import Path

from kerasish import backend

ROOT = Path(__file__).resolve().parents[3]


def _run(code):
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_every_name_is_there():
    for name in backend.__all__:
        assert callable(getattr(backend, name))


def test_nothing_is_imported_before_it_is_used():
    code = (
        "import sys, kerasish.backend; print([m for m in sys.modules if m.startswith(('kerasish.backend.', 'numpy'))])"
    )
    assert _run(code).strip() == "[]"


def test_variables_answer_operators_at_once():
    assert _run("from kerasish.backend import Variable; print(float(Variable(1.0) + 1))").strip() == "2.0"
    code = (
        "from kerasish.backend import GradientTape as G; import numpy as np; print((G().watch(np.ones(1)) * 2).item())"
    )
    assert _run(code).strip() == "2.0"
