"""The room by itself: nothing leans on it, and its engine knows nothing of a server."""

import ast
import doctest
from pathlib import Path

import pytest

from kerasish.playground import engine, reading, settings

ROOM = Path(__file__).resolve().parents[3] / "kerasish" / "playground"
OF_A_SERVER = {"session.py", "server.py", "command.py", "running.py"}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_nothing_depends_on_the_playground():
    outside = [path for path in ROOM.parent.rglob("*.py") if ROOM not in path.parents]
    names = {name for path in outside for name in imported(path)}
    assert "kerasish.backend" in names and not [name for name in names if name.startswith("kerasish.playground")]


def test_the_engine_knows_no_socket_thread_or_clock():
    files = {path.name for path in ROOM.glob("*.py")}
    assert files > OF_A_SERVER
    banned = {"socket", "threading", "asyncio", "time", "datetime", "queue", "starlette", "uvicorn", "subprocess"}
    banned |= {f"kerasish.playground.{name.removesuffix('.py')}" for name in OF_A_SERVER}
    for name in files - OF_A_SERVER:
        assert not [one for one in imported(ROOM / name) if one in banned or one.partition(".")[0] in banned], name


@pytest.mark.parametrize("module", [engine, reading, settings], ids=lambda module: module.__name__)
def test_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
