"""What type checkers say of a user's script: nothing where it is right, and each planted mistake where it is not."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).parent / "scripts"
RIGHT, WRONG = SCRIPTS / "right.py", SCRIPTS / "wrong.py"
PYRIGHT = shutil.which("pyright") or shutil.which("pyright", path=str(Path(sys.executable).parent))

# Of the annotations of public parameters and results, how many say nothing; lower it when it falls.
MOST_ANY = 0.34

# Each a script and the number of a line in which a checker sees an error.
Found = set[tuple[str, int]]


def planted() -> Found:
    """The lines that are marked as wrong."""
    lines = WRONG.read_text(encoding="utf-8").splitlines()
    return {(WRONG.name, number) for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


def mypy() -> tuple[Found, str]:
    """What `mypy --strict` sees in the scripts; as with an installed package, the code of the library is not judged."""
    strict = ("--strict", "--follow-imports=silent", "--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'user'}")
    command = [sys.executable, "-m", "mypy", *strict, "--no-pretty", RIGHT.name, WRONG.name]
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run(command, cwd=SCRIPTS, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode in (0, 1), said
    return {(name, int(line)) for name, line in re.findall(r"^(.+?):(\d+): error: ", said, re.M)}, said


def pyright(folder: Path) -> tuple[Found, str]:
    """What pyright, as strict as it can be, sees in the scripts."""
    for script in (RIGHT, WRONG):
        shutil.copy(script, folder)
    settings = {"extraPaths": [str(ROOT)], "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [str(PYRIGHT), "--outputjson", "--pythonpath", sys.executable, "--project", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    errors = [row for row in json.loads(done.stdout)["generalDiagnostics"] if row["severity"] == "error"]
    return {(Path(row["file"]).name, row["range"]["start"]["line"] + 1) for row in errors}, done.stdout


def test_mypy_finds_every_planted_mistake_and_nothing_else() -> None:
    found, said = mypy()
    assert found == planted(), said


@pytest.mark.skipif(PYRIGHT is None, reason="pyright is not installed: `pip install pyright` (it needs Node.js)")
def test_pyright_finds_every_planted_mistake_and_nothing_else(tmp_path: Path) -> None:
    found, said = pyright(tmp_path)
    assert found == planted(), said


def test_the_right_script_runs(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(RIGHT)], cwd=tmp_path, env=environment, check=True, capture_output=True)


def test_the_share_of_any_in_public_signatures_does_not_grow() -> None:
    measure = runpy.run_path(str(Path(__file__).parent / "annotations.py"))
    bare, _, written = measure["total"]()
    assert bare <= MOST_ANY * written, (
        f"{bare} of {written} are Any; `python tests/contract/annotations.py` tells where"
    )
