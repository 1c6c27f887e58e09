"""A model drawn as a graph of boxes, with pydot and Graphviz."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from typing import Any, NamedTuple

from kerasish._extras import missing
from kerasish.backend import nest
from kerasish.layers.base.operation import owner_of

_DARK, _PALE, _YES, _NO = "#2b2b2b", "#ffffff", "#228b22", "#b22222"


class _Look(NamedTuple):
    """What a box shows besides the class of its layer."""

    shapes: bool
    dtype: bool
    names: bool
    activations: bool
    trainable: bool


class _Edge(NamedTuple):
    """From the output of a number of one operation to the input of a number of another."""

    source: Any
    output: int
    target: Any
    input: int


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """A model as a graph in pydot: a box for each layer, an arrow for each tensor between two.

    A subclassed model is a single box, for its `call` is code.

    Args:
        model: a built model.
        show_shapes: whether the shapes of inputs and outputs are shown.
        show_dtype: whether the dtypes of outputs are shown.
        show_layer_names: whether names are shown, and not the classes alone.
        rankdir: `"TB"` draws from top to bottom, `"LR"` from left to right.
        expand_nested: whether the layers of inner models are drawn, in a frame.
        dpi: dots per inch of the picture.
        subgraph: whether a `pydot.Cluster` is returned, to put into another graph.
        show_layer_activations: whether activations are shown.
        show_trainable: whether it is shown which layers are trained.
        splines: the form of the arrows: `"ortho"`, `"curved"`, `"polyline"`, `"spline"` or `"line"`.

    Returns:
        A `pydot.Dot`, or a `pydot.Cluster`.

    Raises:
        ImportError: if pydot is not installed.
        ValueError: if the model is not built, or an argument is not known.
    """
    if kwargs:
        raise ValueError(f"model_to_dot does not know the argument(s) {sorted(kwargs)}")
    if not model.built:
        raise ValueError(f"the model {model.name!r} has no weights yet: call `build()`, or call it on data, first")
    pydot = _pydot()
    if subgraph:
        drawn = _frame(pydot, model)
    else:
        drawn = pydot.Dot(rankdir=rankdir, dpi=dpi, splines=splines, concentrate="true")
        drawn.set_node_defaults(shape="plain", fontname="Helvetica")
    look = _Look(show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable)
    _draw(pydot, drawn, model, look, expand_nested)
    return drawn


def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """Draw a model into a file.

    Args:
        model: a built model.
        to_file: the file; its ending says the format, such as `.png`, `.svg` or `.pdf`. A `.dot` file, the graph as
            text, needs no Graphviz.
        show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi, show_layer_activations, show_trainable,
            splines: as in `model_to_dot`.

    Returns:
        In a notebook the picture, which is shown then; otherwise None.

    Raises:
        ImportError: if pydot or Graphviz is not installed.
        ValueError: if the model is not built.

    Example:
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> keras.utils.plot_model(model, "model.svg", show_shapes=True)  # doctest: +SKIP
    """
    drawn = model_to_dot(
        model,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        dpi=dpi,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
        splines=splines,
        **kwargs,
    )
    path = os.fspath(to_file)
    kind = os.path.splitext(path)[1][1:].lower() or "png"
    if kind == "dot":
        drawn.write_raw(path)
        return None
    try:
        drawn.write(path, format=kind)
    except OSError as error:
        raise ImportError(
            f"plot_model needs Graphviz's program `dot` to draw ({error}): install your system's package graphviz, or "
            "write a .dot file, which needs none"
        ) from error
    return _picture(path, kind)


def _pydot() -> Any:
    try:
        return importlib.import_module("pydot")
    except ImportError as error:
        raise missing("drawing models needs pydot", "plot") from error


def _picture(path: str, kind: str) -> Any:
    """The picture as a notebook shows it, where there is one."""
    if "IPython" not in sys.modules:
        return None
    display = importlib.import_module("IPython.display")
    if kind == "svg":
        return display.SVG(filename=path)
    return display.Image(filename=path) if kind in ("png", "jpg", "jpeg", "gif") else None


# -- the graph -----------------------------------------------------------------------------------------------


def _graph(model: Any) -> Any:
    """The calls of a functional model; None for others."""
    return getattr(model, "_graph", None)


def _is_stack(model: Any) -> bool:
    return hasattr(model, "layers") and hasattr(model, "pop") and hasattr(model, "add")


def _is_open(operation: Any) -> bool:
    """Whether there are layers to be drawn in it."""
    return _graph(operation) is not None or (_is_stack(operation) and bool(operation.layers))


def _parts(model: Any) -> list[Any]:
    graph = _graph(model)
    if graph is not None:
        return list(graph.operations)
    return list(model.layers) if _is_open(model) else [model]


def _edges(model: Any) -> Iterator[_Edge]:
    graph = _graph(model)
    if graph is None:
        parts = _parts(model)
        yield from (_Edge(source, 0, target, 0) for source, target in pairwise(parts))
        return
    for call in graph.calls:
        for place, tensor in enumerate(call.inputs):
            maker = graph.maker(tensor)
            yield _Edge(owner_of(maker), maker.place_of(tensor), owner_of(call), place)


def _inner_source(operation: Any, output: int) -> Any:
    """The layer within (nested) models that makes the output of this number."""
    while _is_open(operation):
        graph = _graph(operation)
        if graph is None:
            operation = operation.layers[-1]
        else:
            tensor = graph.outputs[output]
            maker = graph.maker(tensor)
            operation, output = owner_of(maker), maker.place_of(tensor)
    return operation


def _inner_target(operation: Any, place: int) -> Any:
    """The layer within (nested) models that takes the input of this number."""
    while _is_open(operation):
        graph = _graph(operation)
        operation, place = (operation.layers[0], place) if graph is None else (graph.entrances[place], 0)
    return operation


def _draw(pydot: Any, drawn: Any, model: Any, look: _Look, expand_nested: bool) -> None:
    """Put the boxes and arrows of a model into a graph."""
    for part in _parts(model):
        if expand_nested and part is not model and _is_open(part):
            frame = _frame(pydot, part)
            _draw(pydot, frame, part, look, expand_nested)
            drawn.add_subgraph(frame)
        else:
            drawn.add_node(pydot.Node(_key(part), label=_label(part, look)))
    arrows = set()
    for edge in _edges(model):
        source, target = edge.source, edge.target
        if expand_nested:
            source, target = _inner_source(source, edge.output), _inner_target(target, edge.input)
        if (id(source), id(target)) not in arrows:
            arrows.add((id(source), id(target)))
            drawn.add_edge(pydot.Edge(_key(source), _key(target)))


def _frame(pydot: Any, model: Any) -> Any:
    """A frame for the boxes of a model within a graph."""
    label = _quoted(model.name)
    return pydot.Cluster(f"model_{id(model)}", label=label, labeljust="l", style="dashed", fontname="Helvetica")


def _key(operation: Any) -> str:
    return f"box_{id(operation)}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# -- boxes ---------------------------------------------------------------------------------------------------


def _label(operation: Any, look: _Look) -> str:
    """A box as a table in Graphviz's HTML: the name, the activation, and a row of facts."""
    facts = list(_facts(operation, look))
    width = max(1, len(facts))
    kind = escape(_kind(operation))
    title = f"<b>{escape(operation.name)}</b> ({kind})" if look.names and operation.name else f"<b>{kind}</b>"
    rows = [_cell(title, _DARK, _PALE, width)]
    activation = getattr(operation, "activation", None)
    if look.activations and activation is not None:
        name = getattr(activation, "__name__", type(activation).__name__)
        rows.append(_cell(f"activation: <b>{escape(name)}</b>", _PALE, _DARK, width))
    if facts:
        rows.append("".join(facts))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<<table border="0" cellborder="1" cellspacing="0" cellpadding="8">{body}</table>>'


def _facts(operation: Any, look: _Look) -> Iterator[str]:
    made = _call(operation)
    if look.shapes:
        if _kind(operation) != "InputLayer":
            given = None if made is None else [tensor.shape for tensor in made.inputs]
            yield _cell(f"input: <b>{escape(_listed(given))}</b>", _PALE, _DARK)
        returned = None if made is None else [tensor.shape for tensor in nest.iterate(made.outputs)]
        yield _cell(f"output: <b>{escape(_listed(returned))}</b>", _PALE, _DARK)
    if look.dtype:
        types = None if made is None else [tensor.dtype for tensor in nest.iterate(made.outputs)]
        yield _cell(f"dtype: <b>{escape(_listed(types))}</b>", _PALE, _DARK)
    if look.trainable and getattr(operation, "weights", None):
        is_trained = operation.trainable
        yield _cell("trainable" if is_trained else "not trainable", _YES if is_trained else _NO, _PALE)


def _kind(operation: Any) -> str:
    """The class of a layer, or the name of a plain operation."""
    made = getattr(operation, "operation", None)
    return type(operation).__name__ if made is None else str(getattr(made, "name", getattr(made, "__name__", made)))


def _call(operation: Any) -> Any:
    """The last call of a layer on symbolic tensors; a plain operation is its own call."""
    calls = getattr(operation, "_calls", None)
    if calls is None:
        return operation
    return calls[-1] if calls else None


def _listed(parts: list[Any] | None) -> str:
    return "?" if parts is None else ", ".join(map(str, parts))


def _cell(text: str, background: str, colour: str, span: int = 1) -> str:
    return f'<td bgcolor="{background}" colspan="{span}"><font color="{colour}">{text}</font></td>'
