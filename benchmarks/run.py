"""Every library beside every other, in one run: `python -m benchmarks.run [--quick] [--libraries a,b] [--rounds 3]`.

Each measurement is a process of its own; rounds take the libraries in turn, so that a machine that slows down slows
all of them, and the median of the rounds counts. A library that is not installed is left out, with a line that says so.
Writes `docs/benchmarks-table.md` and `docs/images/benchmarks.png`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.tasks import PICTURES, TASKS, Task, growth

ROOT = Path(__file__).resolve().parent.parent
TRAINING = [
    "blas",
    "kerasish",
    "kerasish (fast)",
    "torch",
    "jax",
    "keras-jax",
    "keras-torch",
    "keras-tensorflow",
    "sklearn",
]
CONVOLUTION = ["kerasish", "kerasish (fast)", "torch", "keras-jax", "keras-torch", "keras-tensorflow"]
LATENCY = ["kerasish", "kerasish (fast)", "onnxruntime", "torch", "keras-jax", "keras-torch"]
LATENCY_ROWS = {
    "call1": "one row, the model called (µs)",
    "predict1": "one row, `predict` (µs)",
    "predict10k": "10,000 rows, `predict` (ms)",
}
GROWTH_LIBRARIES = ["kerasish", "kerasish (fast)", "torch", "keras-jax"]
COLORS = ["#0072B2", "#56B4E9", "#D55E00", "#009E73"]


class Runner:
    """Runs measurements and remembers which libraries are absent."""

    def __init__(self, rounds: int, libraries: list[str] | None) -> None:
        self.rounds = rounds
        self.libraries = libraries
        self.absent: set[str] = set()

    def _once(self, library: str, what: str) -> float | None:
        command = [sys.executable, "-m", "benchmarks.measure", library, what]
        run = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=900, env=os.environ, check=False
        )
        if run.returncode:
            reason = (run.stderr.strip().splitlines() or ["no output"])[-1]
            if "ModuleNotFoundError" in reason or "ImportError" in reason:
                self.absent.add(library)
            print(f"# {library} left out of {what}: {reason}", flush=True)
            return None
        return json.loads(run.stdout.splitlines()[-1])["value"]

    def medians(self, what: str, libraries: list[str]) -> dict[str, float]:
        """The median of the rounds for each library that can do it."""
        chosen = [name for name in libraries if self.libraries is None or name in self.libraries]
        found: dict[str, list[float]] = {}
        for _ in range(self.rounds):
            for library in chosen:
                if library in self.absent or found.get(library) == []:
                    continue
                value = self._once(library, what)
                found.setdefault(library, [])
                if value is not None:
                    found[library].append(value)
        medians = {library: statistics.median(values) for library, values in found.items() if values}
        print(what, {library: round(value, 1) for library, value in medians.items()}, flush=True)
        return medians


def table(title: str, rows: dict[str, dict[str, float]], libraries: list[str], scale: float = 1.0) -> str:
    """A Markdown table: rows of measurements, columns of libraries."""
    present = [name for name in libraries if any(name in row for row in rows.values())]
    lines = [f"| {title} | {' | '.join(present)} |", f"|---|{'---:|' * len(present)}"]
    for label, row in rows.items():
        cells = [_number(row[name] * scale) if name in row else "-" for name in present]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def plot(series: dict[str, dict[str, dict[str, float]]], path: Path) -> None:
    """One panel for each size that grows: microseconds a step over that size."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(series), figsize=(2.6 * len(series), 3.2), constrained_layout=True, squeeze=False, sharey=True
    )
    for axis, (name, points) in zip(axes[0], series.items(), strict=True):
        for library, color, marker in zip(GROWTH_LIBRARIES, COLORS, "os^D", strict=True):
            xs = [int(task.rsplit("-", 1)[1]) for task, row in points.items() if library in row]
            ys = [row[library] for row in points.values() if library in row]
            if xs:
                axis.loglog(xs, ys, marker=marker, color=color, label=library, markersize=4, linewidth=1.4)
        axis.set_xlabel(name)
        axis.grid(alpha=0.3, which="major")
    axes[0][0].set_ylabel("microseconds a step")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), fontsize=9, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main() -> None:
    """Measure and write the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--libraries", help="names separated by commas; all by default")
    parser.add_argument("--quick", action="store_true", help="the table of training alone")
    arguments = parser.parse_args()
    runner = Runner(arguments.rounds, arguments.libraries.split(",") if arguments.libraries else None)
    training = {name: runner.medians(name, TRAINING) for name in TASKS}
    labels = {name: f"{name} {'-'.join(map(str, _short(task.widths)))}, {task.batch}" for name, task in TASKS.items()}
    parts = [table("task, batch (µs a step)", {labels[n]: row for n, row in training.items()}, TRAINING)]
    pictures = {_described(task): runner.medians(name, CONVOLUTION) for name, task in PICTURES.items()}
    parts.append(table("convolution, batch (µs a step)", pictures, CONVOLUTION))
    if not arguments.quick:
        latency = {label: runner.medians(what, LATENCY) for what, label in LATENCY_ROWS.items()}
        latency[LATENCY_ROWS["predict10k"]] = {k: v / 1e3 for k, v in latency[LATENCY_ROWS["predict10k"]].items()}
        parts.append(table("the mlp network", latency, LATENCY))
        imports = runner.medians("import", ["blas", "kerasish", "torch", "keras-jax", "keras-torch", "sklearn"])
        memory = runner.medians("memory", ["kerasish", "kerasish (fast)", "torch", "keras-jax", "keras-torch"])
        columns = ["blas", "kerasish", "kerasish (fast)", "torch", "keras-jax", "keras-torch", "sklearn"]
        others = {"import (ms; blas: numpy)": imports, "memory of a fit (MB)": {k: v / 1e6 for k, v in memory.items()}}
        parts.append(table("process", others, columns))
        runner.rounds = 1  # a curve of many points, each the median of five fits
        series = {
            size: {task.name: runner.medians(task.name, GROWTH_LIBRARIES) for task in tasks}
            for size, tasks in growth().items()
        }
        plot(series, ROOT / "docs" / "images" / "benchmarks.png")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = (
        f"Medians of {arguments.rounds} rounds on one machine ({machine}). Ratios within a row count; times do not.\n"
    )
    page = "\n".join(["# The tables\n", head, *parts])
    (ROOT / "docs" / "benchmarks-table.md").write_text(page, encoding="utf-8")


def _described(task: Task) -> str:
    blocks = ", ".join("-".join(map(str, block)) for block in task.blocks)
    return f"{task.name} {'x'.join(map(str, task.picture or ()))}: {blocks}, {task.batch}"


def _short(widths: tuple[int, ...]) -> list[str]:
    """The sizes, with a run of equal ones written once."""
    out: list[str] = []
    for i, n in enumerate(widths):
        if i and widths[i - 1] == n:
            continue
        run = sum(1 for m in widths[i:] if m == n) if i + 2 < len(widths) and widths[i + 1 : i + 3] == (n, n) else 1
        out.append(f"({n} x {run})" if run > 2 else f"{n}")
        if run == 1 and i + 1 < len(widths) and widths[i + 1] == n:
            out.append(f"{n}")
    return out


if __name__ == "__main__":
    main()
