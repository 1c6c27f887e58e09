"""`model.export(path, format="onnx")`: the forward pass at inference as an ONNX graph."""

from __future__ import annotations

import inspect
from typing import Any

from kerasish._extras import missing
from kerasish.backend import nest
from kerasish.backend.symbolic import KerasTensor
from kerasish.models.onnx import attention, layers, operations
from kerasish.models.onnx.writer import IR_VERSION, KINDS, OPSET, Value, Writer, refuse, tensor_type
from kerasish.models.operations import operation_names
from kerasish.saving import atomic
from kerasish.saving.errors import as_path
from kerasish.version import __version__


def export(model: Any, filepath: Any, input_signature: Any = None, opset_version: int | None = None) -> None:
    """Write a model with a known input shape to an ONNX file.

    Args:
        model: a Sequential or functional model.
        filepath: the file, usually ending in `.onnx`.
        input_signature: for each input something that has a `shape`, such as a `keras.InputSpec`, in place of the
            model's own shapes; it builds a Sequential that does not know the shape of its data.
        opset_version: None, or the version of ONNX's operators that is written.

    Raises:
        ImportError: if the package onnx is missing.
        ValueError: if the model is no graph of layers, or a layer has no counterpart; it is named.
    """
    path = as_path(filepath)
    try:
        from onnx import checker, helper
    except ImportError as error:
        raise missing("the export to ONNX needs onnx", "onnx") from error
    if opset_version not in (None, OPSET):
        raise ValueError(f"ONNX files are written with opset_version={OPSET}; received opset_version={opset_version}")
    writer = Writer()
    inputs, symbols = _inputs(model, input_signature)
    for symbol in symbols:
        if symbol.dtype not in KINDS:
            raise ValueError(
                f"the input {symbol.name!r} holds {symbol.dtype}; ONNX files are written for {list(KINDS)}"
            )
    outputs = _model(writer, model, inputs)
    given = [
        helper.make_tensor_value_info(x.name, tensor_type(symbol.dtype), _sizes(x))
        for x, symbol in zip(inputs, symbols, strict=True)
    ]
    results = []
    for y, symbol in zip(outputs, nest.flatten(model.outputs), strict=True):
        kind = tensor_type(symbol.dtype)
        results.append(helper.make_tensor_value_info(writer.node("Cast", y.name, to=kind), kind, _sizes(y)))
    nodes = writer.needed([result.name for result in results])
    graph = helper.make_graph(nodes, model.name, given, results, writer.constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    made.producer_name, made.producer_version = "kerasish", __version__
    checker.check_model(made)
    with atomic.replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(made.SerializeToString())


def _inputs(model: Any, signature: Any) -> tuple[list[Value], list[KerasTensor]]:
    """The values that come in, with the shapes of the signature if there is one, and the model's symbols for them."""
    shapes = None if signature is None else [tuple(part.shape) for part in nest.flatten(signature)]
    if shapes is not None and len(shapes) == 1 and not model.built:
        model.build(shapes[0])
    symbols = _symbols(model)
    shapes = [symbol.shape for symbol in symbols] if shapes is None else shapes
    if [len(s) for s in shapes] != [len(symbol.shape) for symbol in symbols]:
        raise ValueError(
            f"input_signature has the shapes {shapes}; the inputs of the model {model.name!r} have "
            f"{[symbol.shape for symbol in symbols]}"
        )
    return [Value(symbol.name, shape, symbol.dtype) for symbol, shape in zip(symbols, shapes, strict=True)], symbols


def _symbols(model: Any) -> list[KerasTensor]:
    try:
        found = model.inputs
    except AttributeError as error:
        raise ValueError(
            f"the model {model.name!r} cannot be exported: it is not made of layers between known inputs and outputs. "
            "Start a Sequential with keras.Input(...), give an input_signature, or make a functional model."
        ) from error
    return list(nest.flatten(found))


def _sizes(x: Value) -> list[int | str]:
    return [f"{x.name}_{i}" if n is None else n for i, n in enumerate(x.shape)]


def _model(writer: Writer, model: Any, inputs: list[Value]) -> list[Value]:
    """The values that a model's outputs are, for those of its inputs."""
    if not getattr(type(model).call, "runs_layers", False):
        refuse(model, "its `call` is Python code of its own")
    if hasattr(model, "_graph"):
        return _graph(writer, model._graph, inputs)
    for layer in model.layers:
        inputs = _layer(writer, layer, inputs)
    return inputs


def _graph(writer: Writer, graph: Any, inputs: list[Value]) -> list[Value]:
    values = {id(symbol): value for symbol, value in zip(graph.inputs, inputs, strict=True)}
    for call in graph.calls:
        made = _call(writer, call, values)
        for symbol, value in zip(nest.flatten(call.outputs), made, strict=True):
            values[id(symbol)] = value
    return [values[id(symbol)] for symbol in graph.outputs]


def _call(writer: Writer, call: Any, values: dict[int, Value]) -> list[Value]:
    def filled(structure: Any) -> Any:
        return nest.map_structure(lambda leaf: values[id(leaf)] if isinstance(leaf, KerasTensor) else leaf, structure)

    operation = call.operation
    if attention.takes(operation):
        given = inspect.signature(operation.call).bind(*call.args, **call.kwargs).arguments
        return attention.write(writer, operation, filled(given))
    if hasattr(operation, "compute_output_shape") and hasattr(operation, "weights"):
        _check_settings(operation, call)
        return _layer(writer, operation, [values[id(symbol)] for symbol in call.inputs])
    name, settings, operands = _operation(call)
    odd = [leaf for leaf in nest.iterate(operands) if isinstance(leaf, KerasTensor) and leaf.dtype[:3] == "int"]
    if odd:
        raise ValueError(
            f"the operation {name!r} between layers cannot be exported to ONNX: it takes {odd[0].dtype}; only "
            "operations on float32 are written"
        )
    result = nest.flatten(call.outputs)[0]
    return [operations.write(writer, name, filled(operands), settings, result.shape, result.dtype)]


_WRITTEN = ("training", "initial_state")


def _check_settings(layer: Any, call: Any) -> None:
    """Look at what a layer is called with besides its inputs and states; `training` is never true in a file.

    Raises:
        ValueError: if it is anything that is not written.
    """
    settings = {key: value for key, value in call.kwargs.items() if key not in _WRITTEN and value is not None}
    if any(isinstance(leaf, KerasTensor) for leaf in nest.iterate(settings)):
        refuse(layer, "it is called with tensors as keyword arguments")
    if settings:
        refuse(layer, f"it is called with {', '.join(settings)}, which is not written")
    if not all(leaf is None or isinstance(leaf, KerasTensor) for leaf in nest.iterate(call.args)):
        refuse(layer, "it is called with values besides tensors of the model")


def _operation(call: Any) -> tuple[str, dict[str, Any], list[Any]]:
    """The name of a plain operation in `keras.ops`, its settings, and its operands."""
    if hasattr(call.operation, "function_name"):
        return call.operation.function_name, call.operation.settings, list(call.args)
    name = call.operation.name
    if name not in operation_names.OPERATIONS:
        return name, {}, []
    entry, (described,) = operation_names.describe(call)
    settings = {key: value for key, value in entry["config"].items() if key in operation_names.settings_of(name)}
    return name, settings, list(described.args)


def _layer(writer: Writer, layer: Any, inputs: list[Value]) -> list[Value]:
    if layer.is_trainer:
        return _model(writer, layer, inputs)
    if layer.quantization_mode is not None:
        refuse(layer, "its weights are in few bits (`quantize`), which is not written")
    made = layers.write(writer, layer, inputs)
    if isinstance(made, list):  # a recurrent layer: its other inputs are states, and its other outputs too
        specs = nest.flatten(layer.compute_output_spec(KerasTensor(inputs[0].shape)))
        return [Value(name, spec.shape) for name, spec in zip(made, specs, strict=True)]
    shapes = inputs[0].shape if len(inputs) == 1 else [x.shape for x in inputs]
    return [Value(made, tuple(layer.compute_output_shape(shapes)), layers.dtype_of(layer, inputs[0].dtype))]
