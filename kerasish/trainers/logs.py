"""The numbers that callbacks are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def as_floats(logs: dict[str, Any]) -> dict[str, Any]:
    """Results as Python floats, in alphabetical order; an array of several numbers stays an array.

    The entries of a dict stand in its place, such as the results of the compiled metrics, which are one metric.
    """
    if any(isinstance(value, dict) for value in logs.values()):
        logs = dict(_unfolded(logs))
    return {
        name: float(value) if isinstance(value, np.floating) else _as_float(value)
        for name, value in sorted(logs.items())
    }


def _unfolded(logs: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in logs.items():
        if isinstance(value, dict):
            yield from _unfolded(value)
        else:
            yield name, value


def _as_float(value: Any) -> Any:
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array


class LazyLogs(dict[str, Any]):
    """Logs that are computed when somebody looks at them."""

    def __init__(self, compute: Callable[[Any], dict[str, float]], returned: Any) -> None:
        super().__init__()
        self._compute: Callable[[Any], dict[str, float]] | None = compute
        self._returned = returned

    def _fill(self) -> None:
        if self._compute is not None:
            compute, self._compute = self._compute, None
            self.update(compute(self._returned))

    def __getitem__(self, key: str) -> Any:
        self._fill()
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._fill()
        return super().__contains__(key)

    def __iter__(self) -> Any:
        self._fill()
        return super().__iter__()

    def __len__(self) -> int:
        self._fill()
        return super().__len__()

    def __repr__(self) -> str:
        self._fill()
        return super().__repr__()

    def get(self, key: str, default: Any = None) -> Any:
        self._fill()
        return super().get(key, default)

    def items(self) -> Any:
        self._fill()
        return super().items()

    def keys(self) -> Any:
        self._fill()
        return super().keys()

    def values(self) -> Any:
        self._fill()
        return super().values()

    def copy(self) -> dict[str, Any]:
        self._fill()
        return dict(super().items())
