"""A random rank of a training is killed at a random moment, and the training goes on: `python kills.py 20` says how."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.unit.distribution import faulty, launch

EVERY = 2  # how many steps are between two backups


class Outcome(NamedTuple):
    """What came of one kill.

    Attributes:
        rank, step: which rank it was, and how many steps were done then.
        seconds: from the kill to the end of the job.
        message: what was said.
        lost: how many of the steps have to be made again.
        left: the files beside the backup.
        far: how far the weights in the end are from those of a training that nobody killed.
    """

    rank: int
    step: int
    seconds: float
    message: str
    lost: int
    left: list[str]
    far: float


def one_kill(seed: int, ranks: int, ranks_after: int, folder: Path) -> Outcome:
    """Kill one rank of a job, and let so many ranks go on from its last backup."""
    draw = random.Random(seed)
    victim, after = draw.randrange(ranks), draw.uniform(0.0, 0.4)
    command = launch.command(ranks, Path(faulty.__file__), "last", folder)
    job = subprocess.Popen(
        command, env=launch.environment(60.0), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    steps = folder / "steps"
    while not steps.exists() and job.poll() is None:
        time.sleep(0.005)
    time.sleep(after)
    os.kill(int((folder / f"{victim}.pid").read_text()), signal.SIGKILL)
    begun, done = time.monotonic(), len(steps.read_text().split())
    said, _ = job.communicate(timeout=300)
    seconds = time.monotonic() - begun
    message = next((line for line in said.splitlines() if "signal 9" in line or "kerasish:" in line), said)
    done = len(steps.read_text().split())
    left = sorted(path.name for path in (folder / "backup").glob("*") if path.name != "latest.weights.h5")
    steps.unlink()
    weights = resumed(ranks_after, folder)
    made = len(steps.read_text().split()) if steps.exists() else 0
    expected = faulty.model()
    faulty.fit(expected)
    far = max(float(np.max(np.abs(a - b))) for a, b in zip(weights, expected.get_weights(), strict=True))
    return Outcome(victim, done, seconds, message.strip(), done + made - faulty.STEPS, left, far)


def resumed(ranks: int, folder: Path) -> list[Any]:
    """The weights where the training ends that goes on."""
    command = launch.command(ranks, Path(faulty.__file__), "last", folder)
    subprocess.run(command, env=launch.environment(60.0), stdin=subprocess.DEVNULL, check=True, timeout=120)
    with np.load(folder / "weights.npz") as file:
        return [file[name] for name in file.files]


def main(count: int) -> None:
    """Print a row for each of so many kills, and what they have in common."""
    print("| ranks | killed | after step | ended after (s) | steps lost | goes on with | far |\n|" + " --- |" * 7)
    found = []
    for seed in range(count):
        ranks, after = 2 + seed % 2, 1 + seed % 3
        with tempfile.TemporaryDirectory() as folder:
            one = one_kill(seed, ranks, after, Path(folder))
        found.append(one)
        print(f"| {ranks} | {one.rank} | {one.step} | {one.seconds:.2f} | {one.lost} | {after} | {one.far:.1e} |")
        print(json.dumps({"said": one.message, "left": one.left}), file=sys.stderr)
    print(f"\nat most {max(o.seconds for o in found):.2f} s and {max(o.lost for o in found)} steps")


if __name__ == "__main__":
    main(int(sys.argv[1]))
