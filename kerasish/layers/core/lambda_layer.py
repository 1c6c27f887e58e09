"""A function as a layer."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any, Unpack

from kerasish.backend import nest
from kerasish.backend.symbolic import infer_spec
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.nested_shapes import specs, tuples
from kerasish.layers.base.trial_call import Preserved
from kerasish.saving.names import get_registered_object, is_registered, public_module
from kerasish.saving.serialization import deserialize_keras_object, is_code, serialize_keras_object

_PARTS = ("function", "output_shape", "mask")


class Lambda(Layer):
    """`function(inputs)`, for a small step in a model that has no weights of its own.

    A model with a lambda works, and is not saved: a file holds names, never code. With a function that is registered
    by `keras.saving.register_keras_serializable`, or given as one of `custom_objects`, the model is saved and loaded
    like any other. Where a file of Keras holds code, `custom_objects={"lambda_1": function}`, with the layer's name,
    puts a function in its place. For anything more, write a subclass of `Layer`.

    Args:
        function: takes the inputs, and `mask` and `training` if it has arguments of these names.
        output_shape: the shape of the output without the axis of samples, or a function of the input's shape; by
            default it is found by trying.
        mask: the mask of the output, or a function `(inputs, mask)` that returns it.
        arguments: further arguments of the function, by name.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: what the function makes of them.

    Raises:
        TypeError: if `function` cannot be called.
        NotImplementedError: if the output's shape is asked for and cannot be found by trying.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Lambda(lambda x: x**2)(np.array([1.0, 3.0], "float32"))
        array([1., 9.], dtype=float32)
    """

    takes_text = True
    # Whether `from_config` itself finds what takes the place of code.
    replaces_code = True

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(f"Lambda takes a function; received {function!r:.80} ({type(function).__name__})")
        self.function = function
        self.arguments = arguments or {}
        self.mask = mask
        self.supports_masking = mask is not None
        self._given_shape = output_shape
        self._passed = [name for name in ("mask", "training") if name in _arguments_of(function)]

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """What the function returns."""
        known = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{name: known[name] for name in self._passed})

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask that was given, or what the function for it returns."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that was given, or what the function makes of small arrays."""
        given = self._given_shape
        if given is None:
            made = self._tried(specs(input_shape, self.compute_dtype), {})
            return nest.map_structure(lambda spec: spec.shape, made)
        if callable(given):
            return given(input_shape)
        samples = next(nest.iterate(tuples(input_shape)))
        return _with_samples(tuples(given), samples)

    def compute_output_spec(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """The shape and dtype of the output."""
        if self._given_shape is None:
            return self._tried(inputs, {"mask": mask, "training": training})
        shape = self.compute_output_shape(nest.map_structure(lambda x: x.shape, inputs))
        return specs(shape, self.compute_dtype)

    def _tried(self, inputs: Any, settings: dict[str, Any]) -> Any:
        try:
            with Preserved(self):
                return infer_spec(self.call, inputs, **settings)
        except Exception as error:
            raise NotImplementedError(
                f"the shape of the output of the layer {self.name!r} could not be found by trying its function on "
                f"small arrays ({type(error).__name__}: {error}); give `output_shape`"
            ) from error

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "function": _named(self.function)}
        if self._given_shape is not None:
            config["output_shape"] = _named(self._given_shape)
        if self.mask is not None:
            config["mask"] = _named(self.mask)
        return {**config, "arguments": serialize_keras_object(self.arguments)}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None, safe_mode: bool | None = None
    ) -> Any:
        """A layer from the result of `get_config`.

        Args:
            config: the arguments; a function is named, or is the function itself.
            custom_objects: the caller's own functions by name.
            safe_mode: accepted for compatibility: code from a config is never run, whatever it says.

        Where the config holds code, or a function that nobody knows, what `custom_objects` has under the layer's name
        takes its place; the shape of what that function returns is found by trying.

        Raises:
            ValueError: if there is nothing to take its place.
        """
        config = dict(config)
        own = get_registered_object(str(config.get("name")), custom_objects)
        for part in _PARTS:
            kind = config.pop(f"{part}_type", None)
            config.pop("module" if part == "function" else f"{part}_module", None)
            value = config.get(part)
            if value is None:
                continue
            if not _is_code(value, kind):
                is_ours = part == "function" and callable(own) and _is_unknown(value, custom_objects)
                config[part] = own if is_ours else _found(value, part, custom_objects)
            elif callable(own):
                config[part] = own if part == "function" else _replacement(config, part, custom_objects)
            else:
                raise ValueError(_told_of_code(config.get("name"), part))
        if config.get("arguments") is not None:
            config["arguments"] = deserialize_keras_object(config["arguments"], custom_objects=custom_objects)
        return cls(**config)


def _arguments_of(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # a function of a compiled module may not tell
        return []


def _with_samples(shape: Any, samples: int | None) -> Any:
    if isinstance(shape, tuple):
        return (samples, *shape)
    parts = shape.items() if isinstance(shape, dict) else enumerate(shape)
    made = {key: _with_samples(part, samples) for key, part in parts}
    return made if isinstance(shape, dict) else list(made.values())


def _named(value: Any) -> Any:
    """A function by its name, if that is enough to find it again; else itself, which only this process knows."""
    if callable(value):
        return serialize_keras_object(value) if is_registered(value) or public_module(value) else value
    return serialize_keras_object(value)


def _is_code(value: Any, kind: Any) -> bool:
    """Whether a part of a configuration is the code of a function, in one of the spellings that Keras has had."""
    if isinstance(value, dict):
        return is_code(value)
    is_bytes = isinstance(value, (list, tuple)) and any(isinstance(item, (str, bytes)) for item in value)
    return not callable(value) and (kind == "lambda" or is_bytes)


def _is_unknown(value: Any, custom_objects: dict[str, Any] | None) -> bool:
    """Whether a part of a configuration names a function that is nowhere to be found."""
    try:
        _found(value, "function", custom_objects)
    except ValueError:
        return True
    return False


def _replacement(config: dict[str, Any], part: str, custom_objects: dict[str, Any] | None) -> Any:
    """What takes the place of code beside the function: nothing for a shape, which is found by trying."""
    found = get_registered_object(f"{config['name']}.{part}", custom_objects)
    if found is None and part == "mask":
        raise ValueError(_told_of_code(f"{config['name']}.mask", part))
    return found


def _told_of_code(name: Any, part: str) -> str:
    wanted = f"custom_objects={{{json.dumps(name or 'lambda')}: function}}"
    return (
        f"the {part} of the Lambda layer {name!r} is Python code. Code in a configuration is never executed here, "
        f"whatever `safe_mode` says: put a function in its place by `{wanted}`, the layer's name."
    )


def _found(value: Any, part: str, custom_objects: dict[str, Any] | None) -> Any:
    """A part of a configuration that is no code: a function, a shape, or an array."""
    if callable(value):
        return value
    if isinstance(value, str):
        value = {"module": "builtins", "class_name": "function", "config": value, "registered_name": "function"}
    found = deserialize_keras_object(value, custom_objects=custom_objects)
    return tuples(found) if part == "output_shape" else found
