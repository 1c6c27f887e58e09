"""Writes into the pages what their code prints, and the files that they show.

A page is Markdown that reads on GitHub as it does on the site. Three things in it are written by this program:

- the ```text block directly below a ```python block: what that block prints when the page's blocks run in order;
- a picture that a block saves in the working directory, if the page shows one of that name from docs/images;
- the ```python block below a comment `<!-- file: examples/01_neuron.py -->` or
  `<!-- source: kerasish.backend.tape.backpropagate -->`: that file, or the source of that function.

What a block prints is left out of the page where the comment `<!-- output: differs -->` stands directly below it.

    python docs/paste_output.py                        every page
    python docs/paste_output.py docs/learn/05-xor.md   this one
    python docs/paste_output.py --files                only the files and sources, nothing runs
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import inspect
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
_FENCE = re.compile(
    r"^(?P<indent> *)```python[^\n]*\n(?P<body>.*?)^(?P=indent)```\n",
    re.DOTALL | re.MULTILINE,
)
_OUTPUT = re.compile(
    r"\n(?P<indent> *)```text\n(?P<body>.*?)^(?P=indent)```\n", re.DOTALL | re.MULTILINE
)
_DIFFERS = re.compile(r"\n *<!-- output: differs -->\n")
_FILE = re.compile(
    r"<!-- (?P<kind>file|source): (?P<what>\S+) -->\n(?:<!-- fmt: off -->\n)?\n*\Z"
)
_NUMBER = re.compile(
    r"[-+]?\b\d[\d_,]*\.?\d*(?:e[-+]?\d+)?(?:\s?(?:us|µs|ms|s|ns))?\b", re.IGNORECASE
)


@dataclass
class Block:
    """One ```python block of a page."""

    body: str
    line: int  # of its first line of code, counted from 1
    indent: str
    kind: str  # "code", "file" or "source"
    what: str  # the file or the name, if it shows one
    shown: str  # the output below it
    differs: bool  # its output is not shown
    start: int  # where its code begins in the page's text
    end: int  # where the block ends, its output not counted
    after: int  # where the block ends with its output


def blocks(text: str) -> list[Block]:
    """The Python blocks of a page's text, in order."""
    found = []
    for fence in _FENCE.finditer(text):
        marked = _FILE.search(text, max(0, fence.start() - 200), fence.start())
        output = None if marked else _OUTPUT.match(text, fence.end())
        start = fence.start("body")
        found.append(
            Block(
                body=textwrap.dedent(fence["body"]),
                line=text.count("\n", 0, start) + 1,
                indent=fence["indent"],
                kind=marked["kind"] if marked else "code",
                what=marked["what"] if marked else "",
                shown=textwrap.dedent(output["body"]) if output else "",
                differs=_DIFFERS.match(text, fence.end()) is not None,
                start=start,
                end=fence.end(),
                after=output.end() if output else fence.end(),
            )
        )
    return found


def source_of(path: str) -> str:
    """The source of a class, function or method that is named by its full path."""
    module, _, name = path.rpartition(".")
    while not _is_module(module):
        module, _, part = module.rpartition(".")
        name = f"{part}.{name}"
    value: Any = importlib.import_module(module)
    for part in name.split("."):
        value = getattr(value, part)
    return textwrap.dedent(inspect.getsource(value)).rstrip() + "\n"


def _is_module(path: str) -> bool:
    try:
        return importlib.util.find_spec(path) is not None
    except ModuleNotFoundError:  # what stands before its last dot is no package
        return False


def shown_file(block: Block) -> str:
    """What a block that shows a file or a source must hold."""
    if block.kind == "file":
        return (ROOT / block.what).read_text(encoding="utf-8").rstrip() + "\n"
    return source_of(block.what)


def run(page: Path, folder: Path) -> list[str]:
    """What each block of a page prints; they run in order, in a process of their own, in `folder`.

    Raises:
        RuntimeError: If a block fails; the message has the end of what the process wrote.
    """
    settings = {
        "MPLBACKEND": "Agg",
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    printed = folder / "printed.json"
    ran = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", __file__, "--run", page, printed],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode != 0:
        raise RuntimeError(f"{page}:\n{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}")
    result: list[str] = json.loads(printed.read_text(encoding="utf-8"))
    return result


def _run_here(page: Path, printed: Path) -> None:
    """Run the blocks of a page as one script, whose lines have the numbers that they have in the page."""
    module = types.ModuleType("__main__")
    module.__file__ = str(page)
    sys.modules["__main__"] = module
    outputs = []
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.kind != "code":
            continue
        code = compile("\n" * (block.line - 1) + block.body, str(page), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(code, vars(module))
        text = out.getvalue().replace(f"{Path.cwd()}{os.sep}", "")
        lines = [line.rsplit("\r", 1)[-1].rstrip() for line in text.split("\n")]
        outputs.append("\n".join(lines).strip("\n"))
    printed.write_text(json.dumps(outputs), encoding="utf-8")


def paste(text: str, printed: list[str] | None) -> str:
    """A page's text with the files that it shows and, if something has run, with what its blocks have printed."""
    outputs = iter(printed or [])
    parts, at = [], 0
    for block in blocks(text):
        parts.append(text[at : block.start])
        body = text[block.start : block.end]
        if block.kind != "code":
            body = (
                textwrap.indent(shown_file(block), block.indent)
                + f"{block.indent}```\n"
            )
        parts.append(body)
        at = block.end
        if printed is not None and block.kind == "code":
            output = next(outputs)
            at = block.after
            if output and not block.differs:
                parts.append(
                    "\n" + textwrap.indent(f"```text\n{output}\n```\n", block.indent)
                )
    parts.append(text[at:])
    return "".join(parts)


def likeness(output: str) -> list[list[str]]:
    """The words of each line of an output. Numbers, and signs that draw or space, differ between machines."""
    return [
        re.findall(r"[^\W\d_]+", _NUMBER.sub(" ", line))
        for line in output.strip().split("\n")
    ]


def _keep_pictures(page: Path, text: str, folder: Path) -> None:
    for picture in folder.glob("*.png"):
        if re.search(rf"\]\([./]*images/{re.escape(picture.name)}\)", text):
            shutil.copy(picture, DOCS / "images" / picture.name)
            print(f"{page.name}: {picture.name}")


def main() -> None:
    """Write the pages that the command line names, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument(
        "--files", action="store_true", help="only the files and sources, nothing runs"
    )
    parser.add_argument("--run", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        _run_here(*options.run)
        return
    sys.path.insert(0, str(ROOT))
    for page in options.pages or sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        printed = None
        with tempfile.TemporaryDirectory() as name:
            if not options.files and any(
                block.kind == "code" for block in blocks(text)
            ):
                printed = run(page.resolve(), Path(name))
                _keep_pictures(page, text, Path(name))
        new = paste(text, printed)
        if new != text:
            page.write_text(new, encoding="utf-8")
            print(f"{page}: written")


if __name__ == "__main__":
    main()
