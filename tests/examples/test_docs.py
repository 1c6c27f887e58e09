"""The site: every Python block of it runs, every picture in it exists, and it builds without a warning."""

import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import kerasish

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
FENCE = re.compile(r"^( *)```python[^\n]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)


def _blocks(page: str) -> list[str]:
    """The Python blocks of a page."""
    return [body for _, body in FENCE.findall((DOCS / page).read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page)])
def test_the_blocks_of_a_page_run_one_after_the_other(page: str, tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text("\n".join(_blocks(page)), encoding="utf-8")
    settings = {"MPLBACKEND": "Agg", "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", script],
        cwd=tmp_path,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{page}:\n{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}"


def test_there_are_blocks_to_run() -> None:
    assert sum(len(_blocks(page)) for page in PAGES) > 60


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_of_a_page_are_there(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not target.startswith(("http", "reference/", "../reference/")):
            assert ((DOCS / page).parent / target).resolve().is_file(), f"{page} links to {target}"
    for example in re.findall(r"::script (\S+)", text):
        assert (ROOT / example).is_file()


def test_every_picture_is_shown_and_every_example_has_a_chapter() -> None:
    text = "\n".join((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
    assert not [path.name for path in (DOCS / "images").glob("*.png") if path.name not in text]
    numbered = [path.name for path in (ROOT / "examples").glob("[0-9]*.py")]
    assert len(numbered) == 16
    assert not [name for name in numbered if f"::script examples/{name}" not in text]


def test_every_page_is_in_the_navigation() -> None:
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    # The benchmarks' own table is written by the benchmarks, and shown where the page about them says.
    assert not [page for page in PAGES if page not in settings and page != "benchmarks-table.md"]


def test_the_reference_names_everything_that_is_public() -> None:
    spec = importlib.util.spec_from_file_location("reference_pages", DOCS / "reference_pages.py")
    assert spec is not None and spec.loader is not None
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
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


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    pytest.importorskip("material")
    pytest.importorskip("mkdocstrings")
    ran = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    layers = (tmp_path / "site" / "reference" / "layers" / "index.html").read_text(encoding="utf-8")
    assert "keras.layers.Dense" in layers and "A layer of perceptrons" in layers
    tape = (tmp_path / "site" / "explanation" / "tape" / "index.html").read_text(encoding="utf-8")
    assert "::source" not in tape and "_accumulate" in tape
    neuron = (tmp_path / "site" / "learn" / "01-neuron" / "index.html").read_text(encoding="utf-8")
    assert "::script" not in neuron and "KERASISH_IMAGES" not in neuron and "hard_sigmoid" in neuron
