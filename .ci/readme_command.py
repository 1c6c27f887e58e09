"""Print a shell command of README.md: `python3 .ci/readme_command.py tests` prints the one marked `command: tests`."""

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
MARKED = re.compile(r"^<!-- command: ([a-z ]+) -->\n```(?:bash|sh)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def commands() -> dict[str, str]:
    """The README's commands by the names in the comments before them, in order, each as it stands there."""
    return dict(MARKED.findall(README.read_text(encoding="utf-8")))


if __name__ == "__main__":
    print(commands()[sys.argv[1]])
