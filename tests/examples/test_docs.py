"""The site: its blocks run and print what stands below them, its links and pictures exist, and it builds."""

import html
import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

import kerasish

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def _program(name: str) -> ModuleType:
    """A program of docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


paste_output = _program("paste_output")
make_notebooks = _program("make_notebooks")
TEXTS = {page: (DOCS / page).read_text(encoding="utf-8") for page in PAGES}
BLOCKS = {page: paste_output.blocks(text) for page, text in TEXTS.items()}


@pytest.mark.parametrize("page", [page for page in PAGES if any(block.kind == "code" for block in BLOCKS[page])])
def test_the_blocks_of_a_page_run_and_print_what_it_shows(page: str, tmp_path: Path) -> None:
    """Numbers differ between machines in their last digits, and so does all that grows from those; words do not."""
    printed = paste_output.run(DOCS / page, tmp_path)
    told = [block for block in BLOCKS[page] if block.kind == "code"]
    for block, output in zip(told, printed, strict=True):
        assert block.differs or paste_output.likeness(output) == paste_output.likeness(block.shown), (
            f"{page}, line {block.line}, prints:\n{output}\nThe page shows:\n{block.shown}\n"
            f"`python docs/paste_output.py docs/{page}` writes it anew."
        )


@pytest.mark.parametrize("page", PAGES)
def test_the_files_that_a_page_shows_are_as_they_are_now(page: str) -> None:
    for block in BLOCKS[page]:
        if block.kind != "code":
            assert block.body == paste_output.shown_file(block), (
                f"{page} shows another {block.what}; `python docs/paste_output.py --files` writes it anew."
            )


def test_outputs_are_alike_when_only_their_numbers_differ() -> None:
    likeness = paste_output.likeness
    assert likeness("loss: 0.31 - 12ms/step") == likeness("loss: 1e-05 - 890us/step")
    assert likeness("one\ntwo 2") != likeness("one two 2")
    assert likeness("verdict healthy 0.3") != likeness("verdict vanishing 0.3")
    assert likeness("[1. 2.]\n[3. 4.]") != likeness("[1. 2.]")


def test_pasting_replaces_what_stands_below_a_block() -> None:
    page = "```python\nprint(1)\n```\n\n```text\nold\n```\n\nwords\n\n```python\nx = 2\n```\n"
    pasted = paste_output.paste(page, ["1", ""])
    assert pasted == page.replace("old", "1")
    assert paste_output.paste(pasted, ["1", ""]) == pasted
    assert paste_output.paste(page.replace("words", "```text\nby hand\n```"), ["", "2"]) == (
        "```python\nprint(1)\n```\n\n```text\nby hand\n```\n\n```python\nx = 2\n```\n\n```text\n2\n```\n"
    )


def test_there_are_blocks_to_run() -> None:
    assert sum(block.kind == "code" for page in PAGES for block in BLOCKS[page]) > 60
    assert sum(bool(block.shown) for page in PAGES for block in BLOCKS[page]) > 60


TOLD = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "benchmarks/README.md",
    *(f"docs/{page}" for page in PAGES),
]


def _prose(text: str) -> str:
    """A page's text without its code."""
    return re.sub(r"`[^`\n]*`", "``", re.sub(r"^( *)```.*?^\1```", "", text, flags=re.DOTALL | re.MULTILINE))


def _anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub writes them; the site writes the same, or it is none of these."""
    found = set()
    for heading in re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    ):
        words = re.sub(r"[^\w\s-]", "", heading.lower()).strip()
        if words.isascii() and not re.search(r"[-\s]{2}", words):
            found.add(re.sub(r"\s", "-", words))
    return found


@pytest.mark.parametrize("page", TOLD)
def test_links_and_pictures_of_a_page_are_there(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)\s]+)[^)]*\)", _prose(path.read_text(encoding="utf-8"))):
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        goal = (path.parent / file).resolve() if file else path
        assert goal.exists() and goal.is_relative_to(ROOT), f"{page} links to {target}"
        if anchor:
            assert anchor in _anchors(goal.read_text(encoding="utf-8")), f"{page} links to {target}"


def test_anchors_are_those_of_github() -> None:
    assert _anchors("# A page\n\n## What's `new`?\n\n```bash\n# none\n```\n\n## a -  b\n") == {"a-page", "whats-new"}


def test_every_picture_is_shown_and_every_example_has_a_chapter() -> None:
    text = "\n".join((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
    assert not [path.name for path in (DOCS / "images").glob("*.png") if path.name not in text]
    numbered = [path.name for path in (ROOT / "examples").glob("[0-9]*.py")]
    assert len(numbered) == 24
    assert not [name for name in numbered if f"<!-- file: examples/{name} -->" not in text]


def test_every_page_is_in_the_navigation() -> None:
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    # The benchmarks' own table is written by the benchmarks, and shown where the page about them says.
    assert not [page for page in PAGES if page not in settings and page != "benchmarks-table.md"]


def test_the_reference_names_everything_that_is_public() -> None:
    pages = _program("reference_pages")
    texts = pages.texts()
    together = "\n".join(texts.values())
    names = [f"keras.{name}" for name in kerasish.__all__ if not name.startswith("_") and name != "backend"]
    for path in (*pages.pages(), "datasets"):
        names += [
            f"keras.{path}.{name}" for name in getattr(importlib.import_module(f"kerasish.{path}"), "__all__", [])
        ]
    assert len(names) > 500
    assert not [name for name in names if name not in together]
    assert "::: kerasish_datasets.iris.load_data" in texts["reference/datasets.md"]


@pytest.mark.parametrize("chapter", ["02-perceptron", "04-activations", "08c-tape"])  # quick ones
def test_a_chapter_as_a_notebook_runs_and_prints_what_its_page_shows(
    chapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    page = f"learn/{chapter}.md"
    made = make_notebooks.notebook(DOCS / page, "kerasish")
    nbformat.validate(made)
    executed = make_notebooks._execute(made, tmp_path)
    cells = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    printed = ["".join("".join(output["text"]) for output in cell["outputs"]) for cell in cells]
    shown = [block.shown for block in BLOCKS[page] if block.kind == "code"]
    assert [paste_output.likeness(text) for text in printed] == [paste_output.likeness(text) for text in ["", *shown]]


@pytest.mark.parametrize("page", [page for page in PAGES if re.match(r"learn/\d", page)])
def test_every_chapter_makes_a_notebook(page: str) -> None:
    made = make_notebooks.notebook(DOCS / page, "kerasish", "https://example.org/repository")
    assert "find_spec" in "".join(made["cells"][0]["source"])
    code = ["".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code"]
    assert code[1:] == [block.body.rstrip() for block in BLOCKS[page] if block.kind == "code"]
    words = "".join("".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "markdown")
    assert "<!--" not in words and "The whole script" not in words
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(words)):
        if target.startswith("attachment:"):
            assert any(target.removeprefix("attachment:") in cell.get("attachments", {}) for cell in made["cells"])
        elif not target.startswith(("http", "#")):
            assert (DOCS / "learn" / target.partition("#")[0]).with_suffix(".md").is_file()


def _broken(site: Path) -> list[str]:
    """The links of a built site to pages, files and anchors of its own that are not there."""
    texts = {page.resolve(): page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    anchors = {page: set(map(html.unescape, re.findall(r'\bid="([^"]+)"', text))) for page, text in texts.items()}
    broken = []
    for page, text in texts.items():
        for link in set(re.findall(r'(?:href|src)="([^"]+)"', text)) if page.name != "404.html" else ():
            file, _, anchor = unquote(html.unescape(link)).partition("#")
            if re.match(r"\w+:|//", file):
                continue
            goal = (page.parent / file).resolve() if file else page
            goal = goal / "index.html" if goal.is_dir() else goal
            if not goal.exists() or (anchor and goal in texts and anchor not in anchors[goal]):
                broken.append(f"{page.relative_to(site)}: {link}")
    return broken


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("zensical")
    pytest.importorskip("mkdocstrings")
    site = tmp_path / "site"
    ran = subprocess.run(
        [sys.executable, DOCS / "build_site.py", "--into", site],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    dense = (site / "reference" / "layers" / "Dense" / "index.html").read_text(encoding="utf-8")
    told, _, source = dense.partition("Source code in")
    assert "A layer of perceptrons" in told and "whether the weights are changed" in told and "Unpack" not in told
    assert "Unpack" in source  # the extension has something to name
    tape = (site / "explanation" / "tape" / "index.html").read_text(encoding="utf-8")
    assert "_accumulate" in tape
    neuron = (site / "learn" / "01-neuron" / "index.html").read_text(encoding="utf-8")
    assert "hard_sigmoid" in neuron and "../../examples" not in neuron
    assert not _broken(site.resolve())


def test_a_broken_link_of_the_site_is_found(tmp_path: Path) -> None:
    site = tmp_path.resolve()
    (site / "a").mkdir()
    (site / "a" / "index.html").write_text('<h1 id="top">A</h1><a href="../b.png#x">', encoding="utf-8")
    (site / "index.html").write_text(
        '<a href="a/#top"><a href="a/#end"><a href="https://a.b/c"><a href="#none">', encoding="utf-8"
    )
    assert sorted(_broken(site)) == ["a/index.html: ../b.png#x", "index.html: #none", "index.html: a/#end"]
