"""Progress on standard output: a live bar on a terminal or in a notebook, one line at the end elsewhere."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from kerasish.backend import config
from kerasish.backend.names import printable
from kerasish.utils import terminal
from kerasish.utils.terminal import columns, is_printable

_FULL = "━"
_REST = "─"
# A bar of fewer characters shows nothing.
_SHORTEST = 3
_GREEN = "\x1b[32m"
_PLAIN = "\x1b[0m"


def print_line(text: str) -> None:
    """Print a line on standard output, above the bars that are being drawn there; or log it, if that is set."""
    if not config.is_interactive_logging_enabled():
        import logging

        logging.getLogger("kerasish").info(text)
        return
    if sys.stdout is None:
        return
    text = terminal.printable(text)
    tqdm = sys.modules.get("tqdm")
    if tqdm is None:
        print(text)
    else:
        tqdm.tqdm.write(text, file=sys.stdout)
    sys.stdout.flush()


class Progbar:
    """How many steps are done, how long one takes, and the metrics so far.

    On a terminal or in a notebook the bar is redrawn at most once per `interval`. Elsewhere (a log file, a pipe)
    only the finished bar is printed, as one line.

    Args:
        target: the number of steps; None if unknown.
        width: the bar's length in characters; less on a terminal that is too narrow for it and the numbers.
        verbose: 0 prints nothing, 1 draws the bar, 2 prints one line at the end.
        interval: the least time between two drawings, in seconds.
        stateful_metrics: names of the metrics shown as they are; the others are averaged over the steps.
        stateless_metrics: names of the metrics that are averaged; the others are shown as they are.
        unit_name: what a step is called.

    Raises:
        ValueError: if both `stateful_metrics` and `stateless_metrics` are given.

    Example:
        >>> from kerasish.utils import Progbar
        >>> bar = Progbar(3, verbose=1)
        >>> for step in range(3):
        ...     bar.update(step + 1, [("loss", 0.5)])  # doctest: +ELLIPSIS
        3/3 ━━━━━━━━━━━━━━━━━━━━ 0s .../step - loss: 0.5000
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                "give `stateful_metrics` (all others are averaged) or `stateless_metrics` (all others are shown as "
                f"they are), not both; received stateful_metrics={list(stateful_metrics)} and "
                f"stateless_metrics={list(stateless_metrics)}"
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self.stateful_metrics = set(stateful_metrics or ()) if stateless_metrics is None else None
        self._live = verbose == 1 and _is_live()
        self._metrics: dict[str, tuple[Any, int]] = {}
        self._seen = 0
        self._first: tuple[int, float] | None = None
        self._bar: Any = None
        self._start = self._last_drawn = time.perf_counter()

    def is_due(self, current: int) -> bool:
        """Whether an `update` to step `current` would be drawn now; to be asked once a step, instead of updating.

        The metrics of a step that is not drawn need not be computed.
        """
        now = time.perf_counter()
        if self._first is None:
            self._first = (current, now)
        return self._live and now - self._last_drawn >= self.interval

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Move to a step.

        Args:
            current: the number of steps done.
            values: the names and values of metrics at this step.
            finalize: whether this is the last step; by default, whether `current` has reached `target`.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._record(name, value, max(current - self._seen, 1), finalize)
        self._seen = current
        due = self.is_due(current)
        if self.verbose == 1:
            if finalize:
                self._finish(current)
            elif due:
                self._draw(current)
        elif self.verbose == 2 and finalize and self.target:
            print_line(f"{self._count(current)} - {self._elapsed():.0f}s - {self._details(current)}")

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Move `n` steps on; see `update`."""
        self.update(self._seen + n, values)

    def _record(self, name: str, value: Any, steps: int, finalize: bool) -> None:
        if self.stateful_metrics is not None:
            averaged = name not in self.stateful_metrics
        else:
            averaged = name in (self.stateless_metrics or ())
        if averaged and not finalize:
            total, count = self._metrics.get(name, (0.0, 0))
            self._metrics[name] = (total + value * steps, count + steps)
        else:
            self._metrics[name] = (value, 1)

    def leave(self) -> None:
        """Give up a bar that is not finished: what comes next begins a line of its own."""
        if self._bar is not None:
            self._bar.leave = True
            self._bar.close()
            self._bar = None

    def _draw(self, current: int) -> None:
        text = self._shortened(current)
        if self._bar is None:
            self._bar = self._open(current, text)
        else:
            self._bar.n = current
            self._bar.desc = text
            self._bar.bar_format = self._layout(text)
            self._bar.refresh()
        self._last_drawn = time.perf_counter()

    def _shortened(self, current: int) -> str:
        """The text beside the bar; where the line is too short, the metrics' values stay the longest, then names."""
        left, pace, metrics = _duration(self._remaining(current)), self._pace(current), self._shown_metrics()
        longest = max(map(len, self._metrics), default=0)
        texts = [" - ".join([f"{left} {pace}", *metrics]), " - ".join([left, *metrics])]
        texts += [" - ".join(self._shown_metrics(letters)) for letters in range(longest, 0, -1)]
        return next((text for text in texts if self._room(text) >= -1), texts[-1])  # without a bar, one blank less

    def _room(self, text: str) -> int:
        """How much of the bar fits into the line beside a text and two blanks; less than 0 where not even these do."""
        width = columns()
        return self.width if width is None else min(self.width, width - len(self._count(0)) - len(text) - 3)

    def _layout(self, text: str) -> str:
        """How the line is made up, in the words of tqdm."""
        if not self.target:
            return "{n:>7}/Unknown {desc}"
        room = self._room(text)
        # the notebook draws its own bar, and knows it by this very name
        bar = "{bar} " if bar_class()[1] else f"{{bar:{room}}} " if room >= _SHORTEST else ""
        return f"{{n:>{len(str(self.target))}}}/{{total}} {bar}{{desc}}"

    def _open(self, current: int, text: str) -> Any:
        return bar_class()[0](
            total=self.target or None,
            initial=current,
            desc=text,
            file=sys.stdout,
            leave=False,  # a line of text takes its place: it is not cut, and a saved notebook shows it
            bar_format=self._layout(text),
            ascii=_REST + _FULL if is_printable(_REST + _FULL) else "-=",
            colour="green" if _is_coloured() else None,
            dynamic_ncols=True,
        )

    def _finish(self, current: int) -> None:
        text = f"{self._elapsed():.0f}s {self._details(current)}"
        if self._bar is not None:
            self._bar.n = current
            self._bar.close()
            self._bar = None
        print_line(f"{self._count(current)} {self._finished_bar(current, text)}{text}")

    def _finished_bar(self, current: int, text: str) -> str:
        width = self._room(text)
        if not self.target or width < min(_SHORTEST, self.width):
            return ""
        done = min(int(width * current / self.target), width)
        full, rest = (_FULL, _REST) if is_printable(_FULL + _REST) else ("=", "-")
        bar = full * done + rest * (width - done)
        return f"{_GREEN}{bar}{_PLAIN} " if self._live and _is_coloured() else f"{bar} "

    def _count(self, current: int) -> str:
        if not self.target:
            return f"{current:>7}/Unknown"
        return f"{current:>{len(str(self.target))}}/{self.target}"

    def _details(self, current: int) -> str:
        return " - ".join([self._pace(current), *self._shown_metrics()])

    def _shown_metrics(self, letters: int | None = None) -> list[str]:
        """Names, or so many letters of them, and values."""
        return [f"{printable(name)[:letters]}: {_number(*value)}" for name, value in self._metrics.items()]

    def _pace(self, current: int) -> str:
        seconds = self._seconds_per_step(current)
        if seconds >= 1 or seconds == 0:
            return f"{seconds:.0f}s/{self.unit_name}"
        if seconds >= 1e-3:
            return f"{seconds * 1e3:.0f}ms/{self.unit_name}"
        return f"{seconds * 1e6:.0f}us/{self.unit_name}"

    def _elapsed(self) -> float:
        return time.perf_counter() - self._start

    def _remaining(self, current: int) -> float:
        """The seconds until the target is reached; the seconds so far if there is no target."""
        if not self.target:
            return self._elapsed()
        return self._seconds_per_step(current) * (self.target - current)

    def _seconds_per_step(self, current: int) -> float:
        """The mean duration of a step, but for the first, which also pays for what is done once."""
        if not current:
            return 0.0
        if self._first is not None and current > self._first[0]:
            steps, moment = self._first
            return (time.perf_counter() - moment) / (current - steps)
        return self._elapsed() / current


def _duration(seconds: float) -> str:
    whole = int(max(seconds, 0))
    if whole > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if whole > 60 else f"{whole}s"


def _number(total: Any, count: int) -> str:
    if isinstance(total, str):
        return total
    mean = float(np.mean(total)) / max(count, 1)
    return f"{mean:.4f}" if abs(mean) > 1e-3 else f"{mean:.4e}"


def _is_live() -> bool:
    out = sys.stdout
    if out is None or not config.is_interactive_logging_enabled():
        return False
    return (hasattr(out, "isatty") and out.isatty()) or type(out).__module__.startswith("ipykernel.")


def _is_coloured() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@functools.cache
def bar_class() -> tuple[Any, bool]:
    """The bar's class, and whether it is a notebook's widget; imported here because most programs draw none."""
    if importlib.util.find_spec("ipywidgets") is None:  # where `tqdm.auto` would warn of it in a notebook
        from tqdm.std import tqdm
    else:
        from tqdm.auto import tqdm

    # tqdm would start a thread to watch over bars that are not refreshed; this one refreshes itself
    bar = type("_Bar", (tqdm,), {"monitor_interval": 0})
    return bar, any(base.__module__ == "tqdm.notebook" for base in tqdm.__mro__)
