"""The README's promises that can be checked without running them."""

import importlib.util
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from kerasish import _keras_names

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


@pytest.mark.parametrize("name", ["train", "tests"])
def test_a_command_is_one_line_from_a_fresh_clone(name: str) -> None:
    command = _script().commands()[name]
    assert "\n" not in command and command.strip() == command
    assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")


def test_every_command_is_marked() -> None:
    assert list(_script().commands()) == ["train", "quick tests", "tests"]
    assert len(re.findall(r"^```(?:bash|sh)$", README, re.MULTILINE)) == 3


def test_what_the_commands_do() -> None:
    commands = _script().commands()
    assert commands["train"].endswith(".venv/bin/python examples/mnist_mlp.py")
    assert "'.[test]'" in commands["tests"] and ".venv/bin/python -m pytest" in commands["tests"]
    folders = [word for word in commands["quick tests"].split() if word.startswith("tests/")]
    assert folders and all((ROOT / folder).exists() for folder in folders)


def test_ci_runs_all_tests_as_the_readme_does() -> None:
    printed = subprocess.run([sys.executable, SCRIPT, "tests"], capture_output=True, text=True, check=True).stdout
    assert printed == _script().commands()["tests"] + "\n"
    assert "python3 .ci/readme_command.py tests" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_what_does_not_work_yet_is_told_in_full_and_nothing_else() -> None:
    rows = re.findall(r"^\|(.+)\|(.*)\|$", README.partition("| works | not yet |")[2], re.MULTILINE)
    told = " ".join(column for _, column in rows)
    absent = [
        (module, name) for module in _keras_names._NAMES for name in _names_in(module) if not _is_there(module, name)
    ]
    assert [f"{m}.{n}" for m, n in absent if n.lower() not in told.lower() and m.split(".")[-1] not in told] == []
    named = {word.rpartition(".")[2] for word in re.findall(r"`([\w.]+)`", told)}
    known = {name: module for module in _keras_names._NAMES for name in _names_in(module)}
    assert [name for name in named & known.keys() if (known[name], name) not in absent] == []


def _names_in(module: str) -> list[str]:
    names = _keras_names._NAMES[module]
    return (names if isinstance(names, str) else " ".join(names)).split()


def _is_there(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module.replace("keras", "kerasish", 1)), name)
    except ImportError:
        return False


# Text that renders as a link: not in code.
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("kerasish_mnist/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_anchor_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    lost = []
    for link in LINK.findall(text):
        place, _, anchor = link.partition("#")
        if place.startswith(("https://", "mailto:")):
            continue
        target = page.parent / place if place else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            lost.append(link)
    assert lost == []


def _anchors(page: Path) -> set[str]:
    """The names that a page's headings have as parts of an address, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_picture_is_drawn_by_its_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    drawing = runpy.run_path(str(ROOT / "docs" / "learning_picture.py"))
    drawing["main"](tmp_path / "learning.png", (0, 1))
    assert (tmp_path / "learning.png").read_bytes().startswith(b"\x89PNG")
    assert drawing["PICTURE"].is_file() and "](docs/images/learning.png)" in README


def test_python_blocks_compile() -> None:
    blocks = _python_blocks()
    assert blocks
    for block in blocks:
        compile(block, "README.md", "exec")
