"""A stack of layers, each fed the output of the one before."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.admission import of_another_keras
from kerasish.backend.array import Array
from kerasish.backend.callers import shortened
from kerasish.backend.masks import get_mask, with_mask
from kerasish.backend.names import is_innermost_scope, name_scope
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor
from kerasish.layers.base.call_context import context, making_weights
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.mask_passing import pass_on
from kerasish.layers.core.input_layer import InputLayer
from kerasish.models.inputs import ranked
from kerasish.models.model import Model
from kerasish.saving.legacy import config as legacy_config
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

_TRAINING = {"training"}


class Sequential(Model):
    """A model in which data flows through one layer after another.

    Given an input shape (by an `Input` or a layer's `input_shape`), the layers are built as they are added; without
    one, when the model sees its first data.

    Args:
        layers: the layers, in order.
        trainable: whether training changes the weights.
        name: the model's name.

    Example:
        >>> import kerasish as keras
        >>> model = keras.Sequential(
        ...     [
        ...         keras.Input((2,)),
        ...         keras.layers.Dense(8, activation="tanh"),
        ...         keras.layers.Dense(1, activation="sigmoid"),
        ...     ]
        ... )
        >>> model.output_shape
        (None, 1)
    """

    saves_layers_first = True
    unsaved_attributes = Model.unsaved_attributes | {"_inputs", "_outputs", "_plan", "_stack"}

    @shortened
    def __init__(
        self,
        layers: Iterable[Layer | KerasTensor] | Layer | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(trainable=trainable, name=name)
        self._stack: list[Layer] = []
        self._outputs: Any = None
        for layer in [layers] if isinstance(layers, Layer) else layers or []:
            self.add(layer, rebuild=False)
        self._rebuild()

    # -- the stack -------------------------------------------------------------------------------------------

    @shortened
    def add(self, layer: Layer | KerasTensor, rebuild: bool = True) -> None:
        """Put a layer on top.

        Raises:
            ValueError: if it is not a layer, its name is taken, or an input comes late.
        """
        if isinstance(layer, KerasTensor):
            maker = None if layer.history is None else layer.history.operation
            layer = maker if isinstance(maker, InputLayer) else InputLayer(batch_shape=layer.shape, dtype=layer.dtype)
        elsewhere = of_another_keras(layer)
        if not elsewhere and callable(layer) and not isinstance(layer, (Layer, type)):
            raise ValueError(
                f"Sequential holds layers; received the function {layer!r}. Wrap it: layers.Activation({layer!r}) or "
                "layers.Lambda"
            )
        if not isinstance(layer, Layer):
            hint = " (a class: write its name with parentheses)" if isinstance(layer, type) else ""  # type: ignore[unreachable]
            raise ValueError(f"Sequential holds layers; received {layer!r}{elsewhere or hint}")
        if rebuild and any(layer.name == other.name and layer is not other for other in self._stack):
            raise ValueError(self._told_of_twins(layer))
        if isinstance(layer, InputLayer) and self._stack:
            where = "already has an input" if isinstance(self._stack[0], InputLayer) else "already has layers"
            raise ValueError(f"an input must be the first layer, and the model {self.name!r} {where}")
        shape = getattr(layer, "_input_shape_argument", None)
        if not self._stack and shape is not None:
            self._stack.append(InputLayer(shape=shape, dtype=layer.compute_dtype))
        self._stack.append(layer)
        if rebuild:
            self._rebuild()

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the top layer off, and return it.

        Raises:
            ValueError: if there is none.
        """
        if not self._stack:
            raise ValueError(f"the model {self.name!r} has no layer to take off")
        layer = self._stack.pop()
        if rebuild:
            self._rebuild()
        return layer

    @property
    def layers(self) -> list[Layer]:
        """The layers in order, without the input."""
        return [layer for layer in self._stack if not isinstance(layer, InputLayer)]

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError("the layers of a Sequential are changed with `add` and `pop`")

    def _told_of_twins(self, layer: Layer) -> str:
        return f"the model {self.name!r} has a layer named {layer.name!r} already; names must differ"

    def _rebuild(self) -> None:
        """Connect the layers anew, if the shape of the data is known."""
        named: dict[str, Layer] = {}
        for layer in self._stack:
            if named.setdefault(layer.name, layer) is not layer:
                raise ValueError(self._told_of_twins(layer))
        self.built = False
        self._outputs = None
        self._plan = tuple(self.layers)
        self._runs_plainly = type(self).call is Sequential.call and self.activity_regularizer is None
        if self._stack and isinstance(self._stack[0], InputLayer):
            self._connect(self._stack[0].output)
        elif self._plan and hasattr(self._plan[0], "inputs"):
            self._connect_like(self._plan[0])

    def _connect_like(self, first: Any) -> None:
        if getattr(first, "inputs", None):
            source = first.inputs[0]
            self._stack.insert(0, InputLayer(batch_shape=source.shape, dtype=source.dtype))
            self._connect(self._stack[0].output)

    def _connect(self, symbol: KerasTensor) -> None:
        x = symbol
        with nullcontext() if is_innermost_scope(self.name) else name_scope(self.name):
            for layer in self._plan:
                try:
                    x = layer(x)
                except NotImplementedError:
                    return  # a layer whose output shape only data can tell
        self._inputs = [symbol]
        self._input_rank = len(symbol.shape)
        self._outputs = x
        self.built = True
        self._build_shapes = {"input_shape": symbol.shape}

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for data of this shape, the number of samples included.

        Raises:
            ValueError: if the shape is not a tuple of sizes, or the model has no layers.
        """
        if input_shape is None:
            if self._stack and isinstance(self._stack[0], InputLayer):
                return
            raise ValueError(f"build needs the shape of the data, such as (None, 784), to build {self.name!r}")
        if not isinstance(input_shape, (tuple, list)) or any(isinstance(n, (tuple, list)) for n in input_shape):
            raise ValueError(f"the shape must be a tuple of sizes, such as (None, 784); received {input_shape!r}")
        if not self._plan:
            raise ValueError(f"the model {self.name!r} has no layers to build")
        if not isinstance(self._stack[0], InputLayer):
            kind = self._plan[0].compute_dtype
            self._stack.insert(0, InputLayer(batch_shape=tuple(input_shape), dtype=kind))
        self._rebuild()

    # -- computing -------------------------------------------------------------------------------------------

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        """The data after every layer."""
        return self._run(inputs if mask is None or get_mask(inputs) is not None else with_mask(inputs, mask))

    def _run(self, x: Any) -> Any:
        for layer in self._plan:
            x = layer(x)
        return x

    call.runs_layers = True  # type: ignore[attr-defined]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._outputs is not None and len(args) == 1 and self._runs_plainly and kwargs.keys() <= _TRAINING:
            x = args[0]
            if (
                (type(x) is np.ndarray or type(x) is Array or type(x) is Tensor)
                and x.dtype is self._compute_kind
                and x.ndim == self._input_rank
            ):
                return self._call_plainly(self._run, x, x, kwargs.get("training"))
        if args and nest.is_nested(args[0]):
            args = (self._alone(args[0]), *args[1:])
        if args and self._outputs is not None:
            args = (self._ranked(args[0]), *args[1:])
        if not self.built and args and not isinstance(args[0], KerasTensor):
            with making_weights:
                if not self.built:
                    self._build_from(args[0])
        return super().__call__(*args, **kwargs)

    def _ranked(self, x: Any) -> Any:
        """Data with the rank of the model's input, as in a functional model; its mask goes with it."""
        if not getattr(x, "shape", ()) or len(x.shape) == self._input_rank:
            return x
        mask, made = get_mask(x), ranked(x, self._inputs[0].shape)
        return made if mask is None or made is x else with_mask(made, mask)

    def _alone(self, data: Any) -> Any:
        """The one array of a list or dict that holds an array; what else it holds is left alone.

        Raises:
            ValueError: if there are several arrays, and the model is known to have one input.
        """
        arrays = [leaf for leaf in nest.iterate(data) if getattr(leaf, "shape", ())]
        if len(arrays) == 1:
            return arrays[0]
        if arrays and self._outputs is not None:
            raise ValueError(
                f"the model {self.name!r} is sequential and has one input; received {len(arrays)} arrays of shapes "
                f"{[tuple(array.shape) for array in arrays[:4]]}{', ...' if len(arrays) > 4 else ''}. A list is taken "
                "for several inputs; if it holds the rows of one, use np.stack(x)."
            )
        return data

    def _build_from(self, data: Any) -> None:
        """Build with the shape of the first data, whose number of samples stays open."""
        if not self._plan:
            raise ValueError(f"the model {self.name!r} has no layers: add one before calling it")
        shape = np.shape(data)
        if len(shape) and self._outputs is None:
            outer = context.training
            context.training = False
            try:
                self.build((None, *shape[1:]))
            finally:
                context.training = outer

    @property
    def inputs(self) -> Any:
        """The symbolic inputs, if the shape of the data is known."""
        return self._known("_inputs")

    @property
    def outputs(self) -> Any:
        """The symbolic outputs, if the shape of the data is known."""
        return [self._known("_outputs")]

    @property
    def input(self) -> Any:
        """The symbolic input of the first call; before any, that of the layers, as in Keras 2."""
        return super().input if self._calls else self._known("_inputs")[0]

    @property
    def output(self) -> Any:
        """The symbolic output of the first call; before any, that of the layers."""
        return super().output if self._calls else self._known("_outputs")

    @property
    def input_shape(self) -> Any:
        """The shape of the data, `None` for its number of samples."""
        return self._known("_inputs")[0].shape

    @property
    def output_shape(self) -> Any:
        """The shape of the predictions."""
        return self._known("_outputs").shape

    @property
    def input_dtype(self) -> Any:
        """The dtype of the data."""
        return self._known("_inputs")[0].dtype if self._outputs is not None else self.compute_dtype

    def _known(self, name: str) -> Any:
        if self._outputs is None:
            raise AttributeError(
                f"the model {self.name!r} does not know the shape of its data yet: start it with keras.Input(...), "
                "call `build(input_shape)`, or call it on data"
            )
        return self.__dict__[name]

    def compute_output_spec(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        """The shape and dtype of the predictions for a symbolic tensor."""
        if type(self).call is not Sequential.call:
            named = {"training": training, "mask": mask}
            settings = {key: value for key, value in named.items() if value is not None}
            return super().compute_output_spec(inputs, **settings, **kwargs)
        given = mask
        for layer in self._plan:
            mask, given = get_mask(inputs) if given is None else given, None
            settings = {"mask": mask} if mask is not None and layer.supports_mask_argument else {}
            inputs = pass_on(layer, inputs, mask, layer.compute_output_spec(inputs, **settings))
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the predictions for data of this shape."""
        for layer in self._plan:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    # -- configuration ---------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The layers, and the shape of the data if it is known."""
        config = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": self._dtype_config(),
            "layers": [serialize_keras_object(layer) for layer in self._stack],
        }
        if self._outputs is not None:
            config["build_input_shape"] = self.input_shape
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A model from the result of `get_config`, or from that of Keras 2."""
        if any(isinstance(layer, dict) and "module" not in layer for layer in config["layers"]):
            config = legacy_config.modern_model({"class_name": "Sequential", "config": config})["config"]
        model = cls(name=config.get("name"), trainable=config.get("trainable", True))
        for layer in config["layers"]:
            model.add(deserialize_keras_object(layer, custom_objects=custom_objects), rebuild=False)
        model._rebuild()
        shape = config.get("build_input_shape")
        if not model.built and shape and isinstance(shape, (tuple, list)):
            model.build(tuple(shape))
        return model
