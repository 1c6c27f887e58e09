"""Write the stubs (`.pyi`) of the lazily filled packages, from the tables that fill them: `python .ci/write_stubs.py`.

A type checker or an editor does not run `kerasish._lazy.attach`; a stub tells it where each public name comes from,
and so gives it the signatures of the classes and functions themselves. `tests/contract/test_stubs.py` holds the two
equal.
"""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

"""


def stub(places: Mapping[str, tuple[str, str]]) -> str:
    """The text of a stub that gives each name from its place, the module and the name there."""
    lines = sorted(f"from {_home(*place)} import {place[1]} as {name}" for name, place in places.items())
    return HEAD + "\n".join(lines) + "\n"


def _home(module: str, attribute: str) -> str:
    """Where a class is written; a file that only passes it on does not export it to a type checker."""
    value = getattr(importlib.import_module(module), attribute)
    return value.__module__ if isinstance(value, type) else module


def stubs() -> dict[Path, str]:
    """The stub of every module that fills itself lazily, by the path where it belongs."""
    sys.path.insert(0, str(ROOT))
    lazy = importlib.import_module("kerasish._lazy")
    found = {}
    for path in sorted((ROOT / "kerasish").rglob("*.py")):
        if "import attach" in path.read_text(encoding="utf-8"):
            module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
            importlib.import_module(module)
            found[path.with_suffix(".pyi")] = stub(lazy.tables[module])
    return found


def outdated() -> list[Path]:
    """The stubs that are missing, differ from their tables, or have no table any more."""
    wanted = stubs()
    present = {path: path.read_text(encoding="utf-8") for path in (ROOT / "kerasish").rglob("*.pyi")}
    return sorted(path for path in wanted.keys() | present.keys() if wanted.get(path) != present.get(path))


def main() -> None:
    """Write what is outdated, and say which."""
    wanted = stubs()
    for path in outdated():
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
        print(path.relative_to(ROOT).as_posix())


if __name__ == "__main__":
    main()
