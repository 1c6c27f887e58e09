"""Every class and operation of the registry, named by a configuration with strange settings, loads or is refused.

A sample of the cases, the same in every run; `KERASISH_FUZZ=whole` loads all 120,000, in some ten minutes.
"""

import os
import subprocess
import sys
from pathlib import Path

SAMPLE = "200"
FUZZER = Path(__file__).with_name("config_fuzzer.py")
ROOT = Path(__file__).parents[2]


def test_every_case_loads_or_is_refused() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    amount = os.environ.get("KERASISH_FUZZ", SAMPLE)
    done = subprocess.run(
        [sys.executable, str(FUZZER), amount], capture_output=True, text=True, env=environment, check=False
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, f"{lines[-1:]}: {done.stderr[-2000:]}"
    loaded = sum(line.endswith(" loaded") for line in lines)
    assert len(lines) >= int(SAMPLE)
    assert loaded >= len(lines) // 50  # otherwise the cases would test the first check alone
