"""Connectionist temporal classification: how likely a sequence of labels is, whenever each of them is said.

One dynamic program over all samples of a batch, on the logarithms of probabilities. A target `l₁ … l_N` is spelled by
every path through the states `∅ l₁ ∅ l₂ … l_N ∅` that stays, goes on by one state, or leaves out the blank `∅` between
two labels that differ. Source: Graves et al., Connectionist temporal classification (2006).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import dtype_of, to_array
from kerasish.backend.plans import Plan
from kerasish.backend.primitive import primitive
from kerasish.backend.room import Node, Room
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import recording
from kerasish.ops.composite import composite_by
from kerasish.ops.core import convert_to_numpy
from kerasish.ops.elementwise import logaddexp, where
from kerasish.ops.joining import concatenate
from kerasish.ops.nn import log_softmax
from kerasish.ops.reduction import logsumexp
from kerasish.ops.specs import agreed, float_kind, shape_of

# The logarithm of the probability of what cannot be: finite, so that sums with it are numbers.
_NEVER = -1e30
# What a target costs that no path of the output's length spells, about as in Keras. It has no gradient.
_IMPOSSIBLE = 1e5


class _Chains:
    """The states of each sample: what they say, and where a blank may be left out.

    Attributes:
        labels: `(batch, 2 N + 1)`, what the states say.
        skips: 0 where a state may be reached from the one before the last, and `_NEVER` elsewhere.
        ends: 0 in the states in which a path may end, and `_NEVER` elsewhere.
        steps: `(batch,)`, how many times of the output count.
    """

    def __init__(self, target: Any, target_length: Any, output_length: Any, blank: int, classes: int, kind: Any):
        target, size, self.steps = (
            convert_to_numpy(x).astype(np.int64) for x in (target, target_length, output_length)
        )
        inside = np.arange(target.shape[1]) < size[:, None]
        wrong = inside & ((target < 0) | (target >= classes))
        if wrong.any():
            raise ValueError(
                f"ctc_loss: the label {target[wrong][0]} stands for none of the {classes} classes of the output. "
                "Labels are numbers from 0, and the last axis of the output has a place for each and for the blank."
            )
        self.labels = np.full((len(target), 2 * target.shape[1] + 1), blank)
        self.labels[:, 1::2] = np.where(inside, target, blank)
        self.skips = np.full(self.labels.shape, _NEVER, kind)
        self.skips[:, 3::2][target[:, 1:] != target[:, :-1]] = 0
        self.ends = np.full(self.labels.shape, _NEVER, kind)
        last = np.clip(size, 0, target.shape[1])[:, None] * 2
        np.put_along_axis(self.ends, np.maximum(last - 1, 0), 0, 1)
        np.put_along_axis(self.ends, last, 0, 1)

    def said(self, logs: Any) -> Any:
        """`(batch, steps, states)`: the logarithms of the probabilities of what each state says at each time."""
        index = np.broadcast_to(self.labels[:, None], (len(self.labels), np.shape(logs)[1], self.labels.shape[1]))
        return np.take_along_axis(logs, index, -1)


class _Paths:
    """All paths of a batch, forth and back, in kept arrays.

    Args:
        shape: `(batch, steps, classes)` of the output.
        states: how many states a sample has.
        kind: the dtype.
        new: makes an array of a shape and a dtype.
    """

    def __init__(self, shape: Any, states: int, kind: Any, new: Callable[..., np.ndarray] = np.empty) -> None:
        batch, steps, _ = shape
        self.kind = kind
        self.probabilities = new(shape, kind)
        self.said = new((steps, batch, states), kind)
        self.reached = new((steps, batch, states), kind)
        self.chains: Any = None

    def forward(self, output: Any, target: Any, target_length: Any, output_length: Any, *, blank: int) -> np.ndarray:
        """The loss of each sample, `(batch,)`."""
        chains = self.chains = _Chains(target, target_length, output_length, blank, np.shape(output)[-1], self.kind)
        logs = _log_softmax(np.asarray(output, self.kind))
        np.exp(logs, out=self.probabilities)
        np.copyto(self.said, np.swapaxes(chains.said(logs), 0, 1))
        state = _start(self.said.shape[1:], self.kind)
        for t, said in enumerate(self.said):
            step = _moved(state, chains.skips, 1) + said
            state = np.where(t < chains.steps[:, None], np.maximum(step, _NEVER), state)
            self.reached[t] = state
        self.total = _both_ends(state + chains.ends)
        return np.where(self.total > _NEVER / 2, -self.total, _IMPOSSIBLE).astype(self.kind)

    def backward(self, g: np.ndarray, out: np.ndarray | None) -> np.ndarray:
        """The gradient of the output: its probabilities, less how probably each class is said at each time.

        `γ[t, s] = exp(α[t, s] + β[t, s]) / p(target)`, with `α` of the paths that reach a state, `β` of those from it.
        """
        chains = self.chains
        steps = len(self.said)
        share = np.empty_like(self.probabilities) if out is None or out.dtype != self.kind else out
        counts = (np.arange(steps) < chains.steps[:, None]) & (self.total > _NEVER / 2)[:, None]
        weight = np.where(counts, np.asarray(g, self.kind)[:, None], 0)
        np.multiply(self.probabilities, weight[..., None], out=share)
        rows, labels = np.arange(len(weight)), chains.labels
        rest = chains.ends
        for t in range(steps - 1, -1, -1):
            here = np.exp(np.minimum(self.reached[t] + rest - self.total[:, None], 0)) * weight[:, t, None]
            share[:, t, labels[0, 0]] -= here[:, 0::2].sum(1)
            for n in range(1, labels.shape[1], 2):
                share[rows, t, labels[:, n]] -= here[:, n]
            ahead = _moved(rest + self.said[t], chains.skips, -1)
            rest = np.where(t < chains.steps[:, None], np.maximum(ahead, _NEVER), rest)
        return share


def _log_softmax(x: np.ndarray) -> np.ndarray:
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def _start(shape: Any, kind: Any) -> np.ndarray:
    """Before the first time: nothing said, which lies in front of the first blank and the first label alike."""
    state = np.full(shape, _NEVER, kind)
    state[:, 0] = 0
    return state


def _moved(state: np.ndarray, skips: np.ndarray, way: int) -> np.ndarray:
    """What a step along the chain, or against it, brings together in each state."""
    moved = state.copy()
    skipped = np.full_like(state, _NEVER)
    if way > 0:
        np.logaddexp(state[:, 1:], state[:, :-1], out=moved[:, 1:])
        np.add(state[:, :-2], skips[:, 2:], out=skipped[:, 2:])
    else:
        np.logaddexp(state[:, :-1], state[:, 1:], out=moved[:, :-1])
        np.add(state[:, 2:], skips[:, 2:], out=skipped[:, :-2])
    return np.logaddexp(moved, skipped, out=moved)


def _both_ends(state: np.ndarray) -> np.ndarray:
    top = state.max(1)
    return top + np.log(np.exp(state - top[:, None]).sum(1))


def _unrolled(output: Any, target: Any, target_length: Any, output_length: Any, *, blank: int) -> Any:
    """The same by operations of which each has its own derivative: what the derivative is under another tape."""
    kind = np.dtype(dtype_of(output))
    chains = _Chains(target, target_length, output_length, blank, np.shape(output)[-1], kind)
    said = chains.said(log_softmax(output))
    state: Any = _start(chains.labels.shape, kind)
    never = np.full((len(state), 2), _NEVER, kind)
    for t in range(np.shape(said)[1]):
        padded = concatenate([never, state], axis=1)
        moved = logaddexp(logaddexp(state, padded[:, 1:-1]), padded[:, :-2] + chains.skips)
        state = where(t < chains.steps[:, None], moved + said[:, t], state)
    total = logsumexp(state + chains.ends, axis=1)
    return where(total > _NEVER / 2, -total, _IMPOSSIBLE)


# -- the primitive -----------------------------------------------------------------------------------------------------


class _Found:
    """The paths of a forward pass, which the backward pass needs again; None where a program has its own."""

    __slots__ = ("paths",)

    paths: _Paths | None


def _kind(output: Any) -> np.dtype[Any]:
    return dtypes.numpy_dtype(dtypes.result_type(dtype_of(output), "float32"))


def _run(args: Any, blank: int) -> tuple[_Paths, np.ndarray]:
    paths = _Paths(np.shape(args[0]), 2 * np.shape(args[1])[1] + 1, _kind(args[0]))
    return paths, paths.forward(*args, blank=blank)


def _forward(*args: Any, blank: int, found: _Found | None = None) -> np.ndarray:
    paths, losses = _run(args, blank)
    if found is not None:
        found.paths = paths
    return losses


def _backward(g: Any, y: Any, arrays: Any, params: Any, needs: list[bool], into: list[Any]) -> list[Any]:
    paths = params["found"].paths or _run(arrays, params["blank"])[0]
    return [paths.backward(g, into[0]) if needs[0] else None, None, None, None]


def _vjp(i: int, g: Any, y: Any, *args: Any, blank: int, found: _Found) -> Any:
    if i:
        return None
    with GradientTape() as tape:
        output = tape.watch(args[0])
        losses = _unrolled(output, *args[1:], blank=blank)
    return tape.gradient(losses, output, output_gradients=g, unconnected_gradients="zero")


def _plan(room: Room, node: Node) -> Plan:
    output, target, *_ = node.args
    if not isinstance(output, np.ndarray) or output.dtype != node.output.dtype:
        return None
    node.params["found"].paths = None  # of the run that was written down: as much memory again
    args, blank = node.args, node.params["blank"]
    paths = _Paths(output.shape, 2 * np.shape(target)[1] + 1, output.dtype, room.keep)

    def forward() -> None:
        np.copyto(node.output, paths.forward(*args, blank=blank))

    def backward() -> None:
        np.copyto(place, paths.backward(node.gradient, place))  # type: ignore[arg-type]

    place = node.into[0]
    return [forward], [] if place is None else [backward]


_ctc = primitive(
    "ctc_loss", _forward, variadic=_vjp, backward=_backward, plan=_plan,
    shape=lambda output, *_, **__: KerasTensor(shape_of(output)[:1], dtypes.result_type(float_kind(output), "float32")),
)  # fmt: skip


def _ctc_spec(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> KerasTensor:
    shapes = tuple(map(shape_of, (target, output, target_length, output_length)))
    if tuple(map(len, shapes)) != (2, 3, 1, 1):
        raise ValueError(
            "ctc_loss takes a target (batch, labels), an output (batch, steps, classes) and their lengths, each "
            f"(batch,); received shapes {', '.join(map(str, shapes))}"
        )
    batch = None
    for shape in shapes:
        batch = agreed(batch, shape[0], f"ctc_loss takes one target for each output; received shapes {shapes}")
    classes = shapes[1][2]
    if classes is not None and not 0 <= mask_index < classes:
        raise ValueError(f"mask_index must name one of the {classes} classes; received mask_index={mask_index}")
    return KerasTensor((batch,), dtypes.result_type(float_kind(output), "float32"))


@composite_by(_ctc_spec)
def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Any:
    """How unlikely an output makes a sequence of labels, whenever each is said: `-log Σ_π Πₜ p[t, π[t]]`.

    The sum goes over all paths `π` that spell the target, once labels that repeat are merged and blanks taken out.

    Args:
        target: `(batch, labels)`, whole numbers; what lies beyond a target's length does not count.
        output: `(batch, steps, classes)`, logits.
        target_length: `(batch,)`.
        output_length: `(batch,)`.
        mask_index: the class of the blank.

    Returns:
        `(batch,)`. A target that no path spells, because the output is too short for it, costs 100,000 and has no
        gradient.

    Raises:
        ValueError: if the shapes do not fit, or a label is none of the classes.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.exp(-keras.ops.ctc_loss([[1]], np.zeros((1, 2, 2), "float32"), [1], [2]))  # 3 of 4 paths
        array([0.75], dtype=float32)

    Source: Graves et al., Connectionist temporal classification (2006).
    """
    output = output if hasattr(output, "shape") else to_array(output)
    target, target_length, output_length = (
        x if hasattr(x, "shape") else to_array(x) for x in (target, target_length, output_length)
    )
    _ctc_spec(target, output, target_length, output_length, mask_index)
    return _ctc(
        output, target, target_length, output_length, blank=int(mask_index),
        found=_Found() if recording.tapes else None,
    )  # fmt: skip
