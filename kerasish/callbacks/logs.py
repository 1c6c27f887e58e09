"""The dictionary of metric values that every hook receives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Logs = dict[str, Any]


def plain_logs(logs: Mapping[str, Any] | None) -> Logs:
    """A new dict of Python floats, sorted by name; dicts inside are flattened, what is no number stays as it is."""
    plain: Logs = {}
    for name, value in sorted((logs or {}).items()):
        if type(value) is float:
            plain[name] = value
        elif isinstance(value, dict):
            plain.update(plain_logs(value))
        else:
            plain[name] = _plain_value(value)
    return plain


def _plain_value(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    try:
        return float(value)
    except (TypeError, ValueError):
        return value
