"""The base of models: a layer that can be trained, summarized and saved."""

from __future__ import annotations

import json
from typing import Any

from kerasish.layers.layer import Layer
from kerasish.saving import registry
from kerasish.saving.serialization import serialize_keras_object
from kerasish.trainers.trainer import Trainer


class Model(Trainer, Layer):
    """A layer with the lifecycle of a model; subclasses make layers in `__init__` and compute in `call`.

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
        ...     def call(self, inputs):
        ...         return self.top(self.hidden(inputs))
        >>> Net()(np.ones((2, 3), "float32")).shape
        (2, 1)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args:
            raise TypeError(
                f"{type(self).__name__} takes keyword arguments only (name, trainable, dtype); received {args!r}"
            )
        Layer.__init__(self, **kwargs)

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
        positions: Any = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
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

    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
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

    def save_weights(self, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None) -> None:
        """Write the weights alone, to a `.weights.h5` file."""
        from kerasish.saving.model_files import save_weights

        save_weights(self, filepath, overwrite=overwrite, max_shard_size=max_shard_size)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Read weights from a `.weights.h5`, `.keras` or `.h5` file.

        Raises:
            ValueError: if they do not fit the model; nothing is changed then.
        """
        from kerasish.saving.model_files import load_weights

        load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON; keyword arguments go to `json.dumps`."""
        return json.dumps(serialize_keras_object(self), **kwargs)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A model from the result of `get_config`."""
        with registry.CustomObjectScope(custom_objects):
            return cls(**config)
