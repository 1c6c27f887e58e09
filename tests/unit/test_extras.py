"""The extras, and the sentence that says how to install one."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kerasish import _extras
from kerasish._extras import EXTRAS, install_line, missing

ROOT = Path(__file__).resolve().parents[2]
FOR_DEVELOPERS = {"test", "docs"}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_table_is_that_of_the_project():
    listed = PYPROJECT["optional-dependencies"]
    plain = {name: tuple(re.split(r"[<>=!~ ;\[]", one)[0] for one in brings) for name, brings in listed.items()}
    assert {name: plain[name] for name in plain.keys() - FOR_DEVELOPERS} == {n: e.brings for n, e in EXTRAS.items()}


def test_what_is_missing_and_the_line_that_installs_it(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    line = ".venv/bin/python -m pip install matplotlib pydot"
    monkeypatch.chdir(tmp_path)
    assert install_line("plot") == line
    error = missing("plot needs matplotlib", "plot")
    assert isinstance(error, ImportError) and str(error) == f"plot needs matplotlib, which is not installed: {line}"
    monkeypatch.chdir("/")
    assert install_line("plot") == line.replace(".venv", f"{tmp_path.relative_to('/')}/.venv")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert install_line("plot") == f"{tmp_path}/{line}"
    monkeypatch.setattr(_extras, "PUBLISHED", True)
    assert install_line("plot").endswith('-m pip install "kerasish[plot]"')


def test_a_path_with_a_space_is_quoted(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/opt/my python/bin/python")
    assert install_line("image") == '"/opt/my python/bin/python" -m pip install pillow'


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no clone")
    texts = (".md", ".py", ".toml", ".yml", ".ipynb", ".html")
    return [ROOT / name for name in listed.stdout.split("\0") if name.endswith(texts)]


@pytest.mark.skipif(_extras.PUBLISHED, reason="the name is known")
def test_no_line_installs_a_name_that_no_index_knows():
    """`pip install kerasish` is somebody else's package until this one is published."""
    unknown = re.compile(r"(pip|uv|pipx) (install|add) [^\n`]*(?<![/.\w-])['\"]?kerasish(\[|['\"`]|\s|$)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _tracked()
        if path.is_file() and path.name not in ("RELEASING.md", Path(__file__).name)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unknown.search(line)
    ]
    assert found == []
