"""Symbolic inputs and outputs as a function that can be called on arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasish.backend import nest
from kerasish.backend.masks import get_mask, with_mask
from kerasish.backend.sizes import is_shape
from kerasish.backend.symbolic import Call, KerasTensor, output_spec
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.mask_passing import mask_arguments, masks_of, pass_on
from kerasish.layers.base.nested_shapes import tuples
from kerasish.layers.base.operation import Operation
from kerasish.models.graph import Graph, Plan
from kerasish.models.inputs import Inputs, Slot


class Function(Operation):
    """The calls between symbolic inputs and outputs, as an operation.

    Args:
        inputs: a structure of symbolic tensors.
        outputs: a structure of symbolic tensors that were computed from them.
        name: the function's name.

    Raises:
        ValueError: if an output depends on something that is not among the inputs.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = keras.Input((2,))
        >>> double = keras.Function(x, 2 * x)
        >>> double(np.ones((1, 2), "float32"))
        array([[2., 2.]], dtype=float32)
    """

    _structures: tuple[Any, Any]
    _graph: Graph
    _entry: Inputs
    _plan: Plan

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        super().__init__(name)
        self._set_graph(inputs, outputs)

    def _set_graph(self, inputs: Any, outputs: Any) -> None:
        graph = Graph(inputs, outputs, self.name)
        slots = [Slot(tensor, entrance) for tensor, entrance in zip(graph.inputs, graph.entrances, strict=True)]
        parts = {
            "_structures": (inputs, outputs),
            "_graph": graph,
            "_entry": Inputs(inputs, slots, self.name),
            "_plan": Plan(graph),
        }
        for key, value in parts.items():
            object.__setattr__(self, key, value)

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made of: the graph is sorted anew, because its steps hold on to the original's layers.

        The calls come first and in order, so that copying each finds its inputs copied: a chain of calls may be longer
        than Python nests.
        """
        kept = {key: value for key, value in self.__dict__.items() if key not in ("_graph", "_entry", "_plan")}
        return {"_in_order": self._graph.calls, **kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({key: value for key, value in state.items() if key != "_in_order"})

    if not TYPE_CHECKING:  # to a type checker a class with `__getattr__` has every name

        def __getattr__(self, name: str) -> Any:
            if name in ("_graph", "_entry", "_plan") and "_structures" in self.__dict__:
                self._set_graph(*self._structures)
                return self.__dict__[name]
            missing = getattr(super(), "__getattr__", None)
            if missing is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return missing(name)

    # -- what it is made of ----------------------------------------------------------------------------------

    @property
    def operations(self) -> list[Any]:
        """The layers and plain operations, from the inputs to the outputs."""
        return list(self._graph.operations)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs, flat."""
        return list(self._graph.inputs)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs, flat."""
        return list(self._graph.outputs)

    @property
    def input(self) -> Any:
        """The symbolic inputs in their structure."""
        return self._graph.input_structure

    @property
    def output(self) -> Any:
        """The symbolic outputs in their structure."""
        return self._graph.output_structure

    # -- computing -------------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        """The outputs for these inputs."""
        return self._packed(self._plan.run(self._entry.standardized(inputs)))

    def _packed(self, leaves: list[Any]) -> Any:
        structure = self._graph.output_structure
        if not nest.is_nested(structure):
            return leaves[0]
        is_flat = type(structure) is list and len(leaves) == len(structure)
        return leaves if is_flat else nest.pack_sequence_as(structure, leaves)

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        """The shapes and dtypes of the outputs for these symbolic inputs."""
        given = self._entry.standardized(inputs)
        graph = self._graph
        same = all(x is None or _alike(x, t) for x, t in zip(given, graph.inputs, strict=True))
        return self._packed([_copy(t) for t in graph.outputs] if same else graph.called_anew(given, _spec_of))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs for inputs of these shapes."""
        shapes = self._shapes(tuples(input_shape))
        pairs = zip(shapes, self._graph.inputs, strict=True)
        given = [KerasTensor(shape, tensor.dtype) for shape, tensor in pairs]
        leaves = self._graph.called_anew(given, _spec_of)
        return self._packed([leaf.shape for leaf in leaves])

    def _shapes(self, shapes: Any) -> list[Any]:
        if is_shape(shapes):
            return [shapes]
        if isinstance(shapes, dict):
            return self._entry.flat(shapes)
        return [leaf for part in shapes for leaf in self._shapes(part)]


def _alike(x: KerasTensor, t: KerasTensor) -> bool:
    return x.shape == t.shape and x.dtype == t.dtype and get_mask(x) is None


def _copy(tensor: KerasTensor) -> KerasTensor:
    return with_mask(KerasTensor(tensor.shape, tensor.dtype), get_mask(tensor))


def _spec_of(call: Call, args: Any, kwargs: Any) -> Any:
    """What a call returns for other symbolic arguments, masks included."""
    operation = call.operation
    if not isinstance(operation, Operation):
        return output_spec(operation, args, kwargs)
    brought = mask_arguments(operation._signature, args, kwargs) if isinstance(operation, Layer) else {}
    outputs = operation.compute_output_spec(*args, **kwargs, **brought)
    if isinstance(operation, Layer):
        first = args[0] if args else next(iter(kwargs.values()), None)
        outputs = pass_on(operation, first, masks_of(first), outputs)
    return outputs
