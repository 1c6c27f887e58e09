"""A step that runs on the tape and is written down at the same time, so that it can be run again without Python.

Every operation on the batch and on variables is noted, whether it has a derivative or not, and so is what the step
changes: assignments, random draws, metrics. The step itself is an ordinary one, with ordinary results. Whatever would
not be the same the next time ends the notes, not the step: a value that becomes a Python number, an attribute that is
set. The first such thing is the `reason` why the step is not recorded.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import are_scalars_tensors, eager
from kerasish.backend.primitive import found_at, primitive
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.variable import Variable

_LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


F = TypeVar("F", bound=Callable[..., Any])


class Effect:
    """Something that a step does besides computing: a function to be called with the values of tensors.

    Attributes:
        function: what is called.
        args, kwargs: its arguments; tensors among them stand for their values.
        done: whether it took place in the run that was noted.
    """

    __slots__ = ("args", "done", "function", "kwargs")

    def __init__(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], done: bool = False
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.done = done

    def tensors(self) -> list[Tensor]:
        """The tensors among the arguments."""
        return [leaf for leaf in nest.iterate((self.args, self.kwargs)) if isinstance(leaf, Tensor)]

    def run(self) -> None:
        """Call the function with what the tensors hold in the noted run."""
        self.done = True
        args, kwargs = nest.map_structure(_value_of, (self.args, self.kwargs))
        with unrecorded():
            self.function(*args, **kwargs)


def _store(variable: Variable, value: np.ndarray) -> None:
    variable._value[...] = value


def _value_of(leaf: Any) -> Any:
    return eager(leaf.value) if isinstance(leaf, Tensor) else leaf


class Trace(GradientTape):
    """A tape that writes a step down.

    Attributes:
        notes: the operations and effects, in order.
        assigned: for the id of a variable, the variable and the tensor that it was set to last.
        before: the same with the value that it had at first.
        owed: the ids of the variables that effects will change when the step is through.
        reason: why the step cannot be run again from the notes; None while it can.
    """

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[Any] = self.nodes
        self.assigned: dict[int, tuple[Variable, Any]] = {}
        self.before: dict[int, tuple[Variable, np.ndarray]] = {}
        self.acted: set[int] = set()
        self.owed: set[int] = set()
        self.anew: list[tuple[Variable, Tensor]] = []
        self.reason: str | None = None

    def __enter__(self) -> Trace:
        super().__enter__()
        recording.trace = self
        return self

    def __exit__(self, *exception: object) -> None:
        recording.trace = None
        super().__exit__(*exception)

    def escape(self, what: str) -> None:
        """A value leaves the notes: from here on the step is an ordinary one."""
        if self.reason is None:
            self.reason = f"{what}{_place()}"
            self.flush()

    def leads_to_weights(self, tensor: Tensor) -> bool:
        """Whether a tensor depends on something with a gradient, so that it would be a tensor on any tape."""
        watched = {id(leaf) for variable, leaf in self._leaves.values() if variable._watched}
        pending, seen = [tensor], {id(tensor)}
        while pending:
            found = pending.pop()
            if id(found) in watched:
                return True
            if found.primitive is not None and found.primitive.vjps is not None:
                inputs = [x for x in found.inputs if isinstance(x, Tensor) and id(x) not in seen]
                seen.update(map(id, inputs))
                pending += inputs
        return False

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Note an effect, which takes place when the step is through; at once if the step cannot be recorded."""
        effect = Effect(function, args, kwargs)
        self.notes.append(effect)
        if self.reason is not None:
            effect.run()
        else:
            self.owed |= {id(variable) for variable in getattr(args[0], "variables", ())}

    def act(self, function: Callable[..., Any], *args: Any, changes: list[Variable]) -> None:
        """Note an effect that takes place at once, and after which some variables are others."""
        for variable, node in self.assigned.values():  # the function may read what was set before
            self.notes.append(Effect(_store, (variable, node), {}, done=True))
            self.acted.add(id(variable))
        self.assigned.clear()
        effect = Effect(function, args, {})
        self.notes.append(effect)
        for variable in changes:
            self.before.setdefault(id(variable), (variable, variable._value.copy()))
        effect.run()
        self.acted |= recording.changed

    def read_anew(self, variable: Variable, leaf: Tensor) -> Any:
        """The value of a variable after an effect has changed it; its gradient is one with that of the value before."""
        fresh = Tensor(variable._value.copy())
        self.anew.append((variable, fresh))
        return Variable._renew(leaf, fresh)

    @property
    def leaves(self) -> list[tuple[Variable, Tensor]]:
        """The variables that were read, with the tensors that stand for them."""
        return [*self._leaves.values(), *self.anew]

    def flush(self) -> None:
        """Let the effects that were noted take place."""
        for note in self.notes:
            if isinstance(note, Effect) and not note.done:
                note.run()

    def assign(self, variable: Variable, value: Any) -> None:
        """Note that a variable is set to a value."""
        node = value if isinstance(value, Tensor) else Tensor(np.array(value))
        if node.value.dtype != variable._value.dtype:
            node = Variable._cast(node, dtype=variable.dtype)
        self.before.setdefault(id(variable), (variable, variable._value.copy()))
        self.assigned[id(variable)] = (variable, node)


def noted(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that changes the state of its object: in a step that is written down, an effect of the step."""

    @functools.wraps(method)
    def noting(self: Any, *args: Any, **kwargs: Any) -> Any:
        trace = recording.trace
        return method(self, *args, **kwargs) if trace is None else trace.call(method, self, *args, **kwargs)

    return noting


def in_place(where: str) -> Callable[[F], F]:
    """A decorator: where it is said which calls do in fixed arrays what a function does as an effect.

    Args:
        where: as `"package.module:plan"`; the plan takes the function's arguments, also the object of a method, with
            arrays in place of tensors, and returns calls, or None where it does not apply.
    """

    def mark(function: F) -> F:
        function.plan = where  # type: ignore[attr-defined]
        return function

    return mark


def plan_of(function: Any) -> Callable[..., Any] | None:
    """What `in_place` says of a function."""
    where = getattr(function, "plan", None)
    if where is None:
        return None
    plan, owner = found_at(where), getattr(function, "__self__", None)
    return plan if owner is None else functools.partial(plan, owner)


def pending(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that tells the state of its object: in a step that is written down, what it will tell after the step."""

    @functools.wraps(method)
    def telling(self: Any) -> Any:
        trace = recording.trace
        if trace is not None and trace.reason is None:
            return Pending(lambda: method(self))
        told = method(self)
        return eager(told) if are_scalars_tensors() else told

    return telling


class Pending:
    """A result that is there when the step is through; whoever computes with it before ends the notes.

    Args:
        tell: returns the result.
    """

    def __init__(self, tell: Callable[[], Any]) -> None:
        self._tell = tell

    def resolve(self) -> Any:
        """The result, as it is now."""
        if recording.trace is not None:
            recording.trace.escape("the result of a metric is used")
        with unrecorded():
            return self._tell()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.resolve(), name)


def _through(name: str) -> Callable[..., Any]:
    def method(self: Pending, *args: Any) -> Any:
        return getattr(self.resolve(), name)(*args)

    return method


_ASKED = """
    add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow neg pos abs round
    eq ne lt le gt ge float int bool array format repr str iter len getitem
"""
for _name in _ASKED.split():
    setattr(Pending, f"__{_name}__", _through(f"__{_name}__"))


@contextmanager
def unrecorded() -> Iterator[None]:
    """A block that no tape of this thread sees."""
    tapes, trace = recording.tapes, recording.trace
    recording.tapes, recording.trace = [], None
    try:
        yield
    finally:
        recording.tapes, recording.trace = tapes, trace


def _place() -> str:
    """Where this is: the innermost function outside of the library, or the library's layer that it called."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_LIBRARY) and f"{os.sep}numpy{os.sep}" not in file:
            return f" in {frame.f_code.co_name} ({os.path.basename(file)}:{frame.f_lineno})"
        if frame.f_code.co_name in ("call", "compute_mask"):
            owner = frame.f_locals.get("self")
            return f" in the {type(owner).__name__} {getattr(owner, 'name', '')!r}"
        frame = frame.f_back
    return ""


_drawn = primitive("random", lambda draw: draw())


def drawn(draw: Callable[[], Any], first: Any = None) -> Any:
    """What a function of no argument draws, anew each time that a recorded step runs; `first`, if it was drawn."""
    value = draw() if first is None else first
    if recording.trace is None:
        return eager(value)
    node = Tensor(value, _drawn, (), {"draw": draw})
    recording.trace.notes.append(node)
    return node
