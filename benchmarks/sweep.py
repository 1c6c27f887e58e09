"""Many small networks, two processes at a time: `python -m benchmarks.sweep`, beside Keras on JAX.

It runs `examples/sweep.py` as it is, and again with its line `import kerasish as keras` saying `import keras`. So both
train the same networks on the same data in processes that joblib starts, and the time is that of the whole script: the
workers' imports, building, compiling, training, evaluating.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINE = "import kerasish as keras"
# One core for each worker, as OPENBLAS_NUM_THREADS=1, which joblib sets, says to NumPy.
ONE_CORE = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
LIBRARIES = {
    "kerasish": (LINE, {"KERASISH_FAST": "0"}),
    "kerasish (fast)": (LINE, {"KERASISH_FAST": "1"}),
    "keras-jax": ("import keras", {"KERAS_BACKEND": "jax", "XLA_FLAGS": ONE_CORE}),
    "keras-jax, XLA's own threads": ("import keras", {"KERAS_BACKEND": "jax"}),
}


def script(line: str) -> str:
    """The example with another library's import in the place of this one's.

    Raises:
        ValueError: if the example has no such line, so that nothing would be compared.
    """
    text = (ROOT / "examples" / "sweep.py").read_text(encoding="utf-8")
    if text.count(f"\n{LINE}\n") != 1:
        raise ValueError(f"examples/sweep.py has not one line {LINE!r}")
    return text.replace(f"\n{LINE}\n", f"\n{line}\n")


def run(library: str, networks: int) -> tuple[float, float]:
    """Seconds of the whole script, and the best accuracy that it found."""
    line, settings = LIBRARIES[library]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KERASISH_EXAMPLE_NETWORKS": str(networks), **settings}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sweep.py"
        path.write_text(script(line), encoding="utf-8")
        begun = time.perf_counter()
        ran = subprocess.run([sys.executable, path], env=environment, capture_output=True, text=True, check=False)
        took = time.perf_counter() - begun
    if ran.returncode:
        raise RuntimeError(f"{library}:\n{ran.stderr[-2000:]}")
    return took, float(re.findall(r"([\d.]+)% of new points", ran.stdout)[0])


def main() -> None:
    """A line for each library: the median over rounds, and how many times this library's that is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--libraries", nargs="+", default=list(LIBRARIES), choices=LIBRARIES)
    chosen = parser.parse_args()
    first = None
    for library in chosen.libraries:
        runs = [run(library, chosen.networks) for _ in range(chosen.rounds)]
        took = statistics.median(seconds for seconds, _ in runs)
        first = first or took
        print(
            f"{library:30} {chosen.networks} networks in {took:6.1f} s, {1000 * took / chosen.networks:6.0f} ms each, "
            f"{took / first:5.1f} times the first; best {runs[0][1]:.1f}%",
            flush=True,
        )


if __name__ == "__main__":
    main()
