"""Processes that compute one thing together, as layers and trainers see them; `kerasish.distribution` has them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Ranks(Protocol):
    """Processes that exchange arrays and values.

    Every method is called by all of them, in the same order, and returns when all have called it.

    Attributes:
        rank: the number of this process, from 0.
        count: how many there are.
    """

    rank: int
    count: int

    def add(self, array: np.ndarray) -> None:
        """Let the array hold the sum of what it holds in all processes."""

    def join(self, array: np.ndarray, axis: int) -> np.ndarray:
        """The arrays of all processes, of one shape, one after the other along an axis."""

    def first(self, value: Any) -> Any:
        """What the first process has given."""

    def gather(self, value: Any) -> list[Any]:
        """What each process has given."""


class Replicas(Ranks, Protocol):
    """The processes that share the rows of every batch.

    Attributes:
        shards: whether what yields batches yields the whole ones, of which each takes its share, as it does of
            arrays; else each is given batches of its own.
        weight: the share of the batch's rows that this process has now.
        everyone: these processes and those that hold other pieces of the same model.
    """

    shards: bool
    weight: float
    everyone: Ranks


_active: Replicas | None = None


def active() -> Replicas | None:
    """The processes that share the training; None if this one is alone."""
    return _active


def set_active(replicas: Replicas | None) -> None:
    """Let these share the training from now on; None for this process alone."""
    global _active
    _active = replicas
