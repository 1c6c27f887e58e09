"""Measure one thing in this process and print it as a line of JSON: `python -m benchmarks.measure LIBRARY WHAT`.

WHAT is the name of a task (microseconds a training step), `import` (milliseconds, in a process of its own), `call1`,
`predict1` (microseconds for one row of the mlp network), `predict10k` (microseconds for ten thousand) or `memory`
(bytes that a fit of the mlp network adds to the process; on Linux).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers import LIBRARIES, MODULES
from benchmarks.tasks import TASKS, find


def median_time(function: Callable[[], Any], count: int, rounds: int = 5) -> float:
    """Microseconds a unit, where one round of calls has `count` units: the median over rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) / count)
    return 1e6 * statistics.median(times)


def repeated(function: Callable[[], Any], count: int) -> Callable[[], None]:
    """A function that calls another `count` times."""

    def run() -> None:
        for _ in range(count):
            function()

    return run


def _status(key: str) -> int:
    """A size from the process's status page, in bytes."""
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith(key))
    return 1024 * int(line.split()[1])


def added_memory(function: Callable[[], Any]) -> int:
    """How far the process grows above its present size while a function runs, in bytes."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as reset:
        reset.write("5")  # the peak starts anew from the present size
    before = _status("VmRSS")
    function()
    return _status("VmHWM") - before


def import_time(module: str) -> float:
    """Milliseconds that a new process needs to import a module, NumPy and what a Keras script begins with included."""
    used = f"{module}.Sequential, {module}.layers.Dense, {module}.optimizers.Adam" if "keras" in module else ""
    code = f"import time; start = time.perf_counter(); import {module}; {used}\nprint(time.perf_counter() - start)"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(2):  # the first compiles to bytecode what an installation would have compiled
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise ImportError(f"{module} cannot be imported: {run.stderr.strip().splitlines()[-1]}")
    return 1e3 * float(run.stdout.splitlines()[-1])


def measure(library: str, what: str) -> float:
    """The measurement; its unit is that of the table above."""
    fast = library.endswith("(fast)")
    os.environ["KERASISH_FAST"] = "1" if fast else "0"
    if what == "import":
        if library.startswith("keras-"):
            os.environ["KERAS_BACKEND"] = library.removeprefix("keras-")
        return import_time(MODULES.get(library, library))
    peer = LIBRARIES[library.removesuffix(" (fast)")]()
    if fast:
        from kerasish.backend import fast as loops

        if not loops.wait():
            raise ImportError("numba is not installed")
    mlp = TASKS["mlp"]
    rows = np.random.default_rng(1).random((10_000, 784)).astype("float32")
    if what == "memory":
        return float(added_memory(peer.fit(mlp)))
    if what in ("call1", "predict1", "predict10k"):
        x = rows if what == "predict10k" else rows[:1]
        step = peer.call(mlp, x) if what == "call1" else peer.predict(mlp, x)
        count = 2 if what == "predict10k" else 300
        repeated(step, 2)()
        return median_time(repeated(step, count), count)
    task = find(what)
    step = peer.fit(task)
    step()  # compile, and touch the memory
    return median_time(step, task.steps)


if __name__ == "__main__":
    print(json.dumps({"value": measure(sys.argv[1], sys.argv[2])}))
