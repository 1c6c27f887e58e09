"""A hook of MkDocs: a page of reference for each public module, made from its names and their docstrings."""

from __future__ import annotations

import html
import importlib
import inspect
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import kerasish  # noqa: E402  (found through the line above, wherever MkDocs is run)

# The backend is explained, not listed; the data sets, modules of another package, have a page to themselves.
SKIPPED = {"backend", "datasets"}
# Where the site's links to files lead; GitHub's builds know it.
REPOSITORY = f"https://github.com/{os.environ['GITHUB_REPOSITORY']}" if "GITHUB_REPOSITORY" in os.environ else ""


def pages() -> list[str]:
    """The public modules, as they are written after `keras.`, in alphabetical order."""
    found: list[str] = []

    def visit(module: ModuleType, path: str) -> None:
        for name in _public(module):
            value = getattr(module, name)
            if isinstance(value, ModuleType) and value.__name__.startswith("kerasish.") and name not in SKIPPED:
                found.append(f"{path}{name}")
                visit(value, f"{path}{name}.")

    visit(kerasish, "")
    return sorted(found)


def _public(module: ModuleType) -> list[str]:
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    return sorted(name for name in names if not name.startswith("_"))


def _home(value: Any) -> str | None:
    """Where a class or function is defined, if that can be read from the source."""
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return None
    home, name = value.__module__, value.__qualname__
    if not home.startswith(("kerasish.", "kerasish_datasets.")) or "<locals>" in name:
        return None
    holder: Any = importlib.import_module(home)
    for part in name.split("."):
        holder = getattr(holder, part, None)
    # A function that a wrapper or a table made is not in the source under its name.
    made = inspect.isfunction(value) and value.__code__.co_name != value.__name__
    return f"{home}.{name}" if holder is value and not made else None


def _signature(value: Any) -> str:
    try:
        return str(inspect.signature(value))
    except (TypeError, ValueError):
        return "(...)" if callable(value) else ""


def _plain_entry(public: str, value: Any) -> str:
    """An entry for what no source file defines by name: a primitive is made by a table, one line each."""
    text = inspect.cleandoc(getattr(value, "__doc__", None) or "")
    summary, _, rest = text.partition("\n\n")
    body = html.escape(summary, quote=False).replace("`", "")
    parts = [f"### `{public}` {{ #{public} }}", f"```python\n{public.rsplit('.', 1)[-1]}{_signature(value)}\n```", body]
    if rest:
        parts.append(f"```text\n{rest}\n```")
    return "\n\n".join(parts)


def _entry(public: str, value: Any, home: str | None) -> str:
    if home is None:
        return _plain_entry(public, value)
    return f"::: {home}\n    options:\n      heading: {public}\n      toc_label: {public.rsplit('.', 1)[-1]}"


def _page(name: str, seen: dict[int, str]) -> str:
    module = importlib.import_module(f"kerasish.{name}")
    summary = inspect.cleandoc(module.__doc__ or "")
    parts = [f"# keras.{name}", summary]
    for public in _public(module):
        value = getattr(module, public)
        if isinstance(value, ModuleType):
            continue
        full = f"keras.{name}.{public}"
        if id(value) in seen:
            parts.append(f"### `{full}`\n\nThe same as `{seen[id(value)]}`.")
            continue
        seen[id(value)] = full
        parts.append(_entry(full, value, _home(value)))
    return "\n\n".join(parts) + "\n"


def _datasets_page() -> str:
    """The loaders of all data sets on one page, each under its module."""
    package = importlib.import_module("kerasish_datasets")
    parts = ["# keras.datasets", "Also as `kerasish_datasets`. " + inspect.cleandoc(package.__doc__ or "")]
    for name in _public(package):
        module = getattr(package, name)
        parts += [f"## keras.datasets.{name}", inspect.cleandoc(module.__doc__ or "")]
        for public, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__ and not public.startswith("_"):
                parts.append(_entry(f"keras.datasets.{name}.{public}", value, _home(value)))
    return "\n\n".join(parts) + "\n"


def _root_page(seen: dict[int, str]) -> str:
    parts = ["# keras", "The names of `import kerasish as keras` itself; the modules have pages of their own."]
    for public in sorted(kerasish.__all__):
        value = getattr(kerasish, public)
        if isinstance(value, ModuleType) or public.startswith("_"):
            continue
        full = f"keras.{public}"
        if id(value) in seen:
            parts.append(f"### `{full}`\n\nThe same as `{seen[id(value)]}`.")
        else:
            seen[id(value)] = full
            parts.append(_entry(full, value, _home(value)))
    return "\n\n".join(parts) + "\n"


def _index() -> str:
    rows = ["| module | what it holds |", "| --- | --- |"]
    rows.append(
        "| [keras](keras.md) | `Sequential`, `Model`, `Input`, `Layer`, `GradientTape`, `Variable` and their kin |"
    )
    rows.append("| [keras.datasets](datasets.md) | Data sets: bundled, made on the spot, or read from local files. |")
    for name in pages():
        doc = inspect.cleandoc(importlib.import_module(f"kerasish.{name}").__doc__ or "").split("\n\n")[0]
        rows.append(f"| [keras.{name}]({name}.md) | {' '.join(doc.split())} |")
    text = "Every public name, from its docstring. `keras` stands for `import kerasish as keras`."
    return f"# Reference\n\n{text}\n\n" + "\n".join(rows) + "\n"


def texts() -> dict[str, str]:
    """The generated pages: for each path below docs/, its Markdown."""
    seen: dict[int, str] = {}
    made = {f"reference/{name}.md": _page(name, seen) for name in pages()}
    made["reference/keras.md"] = _root_page(seen)
    made["reference/datasets.md"] = _datasets_page()
    made["reference/index.md"] = _index()
    return made


def on_page_markdown(markdown: str, **kwargs: Any) -> str:
    """Let links to files of the repository, which GitHub follows from the page, end at their code."""

    def link(found: re.Match[str]) -> str:
        text, file = found.groups()
        return f"[{text}]({REPOSITORY}/blob/main/{file})" if REPOSITORY else f"`{file}`"

    return re.sub(
        r"\[([^\]]*)\]\((?:\.\./)+((?:examples|kerasish|benchmarks|tests)/[^)]*|[A-Z]+\.md)\)", link, markdown
    )


def on_config(config: Any) -> Any:
    """Name the generated pages in the navigation, before those that mkdocs.yml names."""
    entries = ["reference/index.md", "reference/keras.md", "reference/datasets.md"]
    entries += [f"reference/{name}.md" for name in pages()]
    for section in config.nav:
        if isinstance(section, dict) and "Reference" in section:
            section["Reference"] = entries + [page for page in section["Reference"] if page not in entries]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages to those of docs/."""
    from mkdocs.structure.files import File

    for path, text in texts().items():
        files.append(File.generated(config, path, content=text))
    return files
