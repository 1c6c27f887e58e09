"""The base of models: a layer that can be trained, summarized and saved."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.callers import shortened
from kerasish.backend.typing import FilePath
from kerasish.layers.base.call_context import context
from kerasish.layers.base.call_signature import CallSignature
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.nested_shapes import specs, tuples
from kerasish.saving import registry
from kerasish.saving.serialization import serialize_keras_object
from kerasish.trainers.steps.prediction import is_lone_call
from kerasish.trainers.trainer import Trainer

# Loaded when the first model is made of symbolic inputs and outputs.
_FUNCTIONAL = "kerasish.models.functional"


class Model(Trainer, Layer):
    """A layer with the lifecycle of a model; subclasses make layers in `__init__` and compute in `call`.

    `Model(inputs, outputs)` makes a functional model of symbolic tensors, and so does a subclass that calls
    `super().__init__(inputs=inputs, outputs=outputs)`; see `kerasish.models.functional`.

    Args:
        name: the model's name.
        trainable: whether training changes the weights.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> class Net(keras.Model):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.hidden = keras.layers.Dense(4, activation="relu")
        ...         self.top = keras.layers.Dense(1)
        ...
        ...     def call(self, inputs):
        ...         return self.top(self.hidden(inputs))
        >>> Net()(np.ones((2, 3), "float32")).shape
        (2, 1)
    """

    takes_text = True  # and hands it to its layers

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = _functional_class() if cls is Model and is_functional(args, kwargs) else cls
        return super().__new__(made, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if is_functional(args, kwargs):
            functional = _functional_class()
            _put_below(type(self), functional)
            functional.__init__(self, *args, **kwargs)
            return
        if args:
            raise TypeError(
                f"{type(self).__name__} takes inputs and outputs, or keyword arguments only (name, trainable, dtype); "
                f"received {args!r}"
            )
        Layer.__init__(self, **kwargs)

    def _call_plainly(self, run: Callable[[Any], Any], x: Any, inputs: Any, training: bool | None) -> Any:
        """The short way of a model that is all layers, where the data needs no conversion.

        Args:
            run: takes `inputs` through the layers.
            x: what the model was called on; few rows from outside are answered by a recorded pass.
            inputs: the arrays of x.
            training: what the caller says.
        """
        if type(x) is np.ndarray and not training and is_lone_call(x):
            found = self._engine.predictions(self).lone(x)
            if found is not None:
                return eager(found)
        outer_root, outer_training = context.root, context.training
        if outer_root is None:
            context.root = self
            if self._loss_owners:
                self._clear_losses()
        if training is not None:
            context.training = training
        try:
            return run(inputs)
        finally:
            context.root, context.training = outer_root, outer_training

    @property
    def layers(self) -> list[Layer]:
        """The layers directly in the model, inputs included."""
        return self._tracker.layers()

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError(
            "`Model.layers` lists the layers that the model holds and cannot be set; keep your own list under another "
            "name, such as `self.blocks`"
        )

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by its name or its place.

        Raises:
            ValueError: if there is no such layer, or both or neither are given.
        """
        layers = self.layers
        if (name is None) == (index is None):
            raise ValueError(f"get_layer takes either a name or an index; received name={name!r}, index={index!r}")
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"the model {self.name!r} has {len(layers)} layers; there is none of index {index}")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        known = [layer.name for layer in layers]
        raise ValueError(f"the model {self.name!r} has no layer {name!r}. {registry.nearest(str(name), known)}")

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], object] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print the layers, their output shapes and their numbers of parameters.

        Args:
            line_length: the width of the table.
            positions: the widths of the columns, or their ends as shares of the width.
            print_fn: called with the text in place of `print`.
            expand_nested: whether the layers of inner models are shown.
            show_trainable: whether a column tells which layers are trained.
            layer_range: the names (or patterns) of the first and last layer to show.
        """
        from kerasish.models.summary import print_summary

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def _repr_html_(self) -> str:
        from kerasish.models.summary import summary_html

        return summary_html(self)

    @shortened
    def save(self, filepath: FilePath, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
        """Write the model to a file: architecture, weights, and the state of training.

        Args:
            filepath: ends in `.keras`, or `.h5` for the older format.
            overwrite: whether a file that is there is replaced; otherwise that is an error.
            zipped: False writes a directory in place of a `.keras` file.

        Raises:
            ValueError: if the ending is another one.
        """
        from kerasish.saving.model_files import save_model

        save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    @shortened
    def save_weights(self, filepath: FilePath, overwrite: bool = True, max_shard_size: float | None = None) -> None:
        """Write the weights, and the state of the optimizer, to a `.weights.h5` or `.npz` file."""
        from kerasish.saving.model_files import save_weights

        save_weights(self, filepath, overwrite=overwrite, max_shard_size=max_shard_size)

    @shortened
    def load_weights(self, filepath: FilePath, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Read weights from a `.weights.h5`, `.npz`, `.keras` or `.h5` file.

        Raises:
            ValueError: if they do not fit the model; nothing is changed then.
        """
        from kerasish.saving.model_files import load_weights

        load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def quantize(self, mode: Any = None, config: Any = None, filters: Any = None, *, type_check: bool = True) -> None:
        """Keep the weights of layers in few bits from now on.

        Layers that cannot be, among them those of other kinds, are left as they are, with a warning.

        Args:
            mode: `"int8"` or `"int4"`, for a model that only predicts and for factors to train (`layer.enable_lora`),
                or `"float8"`, for training.
            config: a `keras.quantizers.QuantizationConfig`, which says the mode itself.
            filters: which layers: a pattern that is searched in their names, several, or a function of a layer.
            type_check: whether subclasses of layers are left out, whose `call` would not be used any more.

        Raises:
            ValueError: if the arguments mean nothing, or a layer has no weights yet or is quantized.
            NotImplementedError: for modes that look at data, GPTQ and AWQ.

        Example:
            >>> import kerasish as keras
            >>> model = keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(32)])
            >>> model.quantize("int8")
            >>> model.layers[0].kernel.dtype
            dtype('int8')
        """
        from kerasish.models.quantizing import quantize

        quantize(self, mode, config, filters, type_check)

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the weights as the model had them when it was saved.

        A model without a `build` of its own makes its layers' weights in `call`, which is therefore run on symbols.
        """
        if not config:
            return
        if type(self).build is not Layer.build:
            super().build_from_config(config)
            return
        shapes = config.get("shapes_dict") or {self._signature.tensor_names[0]: config["input_shape"]}
        inputs = {n.removesuffix("_shape"): specs(tuples(s), self.compute_dtype) for n, s in shapes.items()}
        self(**inputs)

    def export(
        self,
        filepath: FilePath,
        format: str = "tf_saved_model",
        verbose: Any = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Write the forward pass at inference for other programs to run.

        Args:
            filepath: the file.
            format: must be `"onnx"` (the extra `onnx`); Keras's other formats belong to frameworks.
            verbose: whether a line is printed when it is done; None prints it too.
            input_signature: for each input something that has a `shape`, such as a `keras.InputSpec`, in place of the
                model's own shapes.
            **kwargs: `opset_version`, which may be None or the version that is written.

        Raises:
            ImportError: if the package onnx is missing.
            ValueError: if the format is another one, or a layer has no counterpart there; it is named.
        """
        from kerasish.models.onnx.export import export

        if format != "onnx":
            raise ValueError(f"models are exported with format='onnx' here; received format={format!r}")
        opset_version = kwargs.pop("opset_version", None)
        if kwargs:
            raise ValueError(f"export to ONNX does not know the argument(s) {sorted(kwargs)}")
        export(self, filepath, input_signature, opset_version)
        if verbose is None or verbose:
            print(f"Saved artifact at '{filepath}'.")

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON; keyword arguments go to `json.dumps`."""
        return json.dumps(serialize_keras_object(self), **kwargs)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A model from the result of `get_config`."""
        if cls is Model and "input_layers" in config:
            return _functional_class().from_config(config, custom_objects)
        with registry.CustomObjectScope(custom_objects):
            return cls(**config)


def is_functional(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether these are the arguments of a functional model: its inputs and its outputs, by place or by name."""
    return len(args) == 2 or (len(args) == 1 and "outputs" in kwargs) or ("inputs" in kwargs and "outputs" in kwargs)


def _functional_class() -> Any:
    return importlib.import_module(_FUNCTIONAL).Functional


def _put_below(cls: type, functional: type) -> None:
    """Make a subclass of `Model` one of `functional`, because it was made of symbolic inputs and outputs."""
    if issubclass(cls, functional):
        return
    cls.__bases__ = tuple(functional if base is Model else base for base in cls.__bases__)
    for base in cls.__bases__:
        if issubclass(base, Model):
            _put_below(base, functional)
    cls._signature = CallSignature(cls.call, cls.build)  # type: ignore[attr-defined]
