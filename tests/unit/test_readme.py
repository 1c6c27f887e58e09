"""The README's promises that can be checked without running them."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPT = ROOT / ".ci" / "readme_command.py"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readme_command", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _python_blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)\n```$", README, re.DOTALL | re.MULTILINE)


def test_the_first_fenced_blocks_are_the_two_commands() -> None:
    languages = re.findall(r"^```(\w+)$", README, re.MULTILINE)
    assert languages[:2] == ["bash", "bash"]


@pytest.mark.parametrize("index", [0, 1])
def test_a_command_is_one_line_from_a_fresh_clone(index: int) -> None:
    block = _script().bash_blocks()[index]
    assert "\n" not in block and block.strip() == block
    assert block.startswith("python3 -m venv .venv && .venv/bin/pip install ")


def test_the_first_command_trains_mnist_and_the_second_runs_the_tests() -> None:
    train, tests = _script().bash_blocks()[:2]
    assert train.endswith(".venv/bin/python examples/mnist_mlp.py")
    assert "'.[test]'" in tests and ".venv/bin/python -m pytest" in tests


def test_ci_runs_the_second_command_as_it_stands() -> None:
    printed = subprocess.run([sys.executable, SCRIPT, "2"], capture_output=True, text=True, check=True).stdout
    assert printed == _script().bash_blocks()[1] + "\n"
    assert "python3 .ci/readme_command.py 2" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_python_blocks_compile() -> None:
    blocks = _python_blocks()
    assert blocks
    for block in blocks:
        compile(block, "README.md", "exec")
