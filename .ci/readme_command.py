"""Print a shell command of README.md: `python3 .ci/readme_command.py 2` prints its second ```bash block."""

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def bash_blocks() -> list[str]:
    """Every fenced bash block of the README, in order, as it stands there."""
    return re.findall(r"^```bash\n(.*?)\n```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


if __name__ == "__main__":
    print(bash_blocks()[int(sys.argv[1]) - 1])
