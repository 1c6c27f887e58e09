"""A `Sequential` of Keras 1 that begins with a `Merge` of other models: a graph, as it would be built today."""

from __future__ import annotations

from typing import Any

from kerasish.saving.legacy.origin import Config

_MAX_DEPTH = 50


def begins_with_merge(layers: Any) -> bool:
    """Whether these are the layers of a `Sequential` whose first is a `Merge` that holds models."""
    first = layers[0] if isinstance(layers, list) and layers else None
    return isinstance(first, dict) and first.get("class_name") == "Merge" and bool(_branches(first))


def _branches(merge: Config) -> Any:
    layers = _config_of(merge).get("layers")
    return layers if isinstance(layers, list) else None


def _config_of(layer: Any) -> Config:
    """The arguments of a layer; none where a damaged file has something else in their place."""
    config = layer.get("config") if isinstance(layer, dict) else None
    return config if isinstance(config, dict) else {}


def as_graph(config: Config) -> Config:
    """The configuration of a functional model, in the spelling of Keras 2.

    Args:
        config: that of the `Sequential`.

    Raises:
        ValueError: if a branch has no first layer that knows the shape of its data.
    """
    graph = _Graph()
    last = graph.chain(config["layers"], 0)
    settings = {"name": config["name"]} if config.get("name") else {}
    return {**settings, "layers": graph.layers, "input_layers": graph.inputs, "output_layers": [last]}


class _Graph:
    """Layers that are connected one after the other; one that comes again is called again."""

    def __init__(self) -> None:
        self.layers: list[Config] = []
        self.inputs: list[list[Any]] = []
        self._by_name: dict[str, Config] = {}

    def chain(self, layers: Any, depth: int) -> list[Any]:
        """Add the layers of a `Sequential`, and return the address of what comes out of the last."""
        if depth > _MAX_DEPTH or not isinstance(layers, list) or not layers:
            raise ValueError("a branch of a Merge is a Sequential with layers, or a layer")
        if begins_with_merge(layers):
            ends = [self._branch(branch, depth + 1) for branch in _branches(layers[0])]
            config = {key: value for key, value in layers[0]["config"].items() if key != "layers"}
            end = self._call({"class_name": "Merge", "config": config}, ends)
        else:
            end = self._call(layers[0], [self._entrance(layers[0])])
        for layer in layers[1:]:
            end = self._call(layer, [end])
        return end

    def _branch(self, branch: Any, depth: int) -> list[Any]:
        if isinstance(branch, dict) and branch.get("class_name") == "Sequential":
            config = branch.get("config")
            return self.chain(config.get("layers") if isinstance(config, dict) else config, depth)
        return self.chain([branch], depth)

    def _entrance(self, layer: Any) -> list[Any]:
        config = _config_of(layer)
        if config.get("batch_input_shape") is None:
            raise ValueError(
                f"a branch of a Merge begins with a layer that knows its input's shape; found {layer!r:.80}"
            )
        name = f"{config.get('name')}_input"
        if name not in self._by_name:
            settings = {key: config[key] for key in ("batch_input_shape", "input_dtype") if config.get(key) is not None}
            entrance = {"class_name": "InputLayer", "name": name, "config": {**settings, "name": name}}
            self._add({**entrance, "inbound_nodes": []})
            self.inputs.append([name, 0, 0])
        return [name, 0, 0]

    def _call(self, layer: Any, inputs: list[list[Any]]) -> list[Any]:
        config = _config_of(layer)
        name = config.get("name")
        if not isinstance(name, str):
            raise ValueError(f"the layers of a branch of a Merge have names; found {layer!r:.80}")
        if name not in self._by_name:
            self._add({"class_name": layer.get("class_name"), "name": name, "config": config, "inbound_nodes": []})
        nodes = self._by_name[name]["inbound_nodes"]
        nodes.append([[*address, {}] for address in inputs])
        return [name, len(nodes) - 1, 0]

    def _add(self, entry: Config) -> None:
        self._by_name[entry["name"]] = entry
        self.layers.append(entry)
