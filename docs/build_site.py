"""Builds the site into site/: the pages of docs/ and those of reference, with Zensical.

Zensical comes with the extra `docs`: `pip install -e '.[docs]'`.

    python docs/build_site.py            into site/
    python docs/build_site.py --serve    and shows it on this machine
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

import make_notebooks
import reference_pages

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "build" / "site"
# Where links to files lead; builds on GitHub know it.
REPOSITORY = (
    f"https://github.com/{os.environ['GITHUB_REPOSITORY']}"
    if "GITHUB_REPOSITORY" in os.environ
    else ""
)
# A link from a page of docs/ to a file that is not in docs/.
_FILE = re.compile(
    r"\[([^\]]*)\]\((?:\.\./)+((?:\.ci|examples|kerasish\w*|benchmarks|tests)/[^)]*|[A-Z]+\.md|LICENSE)\)"
)


def on_site(text: str) -> str:
    """A page's text, whose links to files of the repository, which GitHub follows from the page, end at their code."""
    if REPOSITORY:
        return _FILE.sub(rf"[\1]({REPOSITORY}/blob/main/\2)", text)
    return _FILE.sub(
        lambda link: link[1] if link[1].startswith("`") else f"`{link[1]}`", text
    )


def prepare(source: Path) -> Path:
    """Write the pages and the settings of the site into the folder `source`; give the settings' file."""
    from kerasish.version import __version__

    shutil.rmtree(source, ignore_errors=True)
    pages = source / "docs"
    shutil.copytree(
        ROOT / "docs",
        pages,
        ignore=shutil.ignore_patterns("*.py", "*.toml", "overrides", "__pycache__"),
    )
    for path in pages.rglob("*.md"):
        path.write_text(on_site(path.read_text(encoding="utf-8")), encoding="utf-8")
    for path in make_notebooks.write([], pages / "notebooks"):
        page = pages / "learn" / f"{path.stem}.md"
        title, rest = page.read_text(encoding="utf-8").split("\n", 1)
        link = f"[This chapter as a notebook](../notebooks/{path.name})"
        page.write_text(f"{title}\n\n{link}\n{rest}", encoding="utf-8")
    for name, text in reference_pages.texts().items():
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        (pages / name).write_text(text, encoding="utf-8")

    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    for section in settings["nav"]:
        if "Reference" in section:
            section["Reference"][1:1] = reference_pages.navigation()
    python = next(
        plugin["mkdocstrings"]
        for plugin in settings["plugins"]
        if "mkdocstrings" in plugin
    )
    python = python["handlers"]["python"]
    python["paths"] = [str(ROOT)]
    python["options"]["extensions"] = [
        str(ROOT / name) if str(name).endswith(".py") else name
        for name in python["options"]["extensions"]
    ]
    settings["theme"]["custom_dir"] = str(ROOT / "docs" / "overrides")
    settings["copyright"] = f"kerasish {__version__}, under Apache-2.0"
    if REPOSITORY:
        owner, _, name = REPOSITORY.removeprefix("https://github.com/").partition("/")
        settings |= {"repo_url": REPOSITORY, "repo_name": name}
        settings["site_url"] = f"https://{owner}.github.io/{name}/"
    written = source / "mkdocs.yml"
    written.write_text(
        yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    return written


def main() -> None:
    """Build the site, or show it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--serve", action="store_true", help="show the site on this machine"
    )
    parser.add_argument(
        "--into",
        type=Path,
        default=ROOT / "site",
        help="the folder that the site is written to",
    )
    options = parser.parse_args()
    settings = prepare(SOURCE)
    command = ["serve"] if options.serve else ["build", "--clean", "--strict"]
    ran = subprocess.run(
        [sys.executable, "-m", "zensical", *command, "-f", settings],
        cwd=SOURCE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    if ran.returncode == 0 and not options.serve:
        shutil.rmtree(options.into, ignore_errors=True)
        shutil.move(SOURCE / "site", options.into)
    raise SystemExit(ran.returncode)


if __name__ == "__main__":
    main()
