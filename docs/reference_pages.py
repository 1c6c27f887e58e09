"""The pages of reference: one for each layer and each other public module, from names and docstrings."""

from __future__ import annotations

import html
import importlib
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import kerasish  # noqa: E402  (found through the line above, wherever this is run)

# The backend is explained, not listed; the data sets, modules of another package, have a page to themselves.
SKIPPED = {"backend", "datasets"}
# Where the layers of a directory belong, as Keras groups them.
GROUPS = {
    "core": "Core layers",
    "activations": "Activation layers",
    "preprocessing": "Preprocessing layers",
    "preprocessing.image": "Image layers",
    "normalization": "Normalization layers",
    "regularization": "Regularization layers",
    "attention": "Attention layers",
    "reshaping": "Reshaping layers",
    "merging": "Merging layers",
    "recurrent": "Recurrent layers",
    "convolutional": "Convolution layers",
    "pooling": "Pooling layers",
}


def pages() -> list[str]:
    """The public modules, as they are written after `keras.`, in alphabetical order."""
    found: list[str] = []

    def visit(module: ModuleType, path: str) -> None:
        for name in _public(module):
            value = getattr(module, name)
            if (
                isinstance(value, ModuleType)
                and value.__name__.startswith("kerasish.")
                and name not in SKIPPED
            ):
                found.append(f"{path}{name}")
                visit(value, f"{path}{name}.")

    visit(kerasish, "")
    return sorted(found)


def _public(module: ModuleType) -> list[str]:
    names = getattr(module, "__all__", None) or [
        name for name in vars(module) if not name.startswith("_")
    ]
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
    # A function that a wrapper or a table made is not in the source under its name, nor is such a class.
    if inspect.isclass(value):
        source = inspect.getsource(sys.modules[home])
        made = not re.search(rf"^ *class {value.__name__}\b", source, re.MULTILINE)
    else:
        made = value.__code__.co_name != value.__name__
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
    parts = [
        f"### `{public}` {{ #{public} }}",
        f"```python\n{public.rsplit('.', 1)[-1]}{_signature(value)}\n```",
        body,
    ]
    if rest:
        parts.append(f"```text\n{rest}\n```")
    return "\n\n".join(parts)


def _entry(public: str, value: Any, home: str | None) -> str:
    if home is None:
        return _plain_entry(public, value)
    return f"::: {home}\n    options:\n      heading: {public}\n      toc_label: {public.rsplit('.', 1)[-1]}"


def _entries(
    module: ModuleType, path: str, names: list[str], seen: dict[int, str]
) -> list[str]:
    """What a page says of some of a module's names; of a name for what has another already, that one."""
    parts = []
    for public in names:
        value = getattr(module, public)
        full = f"keras.{path}{public}"
        if id(value) in seen:
            parts.append(
                f"### `{full}` {{ #{full} }}\n\nThe same as `{seen[id(value)]}`."
            )
            continue
        seen[id(value)] = full
        parts.append(_entry(full, value, _home(value)))
    return parts


def _page(name: str, seen: dict[int, str]) -> str:
    module = importlib.import_module(f"kerasish.{name}")
    names = [
        public
        for public in _public(module)
        if not isinstance(getattr(module, public), ModuleType)
    ]
    if (
        name == "explain"
    ):  # the functions are what is called, their results are what comes back
        names.sort(key=lambda public: inspect.isclass(getattr(module, public)))
    parts = [
        f"# keras.{name}",
        inspect.cleandoc(module.__doc__ or ""),
        *_entries(module, f"{name}.", names, seen),
    ]
    return "\n\n".join(parts) + "\n"


def layer_groups() -> dict[str, dict[str, list[str]]]:
    """For each group of layers, in Keras's order, its pages, and for each the names that it is about."""
    from kerasish import layers

    groups: dict[str, dict[str, list[str]]] = {title: {} for title in GROUPS.values()}
    for name in sorted(
        _public(layers), key=lambda name: (name != getattr(layers, name).__name__, name)
    ):
        value = getattr(layers, name)
        room = value.__module__.removeprefix("kerasish.layers.").rpartition(".")[0]
        pages = groups[GROUPS.get(room, "Core layers")]
        # A class, its other names, and the function of the same name (`Add`, `add`) share a page.
        known = [page for page in pages if page.lower() == value.__name__.lower()]
        pages.setdefault(known[0] if known else name, []).append(name)
    return {title: dict(sorted(pages.items())) for title, pages in groups.items()}


def _summary(value: Any) -> str:
    return " ".join(
        inspect.cleandoc(value.__doc__ or "").split("\n\n")[0].split()
    ).replace("|", "\\|")


def _layer_pages(seen: dict[int, str]) -> dict[str, str]:
    from kerasish import layers

    made = {}
    overview = ["# Layers", inspect.cleandoc(layers.__doc__ or "")]
    for title, pages in layer_groups().items():
        rows = ["| layer | what it does |", "| --- | --- |"]
        for page, names in pages.items():
            entries = _entries(layers, "layers.", names, seen)
            made[f"reference/layers/{page}.md"] = (
                "\n\n".join([f"# {page}", *entries]) + "\n"
            )
            rows.append(f"| [{page}]({page}.md) | {_summary(getattr(layers, page))} |")
        overview += [f"## {title}", "\n".join(rows)]
    return {"reference/layers/index.md": "\n\n".join(overview) + "\n", **made}


def _datasets_page() -> str:
    """The loaders of all data sets on one page, each under its module."""
    package = importlib.import_module("kerasish_datasets")
    parts = [
        "# keras.datasets",
        "Also as `kerasish_datasets`. " + inspect.cleandoc(package.__doc__ or ""),
    ]
    for name in _public(package):
        module = getattr(package, name)
        parts += [f"## keras.datasets.{name}", inspect.cleandoc(module.__doc__ or "")]
        for public, value in vars(module).items():
            if (
                inspect.isfunction(value)
                and value.__module__ == module.__name__
                and not public.startswith("_")
            ):
                parts.append(
                    _entry(f"keras.datasets.{name}.{public}", value, _home(value))
                )
    return "\n\n".join(parts) + "\n"


def _root_page(seen: dict[int, str]) -> str:
    parts = [
        "# keras",
        "The names of `import kerasish as keras` itself; the modules have pages of their own.",
    ]
    names = [name for name in sorted(kerasish.__all__) if not name.startswith("_")]
    names = [
        name for name in names if not isinstance(getattr(kerasish, name), ModuleType)
    ]
    return "\n\n".join([*parts, *_entries(kerasish, "", names, seen)]) + "\n"


def _index() -> str:
    """The page of docs/, and below it a line for each module."""
    rows = [
        "| module | what it holds |",
        "| --- | --- |",
        "| [keras](keras.md) | `Sequential`, `Model`, `Input`, `Layer`, `GradientTape`, `Variable` and their kin. |",
        "| [keras.datasets](datasets.md) | Data sets: bundled, made on the spot, or read from local files. |",
    ]
    for name in pages():
        target = "layers/index" if name == "layers" else name
        summary = _summary(importlib.import_module(f"kerasish.{name}"))
        rows.append(f"| [keras.{name}]({target}.md) | {summary} |")
    page = (ROOT / "docs" / "reference" / "index.md").read_text(encoding="utf-8")
    return page + "\n" + "\n".join(rows) + "\n"


def _types_page() -> str:
    """The names that signatures have for what may be given, from the file that defines them, comments and all."""
    from kerasish.backend import typing

    parts = [
        "# Types",
        "What an argument may be, under the names that signatures have for it.",
    ]
    source = inspect.getsource(typing)
    for comment, name, meaning in re.findall(
        r"((?:^# .*\n)*)^([A-Z]\w+) = (.*)$", source, re.MULTILINE
    ):
        said = " ".join(line.removeprefix("# ") for line in comment.splitlines())
        parts += [
            f"### {name} {{ #kerasish.backend.typing.{name} }}",
            f"```python\n{name} = {meaning}\n```",
            said,
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def texts() -> dict[str, str]:
    """The generated pages: for each path below docs/, its Markdown."""
    seen: dict[int, str] = {}
    made = _layer_pages(seen)
    made |= {
        f"reference/{name}.md": _page(name, seen)
        for name in pages()
        if name != "layers"
    }
    made["reference/keras.md"] = _root_page(seen)
    made["reference/datasets.md"] = _datasets_page()
    made["reference/types.md"] = _types_page()
    made["reference/index.md"] = _index()
    return made


def navigation() -> list[Any]:
    """The generated pages, in the order of the reference's menu."""
    layers: list[Any] = ["reference/layers/index.md"]
    for title, names in layer_groups().items():
        layers.append(
            {title: [{name: f"reference/layers/{name}.md"} for name in names]}
        )
    entries: list[Any] = [
        {"keras": "reference/keras.md"},
        {"layers": layers},
    ]
    entries += [{name: f"reference/{name}.md"} for name in ("explain", "datasets")]
    others = [name for name in pages() if name not in ("layers", "explain")]
    for name in [name for name in others if "." not in name]:
        inner = [
            {full.partition(".")[2]: f"reference/{full}.md"}
            for full in others
            if full.startswith(f"{name}.")
        ]
        page = f"reference/{name}.md"
        entries.append({name: [{name: page}, *inner]} if inner else {name: page})
    return [*entries, "reference/types.md"]
