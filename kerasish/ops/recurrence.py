"""Recurrence: a state that each step of a sequence changes, computed over the whole sequence at once.

Three primitives, the layers' SimpleRNN, LSTM and GRU. In all of them the products with the inputs are taken for all
times together; a loop adds, step by step, the product with the state; on the way back the same loop runs in
reverse, and the gradients of the weights are one product over all times (Werbos, Backpropagation through time, 1990).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import dtype_of
from kerasish.backend.plans import Plan, same_floats
from kerasish.backend.primitive import Primitive, primitive
from kerasish.backend.room import Calls, Node, Room
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import recording
from kerasish.ops import nn
from kerasish.ops.convolving import as_dtype, compute_dtype
from kerasish.ops.elementwise import clip, tanh, where
from kerasish.ops.joining import split, stack
from kerasish.ops.recurrent_kinds import LSTMLoop, SimpleLoop, gru_loop
from kerasish.ops.recurrent_loops import Loop
from kerasish.ops.recurrent_options import Arrays, Options
from kerasish.ops.shape import squeeze

_AS_USUAL = Options()
_MASK = Arrays._fields.index("mask")

MakeLoop = Callable[[Room, Arrays, Options], Loop]


class _Found:
    """The loop of a forward pass, whose arrays the backward pass needs again; None where a program has its own."""

    __slots__ = ("loop",)

    loop: Loop | None


def _run(calls: Calls) -> None:
    for call in calls:
        call()


# -- one step, in operations that differentiate themselves -------------------------------------------------------------


def activate(x: Any, activation: Any) -> Any:
    """An activation by its name in `Options`, or a function, or None."""
    if activation is None:
        return x
    return activation(x) if callable(activation) else {"tanh": tanh, "relu": nn.relu}[activation](x)


def _parts(x: Any, count: int) -> list[Any]:
    size = x.shape[-1] // count
    return [x[..., i * size : (i + 1) * size] for i in range(count)]


def lstm_step(sums: Any, c: Any, activation: Any = "tanh", gate: Any = nn.sigmoid) -> tuple[Any, Any]:
    """The next states `(h, c)` from the weighted sums of inputs and state."""
    i, f, g, o = _parts(sums, 4)
    c = gate(f) * c + gate(i) * activate(g, activation)
    return gate(o) * activate(c, activation), c


def gru_step(
    sums: Any, gates: Any, past: Callable[[Any], Any], h: Any, activation: Any = "tanh", gate: Any = nn.sigmoid
) -> Any:
    """The next state.

    Args:
        sums: the weighted sums of the inputs.
        gates: the products of the state for the two gates.
        past: of the reset gate, what the candidate sees of the state.
        h: the state.
        activation: the candidate's.
        gate: the gates' activation.
    """
    z, r, g = _parts(sums, 3)
    of_z, of_r = _parts(gates, 2)
    z, r = gate(z + of_z), gate(r + of_r)
    return z * h + (1 - z) * activate(g + past(r), activation)


def masked_product(x: Any, kernel: Any, factors: Any = None) -> Any:
    """`(x * factors) @ kernel`; with a list of factors each has its own part of the kernel's columns."""
    if factors is None:
        return np.matmul(x, kernel)
    if not isinstance(factors, (list, tuple)):
        return np.matmul(x * factors, kernel)
    parts = zip(factors, _parts(kernel, len(factors)), strict=True)
    return np.concatenate([np.matmul(x * factor, part) for factor, part in parts], axis=-1)


def gru_products(
    h: Any, recurrent: Any, bias: Any, reset_after: bool, factors: Any = None
) -> tuple[Any, Callable[[Any], Any]]:
    """`gates` and `past` of `gru_step`; `factors` are what the products see of the state, one or one for each part."""
    gates = 2 * h.shape[-1]
    if reset_after:
        products = masked_product(h, recurrent, factors)
        if bias is not None:
            products = products + bias
        return products[:, :gates], lambda r: r * products[:, gates:]
    of_gates, of_past = (factors[:2], factors[2]) if isinstance(factors, (list, tuple)) else (factors, factors)
    seen = h if of_past is None else h * of_past
    return masked_product(h, recurrent[:, :gates], of_gates), lambda r: np.matmul(r * seen, recurrent[:, gates:])


# -- the whole sequence, step by step: what the primitives must equal, and their derivative under another tape ---------


def _next(kind: str, sums: Any, states: list[Any], arrays: Arrays, options: Options) -> list[Any]:
    h = states[0]
    if kind == "gru":
        bias = arrays.bias[1] if arrays.bias is not None and arrays.bias.ndim == 2 else None
        gates, past = gru_products(h, arrays.recurrent, bias, options.reset_after)
        return [gru_step(sums, gates, past, h, options.activation, _gate(options))]
    sums = sums + np.matmul(h, arrays.recurrent)
    if kind == "simple_rnn":
        return [activate(sums, options.activation)]
    return list(lstm_step(sums, states[1], options.activation, _gate(options)))


def _gate(options: Options) -> Callable[[Any], Any]:
    slope = options.slope
    return nn.sigmoid if slope is None else lambda x: clip(x * slope + 0.5, 0.0, 1.0)


def unrolled(kind: str, arrays: Arrays, options: Options) -> Any:
    """The recurrence as a chain of steps: the same numbers, by operations of which each has its own derivative.

    Args:
        kind: `"simple_rnn"`, `"lstm"` or `"gru"`.
        arrays: the arguments.
        options: how it runs.
    """
    x, mask, bias = arrays.x, arrays.mask, arrays.bias
    steps = range(x.shape[1])
    zeros = np.zeros((x.shape[0], arrays.recurrent.shape[0]), arrays.recurrent.dtype)
    states = [zeros if state is None else state for state in (arrays.h, arrays.c)][: 2 if kind == "lstm" else 1]
    outputs, y = [], states[0]
    inputs_of = [squeeze(part, 1) for part in split(x, len(steps), axis=1)] if len(steps) else []
    for t in reversed(steps) if options.reverse else steps:
        counts = None if mask is None else mask[:, t, None]
        inputs = inputs_of[t] if counts is None else where(counts, inputs_of[t], 0)
        sums = np.matmul(inputs, arrays.kernel)
        if bias is not None:
            sums = sums + (bias[0] if bias.ndim == 2 else bias)
        new = _next(kind, sums, states, arrays, options)
        if counts is not None:
            new = [where(counts, state, old) for state, old in zip(new, states, strict=True)]
        states = new
        y = where(counts, new[0], 0) if options.zero_masked and counts is not None else new[0]
        outputs.append(y)
    if options.sequences:
        y = stack(outputs, axis=1) if outputs else np.matmul(x, arrays.kernel)[..., : zeros.shape[1]]
    return (y, *states) if options.states else y


# -- the primitives ----------------------------------------------------------------------------------------------------


def _floats(args: Sequence[Any]) -> list[Any]:
    """The arguments that are there, but the mask."""
    return [a for i, a in enumerate(args) if a is not None and i != _MASK]


def _map(function: Callable[[Any], Any], args: Sequence[Any]) -> Arrays:
    """The arguments with a function of each that is there, but the mask."""
    return Arrays(*(a if a is None or i == _MASK else function(a) for i, a in enumerate(args)))


def _shapes(arrays: Arrays, options: Options) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shapes of the output and of a state."""
    state = (arrays.x.shape[0], arrays.recurrent.shape[0])
    return (state[0], arrays.x.shape[1], state[1]) if options.sequences else state, state


def _kind_of(args: Sequence[Any]) -> Any:
    return dtypes.numpy_dtype(dtypes.result_type(*map(dtype_of, _floats(args))))


def _declare(kind: str, count: int, make: MakeLoop, doc: str) -> Primitive:
    """A recurrence with so many states."""

    def run(args: Sequence[Any], options: Options) -> tuple[Loop, list[np.ndarray]]:
        kind_of_loop = compute_dtype(*_floats(args))
        arrays = _map(lambda a: a.astype(kind_of_loop, copy=False), args)
        loop = make(Room(), arrays, options)
        output, state = _shapes(arrays, options)
        places = [np.empty(output, loop.kind)]
        places += [np.empty(state, loop.kind) for _ in range(count if options.states else 0)]
        _run(loop.forward(*places))
        return loop, places

    def forward(*args: Any, options: Options, found: _Found | None = None) -> Any:
        loop, places = run(args, options)
        if found is not None:
            found.loop = loop
        typed = tuple(as_dtype(place, _kind_of(args)) for place in places)
        return typed if options.states else typed[0]

    def backward(
        g: Any, y: Any, arrays: list[Any], params: dict[str, Any], needs: list[bool], into: list[Any]
    ) -> list[Any]:
        loop = params["found"].loop or run(arrays, params["options"])[0]
        gradients = [part.astype(loop.kind, copy=False) for part in (g if params["options"].states else [g])]
        places = [
            (np.empty(a.shape, loop.kind) if place is None or place.dtype != loop.kind else place) if need else None
            for a, place, need in zip(arrays, into, needs, strict=True)
        ]
        places[_MASK] = None
        _run(loop.backward(gradients, places))
        return places

    def vjp(i: int, g: Any, y: Any, *args: Any, options: Options, found: _Found) -> Any:
        if i == _MASK:
            return None
        with GradientTape() as tape:
            watched = _map(tape.watch, args)
            again = unrolled(kind, watched, options)
        given = tuple(g) if options.states else g
        return tape.gradient(again, watched[i], output_gradients=given, unconnected_gradients="zero")

    def shape(*args: Any, options: Options, found: _Found | None = None) -> Any:
        output, state = _shapes(Arrays(*args), options)
        name = _kind_of(args).name
        specs = [KerasTensor(output, name), *(KerasTensor(state, name) for _ in range(count))]
        return tuple(specs) if options.states else specs[0]

    def plan(room: Room, node: Node) -> Plan:
        options: Options = node.params["options"]
        arrays = Arrays(*node.args)
        if options.states or not same_floats(node.output, *_floats(node.args)) or node.output.dtype.itemsize < 4:
            return None
        if node.params["found"] is not None:
            node.params["found"].loop = None  # of the run that was written down: as much memory again
        loop = make(room, arrays, options)
        forward_calls = loop.forward(node.output)
        return forward_calls, [] if node.gradient is None else loop.backward([node.gradient], node.into)

    made = primitive(kind, forward, variadic=vjp, backward=backward, shape=shape, doc=doc, optional=True)
    made.plan = plan
    return made


_simple_rnn = _declare("simple_rnn", 1, SimpleLoop, "SimpleRNN over a sequence.")
_lstm = _declare("lstm", 2, LSTMLoop, "LSTM over a sequence.")
_gru = _declare("gru", 1, gru_loop, "GRU over a sequence.")


def _apply(made: Primitive, *args: Any, options: Options) -> Any:
    return made(*args, options=options, found=_Found() if recording.tapes else None)


def simple_rnn(
    x: Any,
    kernel: Any,
    recurrent: Any,
    bias: Any = None,
    initial: Sequence[Any] = (None,),
    mask: Any = None,
    options: Options = _AS_USUAL,
) -> Any:
    """`h[t] = activation(x[t] W + b + h[t - 1] U)`.

    Args:
        x: `(batch, steps, features)`.
        kernel: `W`, `(features, units)`.
        recurrent: `U`, `(units, units)`.
        bias: `b`, `(units,)`; None for none.
        initial: the states before the first step, each `(batch, units)`; None for zeros.
        mask: booleans `(batch, steps)`, false where a step is left out and the state stays as it was.
        options: see `Options`.

    Returns:
        The last output `(batch, units)`, or with `options.sequences` those of all steps `(batch, steps, units)`; with
        `options.states` a tuple of that and the last states.

    Example:
        >>> x, one = np.ones((1, 3, 1)), np.ones((1, 1))
        >>> simple_rnn(x, one, one, options=Options(activation=None))
        array([[3.]])

    Source: Elman, Finding structure in time (1990).
    """
    return _apply(_simple_rnn, x, kernel, recurrent, bias, mask, *initial, options=options)


def lstm(
    x: Any,
    kernel: Any,
    recurrent: Any,
    bias: Any = None,
    initial: Sequence[Any] = (None, None),
    mask: Any = None,
    options: Options = _AS_USUAL,
) -> Any:
    """Long short-term memory: a carry `c` that gates let grow, fade and out.

    With `[i f g o] = x[t] W + b + h[t - 1] U`, and the sigmoid of i, f and o:
    `c[t] = f c[t - 1] + i activation(g)` and `h[t] = o activation(c[t])`.

    Args:
        x: `(batch, steps, features)`.
        kernel: `W`, `(features, 4 units)`: the input, the forget gate, the candidate, the output gate.
        recurrent: `U`, `(units, 4 units)`.
        bias: `b`, `(4 units,)`; None for none.
        initial: `h` and `c` before the first step.
        mask, options: see `simple_rnn`.

    Returns:
        See `simple_rnn`; the states are `h` and `c`.

    Source: Hochreiter and Schmidhuber (1997); the forget gate: Gers et al. (2000).
    """
    return _apply(_lstm, x, kernel, recurrent, bias, mask, *initial, options=options)


def gru(
    x: Any,
    kernel: Any,
    recurrent: Any,
    bias: Any = None,
    initial: Sequence[Any] = (None,),
    mask: Any = None,
    options: Options = _AS_USUAL,
) -> Any:
    """Gated recurrent unit: `h[t] = z h[t - 1] + (1 - z) g`, with an update gate `z` and a reset gate `r`.

    `z` and `r` are sigmoids of `x[t] W + b + h[t - 1] U`, each of its own part; the candidate is
    `g = activation(x[t] W + b + r (h[t - 1] U + b'))`, or with `options.reset_after=False`
    `activation(x[t] W + b + (r h[t - 1]) U)`.

    Args:
        x: `(batch, steps, features)`.
        kernel: `W`, `(features, 3 units)`: the update gate, the reset gate, the candidate.
        recurrent: `U`, `(units, 3 units)`.
        bias: `(2, 3 units)`, `b` and the recurrent kernel's own, or `b` alone, `(3 units,)`; None for none.
        initial, mask, options: see `simple_rnn`.

    Returns:
        See `simple_rnn`.

    Source: Cho et al., https://arxiv.org/abs/1406.1078 (2014).
    """
    return _apply(_gru, x, kernel, recurrent, bias, mask, *initial, options=options)
