"""The gradient tape: a list of what was computed, walked once in reverse.

The chain rule is the whole of it: the gradient of a tensor is the sum, over the operations that used it, of
the operation's vector-Jacobian product with the gradient of its output.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish.backend import dtypes, nest
from kerasish.backend import methods as _methods  # noqa: F401  (lets tensors and variables answer operators)
from kerasish.backend.array import Array, bare, eager
from kerasish.backend.primitive import unbroadcast
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.variable import Variable
from kerasish.backend.watched import follow, let_go, watch_in_place


class GradientTape:
    """Records operations on variables, and differentiates what came of them.

    A variable may change while the tape records; what was read before keeps its value, and both count to its
    gradient. Other arrays are not copied: do not write into one that an operation was given, until `gradient` is
    called.

    Args:
        persistent: whether `gradient` may be called more than once.
        watch_accessed_variables: whether trainable variables are watched as they are read.

    Example:
        >>> import kerasish as keras
        >>> v = keras.Variable(3.0)
        >>> with keras.GradientTape() as tape:
        ...     y = v * v
        >>> float(tape.gradient(y, v))
        6.0
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self.persistent = persistent
        self.watch_accessed_variables = watch_accessed_variables
        self.nodes: list[Tensor] = []
        self._leaves: dict[int, tuple[Any, Tensor]] = {}
        self._alone = True
        self._used = False

    def __enter__(self) -> GradientTape:
        if self in recording.tapes:
            raise RuntimeError("this tape is recording already")
        self._resume()
        self._alone = recording.depth == 0
        for other in recording.tapes:
            other._alone = False
        recording.depth += 1
        self._leaves = recording.leaves
        recording.tapes.append(self)
        return self

    def _resume(self) -> None:
        """Share the tensors that stand for variables with the tapes around; a tape entered again keeps its own."""
        if self._used and not self.persistent:
            self.reset()
            self._leaves = {}
        if recording.depth == 0:
            recording.leaves = self._leaves
            recording.changed = {key for key, (variable, leaf) in self._leaves.items() if variable._leaf is not leaf}
            for held in self._leaves.values():
                follow(held[0])
            return
        for key, held in self._leaves.items():
            follow(held[0])
            if recording.leaves.setdefault(key, held)[1] is not held[1]:
                what = getattr(held[0], "path", "an array")
                raise RuntimeError(
                    f"this tape has read {what!r} before, and the tape around it has read it by itself: the gradient "
                    "would lack a part. Give each block a GradientTape of its own."
                )

    def __exit__(self, *exception: object) -> None:
        recording.depth -= 1
        if recording.depth == 0:  # or the thread would keep the variables of the last tape for good
            recording.leaves, recording.changed = {}, set()
            if recording.arrays:
                let_go()
        if self in recording.tapes:
            recording.tapes.remove(self)

    def watch(self, tensor: Any) -> Any:
        """Follow an array, or a variable that is not trainable.

        What an operation returned is followed from now on where it is. A NumPy array of your own is watched through
        the tensor that is returned: `x = tape.watch(x)`. Structures are watched leaf by leaf.

        Raises:
            ValueError: if the dtype is not a float type.
        """
        return nest.map_structure(self._watch_leaf, tensor)

    def _watch_leaf(self, x: Any) -> Any:
        if isinstance(x, Tensor):
            return x
        value = x._value if isinstance(x, Variable) else np.asarray(bare(x))
        if not dtypes.has_gradient(value.dtype):
            raise ValueError(f"only floats have gradients; asked to watch dtype {value.dtype.name}")
        if isinstance(x, Variable):
            x.leaf()
            return x
        return watch_in_place(x) if isinstance(x, Array) and self in recording.tapes else Tensor(value)

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that were read while recording, in order."""
        held = (v for v, _ in self._leaves.values() if isinstance(v, Variable))
        return tuple(v for v in held if recording.trace is None or v._watched)

    def reset(self) -> None:
        """Forget everything recorded so far."""
        self.nodes.clear()
        self._used = False

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """A block whose operations this tape does not see."""
        if self not in recording.tapes:
            raise RuntimeError("stop_recording needs a tape that is recording")
        position = recording.tapes.index(self)
        recording.tapes.remove(self)
        try:
            yield
        finally:
            recording.tapes.insert(position, self)

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: str = "none",
    ) -> Any:
        """The derivative of `target` (its sum, if it is not a scalar) with respect to each of `sources`.

        Args:
            target: a tensor, or a structure of tensors whose gradients are added.
            sources: a structure of variables and watched tensors.
            output_gradients: the gradient of something further on with respect to each target; ones by default.
            unconnected_gradients: `"none"` or `"zero"`: what a source gets on which `target` does not depend.

        Returns:
            The structure of `sources`, with the gradients as leaves.

        Raises:
            RuntimeError: if the tape was used before and is not persistent.
            TypeError: if a source is a plain array, which nothing can watch.
        """
        if unconnected_gradients not in ("none", "zero"):
            raise ValueError(f'unconnected_gradients is "none" or "zero"; received {unconnected_gradients!r}')
        if self._used and not self.persistent:
            raise RuntimeError(
                "this tape has been used: its records were freed. Make it with GradientTape(persistent=True) to "
                "call gradient more than once."
            )
        self._used = True
        leaves = [self._source_leaf(source) for source in nest.flatten(sources)]
        seeds = self._seeds(target, output_gradients)
        position = recording.tapes.index(self) if self in recording.tapes and not self.persistent else None
        if position is not None:
            del recording.tapes[position]
        try:
            wanted = [leaf for leaf in leaves if leaf is not None]
            found = backpropagate(self.nodes, seeds, wanted, free=self._alone and not self.persistent)
            if recording.trace is not None:
                self._make_exact(found, seeds, wanted)
        finally:
            if position is not None:
                recording.tapes.insert(position, self)
        if not self.persistent:
            self._release()
        gradients = [None if leaf is None else found.get(id(leaf)) for leaf in leaves]
        gradients = _separate(gradients, [g for _, g in seeds])
        if unconnected_gradients == "zero":
            gradients = [
                np.zeros(np.shape(_value(source)), _value(source).dtype) if g is None else g
                for g, source in zip(gradients, nest.flatten(sources), strict=True)
            ]
        return nest.pack_sequence_as(sources, [eager(g) for g in gradients])

    def _make_exact(self, found: dict[int, Any], seeds: list[tuple[Tensor, Any]], wanted: list[Tensor]) -> None:
        """Give gradients that were found by operations of their own the bits that they have without a trace."""
        tapes, recording.tapes = recording.tapes, []
        try:
            plain = [(t, g.value if isinstance(g, Tensor) else g) for t, g in seeds]
            exact = backpropagate(self.nodes, plain, wanted)
        finally:
            recording.tapes = tapes
        for key, g in found.items():
            if isinstance(g, Tensor):
                g.value = exact[key]

    def _source_leaf(self, source: Any) -> Tensor | None:
        if isinstance(source, Variable) or id(source) in self._leaves:
            held = self._leaves.get(id(source))
            return None if held is None else held[1]
        if isinstance(source, Tensor):
            return source
        raise TypeError(
            f"gradient needs variables or watched tensors as sources; received {type(source).__name__}. An array is "
            "watched with `x = tape.watch(x)`, used afterwards in place of the array."
        )

    def _seeds(self, target: Any, output_gradients: Any) -> list[tuple[Tensor, Any]]:
        targets = nest.flatten(target)
        given = [None] * len(targets) if output_gradients is None else nest.flatten(output_gradients)
        if len(given) != len(targets):
            raise ValueError(f"output_gradients has {len(given)} leaves for {len(targets)} targets")
        seeds = []
        for t, g in zip(targets, given, strict=True):
            if isinstance(t, Variable):
                t = self._source_leaf(t)
            if isinstance(t, Tensor):
                seeds.append((t, np.ones(np.shape(t.value), t.value.dtype) if g is None else _seed(t, g)))
        return seeds

    def _release(self) -> None:
        if self._alone:
            for variable, _ in self._leaves.values():
                variable._leaf = None
        self.nodes = []


def _seed(target: Tensor, g: Any) -> Any:
    """A gradient that the user gives for a target: a number stands for as many as the target has."""
    if isinstance(g, Variable):
        g = g.read()
    g = g if isinstance(g, Tensor) else np.asarray(g, target.value.dtype)
    shape = np.shape(target.value)
    if g.shape not in (shape, ()):
        raise ValueError(f"output_gradients has shape {g.shape} for a target of shape {shape}; they must be the same")
    return g if g.shape == shape else np.broadcast_to(g, shape)


def _value(source: Any) -> np.ndarray:
    return source._value if isinstance(source, Variable) else source.value if isinstance(source, Tensor) else source


def _separate(gradients: list[Any], taken: list[Any]) -> list[Any]:
    """Gradients as arrays of their own: a sum hands the same one to all its terms."""
    seen = {id(g) for g in taken}
    found = []
    for g in gradients:
        if type(g) is np.ndarray:
            g = g.copy() if g.base is not None or id(g) in seen else g
            seen.add(id(g))
        found.append(g)
    return found


def _depends(nodes: list[Tensor], wanted: list[Tensor]) -> set[int]:
    """The ids of the wanted tensors and of the nodes that were computed from one."""
    reached = {id(tensor) for tensor in wanted}
    for node in nodes:
        if node.primitive.vjps is not None and any(id(x) in reached for x in node.inputs):  # type: ignore[union-attr]
            reached.add(id(node))
    return reached


def backpropagate(
    nodes: list[Tensor], seeds: list[tuple[Tensor, Any]], wanted: list[Tensor], free: bool = False
) -> dict[int, Any]:
    """Walk `nodes` in reverse from the seeded outputs.

    Args:
        nodes: what was computed, in order.
        seeds: outputs, each with its gradient.
        wanted: the tensors whose gradients are asked for.
        free: whether nodes may be emptied on the way, so that their arrays can go.

    Returns:
        For the id of each wanted tensor that an output depends on, its gradient.
    """
    nodes = [node for node in nodes if isinstance(node, Tensor)]  # a trace notes effects as well
    reached = _depends(nodes, wanted)
    asked = {id(tensor) for tensor in wanted}
    gradients: dict[int, Any] = {}
    for tensor, g in seeds:
        _accumulate(gradients, tensor, g)
    taped = bool(recording.tapes)
    for node in reversed(nodes):
        key = id(node)
        if key not in gradients or key not in reached:
            continue
        g = gradients[key] if key in asked else gradients.pop(key)
        if isinstance(g, dict):
            g = [g.get(i, np.zeros_like(v)) for i, v in enumerate(node.value)]
        for parent, parent_gradient in _local_gradients(node, g, reached, taped):
            _accumulate(gradients, parent, parent_gradient)
        if free and key not in asked:
            node.inputs = ()
    return {key: gradients[key] for key in asked if key in gradients}


def _local_gradients(node: Tensor, g: Any, reached: set[int], taped: bool) -> Iterator[tuple[Tensor, Any]]:
    """The inputs of a node that matter, each with its share of the gradient."""
    made_by, inputs, params = node.primitive, node.inputs, node.params
    assert made_by is not None and params is not None
    needs = [isinstance(x, Tensor) and id(x) in reached for x in inputs]
    if taped:
        args, output = list(inputs), node
    else:
        args, output = [x.value if isinstance(x, Tensor) else x for x in inputs], node.value
        if made_by.backward is not None:
            shares = made_by.backward(g, output, args, params, needs, [None] * len(args))
            yield from (
                (x, fit_to(share, x.value)) for x, share, need in zip(inputs, shares, needs, strict=True) if need
            )
            return
    for i, x in enumerate(inputs):
        if needs[i]:
            share = bare(made_by.vjp(i, g, output, args, params))
            if share is None:
                continue
            if not isinstance(share, dict):
                share = fit_to(share, x.value)
            yield x, share


def fit_to(g: Any, x: np.ndarray) -> Any:
    """A gradient in the shape and dtype of the array it belongs to."""
    if np.shape(g) != x.shape:
        g = unbroadcast(g, x.shape)
    if g.dtype == x.dtype:
        return g
    if g.dtype.kind == "c" and x.dtype.kind != "c":
        raise NotImplementedError(
            "gradients do not pass through complex numbers here. Compute with real and imaginary parts, or cut the "
            "tensor from the tape with ops.stop_gradient."
        )
    return g.astype(x.dtype)


def _accumulate(gradients: dict[int, Any], tensor: Tensor, g: Any) -> None:
    key = id(tensor)
    g = {i: bare(v) for i, v in g.items()} if isinstance(g, dict) else bare(g)  # derivatives may work in it
    held = gradients.get(key)
    if held is None:
        gradients[key] = g
    elif isinstance(g, dict):
        gradients[key] = {**held, **{i: held[i] + v if i in held else v for i, v in g.items()}}
    else:
        gradients[key] = held + g


def backpropagate_into(nodes: list[Tensor], target: Tensor, seed: Any, buffers: dict[int, np.ndarray]) -> set[int]:
    """Walk `nodes` in reverse from a scalar, writing the gradients of leaves where they are kept.

    Args:
        nodes: what was computed, in order; emptied on the way.
        target: the scalar.
        seed: its gradient.
        buffers: for the id of a leaf, the array that receives its gradient.

    Returns:
        The ids of the leaves that were written.
    """
    gradients: dict[int, Any] = {id(target): seed}
    written: set[int] = set()
    while nodes:
        node = nodes.pop()
        g = gradients.pop(id(node), None)
        if g is None:
            continue
        if isinstance(g, dict):
            g = [g.get(i, np.zeros_like(v)) for i, v in enumerate(node.value)]
        made_by, inputs, params = node.primitive, node.inputs, node.params
        assert made_by is not None and params is not None
        args = [x.value if type(x) is Tensor else x for x in inputs]
        if made_by.backward is not None:
            needs = [type(x) is Tensor for x in inputs]
            into = [buffers.get(id(x)) if id(x) not in written else None for x in inputs]
            shares = made_by.backward(g, node.value, args, params, needs, into)
        else:
            output = node.value
            shares = [
                bare(made_by.vjp(i, g, output, args, params)) if type(x) is Tensor else None
                for i, x in enumerate(inputs)
            ]
        for x, share in zip(inputs, shares, strict=True):
            if share is None:
                continue
            key = id(x)
            buffer = buffers.get(key)
            if share is buffer:
                written.add(key)
                continue
            if not isinstance(share, dict) and (np.shape(share) != x.value.shape or share.dtype != x.value.dtype):
                share = fit_to(share, x.value)
            if buffer is None:
                _accumulate(gradients, x, share)
            elif key in written:
                buffer += share
            else:
                np.copyto(buffer, share)
                written.add(key)
        node.inputs = ()
    return written
