"""A layer that is examined: its copies, its variables, and data to call it on."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish import dtype_policies, layers
from kerasish.backend import config, nest
from kerasish.dtype_policies.dtype_policy import dtype_policy
from kerasish.dtype_policies.serialization import set_dtype_policy
from kerasish.layers import Input, Layer
from kerasish.saving.names import CustomObjectScope
from kerasish.saving.serialization import serialize_keras_object

SAMPLES = 3


class Fault(Exception):
    """A promise that is not kept: what came, what was expected, and the likely cause."""

    def __init__(self, came: str, expected: str, cause: str) -> None:
        super().__init__(came)
        self.came, self.expected, self.cause = came, expected, cause


def alike(found: list[np.ndarray], wanted: list[np.ndarray], *, close: float = 1e-4) -> bool:
    """Whether arrays are equal, to the rounding of their kind."""
    if [a.shape for a in found] != [b.shape for b in wanted]:
        return False
    for a, b in zip(found, wanted, strict=True):
        if a.dtype.kind == b.dtype.kind == "f":
            near = np.allclose(
                a, b, rtol=close, atol=close * max(1e-3, float(np.abs(b).max(initial=0))), equal_nan=True
            )
        else:
            near = np.array_equal(a, b)
        if not near:
            return False
    return True


def in_short(arrays: list[np.ndarray]) -> str:
    """The first numbers of some arrays."""
    return ", ".join(f"{np.asarray(a).ravel()[:3]!r:.80} of shape {np.shape(a)}" for a in arrays[:2])


class Subject:
    """A layer that is examined.

    Attributes:
        layer: the layer itself, built.
        inputs: what it is called on.
        shapes: the shapes of that, in the same structure.
        values: those of its variables, apart from the ones and zeros that weights often begin with.
    """

    def __init__(
        self, layer: Layer, shape: Any, dtype: str, inputs: Any, custom_objects: Mapping[str, Any] | None
    ) -> None:
        if shape is None and inputs is None:
            raise ValueError("check_layer needs the shape of the layer's input, or `inputs`, the data itself")
        self.layer = layer
        rng = np.random.default_rng(1)
        self.inputs = _drawn(shape, dtype, rng) if inputs is None else nest.map_structure(np.asarray, inputs)
        self.shapes = nest.map_structure(np.shape, self.inputs)
        self._custom = dict(custom_objects or {})
        self.answer(layer)
        self._own = self.state_of(layer)
        self.values = [_apart(v, own, rng) for v, own in zip(layer.variables, self._own, strict=True)]

    @contextmanager
    def known(self) -> Iterator[None]:
        """Within, a config may name the classes of the layer and of those inside it, and the layer has `values`."""
        kinds = {type(part) for part in (self.layer, *self.layer._flatten_layers())}
        own = {kind.__name__: kind for kind in kinds if getattr(layers, kind.__name__, None) is not kind}
        with CustomObjectScope({**own, **self._custom}):
            try:
                self.give(self.layer)
                yield
            finally:
                for variable, value in zip(self.layer.variables, self._own, strict=False):
                    variable.assign(value)

    def put_back(self) -> None:
        """Give the layer the values of its variables again."""
        self.give(self.layer)

    def give(self, layer: Layer) -> None:
        """Give a layer of this kind the values of the variables."""
        for variable, value in zip(layer.variables, self.values, strict=False):
            variable.assign(value)

    @staticmethod
    def state_of(layer: Layer) -> list[np.ndarray]:
        """The values of a layer's variables."""
        return [np.array(v.value) for v in layer.variables]

    def answer(self, layer: Any, inputs: Any = None, **call: Any) -> list[np.ndarray]:
        """What a layer, or a model of it, returns, as a list of arrays."""
        made = layer(self.inputs if inputs is None else inputs, **call)
        return [np.asarray(leaf) for leaf in nest.flatten(made)]

    def copied(self, policy: str | None = None) -> Layer:
        """A layer made of the config, built, with the values of the variables.

        Args:
            policy: a dtype policy in place of the layer's.
        """
        layer = self.fresh(policy)
        self.give(layer)
        return layer

    def fresh(self, policy: str | None = None) -> Layer:
        """A layer made of the config, built, with new weights."""
        made = copy.deepcopy(self.layer.get_config())
        if policy is None:
            layer = type(self.layer).from_config(made)
            self.answer(layer)
        else:
            with default_policy(policy):
                layer = type(self.layer).from_config(_in_policy(made, policy))
                self.answer(layer)
        return layer

    def config_text(self, layer: Layer) -> str:
        """A layer's config, as a file has it."""
        return json.dumps(serialize_keras_object(layer.get_config()), sort_keys=True)

    def symbols(self) -> Any:
        """Symbolic tensors in place of the inputs."""
        return nest.map_structure(lambda x: Input(x.shape[1:], dtype=_name(x)), self.inputs)

    @property
    def floating(self) -> bool:
        """Whether some of the inputs are floats, and all outputs are."""
        kinds = [np.asarray(leaf).dtype.kind for leaf in nest.iterate(self.inputs)]
        return "f" in kinds and all(y.dtype.kind == "f" for y in self.answer(self.layer, training=False))


@contextmanager
def default_policy(name: str) -> Iterator[None]:
    """Within, layers that are given no dtype policy have this one, and float64 is the float type if it is that."""
    policy, floats = dtype_policy(), config.floatx()
    try:
        if name == "float64":
            config.set_floatx("float64")
        set_dtype_policy(name)
        yield
    finally:
        config.set_floatx(floats)
        set_dtype_policy(policy)


def _name(x: np.ndarray) -> str:
    return "string" if x.dtype.kind in "OUST" else x.dtype.name


def _drawn(shape: Any, dtype: str, rng: np.random.Generator) -> Any:
    """Random data of a structure of shapes; an unknown number of samples becomes a few."""
    if isinstance(shape, dict):
        return {key: _drawn(part, dtype, rng) for key, part in shape.items()}
    if isinstance(shape, (list, tuple)) and any(isinstance(part, (list, tuple, dict)) for part in shape):
        return type(shape)(_drawn(part, dtype, rng) for part in shape)
    sizes = tuple(SAMPLES if n is None and i == 0 else n for i, n in enumerate(shape))
    if None in sizes:
        raise ValueError(f"check_layer draws data of sizes that are known; received input_shape={shape!r}")
    if np.dtype(dtype).kind == "f":
        return rng.normal(0.3, 1.0, sizes).astype(dtype)
    return rng.integers(0, 2, sizes).astype(dtype)


def _apart(variable: Any, own: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A weight's value, moved a little: scales of exactly one and biases of zero hide what is wrong."""
    if not variable.trainable or own.dtype.kind != "f":
        return own
    moved = own + np.abs(rng.normal(0.0, 0.2, own.shape)).astype(own.dtype)
    return np.asarray(moved if variable.constraint is None else variable.constraint(moved))


def _in_policy(made: Any, policy: str) -> Any:
    """A config in which every layer has this dtype policy."""
    if isinstance(made, list):
        return [_in_policy(part, policy) for part in made]
    if not isinstance(made, dict):
        return made
    found = {key: _in_policy(value, policy) for key, value in made.items()}
    if {"name", "dtype"} <= set(found) and "batch_shape" not in found:  # an input has a dtype, and no policy
        found["dtype"] = dtype_policies.serialize(dtype_policies.get(policy))
    return found
