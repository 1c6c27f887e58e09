"""`import kerasish` is nearly as cheap as `import numpy`."""

import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_TIMES_NUMPY = 1.5
RUNS = 9

# Both are timed in one process, so that a busy machine slows them alike.
TIME_BOTH = """
from time import perf_counter
start = perf_counter()
import numpy
after_numpy = perf_counter()
import kerasish
after_both = perf_counter()
print((after_both - start) / (after_numpy - start))
"""

LOADED_MODULES = "import json, sys, kerasish; print(json.dumps([kerasish.__file__, *sys.modules]))"


def _run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_import_kerasish_costs_at_most_half_more_than_numpy() -> None:
    _run(TIME_BOTH)  # the first import compiles to bytecode
    ratio = statistics.median(float(_run(TIME_BOTH)) for _ in range(RUNS))
    assert ratio <= MOST_TIMES_NUMPY, f"import kerasish takes {ratio:.2f} times as long as import numpy"


def test_import_kerasish_loads_nothing_heavy() -> None:
    file, *modules = json.loads(_run(LOADED_MODULES))
    assert Path(file) == ROOT / "kerasish" / "__init__.py"
    assert not {"h5py", "tqdm", "kerasish.layers"} & set(modules)
