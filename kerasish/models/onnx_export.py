"""`model.export(path, format="onnx")`: the forward pass at inference as an ONNX graph."""

from __future__ import annotations

from typing import Any

from kerasish.backend import nest
from kerasish.backend.symbolic import KerasTensor
from kerasish.models import onnx_layers
from kerasish.models.onnx_writer import IR_VERSION, OPSET, Value, Writer
from kerasish.saving import atomic
from kerasish.saving.errors import as_path
from kerasish.version import __version__

# Plain operations between layers, by the operator that does the same.
_OPERATIONS = {
    "absolute": "Abs", "add": "Add", "ceil": "Ceil", "cos": "Cos", "divide": "Div", "exp": "Exp", "floor": "Floor",
    "log": "Log", "matmul": "MatMul", "maximum": "Max", "minimum": "Min", "multiply": "Mul", "negative": "Neg",
    "power": "Pow", "reciprocal": "Reciprocal", "sigmoid": "Sigmoid", "sign": "Sign", "sin": "Sin", "sqrt": "Sqrt",
    "subtract": "Sub", "tanh": "Tanh", "true_divide": "Div",
}  # fmt: skip


def export(model: Any, filepath: Any) -> None:
    """Write a model with a known input shape to an ONNX file.

    Args:
        model: a Sequential or functional model.
        filepath: the file, usually ending in `.onnx`.

    Raises:
        ImportError: if the package onnx is missing.
        ValueError: if the model is no graph of layers, or a layer has no counterpart; it is named.
    """
    path = as_path(filepath)
    try:
        from onnx import TensorProto, checker, helper
    except ImportError as error:
        raise ImportError("the export to ONNX needs onnx: pip install 'kerasish[onnx]'") from error
    kinds = {"float32": TensorProto.FLOAT, "int32": TensorProto.INT32, "int64": TensorProto.INT64}
    writer = Writer()
    symbols = _symbols(model)
    for symbol in symbols:
        if symbol.dtype not in kinds:
            raise ValueError(
                f"the input {symbol.name!r} holds {symbol.dtype}; ONNX files are written for {list(kinds)}"
            )
    inputs = [Value(symbol.name, symbol.shape) for symbol in symbols]
    outputs = _model(writer, model, inputs)
    given = [
        helper.make_tensor_value_info(x.name, kinds[symbol.dtype], _sizes(x))
        for x, symbol in zip(inputs, symbols, strict=True)
    ]
    names = [writer.node("Identity", y.name) for y in outputs]
    results = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, _sizes(y))
        for name, y in zip(names, outputs, strict=True)
    ]
    graph = helper.make_graph(writer.nodes, model.name, given, results, writer.constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    made.producer_name, made.producer_version = "kerasish", __version__
    checker.check_model(made)
    with atomic.replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(made.SerializeToString())


def _symbols(model: Any) -> list[KerasTensor]:
    try:
        found = model.inputs
    except AttributeError as error:
        raise ValueError(
            f"the model {model.name!r} cannot be exported: it is not made of layers between known inputs and outputs. "
            "Start a Sequential with keras.Input(...), or make a functional model."
        ) from error
    return list(nest.flatten(found))


def _sizes(x: Value) -> list[int | str]:
    return [f"{x.name}_{i}" if n is None else n for i, n in enumerate(x.shape)]


def _model(writer: Writer, model: Any, inputs: list[Value]) -> list[Value]:
    """The values that a model's outputs are, for those of its inputs."""
    if not type(model).call.__module__.startswith("kerasish."):
        onnx_layers.refuse(model, "its `call` is Python code of its own")
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
    operation = call.operation
    if hasattr(operation, "compute_output_shape") and hasattr(operation, "weights"):
        if any(isinstance(leaf, KerasTensor) for leaf in nest.iterate(call.kwargs)):
            onnx_layers.refuse(operation, "it is called with tensors as keyword arguments")
        return _layer(writer, operation, [values[id(symbol)] for symbol in call.inputs])
    name = getattr(operation, "function_name", getattr(operation, "name", ""))
    settings = getattr(operation, "settings", {})
    if name not in _OPERATIONS or call.kwargs or settings:
        raise ValueError(
            f"the operation {name!r} between layers cannot be exported to ONNX; those that can are "
            f"{', '.join(sorted(_OPERATIONS))}"
        )
    operands = [values[id(a)].name if isinstance(a, KerasTensor) else writer.constant(a) for a in call.args]
    shape = nest.flatten(call.outputs)[0].shape
    return [Value(writer.node(_OPERATIONS[name], *operands), shape)]


def _layer(writer: Writer, layer: Any, inputs: list[Value]) -> list[Value]:
    if hasattr(layer, "train_step"):
        return _model(writer, layer, inputs)
    output = onnx_layers.write(writer, layer, inputs)
    shapes = inputs[0].shape if len(inputs) == 1 else [x.shape for x in inputs]
    return [Value(output, tuple(layer.compute_output_shape(shapes)))]
