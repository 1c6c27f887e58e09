"""Print the changelog's section of a version, if all is set for its release: `python .ci/release_notes.py v0.1.0`."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def version() -> str:
    """The version of the code."""
    text = (ROOT / "kerasish" / "version.py").read_text(encoding="utf-8")
    return re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)[0]


def notes(tag: str, changelog: str) -> str:
    """What a changelog says of the version of a tag.

    Raises:
        SystemExit: if the tag is not of this code, or the changelog has no such section, or an empty one.
    """
    if tag != f"v{version()}":
        raise SystemExit(f"the tag is {tag}, but kerasish/version.py says {version()}; expected the tag v{version()}")
    section = re.search(rf"^## \[{re.escape(tag[1:])}\][^\n]*\n(.*?)(?=^## |\Z)", changelog, re.DOTALL | re.MULTILINE)
    if section is None or not section.group(1).strip():
        raise SystemExit(f"CHANGELOG.md says nothing below `## [{tag[1:]}]`: give what is under Unreleased that title")
    return section.group(1).strip()


if __name__ == "__main__":
    print(notes(sys.argv[1], (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))
