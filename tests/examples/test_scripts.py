"""Scripts written for Keras, run as they are by `python -m kerasish`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "tests" / "examples" / "scripts").glob("*.py"))
ARGUMENTS = {"mnist_digits": ["--epochs", "3"]}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script(script, tmp_path):
    assert "kerasish" not in script.read_text(encoding="utf-8")
    command = [sys.executable, "-W", "error::DeprecationWarning:kerasish", "-m", "kerasish", str(script)]
    result = subprocess.run(
        [*command, *ARGUMENTS.get(script.stem, [])],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
