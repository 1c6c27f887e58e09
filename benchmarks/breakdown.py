"""What a training step spends its time on: `python -m benchmarks.breakdown [mlp,wide]`, with KERASISH_FAST=0 or 1.

The calls of the recorded step are timed one by one while `fit` runs; what is left of the time of an undisturbed `fit`
is the loop around them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.measure import median_time
from benchmarks.peers import Keras, MatrixProducts
from benchmarks.tasks import Task, find

PRODUCTS, POINTWISE = "matrix products", "bias, activations, loss and their gradients"
PARTS = {"gather": "gathering the batch", "update": "optimizer", "note": "metrics", "rest": "the loop around it"}


def _kind(call: Any) -> str:
    method = getattr(call, "func", None)
    if getattr(method, "__name__", "") != "dot":
        return POINTWISE
    return PRODUCTS if method.__self__.ndim == call.args[0].ndim == 2 else POINTWISE  # type: ignore[union-attr]


class Clock:
    """Seconds by part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, whose time is added to that of a part."""

        def run(*args: Any) -> Any:
            start = time.perf_counter()
            result = function(*args)
            self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - start
            return result

        return run


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def breakdown(task: Task) -> dict[str, float]:
    """Microseconds a step of each part, largest first; `blas` is the matrix products alone, outside of any library."""
    from kerasish.backend import fast
    from kerasish.backend.program import Program
    from kerasish.trainers.steps import training

    if fast.is_fast_enabled():
        fast.wait()
    fit = Keras().fit(task)
    fit()
    total = median_time(fit, task.steps)
    clock = Clock()

    def run(program: Program) -> None:
        for call in program.calls:
            clock.timed(_kind(call), call)()

    with ExitStack() as stack:
        for owner, name, value in (
            (Program, "run", run),
            (training, "update", clock.timed(PARTS["update"], training.update)),
            (training.JudgingStep, "note", clock.timed(PARTS["note"], training.JudgingStep.note)),
            (training.JudgingStep, "gather", clock.timed(PARTS["gather"], training.JudgingStep.gather)),
        ):
            stack.enter_context(_replaced(owner, name, value))
        fit()
    found = {part: 1e6 * seconds / task.steps for part, seconds in clock.seconds.items()}
    found[PARTS["rest"]] = max(0.0, total - sum(found.values()))
    return {
        "the whole step": total,
        "blas alone": median_time(MatrixProducts().fit(task), task.steps),
        **dict(sorted(found.items(), key=lambda item: -item[1])),
    }


def main() -> None:
    """Print a table for each task."""
    names = sys.argv[1].split(",") if len(sys.argv) > 1 else ["mlp", "wide"]
    found = {name: breakdown(find(name)) for name in names}
    rows = list(dict.fromkeys(part for parts in found.values() for part in parts))
    print(f"| part (µs a step) | {' | '.join(names)} |")
    print(f"|---|{'---:|' * len(names)}")
    for row in rows:
        print(f"| {row} | {' | '.join(f'{found[name].get(row, 0.0):,.0f}' for name in names)} |")


if __name__ == "__main__":
    main()
