"""What answering costs in a process that serves a model: `python -m benchmarks.serving`.

A model of 784-128-10 is saved, and loaded in new processes as a service would load it. They tell the time to the first
answer, the memory, the latency of one row, and rows a second from several threads and from several processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 2.0


def save(path: str) -> None:
    """Write the model that is served."""
    import kerasish as keras

    layers = keras.layers
    model = keras.Sequential([keras.Input((784,)), layers.Dense(128, "relu"), layers.Dense(10, "softmax")])
    model.save(path)


def memory() -> float:
    """What this process has in memory, in MB; 0 where that cannot be read."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def served(path: str, threads: int) -> dict[str, float]:
    """Load the model in this process and answer single rows for a while, from `threads` threads."""
    begun = time.perf_counter()
    before = memory()
    import kerasish as keras

    model = keras.models.load_model(path, compile=False)
    rows = np.random.default_rng(0).random((64, 1, 784)).astype("float32")
    model(rows[0])
    first = time.perf_counter() - begun
    expected = [model(row) for row in rows]

    def client(number: int) -> list[float]:
        took = []
        end = time.perf_counter() + SECONDS
        i = number
        while time.perf_counter() < end:
            start = time.perf_counter()
            answer = model(rows[i % 64])
            took.append(time.perf_counter() - start)
            if not np.array_equal(answer, expected[i % 64]):
                raise AssertionError("a thread has got the answer to another's question")
            i += 1
        return took

    with ThreadPoolExecutor(threads) as pool:
        took = [seconds for each in pool.map(client, range(threads)) for seconds in each]
    median, slowest = np.percentile(took, [50, 99]) * 1e6
    return {
        "first": first,
        "memory": memory() - before,
        "process": memory(),
        "median": float(median),
        "p99": float(slowest),
        "rows": len(took) / SECONDS,
    }


def start(path: str, threads: int) -> subprocess.Popen[str]:
    """A process of its own that serves."""
    command = [sys.executable, "-m", "benchmarks.serving", path, str(threads)]
    settings = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True)


def main() -> None:
    """Measure, or, with a file and a number of threads, serve."""
    if len(sys.argv) > 1:
        print(json.dumps(served(sys.argv[1], int(sys.argv[2]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.keras")
        save(path)
        for processes, threads in ((1, 1), (1, 2), (1, 4), (2, 1)):
            running = [start(path, threads) for _ in range(processes)]
            found = [json.loads(process.communicate()[0]) for process in running]
            rows = sum(each["rows"] for each in found)
            one = found[0]
            print(
                f"{processes} process(es) of {threads} thread(s): {rows:,.0f} rows/s, median {one['median']:.0f} us, "
                f"99 of 100 below {one['p99']:.0f} us; first answer after {one['first']:.2f} s, "
                f"process {one['process']:.0f} MB"
            )


if __name__ == "__main__":
    main()
