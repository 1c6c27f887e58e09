"""The numbers that callbacks are given: a dictionary of the values of metrics, which every hook receives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any

import numpy as np

Logs = dict[str, Any]


def plain_logs(logs: Mapping[str, Any] | None) -> Logs:
    """A new dict of Python floats, sorted by name; dicts inside are flattened, what is no number stays as it is."""
    return dict(sorted(_flat(logs or {}), key=itemgetter(0)))


def _flat(logs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in logs.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, value if type(value) is float else _plain_value(value)


def _plain_value(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


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
