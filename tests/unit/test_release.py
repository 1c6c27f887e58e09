"""What a release is made of agrees with itself."""

import re
import runpy
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from kerasish.version import __version__

ROOT = Path(__file__).resolve().parents[2]
notes = runpy.run_path(str(ROOT / ".ci" / "release_notes.py"))["notes"]
TAG = f"v{__version__}"


def test_the_notes_are_the_section_of_the_version():
    changelog = f"# Changelog\n\n## [Unreleased]\n\n- later\n\n## [{__version__}] - 2026-12-01\n\n- now\n\n## [0.0.1]\n"
    assert notes(TAG, changelog) == "- now"
    assert notes(TAG, changelog.partition("\n## [0.0.1]")[0]) == "- now"


@pytest.mark.parametrize(
    ("tag", "changelog", "said"),
    [
        ("v99.0", "", f"expected the tag {TAG}"),
        (TAG, "## [Unreleased]\n\n- now\n", "says nothing below"),
        (TAG, f"## [{__version__}]\n\n## [0.0.1]\n\n- old\n", "says nothing below"),
    ],
)
def test_a_release_that_is_not_prepared_is_refused(tag, changelog, said):
    with pytest.raises(SystemExit, match=re.escape(said)):
        notes(tag, changelog)


def test_a_citation_names_the_version():
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_digits_are_no_part_of_the_wheel():
    found = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"][
        "find"
    ]
    assert [p for p in found["include"] if fnmatch("kerasish_mnist", p)] == []
    assert {
        name
        for name in ("kerasish", "kerasish.layers.core", "kerasish_datasets")
        if any(fnmatch(name, p) for p in found["include"])
    } == {"kerasish", "kerasish.layers.core", "kerasish_datasets"}


def test_ci_tries_the_readmes_quick_tests():
    command = runpy.run_path(str(ROOT / ".ci" / "readme_command.py"))["commands"]()["quick tests"]
    said = " ".join((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8").split())
    assert " ".join(word for word in command.split() if word.startswith("tests/")) in said
