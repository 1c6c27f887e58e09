"""The calls between a model's inputs and outputs, sorted once into a list of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kerasish.backend import nest
from kerasish.backend.admission import of_another_keras
from kerasish.backend.symbolic import Call, KerasTensor
from kerasish.layers.base.call_context import context
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.operation import Operation, owner_of
from kerasish.layers.core.input_layer import InputLayer
from kerasish.saving.serialization import count_calls

# A step takes values from places of a list and puts its results into places of it.
Step = Callable[[list[Any]], None]


class Graph:
    """What stands between symbolic inputs and outputs.

    Args:
        inputs: a structure of symbolic tensors: those of `Input`, or any that calls have made.
        outputs: a structure of symbolic tensors that depend on nothing but the inputs.
        owner: the model's name, for errors.

    Attributes:
        inputs, outputs: the tensors, flat.
        entrances: the input layer of each input; one is made where the input is what another call returns.
        calls: the calls in the order in which they run, inputs excluded.
        operations: the layers, and the calls of plain operations, in Keras's order: by their distance from the outputs.

    Raises:
        ValueError: if something is no symbolic tensor, an output depends on what is no input, or a name occurs twice.
    """

    def __init__(self, inputs: Any, outputs: Any, owner: str) -> None:
        self.input_structure, self.output_structure, self.owner = inputs, outputs, owner
        self.inputs = _symbols(inputs, "inputs", owner)
        self.outputs = _symbols(outputs, "outputs", owner)
        self.entrances = [_entrance(tensor) for tensor in self.inputs]
        self._gates = {id(t): entrance._calls[0] for t, entrance in zip(self.inputs, self.entrances, strict=True)}
        finished, first_seen = self._search()
        calls, operations = self._depths(finished)
        gates = {id(call) for call in self._gates.values()}
        self.calls = sorted((call for call in finished if id(call) not in gates), key=lambda call: -calls[id(call)])
        found = {id(op): op for op in (*self.entrances, *map(owner_of, finished))}
        self.operations: list[Any] = sorted(
            found.values(), key=lambda op: (-operations.get(id(op), 0), first_seen.get(id(op), -1))
        )
        self._check_names()

    # -- sorting ---------------------------------------------------------------------------------------------

    def maker(self, tensor: KerasTensor) -> Call:
        """The call that a tensor comes from within this graph; for an input that of its entrance."""
        call = self._gates.get(id(tensor)) or tensor.history
        if call is None or (isinstance(call.operation, InputLayer) and id(tensor) not in self._gates):
            names = [t.name for t in self.inputs]
            other = f" (the input {tensor.name!r} is another tensor of that name)" if tensor.name in names else ""
            raise ValueError(
                f"the graph of {self.owner!r} is disconnected: an output depends on {tensor.name!r} (shape "
                f"{tensor.shape}), which is not among the inputs {names}{other}. Add it to the inputs, or build the "
                "outputs from the inputs that are listed."
            )
        return call

    def _parents(self, call: Call) -> list[Call]:
        return [self.maker(tensor) for tensor in call.inputs]

    def _search(self) -> tuple[list[Call], dict[int, int]]:
        """Every call that the outputs need, each after those it needs; and when each operation was first met."""
        finished: dict[int, Call] = {}
        first_seen: dict[int, int] = {}
        entered: set[int] = set()
        stack: list[tuple[Call, Iterator[Call]]] = []

        def enter(call: Call) -> None:
            if id(call) not in entered:
                entered.add(id(call))
                first_seen.setdefault(id(owner_of(call)), len(first_seen))
                stack.append((call, iter(self._parents(call))))

        for output in self.outputs:
            enter(self.maker(output))
            while stack:
                call, parents = stack[-1]
                parent = next(parents, None)
                if parent is not None:
                    enter(parent)
                else:
                    finished[id(call)] = call
                    stack.pop()
        return list(finished.values()), first_seen

    def _depths(self, finished: list[Call]) -> tuple[dict[int, int], dict[int, int]]:
        """The longest way to the outputs from each call, and from each operation in all its calls."""
        calls: dict[int, int] = {}
        operations: dict[int, int] = {}
        for call in reversed(finished):
            key = id(owner_of(call))
            depth = operations[key] = calls[id(call)] = max(calls.get(id(call), 0), operations.get(key, 0))
            for parent in self._parents(call):
                calls[id(parent)] = max(calls.get(id(parent), 0), depth + 1)
        return calls, operations

    def _check_names(self) -> None:
        seen: dict[str, Any] = {}
        for operation in self.operations:
            other = seen.setdefault(operation.name, operation)
            if other is not operation:
                raise ValueError(
                    f"the model {self.owner!r} has two layers or operations named {operation.name!r}: {other!r} and "
                    f"{operation!r}. Give one of them another `name`."
                )

    # -- addresses -------------------------------------------------------------------------------------------

    def calls_of(self, operation: Any) -> list[Call]:
        """An operation's calls within this graph, in the order in which they were made."""
        if isinstance(operation, Call):
            return [operation]
        inside = {id(call) for call in self.calls}
        return [call for call in operation._calls if id(call) in inside]

    def address(self, tensor: KerasTensor) -> tuple[Any, int, int]:
        """The operation that makes a tensor, which of its calls within this graph, and which of the call's outputs."""
        call = self.maker(tensor)
        operation = owner_of(call)
        if isinstance(operation, InputLayer):
            return operation, 0, 0
        node = next(i for i, other in enumerate(self.calls_of(operation)) if other is call)
        return operation, node, call.place_of(tensor)

    # -- running ---------------------------------------------------------------------------------------------

    def called_anew(self, inputs: list[Any], apply: Callable[[Call, Any, Any], Any]) -> list[Any]:
        """What the outputs become for other symbolic inputs.

        Args:
            inputs: symbolic tensors, flat.
            apply: gives what a call returns for other arguments, `apply(call, args, kwargs)`.
        """
        known = {id(t): x for t, x in zip(self.inputs, inputs, strict=True)}

        def filled(leaf: Any) -> Any:
            return known[id(leaf)] if isinstance(leaf, KerasTensor) else leaf

        for call in self.calls:
            count_calls()  # models that call models that call models are few words for very many calls
            args, kwargs = nest.map_structure(filled, (call.args, call.kwargs))
            results = apply(call, args, kwargs)
            for leaf, result in zip(nest.iterate(call.outputs), nest.iterate(results), strict=True):
                known.setdefault(id(leaf), result)
        return [known[id(t)] for t in self.outputs]


def _symbols(structure: Any, what: str, owner: str) -> list[KerasTensor]:
    leaves = nest.flatten(structure)
    for leaf in leaves:
        if not isinstance(leaf, KerasTensor):
            hint = ". Call the layer on a tensor, and give what that returns" if callable(leaf) else ""
            raise ValueError(
                f"the {what} of the model {owner!r} must be symbolic tensors, such as keras.Input gives and layers "
                f"called on them return; received {leaf!r:.200} ({type(leaf).__name__})"
                f"{of_another_keras(leaf) or hint}"
            )
    if not leaves:
        raise ValueError(f"the model {owner!r} has no {what}")
    return leaves


def _entrance(tensor: KerasTensor) -> InputLayer:
    """The input layer of a tensor."""
    if tensor.history is not None and isinstance(tensor.history.operation, InputLayer):
        return tensor.history.operation
    return InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype, name=f"{tensor.name}CLONE")


class Plan:
    """A graph as steps over one list, whose places are used again when nobody needs their values any more.

    Attributes:
        steps: to be called one after the other with the list.
        size: the length of the list, which begins with the inputs.
        results: the places of the outputs.
    """

    def __init__(self, graph: Graph) -> None:
        self._places = {id(t): i for i, t in enumerate(graph.inputs)}
        self.size = len(graph.inputs)
        last_use = {id(t): i for i, call in enumerate(graph.calls) for t in call.inputs}
        last_use |= {id(t): len(graph.calls) for t in graph.outputs}
        free: list[int] = []
        self.steps: list[Step] = []
        for i, call in enumerate(graph.calls):
            gather = _gatherer(call, self._places)
            over = {id(t) for t in call.inputs if last_use[id(t)] == i}
            free += sorted({self._places[key] for key in over}, reverse=True)
            targets = [self._place(leaf, last_use, free) for leaf in nest.iterate(call.outputs)]
            if not nest.is_nested(call.outputs) and targets[0] is not None:
                self.steps.append(_single_step(gather, targets[0]))
            else:
                self.steps.append(_multiple_step(gather, targets, call))
        self.results = [self._places[id(t)] for t in graph.outputs]

    def _place(self, leaf: Any, last_use: dict[int, int], free: list[int]) -> int | None:
        """Where a result goes; None for one that nobody needs, or that an input replaces."""
        if id(leaf) not in last_use or id(leaf) in self._places:
            return None
        if free:
            place = free.pop()
        else:
            place = self.size
            self.size += 1
        self._places[id(leaf)] = place
        return place

    def run(self, inputs: list[Any]) -> list[Any]:
        """The outputs for these inputs, flat."""
        values = inputs + [None] * (self.size - len(inputs))
        for step in self.steps:
            step(values)
        return [values[i] for i in self.results]


Gather = Callable[[list[Any]], Any]


def _gatherer(call: Call, places: dict[int, int]) -> Gather:
    """A function that applies a call's operation to the values in their places."""
    operation, args, kwargs = call.operation, call.args, dict(call.kwargs)
    if isinstance(operation, Layer):
        training = kwargs.pop("training", None)
        if training is not None and bool(training) != bool(operation._signature.training_default):
            return _with_training(_gather(operation, args, kwargs, places), operation, args, kwargs, places, training)
    elif isinstance(operation, Operation):
        operation = operation.call
    return _gather(operation, args, kwargs, places)


def _with_training(plain: Gather, operation: Any, args: Any, kwargs: Any, places: Any, training: bool) -> Gather:
    """What a call said about training holds where the model's caller says nothing."""
    said = _gather(operation, args, {**kwargs, "training": training}, places)
    return lambda values: said(values) if context.training is None else plain(values)


def _gather(operation: Callable[..., Any], args: Any, kwargs: Any, places: dict[int, int]) -> Gather:
    if not kwargs and len(args) == 1:
        if isinstance(args[0], KerasTensor):
            i = places[id(args[0])]
            return lambda values: operation(values[i])
        if type(args[0]) is list and all(isinstance(leaf, KerasTensor) for leaf in args[0]):
            several = [places[id(leaf)] for leaf in args[0]]
            return lambda values: operation([values[i] for i in several])
    fills = [_filler(arg, places) for arg in args]
    named = {key: _filler(value, places) for key, value in kwargs.items()}
    if not named and len(fills) == 2:
        first, second = fills
        return lambda values: operation(first(values), second(values))
    return lambda values: operation(*[f(values) for f in fills], **{key: f(values) for key, f in named.items()})


def _filler(structure: Any, places: dict[int, int]) -> Gather:
    """A function that puts values where a structure has symbolic tensors."""
    if isinstance(structure, KerasTensor):
        i = places[id(structure)]
        return lambda values: values[i]
    if not any(isinstance(leaf, KerasTensor) for leaf in nest.iterate(structure)):
        return lambda values: structure

    def fill(values: list[Any]) -> Any:
        return nest.map_structure(
            lambda leaf: values[places[id(leaf)]] if isinstance(leaf, KerasTensor) else leaf, structure
        )

    return fill


def _single_step(gather: Gather, target: int) -> Step:
    def step(values: list[Any]) -> None:
        values[target] = gather(values)

    return step


def _multiple_step(gather: Gather, targets: list[int | None], call: Call) -> Step:
    name = getattr(call.operation, "name", call.operation)

    def step(values: list[Any]) -> None:
        results = nest.flatten(gather(values))
        if len(results) != len(targets):
            raise ValueError(
                f"{name!r} returned {len(results)} tensors; when the model was made it returned {len(targets)}"
            )
        for target, result in zip(targets, results, strict=True):
            if target is not None:
                values[target] = result

    return step
