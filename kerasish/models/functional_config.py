"""A functional model's graph as a dictionary in Keras's layout, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerasish.backend import nest
from kerasish.backend.symbolic import KerasTensor, is_symbolic
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.input_layer import InputLayer
from kerasish.models.function import Function
from kerasish.models.graph import Graph
from kerasish.models.operations import operation_names
from kerasish.saving.legacy import config as legacy_config
from kerasish.saving.serialization import count_calls, deserialize_keras_object, serialize_keras_object

Config = dict[str, Any]


def is_graph(config: Any) -> bool:
    """Whether a config is that of a graph of layers."""
    return isinstance(config, dict) and {"layers", "input_layers", "output_layers"} <= set(config)


class _Address:
    """The address of a tensor, which output of which call of which layer; `nest` does not take it apart."""

    def __init__(self, name: str, node: int, place: Any) -> None:
        self.name, self.node, self.place = name, node, place


# -- to a config ---------------------------------------------------------------------------------------------


def to_config(graph: Graph, name: str, trainable: bool) -> Config:
    """The layers of a graph with the calls of each, and which tensors come in and go out.

    A tensor is named by its layer, which of the layer's calls made it, and which of the call's outputs it is.
    """
    return {
        "name": name,
        "trainable": trainable,
        "layers": [_layer_config(graph, operation) for operation in graph.operations],
        "input_layers": _addresses(graph, graph.input_structure),
        "output_layers": _addresses(graph, graph.output_structure),
    }


def _layer_config(graph: Graph, operation: Any) -> Config:
    if isinstance(operation, Layer):
        entry, calls = serialize_keras_object(operation), graph.calls_of(operation)
    else:
        entry, calls = operation_names.describe(operation)
        entry["config"] = serialize_keras_object(entry["config"])
        if isinstance(operation, operation_names.RawOperation):
            calls = graph.calls_of(operation)
    nodes = [{"args": _encoded(graph, list(call.args)), "kwargs": _encoded(graph, call.kwargs)} for call in calls]
    return {**entry, "name": operation.name, "inbound_nodes": [] if isinstance(operation, InputLayer) else nodes}


def _encoded(graph: Graph, value: Any) -> Any:
    if isinstance(value, KerasTensor):
        operation, node, place = graph.address(value)
        config = {"shape": value.shape, "dtype": value.dtype, "keras_history": [operation.name, node, place]}
        return {"class_name": "__keras_tensor__", "config": config}
    if isinstance(value, dict):
        return {key: _encoded(graph, part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encoded(graph, part) for part in value]
    return serialize_keras_object(value)


def _addresses(graph: Graph, structure: Any) -> Any:
    def address(tensor: KerasTensor) -> _Address:
        operation, node, place = graph.address(tensor)
        return _Address(operation.name, node + _first_node(operation), place)

    return _as_lists(nest.map_structure(address, structure))


def _first_node(operation: Any) -> int:
    """The number of a layer's first call, where a model's outputs are named: an inner model counts from one."""
    return 1 if isinstance(operation, Function) else 0


def _as_lists(structure: Any) -> Any:
    if isinstance(structure, _Address):
        return [structure.name, structure.node, structure.place]
    if isinstance(structure, dict):
        return {key: _as_lists(part) for key, part in structure.items()}
    return [_as_lists(part) for part in structure]


# -- from a config -------------------------------------------------------------------------------------------


def from_config(config: Config) -> tuple[Any, Any, Config]:
    """The symbolic inputs and outputs of a model, and the other arguments that make it.

    Raises:
        ValueError: if a layer is missing, or the calls cannot be put in order.
    """
    config = dict(config)
    if any(isinstance(layer, dict) and "module" not in layer for layer in config["layers"]):
        config = dict(legacy_config.modern_model({"class_name": "Functional", "config": config})["config"])
    parts = {key: config.pop(key) for key in ("layers", "input_layers", "output_layers")}
    revival = _Revival(parts["layers"])
    return revival.tensors(parts["input_layers"]), revival.tensors(parts["output_layers"]), config


_Key = tuple[str, int]


class _Revival:
    """Layers made anew from their configs and called as before."""

    def __init__(self, layers: list[Config]) -> None:
        self.operations: dict[str, Any] = {}
        self.made: dict[str, list[list[Any]]] = {}
        nodes: dict[str, list[Any]] = {}
        for layer in layers:
            if not isinstance(layer, dict) or "config" not in layer:
                raise ValueError(f"the layers of a model are given by dicts; found {layer!r:.100}")
            name = layer.get("name") or layer["config"].get("name")
            raw = operation_names.is_operation(layer)
            operation = operation_names.revive(layer) if raw else deserialize_keras_object(layer)
            self.operations[name] = operation
            self.made[name] = [[operation.output]] if isinstance(operation, InputLayer) else []
            nodes[name] = [] if isinstance(operation, InputLayer) else list(layer.get("inbound_nodes", []))
        self.legacy = any(isinstance(node, list) for parts in nodes.values() for node in parts)
        self._calls = {
            (name, i): self._arguments(node) for name, parts in nodes.items() for i, node in enumerate(parts)
        }
        for key in self._calls:
            self._make(key)

    def _make(self, key: _Key) -> None:
        """Make a call of a layer, and before it those that it needs, each once."""
        waiting = {key: self._needs(key)}  # in the order in which one waits for the next
        while waiting:
            last = next(reversed(waiting))
            needed = next(waiting[last], None)
            if needed is None:
                self._call(last)
                del waiting[last]
            elif needed in waiting or (needed not in self._calls and needed[0] in self.made):
                raise ValueError(
                    f"the config of the model has calls that cannot be put in order; {last[0]!r} needs call "
                    f"{needed[1]} of {needed[0]!r}"
                )
            elif needed[0] in self.made and needed[1] >= len(self.made[needed[0]]):
                waiting[needed] = self._needs(needed)

    def _needs(self, key: _Key) -> Iterator[_Key]:
        """The calls that must be made before one, those that have been left out."""
        name, node = key
        if node < len(self.made[name]):
            return
        if node > len(self.made[name]):
            yield name, node - 1
        for leaf in nest.iterate(self._calls[key]):
            if isinstance(leaf, _Address) and leaf.node >= len(self.made.get(leaf.name, ())):
                yield leaf.name, leaf.node

    def _call(self, key: _Key) -> None:
        name, node = key
        if node < len(self.made[name]):
            return
        args, kwargs = nest.map_structure(self._filled, self._calls[key])
        if not is_symbolic(args, kwargs):
            raise ValueError(
                f"the config of the model calls the layer {name!r} on no tensor of the model. What a layer makes of "
                "constants is not computed while a config is read."
            )
        outputs = nest.flatten(self.operations[name](*args, **kwargs))
        count_calls(len(outputs))
        self.made[name].append(outputs)

    def _filled(self, leaf: Any) -> Any:
        return self._tensor(leaf.name, leaf.node, leaf.place) if isinstance(leaf, _Address) else leaf

    def _arguments(self, node: Any) -> tuple[list[Any], Config]:
        if isinstance(node, dict) and "args" in node:
            kwargs = {key: self._decoded(value) for key, value in node.get("kwargs", {}).items()}
            args = [self._decoded(value) for value in node["args"]]
            return args, {k: v for k, v in kwargs.items() if v is not None or not k.endswith("mask")}
        return self._legacy_arguments(node)

    def _decoded(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._decoded(part) for part in value]
        if not isinstance(value, dict):
            return value
        if value.get("class_name") == "__keras_tensor__":
            history = value["config"].get("keras_history")
            if not _is_address(history):
                raise ValueError(f"a tensor in the config of the model has no history: {value!r:.200}")
            name, node, place = history[:3]
            return _Address(name, self._shifted(name, node) if self.legacy else node, place)
        if "class_name" in value:
            return deserialize_keras_object(value)
        return {key: self._decoded(part) for key, part in value.items()}

    def _legacy_arguments(self, node: Any) -> tuple[list[Any], Config]:
        """Keras 2's spelling: tensors as `[layer, node, tensor]`, with the call's other arguments at the end of one."""
        kwargs: Config = {}

        def tensor(part: Any) -> Any:
            if isinstance(part, dict):
                return {key: tensor(value) for key, value in part.items()}
            if not _is_address(part):
                return [tensor(value) for value in part]
            if len(part) > 3 and isinstance(part[3], dict):
                kwargs.update({key: self._legacy_value(value) for key, value in part[3].items()})
            if part[0] == "_CONSTANT_VALUE":
                return part[2]
            return _Address(part[0], self._shifted(part[0], part[1]), part[2])

        inputs = tensor(node)
        first = inputs[0] if isinstance(inputs, list) and len(inputs) == 1 else inputs
        return [first], {key: value for key, value in kwargs.items() if value is not None}

    def _legacy_value(self, value: Any) -> Any:
        if _is_address(value) and value[0] in self.operations:
            return _Address(value[0], self._shifted(value[0], value[1]), value[2])
        return value

    def _shifted(self, name: str, node: int) -> int:
        """The place of a call: Keras 2 counts those of an inner model from one."""
        inner = getattr(self.operations.get(name), "is_trainer", False)
        return node - 1 if inner and node > 0 else node

    def _tensor(self, name: str, node: int, place: int) -> KerasTensor:
        if name not in self.made:
            raise ValueError(f"the config of the model refers to a layer {name!r}, which it does not hold")
        calls = self.made[name]
        if not 0 <= node < len(calls):
            raise ValueError(f"the layer {name!r} has no call {node}, to which the config of the model refers")
        if not isinstance(place, int) or not 0 <= place < len(calls[node]):
            raise ValueError(
                f"the layer {name!r} has no output {place!r:.100}, to which the config of the model refers"
            )
        return calls[node][place]

    def tensors(self, structure: Any) -> Any:
        """The tensors of a structure of addresses."""
        if _is_address(structure):
            name, node, place = structure[:3]
            start = _first_node(self.operations.get(name))
            node = self._shifted(name, node) if self.legacy else max(node - start, 0)
            return self._tensor(name, node, place)
        if isinstance(structure, dict):
            return {key: self.tensors(part) for key, part in structure.items()}
        if not isinstance(structure, (list, tuple)):
            raise ValueError(
                f"the config of the model names its inputs and outputs by addresses; found {structure!r:.100}"
            )
        return [self.tensors(part) for part in structure]


def _is_address(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple)) and len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int)
    )
