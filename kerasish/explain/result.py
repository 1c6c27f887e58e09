"""What every explanation is made of: sentences and tables, as text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasish.utils import markup
from kerasish.utils.terminal import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Table:
    """Rows under headings.

    Attributes:
        header: the headings.
        rows: the cells, as text.
        title: a line above; "" for none.
    """

    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    title: str = ""

    def text(self) -> str:
        """The table in columns: the first to the left, the others to the right."""
        lines = [self.header, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        shown = [
            "  ".join([c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in _cells(line, widths)]) for line in lines
        ]
        ruled = [shown[0], "  ".join("-" * w for w in widths), *shown[1:]]
        return "\n".join([*([self.title] if self.title else []), *(line.rstrip() for line in ruled)])

    def html(self) -> str:
        """The table for a notebook."""
        return markup.table(self.header, self.rows, self.title)


def _cells(line: Sequence[str], widths: list[int]) -> Any:
    return enumerate(zip(line, widths, strict=True))


class Explanation:
    """A result that prints as text, renders as HTML in a notebook, and has `plot`.

    A subclass is a dataclass of plain numbers and arrays, and defines `blocks` and `plot`.
    """

    def blocks(self) -> list[str | Table]:
        """The sentences and tables, in order."""
        raise NotImplementedError

    def plot(self) -> Figure:
        """Draw it; returns the matplotlib figure."""
        raise NotImplementedError

    def __str__(self) -> str:
        return printable("\n\n".join(block if isinstance(block, str) else block.text() for block in self.blocks()))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return "".join(
            f"<pre>{html.escape(block)}</pre>" if isinstance(block, str) else block.html() for block in self.blocks()
        )


def number(value: Any, digits: int = 4) -> str:
    """A number as it is written on a blackboard: few digits, an exponent only where it is needed.

    Example:
        >>> number(0.49362), number(-3.0), number(1.2e-7), number(None)
        ('0.4936', '-3', '1.2e-07', '-')
    """
    if value is None:
        return "-"
    value = float(value)
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits - 1}g}"
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def percent(share: float | None) -> str:
    """A share as percent, or "-" for None."""
    return "-" if share is None else f"{100 * share:.0f} %"
