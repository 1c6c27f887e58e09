"""Models made anew from models: other weights, other layers, other inputs, or from JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend import budget, nest
from kerasish.backend.symbolic import Call, KerasTensor
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.operation import Operation
from kerasish.layers.core.input_layer import InputLayer
from kerasish.models.functional import Functional, made_like_functional
from kerasish.models.model import Model
from kerasish.models.sequential import Sequential
from kerasish.saving.guards import safe_json
from kerasish.saving.legacy import config as legacy_config
from kerasish.saving.names import CustomObjectScope
from kerasish.saving.serialization import deserialize_keras_object
from kerasish.trainers.compiling.compiled import compile_like

# The most that a JSON text may ask for: room for VGG16, whose weights are as many as those of any network without text.
_MOST_BYTES = 640 * 2**20

CloneFunction = Callable[[Any], Any]


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: CloneFunction | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Any:
    """A model like `model` with layers and weights of its own, newly drawn.

    Args:
        model: the model.
        input_tensors: symbolic tensors for the inputs, in the structure of `model.input`; new inputs by default.
        clone_function: gives the new layer for a layer of a functional or sequential model, itself if it is to be
            shared; `layer.__class__.from_config(layer.get_config())` by default.
        call_function: calls a new layer of a functional model, `call_function(layer, *args, **kwargs)`.
        recursive: whether `clone_function` is given the layers within inner models, too, in place of those models.

    Returns:
        The new model. If `model` is compiled it is compiled likewise, with a new optimizer of the same settings and
        with metrics that have seen nothing.

    Raises:
        ValueError: if an argument does not go with the kind of model.

    Example:
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> keras.models.clone_model(model).count_params()
        3
    """
    if kwargs:
        raise ValueError(f"clone_model does not know the argument(s) {sorted(kwargs)}")
    if clone_function is not None and not callable(clone_function):
        raise ValueError(f"clone_function must be a function of a layer; received {clone_function!r}")
    made = _clone(model, input_tensors, clone_function, call_function, recursive)
    if getattr(model, "compiled", False):
        compile_like(made, model)
    return made


def _clone(
    model: Any,
    input_tensors: Any,
    clone_function: CloneFunction | None,
    call_function: Callable[..., Any] | None,
    recursive: bool,
) -> Any:
    clone = clone_function or clone_layer
    if recursive:
        clone = _recursively(clone, call_function)
    if isinstance(model, Functional) and made_like_functional(type(model)):
        return _clone_functional(model, input_tensors, clone, call_function)
    if call_function is not None:
        raise ValueError(
            "call_function goes with functional models, whose layers are called when they are made; "
            f"{model.name!r} is a {type(model).__name__}"
        )
    if isinstance(model, Sequential):
        return _clone_sequential(model, input_tensors, clone)
    if clone_function is not None or input_tensors is not None or recursive:
        raise ValueError(
            "clone_function, input_tensors and recursive go with functional and sequential models; "
            f"{model.name!r} is a {type(model).__name__}, whose layers are known to its code alone"
        )
    return clone_layer(model)


def clone_layer(layer: Any) -> Any:
    """A layer with the configuration of `layer`, built for the same shapes."""
    made = type(layer).from_config(layer.get_config())
    config = layer.get_build_config() if getattr(layer, "built", False) and hasattr(layer, "get_build_config") else None
    if config and not getattr(made, "built", True):
        made.build_from_config(config)
    return made


def _recursively(clone: CloneFunction, call_function: Callable[..., Any] | None) -> CloneFunction:
    def cloned(layer: Any) -> Any:
        if isinstance(layer, Functional):
            return clone_model(layer, clone_function=clone, call_function=call_function, recursive=True)
        if isinstance(layer, Sequential):
            return clone_model(layer, clone_function=clone, recursive=True)
        return clone(layer)

    return cloned


def _clone_functional(
    model: Functional, input_tensors: Any, clone: CloneFunction, call_function: Callable[..., Any] | None
) -> Any:
    graph = model._graph
    inputs = _new_inputs(model) if input_tensors is None else _checked_inputs(model, input_tensors)
    twins: dict[int, Any] = {}

    def apply(call: Call, args: Any, kwargs: Any) -> Any:
        operation, is_layer = call.operation, isinstance(call.operation, Layer)
        if isinstance(operation, Operation):
            if id(operation) not in twins:
                twins[id(operation)] = clone(operation) if is_layer else clone_layer(operation)
            operation = twins[id(operation)]
        if call_function is not None and is_layer:
            return call_function(operation, *args, **kwargs)
        return operation(*args, **kwargs)

    outputs = nest.pack_sequence_as(graph.output_structure, graph.called_anew(nest.flatten(inputs), apply))
    return type(model)(inputs=inputs, outputs=outputs, name=model.name)


def _new_inputs(model: Functional) -> Any:
    graph = model._graph
    made = [InputLayer.from_config(entrance.get_config()).output for entrance in graph.entrances]
    return nest.pack_sequence_as(graph.input_structure, made)


def _checked_inputs(model: Functional, input_tensors: Any) -> Any:
    structure = model.input
    if not all(isinstance(leaf, KerasTensor) for leaf in nest.iterate(input_tensors)):
        raise ValueError(
            f"input_tensors must be symbolic tensors, such as keras.Input gives; received {input_tensors!r}"
        )
    if not nest.is_nested(structure) and isinstance(input_tensors, (list, tuple)) and len(input_tensors) == 1:
        return input_tensors[0]
    if isinstance(structure, (list, tuple)) and len(structure) == 1 and isinstance(input_tensors, KerasTensor):
        return [input_tensors]
    try:
        nest.assert_same_structure(input_tensors, structure)
    except ValueError as error:
        raise ValueError(
            f"input_tensors must have the structure of the inputs of {model.name!r}, {structure}; received "
            f"{input_tensors}"
        ) from error
    return input_tensors


def _clone_sequential(model: Sequential, input_tensors: Any, clone: CloneFunction) -> Any:
    layers = [clone(layer) for layer in model.layers]
    entrance = model._stack[0] if model._stack and isinstance(model._stack[0], InputLayer) else None
    if input_tensors is not None:
        tensors = nest.flatten(input_tensors)
        if len(tensors) != 1 or not isinstance(tensors[0], KerasTensor):
            raise ValueError(
                f"a Sequential has one input: input_tensors must be one symbolic tensor; received {tensors}"
            )
        layers.insert(0, tensors[0])
    elif entrance is not None:
        layers.insert(0, clone_layer(entrance))
    return type(model)(layers, name=model.name, trainable=model.trainable)


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """The model that `Model.to_json` described, with new weights.

    A text may come from a stranger, so its weights may take 640 MB and as little work as those of a file. For a larger
    model that you trust: `Model.from_config(json.loads(text)["config"])`, with the class that it names.

    Args:
        json_string: the text; that of Keras 2 is read as well.
        custom_objects: the caller's own classes and functions by name.

    Raises:
        ValueError: if it is no JSON, names what is not known here, or asks for too much.

    Example:
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> keras.models.model_from_json(model.to_json()).output_shape
        (None, 1)
    """
    config = safe_json.loads(json_string)
    try:
        with CustomObjectScope(custom_objects), budget.limited(_MOST_BYTES):
            if isinstance(config, dict) and "module" not in config and "class_name" in config:
                config = legacy_config.modern_model(config)
            found = deserialize_keras_object(config)
    except ValueError:
        raise
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError) as error:
        raise ValueError(f"the JSON text describes no model: {type(error).__name__}: {error}") from error
    if not isinstance(found, Model):
        raise ValueError(f"the JSON describes {found!r:.100}, which is not a model")
    return found
