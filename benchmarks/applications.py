"""What a prediction of the known networks takes: `python benchmarks/applications.py [NAME ...]`, on Linux.

For each network in a process of its own: seconds to build it, seconds of the first prediction of 8 pictures of 224 by
224 and of one that was recorded before, and the memory that the first one adds to the weights, beside three times its
two largest activations. The loops of the extra `fast` are there before it begins, if it is installed.
"""

from __future__ import annotations

import math
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

NAMES = ("MobileNetV2", "EfficientNetB0", "ResNet50", "VGG16")
PICTURES = 8
MIB = 2**20
# The third prediction is written down, and the fourth is checked.
RECORDED = 4


def memory_now() -> int:
    """Bytes that the process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def forget_peak() -> None:
    """Let the peak be what is in memory now, not what drawing the weights took."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The most bytes that the process had in memory since then."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def measure(name: str) -> str:
    """A row of the table."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import kerasish as keras
    from kerasish.backend import fast

    fast.wait()
    start = time.perf_counter()
    model = getattr(keras.applications, name)(weights=None, input_shape=(224, 224, 3))
    built = time.perf_counter() - start
    x = np.random.default_rng(0).uniform(-1, 1, (PICTURES, 224, 224, 3)).astype("float32")
    forget_peak()
    before = memory_now()
    seconds = []
    for _ in range(RECORDED + 3):
        start = time.perf_counter()
        model.predict(x, verbose=0)
        seconds.append(time.perf_counter() - start)
        if len(seconds) == 1:
            added = peak() - before
    sizes = sorted(4 * PICTURES * math.prod(layer.output.shape[1:]) for layer in model.layers)
    bound = 3 * sum(sizes[-2:])
    cells = (name, f"{model.count_params():,}", f"{built:.1f}", f"{seconds[0]:.2f}", f"{min(seconds[RECORDED:]):.2f}")
    return f"| {' | '.join(cells)} | {added / MIB:.0f} MiB | {bound / MIB:.0f} MiB |"


def main() -> None:
    """Measure each network in a process of its own."""
    titles = ("network", "weights", "built in s", "first 8 pictures in s", "8 pictures in s", "memory added")
    print(f"| {' | '.join(titles)} | 3 × two largest activations |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in sys.argv[1:] or NAMES:
        ran = subprocess.run([sys.executable, __file__, "--one", name], capture_output=True, text=True, check=True)
        print(ran.stdout.strip(), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(measure(sys.argv[2]))
    else:
        main()
