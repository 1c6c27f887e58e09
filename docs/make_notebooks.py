"""Makes a notebook of each chapter, from the chapter's page: text, code, and what the code prints.

    python docs/make_notebooks.py                    every chapter, with the outputs that its page shows
    python docs/make_notebooks.py --execute          with the outputs of a kernel, which needs nbclient and ipykernel
    python docs/make_notebooks.py docs/learn/05-xor.md --into here

The page is the only source: notebooks are written to build/notebooks, and git does not keep them. The first cell
installs kerasish where it is missing, as on a fresh machine in Colab.
"""

from __future__ import annotations

import argparse
import base64
import json
import mimetypes
import os
import re
from pathlib import Path
from typing import Any

import paste_output

ROOT = Path(__file__).resolve().parents[1]
LEARN = ROOT / "docs" / "learn"
_FOLDED = re.compile(
    r"<details[^>]*>\s*<summary>The whole script.*?</details>\n?", re.DOTALL
)
_COMMENT = re.compile(r"^ *<!-- .*? -->\n", re.MULTILINE)
_PICTURE = re.compile(r"!\[([^\]]*)\]\(\.\./images/([^)]+)\)")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


def notebook(page: Path, requirement: str, repository: str = "") -> dict[str, Any]:
    """A page as a notebook, in format 4.5.

    Args:
        page: the page.
        requirement: what pip is asked for where kerasish is missing.
        repository: where links to other files lead; without one their text stays.
    """
    text = _FOLDED.sub("", page.read_text(encoding="utf-8"))
    cells: list[dict[str, Any]] = [_code(_install(requirement), "")]
    at = 0
    for block in paste_output.blocks(text):
        if block.kind != "code" or block.indent:
            continue
        fence = text.rindex("```python", 0, block.start)
        cells += _words(text[at:fence], page, repository)
        cells.append(_code(block.body.rstrip(), block.shown))
        at = block.after
    cells += _words(text[at:], page, repository)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return {
        "cells": cells,
        "metadata": {
            "colab": {"name": f"{page.stem}.ipynb", "provenance": []},
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3",
                "language": "python",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _install(requirement: str) -> str:
    return (
        "# Where kerasish is not installed yet, as on a fresh machine in Colab:\n"
        "import importlib.util\n\n"
        'if importlib.util.find_spec("kerasish") is None:\n'
        f"    %pip install -q {requirement}"
    )


def _code(source: str, shown: str) -> dict[str, Any]:
    stream = {"output_type": "stream", "name": "stdout", "text": shown.splitlines(True)}
    return {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "source": source.splitlines(True),
        "outputs": [stream] if shown else [],
    }


def _words(text: str, page: Path, repository: str) -> list[dict[str, Any]]:
    """A cell of text, with its pictures inside it; none where there is no text."""
    text = _COMMENT.sub("", text).replace(' markdown="1"', "").strip()
    if not text:
        return []
    pictures = {
        name: LEARN.parent / "images" / name for _, name in _PICTURE.findall(text)
    }
    text = _PICTURE.sub(
        lambda picture: f"![{picture[1]}](attachment:{picture[2]})", text
    )
    text = _LINK.sub(lambda link: _led(link[1], link[2], page, repository), text)
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "metadata": {},
        "source": text.splitlines(True),
    }
    if pictures:
        cell["attachments"] = {
            name: {
                mimetypes.guess_type(name)[0] or "image/png": base64.b64encode(
                    path.read_bytes()
                ).decode("ascii")
            }
            for name, path in pictures.items()
        }
    return [cell]


def _led(text: str, target: str, page: Path, repository: str) -> str:
    """A link as a notebook has it: to the next notebook, or to the repository."""
    file, mark, anchor = target.partition("#")
    if target.startswith("http") or not file:
        return f"[{text}]({target})"
    goal = (page.parent / file).resolve()
    if goal.parent == LEARN and goal.stem[:2].isdigit():
        return f"[{text}]({goal.stem}.ipynb{mark}{anchor})"
    if repository:
        return f"[{text}]({repository}/blob/main/{goal.relative_to(ROOT).as_posix()}{mark}{anchor})"
    return text


def _execute(made: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The notebook with what a kernel makes of it, run in `folder`."""
    import nbclient
    import nbformat

    node = nbformat.reads(json.dumps(made), as_version=4)
    nbclient.NotebookClient(
        node, timeout=600, resources={"metadata": {"path": str(folder)}}
    ).execute()
    executed: dict[str, Any] = json.loads(nbformat.writes(node))
    return executed


def write(pages: list[Path], into: Path, execute: bool = False) -> list[Path]:
    """Write the notebooks of these pages, or of every chapter, into a folder."""
    home = os.environ.get("GITHUB_REPOSITORY")
    repository = f"https://github.com/{home}" if home else ""
    requirement = f'"kerasish[plot] @ git+{repository}"' if home else '"../..[plot]"'
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for page in pages or sorted(LEARN.glob("[0-9]*.md")):
        made = notebook(page.resolve(), requirement, repository)
        if execute:
            made = _execute(made, into)
        path = into / f"{page.stem}.ipynb"
        text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def main() -> None:
    """Write the notebooks that the command line names, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--into", type=Path, default=ROOT / "build" / "notebooks")
    parser.add_argument("--execute", action="store_true", help="run them in a kernel")
    options = parser.parse_args()
    for path in write(options.pages, options.into, options.execute):
        print(path)


if __name__ == "__main__":
    main()
