"""What public arguments may be, under names that say what is meant: for type checkers, editors and readers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from kerasish.backend.random import SeedGenerator
from kerasish.backend.tensor import Traceable


class PolicyLike(Protocol):
    """What a layer asks of a dtype policy."""

    @property
    def compute_dtype(self) -> str:
        """The dtype that layers compute in."""

    @property
    def variable_dtype(self) -> str:
        """The dtype of their weights."""


# Data: an array, numbers in nested lists, a tensor on a tape, a variable, a symbolic tensor, or several of these.
TensorLike = ArrayLike | Traceable | Sequence[Traceable]

# Data of a model: one of these, or one for each input or output, in a list or under their names.
Data = TensorLike | Sequence[TensorLike] | Mapping[str, TensorLike]

# Sizes along all axes, None where one is unknown; a number or one number for each spatial axis; the axes themselves.
Shape = Sequence[int | None]
Sizes = int | Sequence[int]
Axes = int | Sequence[int]
# What stands before and after each spatial axis: for all the same, for each its own, for each (before, after).
Margins = int | Sequence[int | Sequence[int]]

DTypeLike = str | type[Any] | np.dtype[Any] | PolicyLike | dict[str, Any] | None

# A name, a config, a class or object that can be called, a function; None where there is to be none.
ActivationLike = str | Callable[..., Any] | Mapping[str, Any] | None
RegularizerLike = str | Callable[..., Any] | Mapping[str, Any] | None
ConstraintLike = str | Callable[..., Any] | Mapping[str, Any] | None
# An array may be a weight's first value, too.
InitializerLike = str | Callable[..., Any] | Mapping[str, Any] | np.ndarray | Traceable | None

# A step size: a number, a schedule, its config, or a function without arguments.
RateLike = float | np.floating[Any] | Callable[..., Any] | dict[str, Any] | Traceable

# A name, a config, an object or a function; or one for each output, nested as the outputs are.
PerOutput = str | Callable[..., Any] | Sequence[Any] | Mapping[Any, Any] | None

# A seed, the generator of seeds, or its config; None for one that is drawn.
Seed = int | np.integer[Any] | SeedGenerator | dict[str, Any] | None

FilePath = str | os.PathLike[str]
