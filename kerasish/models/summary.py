"""The table that `model.summary()` prints: layers, output shapes and numbers of parameters."""

from __future__ import annotations

import html
import math
import re
import shutil
from collections.abc import Sequence
from typing import Any, NamedTuple

from kerasish.backend import dtypes, nest
from kerasish.backend.names import printable
from kerasish.backend.sizes import is_shape
from kerasish.backend.symbolic import Call
from kerasish.layers.base.operation import owner_of
from kerasish.models.operations.operation_names import RawOperation
from kerasish.utils import markup, terminal

_TRAINABLE_LENGTH = 12
_NARROWEST = 4
_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


class _Layout(NamedTuple):
    """The columns of a table before they are fitted to the terminal.

    Attributes:
        titles, aligns: of each column.
        positions: where each ends, as shares of the width.
        length: the width, where there is room.
    """

    titles: tuple[str, ...]
    aligns: tuple[str, ...]
    positions: tuple[float, ...]
    length: int


_STACK = _Layout(
    ("Layer (type)", "Output Shape", "Param #"), ("left", "left", "right"), (0.45, 0.80, 1.0), 88
)  # fmt: skip
_GRAPH = _Layout(
    (*_STACK.titles, "Connected to"), (*_STACK.aligns, "left"), (0.3, 0.56, 0.74, 1.0), 108
)  # fmt: skip


class _Column(NamedTuple):
    title: str
    align: str
    width: int


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Any = None,
    print_fn: Any = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Print the layers of a model, their output shapes and their numbers of parameters.

    Args:
        model: a model.
        line_length: the width of the table; 88, or what the terminal has room for, by default.
        positions: where each column ends, as shares of the width.
        print_fn: called with the text, once; by default it goes to standard output, drawn with ASCII where that has no
            lines.
        expand_nested: whether the layers of inner models are shown.
        show_trainable: whether a column tells which layers are trained.
        layer_range: the names, or regular expressions for the names, of the first and the last layer to show.

    Raises:
        ValueError: if the table would be too narrow, or no layer has a name of `layer_range`.
    """
    layers, branches = _parts(model)
    columns = _columns(_STACK if branches is None else _GRAPH, line_length, positions, show_trainable)
    shown = _within(layers, layer_range)
    rows = [row for layer in shown for row in _rows(layer, expand_nested, show_trainable, branches)]
    text = "\n".join([f'Model: "{printable(model.name)}"', *_table(columns, rows), *_totals(model)]) + "\n"
    if print_fn is None:
        print(terminal.printable(text), end="")
    else:
        print_fn(text)


def summary_html(model: Any) -> str:
    """The same table for a notebook, which shows a model that stands last in a cell."""
    layers, branches = _parts(model)
    rows = [row for layer in layers for row in _rows(layer, False, False, branches)]
    titles = (_STACK if branches is None else _GRAPH).titles
    shown = markup.table(titles, rows, f'{type(model).__name__} "{printable(model.name)}"')
    return shown + "".join(f"<div>{html.escape(line.strip())}</div>" for line in _totals(model))


def _parts(model: Any) -> tuple[list[Any], Any]:
    """The layers of a model, and the graph that connects them where it is no chain."""
    graph = getattr(model, "_graph", None)
    if graph is None:
        return model.layers, None
    return graph.operations, None if _is_chain(graph) else graph


def _columns(layout: _Layout, line_length: int | None, positions: Any, show_trainable: bool) -> list[_Column]:
    """The columns with the widths of their texts."""
    titles, aligns, shares, length = layout
    ends = list(positions or shares)
    if show_trainable:
        ends = [0.9 * end for end in ends] + [1.0]
        titles, aligns, length = (*titles, "Trainable"), (*aligns, "center"), length + _TRAINABLE_LENGTH
    total = line_length or min(length, shutil.get_terminal_size().columns - 4)
    places = [int(end * total) for end in ends]
    widths = [end - start for start, end in zip([0, *places], places, strict=False)]
    if len(widths) != len(titles) or min(widths) < _NARROWEST:
        raise ValueError(
            f"the summary has {len(titles)} columns of at least {_NARROWEST} characters each; received "
            f"line_length={total} and positions={ends}. Widen the terminal or pass a larger line_length"
        )
    room = total - len(titles) - 1  # less the vertical lines
    fitted = _fit([width + 2 for width in widths], room)
    return [_Column(t, a, w - 2) for t, a, w in zip(titles, aligns, fitted, strict=True)]


def _fit(widths: list[int], room: int) -> list[int]:
    """Widths that fill the room: what is too much is taken evenly, what is missing is given in proportion."""
    missing = room - sum(widths)
    out = []
    for i, width in enumerate(widths):
        rest = widths[i:]
        change = math.ceil(missing * width / sum(rest)) if missing > 0 else -round(-missing / len(rest))
        out.append(width + change)
        missing -= change
    return out


# -- rows ----------------------------------------------------------------------------------------------------


def _rows(layer: Any, expand_nested: bool, show_trainable: bool, graph: Any, level: int = 0) -> list[list[str]]:
    """The cells of a layer, and of those within it."""
    prefix = "   " * level + "└ " if level else ""
    cells = [f"{prefix}{layer.name} ({_kind(layer)})", _output_shape(layer), _params(layer)]
    if graph is not None:
        cells.append(_connections(layer, graph) or "-")
    if show_trainable:
        cells.append(("Y" if layer.trainable else "N") if getattr(layer, "weights", ()) else "-")
    rows = [cells]
    if expand_nested:
        for inner in getattr(layer, "layers", ()):
            rows += _rows(inner, expand_nested, show_trainable, graph, level + 1)
    return [[printable(cell) for cell in row] for row in rows]


def _kind(layer: Any) -> str:
    """The class of a layer; what stands for one where a plain operation was called."""
    if isinstance(layer, Call):
        return "".join(part.capitalize() for part in layer.operation.name.split("_"))
    return layer.class_name if isinstance(layer, RawOperation) else type(layer).__name__


def _params(layer: Any) -> str:
    if isinstance(layer, (Call, RawOperation)):
        return "0"
    return f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"


def _is_chain(graph: Any) -> bool:
    """Whether each call takes what the one before returned, and nothing else, with a layer of its own."""
    if len(graph.inputs) != 1 or len({id(owner_of(call)) for call in graph.calls}) < len(graph.calls):
        return False
    before = graph.maker(graph.inputs[0])
    for call in graph.calls:
        if len(call.inputs) != 1 or graph.maker(call.inputs[0]) is not before:
            return False
        before = call
    return True


def _connections(layer: Any, graph: Any) -> str:
    """Where a layer's inputs come from: the layer's name, which of its calls, and which output of that."""
    sources = []
    for call in graph.calls_of(layer):
        for tensor in call.inputs:
            made = graph.maker(tensor)
            owner = owner_of(made)
            number = next((i for i, other in enumerate(getattr(owner, "_calls", ())) if other is made), 0)
            sources.append(f"{owner.name}[{number}][{made.place_of(tensor)}]")
    return ", ".join(sources)


def _output_shape(layer: Any) -> str:
    """The shape that the layer's last symbolic call returned, or that its build shapes lead to."""
    calls = [layer] if isinstance(layer, Call) else layer._calls
    if calls:
        shapes = nest.map_structure(lambda leaf: _Shape(leaf.shape), calls[-1].outputs)
    elif layer._build_shapes:
        try:
            found = layer.compute_output_shape(*layer._build_shapes.values())
        except NotImplementedError:
            return "?"
        shapes = _as_shapes(found)
    else:
        return "?"
    leaves = nest.flatten(shapes)
    return str(leaves[0]) if len(leaves) == 1 else str(shapes)


class _Shape:
    """A shape that is a leaf, and so can be told from a structure of shapes."""

    def __init__(self, sizes: Any) -> None:
        self.sizes = sizes

    def __repr__(self) -> str:
        return f"({', '.join(map(str, self.sizes))})"


def _as_shapes(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _as_shapes(value) for key, value in found.items()}
    if is_shape(found):
        return _Shape(found)
    return [_as_shapes(part) for part in found]


def _within(layers: list[Any], layer_range: Any) -> list[Any]:
    """The layers from the first to the last of a range."""
    if layer_range is None:
        return layers
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise ValueError(f"layer_range is a pair of names, of the first and last layer; received {layer_range!r}")
    first, last = ([i for i, layer in enumerate(layers) if re.match(name, layer.name)] for name in layer_range)
    if not first or not last:
        known = ", ".join(repr(layer.name) for layer in layers)
        raise ValueError(f"no layer matches a name of layer_range={layer_range!r}; the layers are {known}")
    if first[0] > last[-1]:
        return layers[last[0] : first[-1] + 1]
    return layers[first[0] : last[-1] + 1]


# -- the table -----------------------------------------------------------------------------------------------


def _table(columns: list[_Column], rows: list[list[str]]) -> list[str]:
    """The lines of the table."""
    widths = [column.width + 2 for column in columns]
    lines = [_rule("┏", "━", "┳", "┓", widths)]
    lines += _lines([column.title for column in columns], columns, "┃", bottom=True)
    lines.append(_rule("┡", "━", "╇", "┩", widths))
    for i, cells in enumerate(rows):
        if i:
            lines.append(_rule("├", "─", "┼", "┤", widths))
        lines += _lines(cells, columns, "│")
    lines.append(_rule("└", "─", "┴", "┘", widths))
    return lines


def _rule(left: str, line: str, joint: str, right: str, widths: list[int]) -> str:
    return left + joint.join(line * width for width in widths) + right


def _lines(cells: Sequence[str], columns: list[_Column], bar: str, bottom: bool = False) -> list[str]:
    """A row of cells, each as high as the highest, its text at the top or at the bottom."""
    wrapped = [_wrap(cell, column.width) for cell, column in zip(cells, columns, strict=True)]
    height = max(map(len, wrapped))
    blanks = [[""] * (height - len(part)) for part in wrapped]
    filled = [blank + part if bottom else part + blank for blank, part in zip(blanks, wrapped, strict=True)]
    lines = []
    for texts in zip(*filled, strict=True):
        parts = [f" {_aligned(text, column)} " for text, column in zip(texts, columns, strict=True)]
        lines.append(f"{bar}{bar.join(parts)}{bar}")
    return lines


def _wrap(text: str, width: int) -> list[str]:
    """The text in lines, broken between words; a word that is longer than a line loses its end."""
    lines = [""]
    for word in re.findall(r"\s*\S+\s*", text):
        if lines[-1] and len(lines[-1]) + len(word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    stripped = [line.rstrip() for line in lines]
    return [line if len(line) <= width else line[: width - 1] + "…" for line in stripped]


def _aligned(text: str, column: _Column) -> str:
    spare = column.width - len(text)
    left = {"left": 0, "right": spare, "center": spare // 2}[column.align]
    return " " * left + text + " " * (spare - left)


# -- the totals ----------------------------------------------------------------------------------------------


def _totals(model: Any) -> list[str]:
    """How many parameters there are, and how many bytes they take."""
    optimizer = model.optimizer if getattr(model, "compiled", False) else None
    kept = list(optimizer.variables) if optimizer is not None and optimizer.built else []
    trained, fixed = list(model.trainable_weights), list(model.non_trainable_weights)
    lines = [
        f" Total params: {_amount(trained + fixed + kept)}",
        f" Trainable params: {_amount(trained)}",
        f" Non-trainable params: {_amount(fixed)}",
    ]
    return [*lines, f" Optimizer params: {_amount(kept)}"] if kept else lines


def _amount(variables: list[Any]) -> str:
    count = sum(math.prod(v.shape) for v in variables)
    size = float(sum(math.prod(v.shape) * dtypes.numpy_dtype(v.dtype).itemsize for v in variables))
    unit = 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size /= 1024
        unit += 1
    return f"{count:,} ({size:.2f} {_UNITS[unit]})"
