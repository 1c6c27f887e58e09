"""One array for all parameters of a dtype, so that an update is a few passes over one stretch of memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from kerasish.backend.variable import Variable

# Numbers in a block: with its gradient, moments and scratch it stays in the cache of one core.
BLOCK = 32768


class Stretch(NamedTuple):
    """A piece of a group: what the rule of an optimizer works on at a time."""

    values: np.ndarray
    gradients: np.ndarray
    slots: list[np.ndarray]
    scratch: list[np.ndarray]


class FlatGroup:
    """Variables of one dtype as views into one array, and their gradients as views into another.

    Args:
        variables: the variables, which from now on live in `values`.

    Attributes:
        values: every parameter, one after the other.
        gradients: where the backward pass writes, in the same order.
        views: the gradient of each variable, in its shape.
    """

    def __init__(self, variables: list[Variable]) -> None:
        self.variables = variables
        sizes = [v._value.size for v in variables]  # of a variable that is cut, what lies here
        self.ends = np.cumsum(sizes).tolist()
        self.starts = [end - size for end, size in zip(self.ends, sizes, strict=True)]
        total = self.ends[-1] if sizes else 0
        kind = variables[0]._value.dtype
        self.values = np.zeros(total, kind)
        self.gradients = np.zeros(total, kind)
        self._pairs = list(zip(variables, self._split(self.values), strict=True))
        self.views = self._split(self.gradients)
        self.claim()

    def _split(self, flat: np.ndarray) -> list[np.ndarray]:
        return [
            flat[start:end].reshape(v._value.shape)
            for v, start, end in zip(self.variables, self.starts, self.ends, strict=True)
        ]

    def claim(self) -> None:
        """Make ready to change the variables in place.

        Those that another optimizer has moved into its own array are taken back, and tapes that have read one keep
        its present value.
        """
        for variable, home in self._pairs:
            if variable._value is not home:
                variable.rehome(home)
            elif variable._leaf is not None:
                variable.detach()

    def adopt(self, slots: Iterable[Variable]) -> np.ndarray:
        """Move one state of the optimizer, a variable for each parameter, into an array of its own."""
        flat = np.zeros_like(self.values)
        for slot, view in zip(slots, self._split(flat), strict=True):
            slot.rehome(view)
        return flat

    def stretches(self, slots: list[np.ndarray]) -> list[Stretch]:
        """The group cut into pieces that fit the cache.

        Args:
            slots: the states of the rule, as `adopt` returned them.
        """
        total, kind = len(self.values), self.values.dtype
        scratch = [np.empty(min(total, BLOCK), kind) for _ in range(2)]
        found = []
        for start in range(0, total, BLOCK):
            part = slice(start, start + BLOCK)
            p = self.values[part]
            found.append(Stretch(p, self.gradients[part], [s[part] for s in slots], [s[: len(p)] for s in scratch]))
        return found

    def ranges(self, chosen: set[int]) -> list[slice]:
        """The stretches of the array that hold the chosen variables (by id), neighbours joined."""
        found: list[slice] = []
        for variable, start, end in zip(self.variables, self.starts, self.ends, strict=True):
            if id(variable) not in chosen:
                continue
            if found and found[-1].stop == start:
                found[-1] = slice(found[-1].start, end)
            else:
                found.append(slice(start, end))
        return found
