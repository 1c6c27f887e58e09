"""Models made by calling layers on symbolic tensors."""

from __future__ import annotations

import inspect
from typing import Any

from kerasish.backend import nest
from kerasish.backend.masks import get_mask, with_mask
from kerasish.backend.symbolic import KerasTensor
from kerasish.layers.base.call_context import context
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.operation import owner_of
from kerasish.models import functional_config
from kerasish.models.function import Function
from kerasish.models.model import Model, is_functional
from kerasish.saving import registry

_TRAINING = {"training"}


class Functional(Function, Model):
    """A model given by its symbolic inputs and outputs: what `keras.Model(inputs, outputs)` returns.

    The layers between them are found by walking back from the outputs, and sorted once; a call runs them in order.

    Args:
        inputs: symbolic tensors, one or a nested structure: those of `Input`, or any that layers returned.
        outputs: symbolic tensors computed from them.
        name: the model's name.
        trainable: whether training changes the weights.

    Raises:
        ValueError: if an output depends on a tensor that is not among the inputs, or two layers have one name.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
        >>> model = keras.Model({"a": a, "b": b}, keras.layers.Dense(1)(a * b))
        >>> model({"a": np.ones((3, 2), "float32"), "b": np.ones((3, 2), "float32")}).shape
        (3, 1)
    """

    saves_layers_first = True
    unsaved_attributes = Model.unsaved_attributes | {"_plan"}
    _runs_plainly: bool
    _unpacks: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not is_functional(args, kwargs):
            Model.__init__(self, *args, **kwargs)
            return
        inputs, outputs, rest = _arguments(*args, **kwargs)
        trainable = rest.pop("trainable", None)
        Layer.__init__(self, **rest)
        self._set_graph(inputs, outputs)
        self._graph_layers = [op for op in self._graph.operations if isinstance(op, Layer)]
        self.built = True
        if trainable is not None:
            self.trainable = bool(trainable)
        singleton = isinstance(outputs, (list, tuple)) and len(outputs) == 1 and not nest.is_nested(outputs[0])
        object.__setattr__(self, "_unpacks", singleton)
        own_call = type(self).call is not Functional.call
        object.__setattr__(self, "_runs_plainly", not own_call and self.activity_regularizer is None)

    def add_loss(self, loss: Any) -> None:
        """Add a scalar to what training minimizes, from within a step or a `call` of one's own.

        Raises:
            NotImplementedError: if the loss is symbolic.
        """
        if any(isinstance(value, KerasTensor) for value in nest.iterate(loss)) and context.root is None:
            raise NotImplementedError(
                f"the functional model {self.name!r} takes no symbolic loss: call `self.add_loss` in the `call` of a "
                "layer that hands on its input, and put that layer into the model"
            )
        super().add_loss(loss)

    # -- what it is made of ----------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers between the inputs and the outputs, input layers included."""
        return list(self._graph_layers)

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError(
            "`Model.layers` lists the layers between the inputs and the outputs and cannot be set; keep your own list "
            "under another name, such as `self.blocks`"
        )

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs, the keys of data that comes as a dict."""
        return list(self._entry.names)

    @property
    def output_names(self) -> list[str]:
        """The names of the layers and operations that the outputs come from."""
        return [owner_of(self._graph.maker(tensor)).name for tensor in self._graph.outputs]

    @property
    def input_shape(self) -> Any:
        """The shape of the data, `None` for the number of samples; a list of shapes for several inputs."""
        return _alone([tensor.shape for tensor in self._graph.inputs])

    @property
    def output_shape(self) -> Any:
        """The shape of the predictions; a list of shapes for several outputs."""
        return _alone([tensor.shape for tensor in self._graph.outputs])

    # -- computing -------------------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Every layer was built when it was called on symbolic tensors."""
        self.built = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._runs_plainly and len(args) == 1 and kwargs.keys() <= _TRAINING:
            leaves = self._entry.ready(args[0])
            if leaves is not None:
                return self._call_plainly(self._run, args[0], leaves, kwargs.get("training"))
        if len(args) > 1 and hasattr(args[1], "shape"):
            raise ValueError(
                f"the model {self.name!r} takes its inputs as one argument, such as model([a, b]) or "
                f"model({{'a': a}}); received {len(args)} arguments"
            )
        return Model.__call__(self, *args, **kwargs)

    def _run(self, inputs: list[Any]) -> Any:
        leaves = self._plan.run(inputs)
        return leaves[0] if self._unpacks else self._packed(leaves)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        """The outputs for these inputs.

        Args:
            inputs: data in the structure of the inputs, or a dict by their names.
            training: whether layers such as dropout are at work.
            mask: which steps of the inputs count, in the same structure.
        """
        leaves = self._entry.standardized(inputs)
        if mask is not None:
            given = self._entry.flat(mask) if isinstance(mask, dict) else nest.flatten(mask)
            leaves = [_masked(x, m) for x, m in zip(leaves, given, strict=True)]
        outer = context.training
        if training is not None:
            context.training = training
        try:
            return self._run(leaves)
        finally:
            context.training = outer

    call.runs_layers = True  # type: ignore[attr-defined]

    def _convert(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Each input has its own dtype, to which `call` casts it."""
        return (args, kwargs) if type(self).call is Functional.call else super()._convert(args, kwargs)

    def compute_output_spec(self, inputs: Any, training: Any = None, mask: Any = None, **kwargs: Any) -> Any:
        """The shapes and dtypes of the outputs for these symbolic inputs."""
        if type(self).call is not Functional.call:
            return Model.compute_output_spec(self, inputs, **kwargs)
        specs = super().compute_output_spec(inputs)
        return specs[0] if self._unpacks else specs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs for inputs of these shapes."""
        shapes = super().compute_output_shape(input_shape)
        return shapes[0] if self._unpacks else shapes

    # -- configuration ---------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The layers, how they are connected, and which are inputs and outputs.

        A subclass whose `__init__` takes other arguments reports those.
        """
        if not made_like_functional(type(self)):
            return Model.get_config(self)
        return functional_config.to_config(self._graph, self.name, self._trainable)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A model from the result of `get_config`."""
        with registry.CustomObjectScope(custom_objects):
            if not functional_config.is_graph(config) or not made_like_functional(cls):
                return cls(**config)
            inputs, outputs, rest = functional_config.from_config(config)
            return cls(inputs=inputs, outputs=outputs, **rest)


def _arguments(inputs: Any = None, outputs: Any = None, **rest: Any) -> tuple[Any, Any, dict[str, Any]]:
    return inputs, outputs, rest


def _alone(shapes: list[Any]) -> Any:
    return shapes[0] if len(shapes) == 1 else shapes


def _masked(x: Any, mask: Any) -> Any:
    """`x` with a mask; an array of the caller's stays as it is."""
    return x if mask is None or get_mask(x) is mask else with_mask(x, mask)


def made_like_functional(cls: type) -> bool:
    """Whether a class is made from inputs and outputs alone, so that a graph says all about it."""
    parameters = list(inspect.signature(cls).parameters.values())
    if {"inputs", "outputs"} <= {p.name for p in parameters[:2]}:
        return all(p.name in ("inputs", "outputs", "name") or p.kind is p.VAR_KEYWORD for p in parameters)
    return {p.kind for p in parameters} >= {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
