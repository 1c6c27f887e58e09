"""Writes the tables of older names and of TensorFlow's into their pages, between two comments each.

python docs/compat_tables.py
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kerasish import _older_names  # noqa: E402  (found through the line above)
from kerasish.compat.tensorflow import table  # noqa: E402
from kerasish.compat.tensorflow.instead import INSTEAD  # noqa: E402

_PLACE = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
PAGES = ("how-to/tensorflow-scripts.md", "how-to/keras-2-scripts.md")


def tensorflow() -> str:
    """The names that the stand-in for TensorFlow has, by their module."""
    modules: dict[str, list[str]] = {}
    for name in table.entries():
        module, _, last = f"tf.{name}".rpartition(".")
        modules.setdefault(module, []).append(f"`{last}`")
    rows = ["| module | names | |", "| --- | --- | --- |"]
    for module, names in sorted(modules.items()):
        rows.append(f"| `{module}` | {len(names)} | {' '.join(sorted(names))} |")
    return "\n".join(rows)


def instead() -> str:
    """What TensorFlow has and the stand-in has not, and what to write."""
    rows = [f"| `tf.{name}` | {told} |" for name, told in INSTEAD.items()]
    return "\n".join(["| not there | instead |", "| --- | --- |", *rows])


def older() -> str:
    """The names of Keras 2, and how they are written today."""
    rows = ["| name of Keras 2 | today |", "| --- | --- |"]
    for (package, name), entry in _older_names._table().items():
        rows.append(f"| `{_public(package)}.{name}` | {entry.today} |")
    rows += [
        f"| `model.{name}` | {now} |" for name, now in _older_names.METHODS.items()
    ]
    for (package, name), told in _older_names._GONE.items():
        rows.append(f"| `{_public(package)}.{name}` (gone) | {told} |")
    return "\n".join(rows)


def _public(package: str) -> str:
    return package.replace("kerasish", "keras", 1)


_TABLES = {"tensorflow": tensorflow, "instead": instead, "older": older}


def filled(page: str) -> str:
    """The text of a page with its tables as they are now."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return _PLACE.sub(
        lambda found: f"{found[1]}\n{_TABLES[found[2]]()}\n\n{found[3]}", text
    )


if __name__ == "__main__":
    for name in PAGES:
        (ROOT / "docs" / name).write_text(filled(name), encoding="utf-8")
