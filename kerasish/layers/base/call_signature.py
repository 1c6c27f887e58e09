"""What a layer class's `call` and `build` take, looked up once per class."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from kerasish.backend import nest
from kerasish.backend.symbolic import KerasTensor

_SETTINGS = ("training", "mask")


class CallSignature:
    """The arguments of `call`.

    Attributes:
        has_training, has_mask: whether `call` takes these itself.
        training_default: the value of `training` when nobody says.
        names: the names of all arguments, in order.
        mask_names: the names of the arguments that take masks: `mask`, or `query_mask` for the argument `query`.
        tensor_names: the names of the other arguments, which hold tensors.
        simple: whether `call` takes one tensor and nothing but settings besides.
    """

    def __init__(self, call: Callable[..., Any], build: Callable[..., Any]) -> None:
        parameters = dict(list(inspect.signature(call).parameters.items())[1:])
        self.has_training = "training" in parameters
        self.has_mask = "mask" in parameters
        default = parameters["training"].default if self.has_training else None
        self.training_default = None if default is inspect.Parameter.empty else default
        kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        named = [name for name, p in parameters.items() if p.kind not in kinds]
        self.variable_arguments = [name for name, p in parameters.items() if p.kind is kinds[0]]
        self.names = named
        self.mask_names = [
            n for n in named if n == "mask" or (n.endswith("_mask") and n.removesuffix("_mask") in named)
        ]
        self._settings = {*_SETTINGS, *self.mask_names}
        self.tensor_names = [name for name in named if name not in self._settings]
        self.simple = len(self.tensor_names) == 1 and not self.variable_arguments
        plan = inspect.signature(build).parameters
        self.build_names = [n for n, p in list(plan.items())[1:] if p.kind not in kinds]
        self.build_by_name = len(self.build_names) > 1

    def name_settings(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """A call's arguments with those by name that follow, or are, `training` or a mask given by place."""
        place = next((i for i, name in enumerate(self.names) if name in self._settings), len(args))
        if place >= len(args):
            return args, kwargs
        return args[:place], {**dict(zip(self.names[place:], args[place:], strict=False)), **kwargs}

    def shapes_for_build(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The shapes of the tensors among a call's arguments, under the names that `build` knows them by."""
        names = self.tensor_names + [f"{name}_{i}" for name in self.variable_arguments for i in range(len(args))]
        given = dict(zip(names, args, strict=False)) | {k: v for k, v in kwargs.items() if k not in self._settings}
        shapes = {}
        for name, value in given.items():
            if value is not None and all(_has_shape(leaf) for leaf in nest.iterate(value)):
                shapes[f"{name}_shape"] = nest.map_structure(_shape_of, value)
        if self.build_by_name:
            return {name: shapes[name] for name in self.build_names if name in shapes} or shapes
        return shapes


def _has_shape(value: Any) -> bool:
    return hasattr(value, "shape") and not isinstance(value, type)


def _shape_of(value: Any) -> Any:
    return tuple(value.shape) if not isinstance(value, KerasTensor) else value.shape
